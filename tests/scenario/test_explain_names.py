"""Explain finds whatever a report names, and says nothing false of what it does not find."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import pytest

from reconcile.explain.ask import Reading, answer, ask, read_once
from reconcile.explain.explanation import Explanation, Listing
from reconcile.explain.from_report import explain_stored
from reconcile.model.errors import UsageError
from reconcile.model.finding import finding_id, recording_subject
from reconcile.model.recording import RecordingKey
from reconcile.model.run import Order
from reconcile.report.data import Report
from reconcile.sandbox.world import build
from tests.scenario.conftest import Shells
from tests.scenario.cycle import Cycle
from tests.scenario.small import PREFIX, agreeing, lacking_a_program

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WHOLE = Order("check", lookback=None)
IDS = (
    "showId",
    "owner",
    "programId",
    "objectID",
    "sk",
    "sessionId",
    "composition",
    "groupId",
    "name",
    "show",
)
LISTS = ("shows", "sessions")
ARNS = ("stage_arn", "channel_arn")


@lru_cache
def world() -> tuple[Cycle, Report, Reading]:
    cycle = Cycle.of(build(3, now=NOW))
    report = cycle.check(lookback=None).report
    return cycle, report, read_once(WHOLE, cycle.ports())


def names_in(value: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the ids, ARNs and titles in a part of a report's JSON, each with the place that it stands at."""
    if isinstance(value, dict):
        place = (*place, value.get("kind") or value.get("verdict") or "")
        for name, inside in value.items():
            if name == "title" and "evidence" in value:
                continue
            if name in (*IDS, *ARNS, "title", "id", "finding", "name") and isinstance(inside, str) and inside:
                yield (*place, name), inside
                yield from [((*place, name, "last part"), inside.rsplit("/", 1)[-1])] if name in ARNS else []
            if name in LISTS and isinstance(inside, list):
                yield from (((*place, name), text) for text in inside if isinstance(text, str))
            yield from names_in(inside, (*place, name))
    elif isinstance(value, list):
        for inside in value:
            yield from names_in(inside, place)


def named_at_every_place(report: Report, *parts: str) -> list[str]:
    """Return as few names as it takes to have one of each place where lines of each kind print names."""
    data = json.loads(report.to_json())
    places: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for part in parts:
        for place, name in names_in(data.get(part, []), (part,)):
            places[name].add(place)
    chosen, left = list[str](), set().union(*places.values())
    while left:
        chosen.append(max(sorted(places), key=lambda name: len(places[name] & left)))
        left -= places[chosen[-1]]
    return chosen


def test_every_id_that_a_report_prints_is_found_in_the_stores() -> None:
    """Or the answer says what it is: never that nothing has that name. One is asked for of each place."""
    cycle, report, reading = world()
    names = named_at_every_place(report, "findings", "recordings", "causes", "not_checked")
    assert len(names) > 50
    for name in names:
        found = answer(name, reading, cycle.ports())
        assert isinstance(found, Explanation) or found.entities, name


def test_every_id_of_a_finding_is_found_in_the_report_alone() -> None:
    cycle, report, _ = world()
    for name in named_at_every_place(report, "findings", "recordings"):
        assert explain_stored(name, report, cycle.media, None), name


def test_a_show_lists_its_recordings_whatever_their_verdict() -> None:
    found = ask("show1", WHOLE, Cycle.of(agreeing().world()).ports())
    assert isinstance(found, Listing)
    assert [(one.what, one.name) for one in found.entities] == [("show", "show1")]
    verdicts = {one.subject: one.verdict for one in found.verdicts}
    assert verdicts[recording_subject(RecordingKey("recordings-bucket", PREFIX))] == "agrees"


@pytest.mark.parametrize("what", ["user", "stage"])
def test_a_user_and_a_stage_list_what_is_theirs(what: str) -> None:
    small = agreeing()
    name = (
        "ann" if what == "user" else small.items[("session#of-show1", "info")]["ivs"]["M"]["rawStageArn"]["S"]
    )
    found = ask(name, WHOLE, Cycle.of(small.world()).ports())
    assert isinstance(found, Listing)
    assert [one.what for one in found.entities] == [what]
    assert recording_subject(RecordingKey("recordings-bucket", PREFIX)) in {
        one.subject for one in found.verdicts
    }


def test_a_title_lists_matches_and_a_day_narrows_them() -> None:
    small = agreeing()
    title = small.items[("show#show1", "info")]["title"]["S"]
    ports = Cycle.of(small.world()).ports()
    found = ask(title.upper(), WHOLE, ports)
    assert isinstance(found, Listing)
    (recording,) = (one for one in found.verdicts if one.subject.type == "recording")
    day = date.fromisoformat(recording.evidence["start"][:10])
    same = ask(title, WHOLE, ports, day)
    assert isinstance(same, Explanation)
    assert (same.query, same.main.subject) == (title, recording.subject)
    with pytest.raises(UsageError, match="was recorded or is dated on"):
        ask(title, WHOLE, ports, date(1999, 1, 1))


def test_the_id_of_a_finding_that_does_not_hold_leads_to_its_subject() -> None:
    subject = recording_subject(RecordingKey("recordings-bucket", PREFIX))
    name = finding_id("program-missing", subject)
    found = ask(name, WHOLE, Cycle.of(agreeing().world()).ports())
    assert isinstance(found, Explanation)
    assert (found.main.subject, found.main.verdict) == (subject, "agrees")
    assert "program-missing" in found.note
    assert "does not apply now" in found.note


def test_what_has_no_such_name_is_not_said_to_be_nothing(shell_on: Shells, capsys: Any) -> None:
    """It says what was looked through, and what a name may be."""
    shell = shell_on(lacking_a_program().world())
    shell("check")
    capsys.readouterr()
    assert shell("explain", "no-such-thing")[0] == 64
    said = capsys.readouterr().err
    assert "matches nothing that was read" in said
    assert re.search("show|user|title", said)


def test_the_command_lists_a_title_of_a_day(shell_on: Shells, capsys: Any) -> None:
    small = agreeing()
    title = small.items[("show#show1", "info")]["title"]["S"]
    shell = shell_on(small.world())
    code, told = shell("explain", title)
    assert (code, told["things"][0]["what"]) == (0, "show")
    assert "SHOW  show1" in capsys.readouterr().out
    assert shell("explain", title, "--date", "1999-01-01")[0] == 64
    assert shell("explain", title, "--date", "yesterday")[0] == 64
