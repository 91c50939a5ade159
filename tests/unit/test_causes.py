"""What explains findings: certain causes first, each finding under one at most, and where the rest gather."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.compare.causes import find_causes
from reconcile.compare.verdicts import Comparison, compare
from reconcile.engines.pandas import PANDAS
from reconcile.model.cause import Cause
from reconcile.model.configuration import Configuration, Policy, Storage
from reconcile.model.finding import Finding, Status
from reconcile.model.recording import Events, RecordingKey
from reconcile.model.snapshot import Snapshot
from reconcile.report.history import History
from tests.unit.builders import (
    BEFORE,
    BUCKET,
    HOUR,
    NOW,
    events,
    group_item,
    iso,
    program_item,
    recording,
    rules,
    session_item,
    show_item,
    snapshot,
    stage,
)
from tests.unit.setups import MASTER, SOUND, STORAGE, rule, told_by
from tests.unit.strategies import Seen, damaged_worlds, few, worlds

TRIGGER = told_by(rules=[rule(MASTER)])
LOST = told_by(storage=Storage(STORAGE))
DAY = timedelta(days=1)


def composite(number: int) -> str:
    return f"stage{number}/comp{number}/dest{number}/composite"


def broadcasts(
    numbers: Iterable[int], shows: Mapping[int, str] | None = None, apart: timedelta = 2 * HOUR, **told: Any
) -> tuple[dict[str, Events | None], list[dict[str, Any]]]:
    """Return composites without a program, each of its own session, an hour long, `apart` from each other."""
    found: dict[str, Events | None] = {}
    rows: list[dict[str, Any]] = []
    for number in numbers:
        show = (shows or {}).get(number, f"show{number}")
        begun = BEFORE - number * apart
        found[composite(number)] = events(begun, stage_arn=stage(f"own{number}"), **told)
        rows.append(session_item(f"session{number}", show, {"rawStageArn": stage(f"own{number}")}))
    return found, rows


def sound(number: int, apart: timedelta = DAY) -> tuple[dict[str, Events | None], list[dict[str, Any]]]:
    """Return broadcasts that have their programs, each of a show and a producer of its own."""
    numbers = range(1000, 1000 + number)
    found: dict[str, Events | None] = {}
    rows = show_rows(f"show{one}" for one in numbers)
    for one in numbers:
        begun = BEFORE - (one - 900) * apart
        found[composite(one)] = events(begun, stage_arn=stage(f"own{one}"))
        rows.append(session_item(f"session{one}", f"show{one}", {"rawStageArn": stage(f"own{one}")}))
        played = {"program_url": f"https://play.test/{composite(one)}/media/hls/multivariant.m3u8"}
        told = {"sourceShowId": f"show{one}", "groupId": "group1", **played}
        rows.append(program_item(f"program{one}", f"of-show{one}", **told))
    return found, rows


def show_rows(shows: Iterable[str], **told: Any) -> list[dict[str, Any]]:
    """Return shows, each of its own producer, with that one's group, unless told otherwise."""
    rows = []
    for show in shows:
        attributes = {"producerId": f"of-{show}", "groupId": "group1"} | told
        rows += [show_item(show, **attributes), group_item(attributes["producerId"])]
    return rows


def compared(seen: Snapshot, configuration: Configuration | None = SOUND) -> Comparison:
    whole = replace(seen, configuration=configuration)
    return compare(whole, rules(), PANDAS)


def findings_of(comparison: Comparison, **statuses: Status) -> list[Finding]:
    """Return the findings as a first report tells them, with statuses by kind."""
    judged = comparison.findings
    given = {
        one.id: statuses[one.verdict.replace("-", "_")]
        for one in judged
        if one.verdict.replace("-", "_") in statuses
    }
    return History().findings_of(judged, given, NOW)


def explained(comparison: Comparison, **statuses: Status) -> tuple[list[Finding], tuple[Cause, ...]]:
    found = findings_of(comparison, **statuses)
    return found, find_causes(found, comparison)


def ids(findings: Iterable[Finding], kind: str) -> set[str]:
    return {finding.id for finding in findings if finding.kind == kind}


def missing_programs(number: int = 3) -> Snapshot:
    found, rows = broadcasts(range(number))
    return snapshot(found, [*rows, *show_rows(f"show{one}" for one in range(number))])


