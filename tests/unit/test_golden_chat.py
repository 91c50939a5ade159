"""What Slack, Teams and the webhook get of the golden reports, and of reports whose titles are hostile.

After a change that is meant, write the files anew: python -m tests.unit.test_golden_chat
"""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from reconcile.model.texts import is_clean
from reconcile.report.data import Report
from reconcile.report.message import Message
from reconcile.report.parts import Action
from reconcile.report.render import slack, teams, webhook
from tests.contract import slack_desk, teams_desk
from tests.unit.golden import GOLDEN
from tests.unit.samples import NOW, busy_report
from tests.unit.strategies import hostile_titles

FILES = Path(__file__).parent / "golden_files"
LINK = "https://reports.example/staging/run/report.html"
MOST = 2
"""So many entries of a notice's lists are written out; of the others, how many there are."""


def files_of(name: str) -> dict[str, str]:
    """Return what each golden file of a report holds."""
    message = Message(GOLDEN[name](), lambda: "<html>", LINK, served=True)
    return {
        f"slack-{name}.json": written(slack.compose(message)),
        f"teams-{name}.json": written(teams.compose(message)),
        f"webhook-{name}.json": written(abridged(webhook.compose(message, NOW))),
    }


def written(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def abridged(notice: dict[str, Any]) -> dict[str, Any]:
    """Return a notice whose lists are as long as can be reviewed."""
    lists = {name: value for name, value in notice.items() if isinstance(value, list)}
    short = {name: [*value[:MOST], f"{len(value)} in all"] for name, value in lists.items()}
    return {**notice, **short}


@pytest.mark.parametrize("name", GOLDEN)
def test_each_message_is_as_it_was(name: str) -> None:
    """Whatever changes in it is seen in review."""
    for file, text in files_of(name).items():
        assert text == (FILES / file).read_text("utf-8"), file


def counted(report: Report) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return the three messages of a report; they keep their bounds, and hold the report's numbers."""
    message = Message(report, lambda: "<html>", LINK, served=True)
    blocks, envelope = slack.compose(message), teams.compose(message)
    notice = webhook.compose(message, NOW)
    assert (slack_desk.faults(blocks), slack_desk.escapes(blocks)) == ([], [])
    assert (teams_desk.faults(envelope), teams_desk.marked(envelope)) == ([], [])
    assert len(slack.encode(blocks)) <= slack.MOST_BYTES
    assert len(teams.encode(envelope)) <= teams.MOST_BYTES
    assert len(webhook.encode(notice)) <= webhook.MOST_BYTES
    assert notice["numbers"] == asdict(report.numbers)
    numbers = [report.numbers.new, report.numbers.open, len(report.approvals), report.numbers.repaired]
    facts = [one["value"] for part in teams_desk.elements(envelope, "FactSet") for one in part["facts"]]
    fields = [one["text"].split("\n")[1] for block in blocks["blocks"] for one in block.get("fields", ())]
    if facts or fields:
        assert [text.split()[0] for text in facts] == [f"{number:,}" for number in numbers]
        assert fields == facts
    return blocks, envelope, notice


@pytest.mark.parametrize("name", GOLDEN)
def test_every_message_holds_the_numbers_of_its_report(name: str) -> None:
    blocks, envelope, notice = counted(GOLDEN[name]())
    assert len(blocks["blocks"]) <= slack.MOST_BLOCKS
    assert notice["report"] == teams_desk.card_of(envelope)["actions"][0]["url"] == LINK


def titled(title: str) -> Report:
    """Return a report in which this is every title."""
    action = Action(title, "clears 2", title, findings=("0123456789ab",))
    return replace(busy_report(title, withheld=2), actions=(action,) * 4)


@settings(max_examples=20, deadline=None)
@given(title=hostile_titles)
def test_no_title_of_a_report_formats_links_or_calls_anywhere(title: str) -> None:
    """The same shape as for any other title; the webhook's texts are clean."""
    shape = [part["type"] for part in counted(titled("Morning Jazz"))[0]["blocks"]]
    blocks, _, notice = counted(titled(title))
    assert [part["type"] for part in blocks["blocks"]] == shape
    assert all(is_clean(one["title"]) for one in (*notice["findings"], *notice["new"], *notice["resolved"]))


def main() -> None:
    """Write the files."""
    for name in GOLDEN:
        for file, text in files_of(name).items():
            (FILES / file).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
