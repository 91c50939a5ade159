"""Links lead to the things of a finding, whatever their names hold, and to nothing else."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.model.catalog import RowKey
from reconcile.model.finding import (
    Finding,
    Subject,
    group_subject,
    program_subject,
    record_subject,
    recording_subject,
    row_subject,
    session_subject,
    system_subject,
)
from reconcile.model.recording import RecordingKey
from reconcile.report.links import Consoles, links_of
from tests.unit.samples import finding
from tests.unit.strategies import wild_texts

CONSOLES = Consoles("eu-west-1", "app-table", "APP1", "programs")
AWS = "https://eu-west-1.console.aws.amazon.com"
PREFIX = "Stg/Cmp/Dst/composite"


def links(kind: str, subject: Subject, told: Mapping[str, Any] | None = None) -> Mapping[str, str]:
    return links_of(finding(kind, subject, told or {}), CONSOLES)


def item_of(link: str) -> tuple[str, str, str]:
    """Return table, pk and sk of a link to an item."""
    head, _, place = urlsplit(link).fragment.partition("?")
    assert head == "edit-item"
    parts = dict(part.split("=", 1) for part in place.split("&"))
    assert (parts["itemMode"], parts["route"]) == ("2", "ROUTE_ITEM_EXPLORER")
    return unquote(parts["table"]), unquote(parts["pk"]), unquote(parts["sk"])


def test_a_recording_leads_to_its_prefix_its_programs_row_and_its_record() -> None:
    programs = [{"pk": "u#ann#programs", "sk": "p#p1", "programId": "p1"}]
    subject = recording_subject(RecordingKey("bucket", PREFIX))
    assert links("program-incomplete", subject, {"programs": programs}) == {
        "s3": f"{AWS}/s3/buckets/bucket?region=eu-west-1&prefix={PREFIX}/&showversions=false",
        "table": f"{AWS}/dynamodbv2/home?region=eu-west-1#edit-item?itemMode=2&pk=u%23ann%23programs"
        "&sk=p%23p1&route=ROUTE_ITEM_EXPLORER&table=app-table",
        "search": "https://dashboard.algolia.com/apps/APP1/explorer/browse/programs?query=p1&searchMode=search",
    }


def test_a_recording_without_a_program_leads_to_the_row_of_its_one_show() -> None:
    subject = recording_subject(RecordingKey("bucket", PREFIX))
    one = links("group-missing", subject, {"attribution": {"shows": ["show1"]}})
    assert item_of(one["table"]) == ("app-table", "show#show1", "info")
    assert set(one) == {"s3", "table"}
    assert set(links("ambiguous", subject, {"attribution": {"shows": ["show1", "show2"]}})) == {"s3"}


def test_a_program_leads_to_its_media_its_row_its_record_and_what_it_plays() -> None:
    told = {
        "looked_for": ["s3://bucket/a b/master.m3u8", "s3://other/x"],
        "program_url": "https://play.test/a b'.m3u8",
    }
    subject = program_subject(RowKey("u#ann#programs", "p#p1"), "p1")
    found = links("media-missing", subject, told)
    assert found["s3"] == f"{AWS}/s3/object/bucket?region=eu-west-1&prefix=a%20b/master.m3u8"
    assert item_of(found["table"]) == ("app-table", "u#ann#programs", "p#p1")
    assert found["playback"] == "https://play.test/a%20b%27.m3u8"
    assert set(found) == {"s3", "table", "search", "playback"}


@pytest.mark.parametrize(
    ("kind", "subject", "told", "names"),
    [
        ("count-drift", group_subject(RowKey("u#ann#groups", "g#g1")), {}, {"table"}),
        ("recording-missing", session_subject("session1"), {}, {"table"}),
        ("recording-row-stale", row_subject(RowKey("show#s", "recording#1")), {}, {"table"}),
        (
            "recording-row-stale",
            row_subject(RowKey("show#s", "recording#1")),
            {"recording": f"s3://bucket/{PREFIX}"},
            {"s3", "table"},
        ),
        ("record-orphaned", record_subject("p1"), {"rows": []}, {"search"}),
        (
            "record-stale",
            record_subject("p1"),
            {"rows": [{"pk": "u#a#programs", "sk": "p#p1"}]},
            {"table", "search"},
        ),
        ("trigger-misconfigured", system_subject("s3://bucket notifications"), {}, set()),
    ],
)
def test_only_the_links_that_apply_are_there(
    kind: str, subject: Subject, told: Mapping[str, Any], names: set[str]
) -> None:
    assert set(links(kind, subject, told)) == names


def test_what_is_not_named_is_not_linked() -> None:
    subject = program_subject(RowKey("u#ann#programs", "p#p1"), "p1")
    told = finding("media-missing", subject, {"program_url": "https://play.test/x"})
    assert set(links_of(told, Consoles())) == {"playback"}
    assert set(links_of(told, replace(CONSOLES, region=""))) == {"search", "playback"}
    assert set(links_of(told, replace(CONSOLES, application=""))) == {"table", "playback"}


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//play.test/x",
        "ftp://play.test/x",
        "https:///x",
        "https://bank.test@evil.test/x",
        "http://[::1",
        "java\nscript:alert(1)",
        "undefined",
        "",
        7,
        None,
    ],
)
def test_nothing_plays_but_a_web_address(url: Any) -> None:
    subject = program_subject(RowKey("u#ann#programs", "p#p1"), "p1")
    assert "playback" not in links("unreachable", subject, {"program_url": url})


names = st.one_of(wild_texts, st.text(max_size=30)).filter(bool)


@given(bucket=names, prefix=names, pk=names, sk=names, object_id=names, table=names)
def test_any_name_comes_back_whole_from_its_link(
    bucket: str, prefix: str, pk: str, sk: str, object_id: str, table: str
) -> None:
    """What a console reads out of its link is the very name, and no name gets out of its place."""
    consoles = replace(CONSOLES, table=table)
    media = consoles.s3_object(bucket, prefix)
    folder, row, record = (
        consoles.s3_prefix(bucket, prefix),
        consoles.item(RowKey(pk, sk)),
        consoles.record(object_id),
    )
    for link in (media, folder, row, record):
        assert link.isascii()
        assert not set(link) & set("\"'<> \\`\x00\r\n\t")
    for link, ends in ((media, ""), (folder, "/")):
        parts = urlsplit(link)
        assert whole(parts.path) == f"/s3/{'buckets' if ends else 'object'}/{bucket}"
        assert parse(parts.query)["prefix"] == [prefix + ends]
    assert tuple(map(whole, item_of_bytes(row))) == (table, pk, sk)
    assert parse(urlsplit(record).query)["query"] == [object_id]


def whole(text: str) -> str:
    return unquote(text, errors="surrogatepass")


def parse(query: str) -> dict[str, list[str]]:
    return parse_qs(query, errors="surrogatepass", keep_blank_values=True, strict_parsing=True)


def item_of_bytes(link: str) -> tuple[str, str, str]:
    parts = dict(part.split("=", 1) for part in link.partition("#edit-item?")[2].split("&"))
    return parts["table"], parts["pk"], parts["sk"]


@given(url=wild_texts)
def test_a_link_to_playback_holds_no_sign_that_ends_an_attribute(url: str) -> None:
    told: Finding = finding(
        "unreachable",
        program_subject(RowKey("u#ann#programs", "p#p1"), "p1"),
        {"program_url": f"https://play.test/{url}"},
    )
    link = links_of(told, CONSOLES)["playback"]
    assert link.startswith("https://play.test/")
    assert link.isascii()
    assert not set(link) & set("\"'<> \\`\x00\r\n\t")