def test_a_trigger_that_lacks_a_manifest_explains_the_programs_that_were_not_made() -> None:
    """The incident's second root cause, with the command that mends it."""
    findings, (cause,) = explained(compared(missing_programs(), TRIGGER))
    assert (cause.kind, cause.certainty) == ("trigger-misconfigured", "certain")
    assert set(cause.explains) == ids(findings, "program-missing")
    assert {cause.finding} == ids(findings, "trigger-misconfigured")
    assert "\naws s3api put-bucket-notification-configuration " in cause.remedy
    assert cause.number == 3


def test_it_explains_nothing_of_what_it_does_tell() -> None:
    """A channel's recording without a program has another reason."""
    channel = "ivs/v1/111111111111/chan1/2026/5/19/3/0/rec1"
    arn = "arn:aws:ivs:us-east-1:111111111111:channel/chan1"
    told = events(manifest="media/hls/master.m3u8", channel_arn=arn)
    rows = [session_item("session9", "show9", {"programChannelArn": arn}), *show_rows(["show9"])]
    found, others = broadcasts([1])
    seen = snapshot({channel: told, **found}, [*rows, *others, *show_rows(["show1"])])
    findings, causes = explained(compared(seen, TRIGGER))
    assert len(ids(findings, "program-missing")) == 2
    assert [len(cause.explains) for cause in causes] == [1]


def test_a_storage_configuration_that_is_gone_explains_lost_broadcasts_and_failed_composites() -> None:
    """The incident's first root cause."""
    rows = [session_item("lost", ivs={"compositionArn": "arn:aws:ivs:::composition/gone"})]
    found, others = broadcasts([1], duration=0)
    seen = snapshot(found, [*rows, *others, *show_rows(["show1"])])
    findings, (cause,) = explained(compared(seen, LOST))
    assert set(cause.explains) == ids(findings, "recording-missing") | ids(findings, "failed")
    assert len(cause.explains) == 2
    assert "list-storage-configurations" in cause.remedy


def test_the_policy_explains_what_the_storage_configuration_does_not() -> None:
    """Each finding has one cause at most: the storage configuration goes before."""
    rows = [session_item("lost", ivs={"compositionArn": "arn:aws:ivs:::composition/gone"})]
    bare = replace(LOST, policies={BUCKET: Policy(None)})
    _, (storage, policy) = explained(compared(snapshot({}, rows), bare))
    assert (len(storage.explains), policy.explains) == (1, ())
    assert (storage.what, policy.what) == ("composer storage", f"s3://{BUCKET} policy")
    _, (alone,) = explained(compared(snapshot({}, rows), told_by(policy=Policy(None))))
    assert len(alone.explains) == 1


def test_shows_without_a_group_explain_what_cannot_be_filed_and_groups_that_are_gone_do_not() -> None:
    """The row of such a show names none; the mend is asked for by name."""
    found, rows = broadcasts(range(3))
    without = [show_item(f"show{number}", groupId=None, producerId="ann") for number in (0, 1)]
    gone = [show_item("show2", groupId="deleted", producerId="ann")]
    findings, (cause,) = explained(compared(snapshot(found, [*rows, *without, *gone])))
    assert (cause.kind, cause.certainty) == ("show-without-group", "certain")
    assert len(ids(findings, "group-missing")) == 3
    assert len(cause.explains) == 2
    assert cause.remedy.endswith("\nreconcile repair --repair group-missing")
    assert "show0, show1" in cause.why


def test_a_sound_configuration_explains_nothing() -> None:
    """Three findings of three shows gather nowhere either."""
    findings, causes = explained(compared(missing_programs()))
    assert (len(ids(findings, "program-missing")), causes) == (3, ())


def test_what_a_person_ignores_is_no_cause_and_is_not_explained() -> None:
    """Neither the fault nor what follows from it."""
    comparison = compared(missing_programs(), TRIGGER)
    assert explained(comparison, trigger_misconfigured="ignored")[1] == ()
    (cause,) = explained(comparison, program_missing="ignored")[1]
    assert cause.explains == ()


