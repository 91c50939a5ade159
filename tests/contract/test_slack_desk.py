"""The server that plays Slack refuses each message that breaks a limit, with Slack's own word for it."""

import json
from typing import Any

import pytest
import urllib3

from tests.contract.slack_desk import Desk, escapes


def words(text: str, kind: str = "mrkdwn") -> dict[str, Any]:
    return {"type": kind, "text": text}


def section(text: str = "some words") -> dict[str, Any]:
    return {"type": "section", "text": words(text)}


def message(*blocks: Any) -> dict[str, Any]:
    return {"text": "in short", "blocks": list(blocks)}


HEADER = {"type": "header", "text": words("h" * 150, "plain_text")}
CONTEXT = {"type": "context", "elements": [words("c")] * 10}
FIELDS = {"type": "section", "fields": [words("f" * 1_000)] * 10}


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (message(HEADER, section("s" * 3_000), {"type": "divider"}, CONTEXT), "ok"),
        (message(FIELDS), "ok"),
        (message(*[section()] * 50), "ok"),
        ({"text": "no blocks"}, "ok"),
        ([], "invalid_payload"),
        ({"blocks": [section()]}, "no_text"),
        ({**message(section()), "text": ""}, "no_text"),
        (message(), "invalid_blocks_format"),
        ({"text": "x", "blocks": "[]"}, "invalid_blocks_format"),
        (message(*[section()] * 51), "invalid_blocks"),
        (message(section("s" * 3_001)), "invalid_blocks"),
        (message(section("😀" * 1_501)), "invalid_blocks"),
        (message(section("")), "invalid_blocks"),
        (message({"type": "section"}), "invalid_blocks"),
        (message({"type": "section", "text": "no text object"}), "invalid_blocks"),
        (message({**HEADER, "text": words("h" * 151, "plain_text")}), "invalid_blocks"),
        (message({**HEADER, "text": words("no plain text")}), "invalid_blocks"),
        (message({**FIELDS, "fields": [words("f" * 2_001)]}), "invalid_blocks"),
        (message({**FIELDS, "fields": [words("f")] * 11}), "invalid_blocks"),
        (message({**CONTEXT, "elements": []}), "invalid_blocks"),
        (message({**CONTEXT, "elements": [words("c")] * 11}), "invalid_blocks"),
        (message({**section(), "colour": "red"}), "invalid_blocks"),
        (message({"type": "poem"}), "invalid_blocks"),
        (message("no block"), "invalid_blocks"),
        (message(*[section("s" * 2_800)] * 4), "msg_blocks_too_long"),
    ],
)
def test_what_breaks_a_limit_is_refused_in_slacks_words(sent: Any, said: str) -> None:
    with Desk() as desk, urllib3.PoolManager(retries=False) as pool:
        answer = pool.request("POST", desk.address, json=sent)
        assert (answer.status, answer.data.decode()) == (200 if said == "ok" else 400, said)
        assert [json.loads(one.body) for one in desk.arrived] == ([sent] if said == "ok" else [])


@pytest.mark.parametrize("path", ["", "/services/T0/B0/another"])
def test_another_path_is_no_webhook(path: str) -> None:
    with Desk() as desk, urllib3.PoolManager(retries=False) as pool:
        answer = pool.request(
            "POST", desk.address.replace("/services/T0/B0/secret-path", path), json=message()
        )
        assert (answer.status, answer.data) == (404, b"no_service")


@pytest.mark.parametrize(
    "text",
    [
        "<!channel>",
        "<@U123>",
        "<#C123>",
        "<javascript:alert(1)|x>",
        "a < b",
        "a > b",
        "&#60;!here&#62;",
        "<!here",
    ],
)
def test_what_is_more_than_words_is_seen(text: str) -> None:
    """Also where no limit is broken: a mention calls people."""
    safe = {**section(), "text": {**words("&lt;!here&gt; <https://x.example|a link>"), "verbatim": True}}
    assert escapes(message(safe)) == []
    assert escapes(message({**safe, "text": {**safe["text"], "text": text}}))
    assert escapes({**message(safe), "text": text})
    assert escapes(message(section()))