@pytest.mark.parametrize(
    ("here", "elsewhere", "certain"),
    [(4, 0, False), (5, 0, True), (6, 4, True), (5, 4, False), (60, 40, True)],
)
def test_a_show_that_holds_five_findings_and_three_fifths_of_a_kind_is_a_likely_cause(
    here: int, elsewhere: int, certain: bool
) -> None:
    """Fewer, or a smaller share, may be chance."""
    total = range(here + elsewhere)
    shows = dict.fromkeys(range(here), "show-x")
    found, rows = broadcasts(total, shows, apart=DAY)
    named = {shows.get(number, f"show{number}") for number in total}
    whole, others = sound(100)
    seen = snapshot(found | whole, [*rows, *show_rows(sorted(named)), *others])
    findings, causes = explained(compared(seen))
    assert len(ids(findings, "program-missing")) == here + elsewhere
    likely = [cause for cause in causes if cause.what == "show show-x"]
    assert bool(likely) is certain
    assert all(cause.certainty == "likely" and len(cause.explains) == here for cause in likely)


def test_the_narrowest_of_show_channel_owner_and_day_is_named() -> None:
    """One owner's shows are told by the owner, and broadcasts of one day by the day."""
    found, rows = broadcasts(range(6), apart=DAY)
    shared = show_rows([f"show{number}" for number in range(6)], producerId="ann")
    whole, others = sound(20)
    (cause,) = explained(compared(snapshot(found | whole, [*rows, *shared, *others])))[1]
    assert cause.what == "owner ann"
    assert cause.why.endswith("are of this owner, and only 23.1 % of everything checked")
    found, rows = broadcasts(range(6), apart=timedelta(seconds=1))
    apart = show_rows(f"show{number}" for number in range(6))
    (cause,) = explained(compared(snapshot(found | whole, [*rows, *apart, *others])))[1]
    assert (cause.kind, cause.what) == ("concentration", f"day {BEFORE:%Y-%m-%d}")


def test_what_a_certain_cause_explains_is_not_counted_again() -> None:
    """Ten programs of one show that the trigger kept from being made gather nowhere."""
    found, rows = broadcasts(range(10), dict.fromkeys(range(10), "show-x"))
    whole, others = sound(20)
    seen = snapshot(found | whole, [*rows, *show_rows(["show-x"]), *others])
    assert [cause.kind for cause in explained(compared(seen, TRIGGER))[1]] == ["trigger-misconfigured"]
    assert [cause.what for cause in explained(compared(seen))[1]] == ["show show-x"]


def test_where_all_are_alike_nothing_gathers() -> None:
    """With one owner, "5 of 5 are this owner's" explains nothing; with one show or day neither."""
    found, rows = broadcasts(range(5), dict.fromkeys(range(5), "show-x"), apart=timedelta(seconds=1))
    assert explained(compared(snapshot(found, [*rows, *show_rows(["show-x"])])))[1] == ()
    many, others = broadcasts(range(40), apart=DAY)
    owned = show_rows([f"show{number}" for number in range(40)], producerId="ann")
    assert explained(compared(snapshot(many, [*others, *owned])))[1] == ()


def test_what_most_are_of_anyway_explains_nothing() -> None:
    """Five findings of the owner of all shows but one."""
    found, rows = broadcasts(range(5), apart=DAY)
    owned = show_rows([f"show{number}" for number in range(5)], producerId="ann")
    whole, others = sound(1)
    assert explained(compared(snapshot(found | whole, [*rows, *owned, *others])))[1] == ()


def test_a_window_is_compared_with_itself() -> None:
    """All recordings of the last days are one show's: that its years before were others' tells nothing."""
    found, rows = broadcasts(range(5), dict.fromkeys(range(5), "show-x"), apart=2 * HOUR)
    whole, others = sound(50)
    listed = [recording(prefix) for prefix in found]
    told = {RecordingKey(BUCKET, prefix): said for prefix, said in (found | whole).items() if said}
    old: dict[str, Any] = {"started_seen": NOW - 99 * DAY, "ended_seen": NOW - 99 * DAY}
    listed += [recording(prefix, **old) for prefix in whole]
    seen = snapshot(listed, [*rows, *show_rows(["show-x"]), *others], told=told)
    assert [one.what for one in explained(compared(seen))[1]] == ["show show-x"]
    inside = compare(replace(seen, configuration=SOUND), rules(window_start=NOW - 3 * DAY), PANDAS)
    findings = findings_of(inside)
    assert len(ids(findings, "program-missing")) == 5
    assert find_causes(findings, inside) == ()


NO_POLICY = told_by(policy=Policy(None))


@pytest.mark.parametrize("configuration", [LOST, NO_POLICY], ids=["storage", "policy"])
@pytest.mark.parametrize(("later", "named"), [(-HOUR, 1), (HOUR, 0)])
def test_a_configuration_explains_no_session_after_which_a_composition_was_recorded(
    configuration: Configuration, later: timedelta, named: int
) -> None:
    """The policy was removed today, the session lost its media 19 days ago, and composites came since."""
    began = NOW - 19 * DAY
    gone = {"compositionArn": "arn:aws:ivs:::composition/gone"}
    rows = [session_item("lost", ivs=gone, createdAt=iso(began))]
    since, others = broadcasts([1], apart=BEFORE - began - later)
    seen = snapshot(since, [*rows, *others, *show_rows(["show1"])])
    findings, (cause,) = explained(compared(seen, configuration))
    assert len(ids(findings, "recording-missing")) == 1
    assert (cause.certainty, len(cause.explains)) == ("certain", named)


def test_a_composition_of_another_bucket_clears_no_policy() -> None:
    rows = [session_item("lost", ivs={"compositionArn": "arn:aws:ivs:::composition/gone"})]
    other = recording(composite(1), bucket="elsewhere")
    told = {other.key: events(BEFORE + HOUR)}
    seen = snapshot([other], rows, told=told)
    (cause,) = explained(compared(seen, NO_POLICY))[1]
    assert len(cause.explains) == 1


def test_failed_composites_before_one_that_worked_are_not_the_configuration_s() -> None:
    failed, rows = broadcasts([1], duration=0)
    fine, others = broadcasts([0])
    seen = snapshot(failed | fine, [*rows, *others, *show_rows(["show0", "show1"])])
    findings, (cause,) = explained(compared(seen, LOST))
    assert (len(ids(findings, "failed")), cause.explains) == (1, ())


@pytest.mark.parametrize(("made", "named"), [({}, 0), ({"sourceType": "recording-export"}, 1)])
def test_a_trigger_explains_no_program_before_one_that_the_processor_made(
    made: dict[str, Any], named: int
) -> None:
    """It told of later ones all the same; what a person exported says nothing of it."""
    found, rows = broadcasts([0, 1])
    shown = {"program_url": f"https://play.test/{composite(0)}/media/hls/multivariant.m3u8"}
    told = {"sourceShowId": "show0", "groupId": "group1", **shown, **made}
    program = program_item("program0", "of-show0", **told)
    seen = snapshot(found, [*rows, *show_rows(["show0", "show1"]), program])
    findings, (cause,) = explained(compared(seen, TRIGGER))
    assert (len(ids(findings, "program-missing")), len(cause.explains)) == (1, named)


CONFIGURATIONS = st.sampled_from([None, SOUND, TRIGGER, LOST, replace(TRIGGER, storage=Storage("", None))])


@few
@given(st.one_of(worlds, damaged_worlds()), CONFIGURATIONS)
def test_every_cause_explains_findings_that_exist_and_none_is_explained_twice(
    one: Seen, configuration: Configuration | None
) -> None:
    """On any world, whatever is configured; certain causes stand first."""
    if configuration:
        buckets = tuple(sorted({bucket for bucket, _ in one.snapshot.recordings}))
        configuration = replace(
            configuration,
            buckets=buckets,
            notifications=dict.fromkeys(buckets, configuration.notifications[BUCKET]),
            policies=dict.fromkeys(buckets, configuration.policies[BUCKET]),
        )
    comparison = compare(replace(one.snapshot, configuration=configuration), one.rules, PANDAS)
    findings, causes = explained(comparison)
    named = [name for cause in causes for name in cause.explains]
    assert len(named) == len(set(named))
    assert set(named) <= {finding.id for finding in findings}
    assert [cause.certainty for cause in causes] == sorted(cause.certainty for cause in causes)
    assert all(cause.what and cause.why and cause.remedy for cause in causes)
    system = {finding.id for finding in findings if finding.subject.type == "system"}
    assert {cause.finding for cause in causes} - {""} == system
    assert not system & set(named)
