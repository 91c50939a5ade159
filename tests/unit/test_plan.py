"""What a repair would write, what it withholds and why, and what waits."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from reconcile.compare.verdicts import Examined
from reconcile.model.recording import Recording, RecordingKey
from reconcile.model.snapshot import Snapshot
from reconcile.repair.kinds import KINDS
from reconcile.repair.plan import make_plan
from reconcile.repair.plan_programs import Completion, Creation
from reconcile.repair.plan_records import RecordWrite
from reconcile.repair.planned import Limit, Plan, RepairScope
from tests.unit.builders import (
    BEFORE,
    BUCKET,
    COMPOSITE,
    HOUR,
    MINUTE,
    NOW,
    composition,
    events,
    group_item,
    iso,
    judge,
    program_item,
    recording,
    session_item,
    show_item,
    snapshot,
)

LONG_AGO = BEFORE - timedelta(days=400)
SHOWN = [show_item(), group_item(), session_item(ivs={"compositionArn": composition("comp1")})]
PLAYS: dict[str, Any] = {"manifests": {RecordingKey(BUCKET, COMPOSITE): ""}}
LIMITS = {kind.planned: kind.limit for kind in KINDS}
MEDIA = f"{COMPOSITE}/media/hls/multivariant.m3u8"


def plan(
    seen: Snapshot,
    first_repair: datetime | None = LONG_AGO,
    approved: Any = (),
    only: Any = (),
    **attributes: Any,
) -> Plan:
    comparison = judge(seen, **attributes)
    permission = RepairScope(first_repair, frozenset(approved), only=tuple(only))
    return make_plan(Examined(comparison.dossiers.rules, seen, comparison), permission, KINDS)


def wanting(count: int, ended: int = 0) -> Snapshot:
    """Return so many recordings without a program, and so many that ended and have theirs."""
    prefixes = [f"one/comp{n}/dest1/composite" for n in range(count + ended)]
    items = [show_item(), group_item()]
    for n, prefix in enumerate(prefixes):
        items.append(session_item(f"s{n}", ivs={"compositionArn": composition(f"comp{n}")}))
        if n >= count:
            items.append(program_item(f"p{n}", program_url=f"https://play.test/{prefix}/media/x"))
    return snapshot(dict.fromkeys(prefixes, events()), items)


def incomplete(count: int, programs: int = 0) -> Snapshot:
    """Return so many programs without a group, and so many others."""
    seen = wanting(0, count + programs)
    missing = {k: replace(p, group_id=None) for k, p in list(seen.catalog.programs.items())[:count]}
    return replace(seen, catalog=replace(seen.catalog, programs={**seen.catalog.programs, **missing}))


def unrecorded(count: int, records: int = 0) -> Snapshot:
    """Return so many rows without a search record, and so many with theirs."""
    rows = [program_item(f"p{n}", program_url="https://elsewhere.test/x") for n in range(count + records)]
    seen = snapshot({}, rows)
    kept = {name: one for name, one in seen.records.items() if int(name[1:]) >= count}
    return replace(seen, records=kept)


@pytest.mark.parametrize(
    ("limit", "population", "ceiling"),
    [
        (LIMITS[Creation], 0, 25),
        (LIMITS[Creation], 125, 25),
        (LIMITS[Creation], 130, 26),
        (LIMITS[Creation], 134, 26),
        (LIMITS[Completion], 500, 25),
        (LIMITS[Completion], 540, 27),
        (LIMITS[RecordWrite], 1000, 200),
        (LIMITS[RecordWrite], 1005, 201),
        (Limit(3, 0.5, "things"), 9, 4),
    ],
)
def test_a_limit_is_a_number_or_a_share_whichever_is_more(
    limit: Limit, population: int, ceiling: int
) -> None:
    assert limit.ceiling(population) == ceiling
    assert limit.allows(ceiling, population)
    assert not limit.allows(ceiling + 1, population)


@pytest.mark.parametrize(
    ("few", "many", "kind"),
    [
        (partial(wanting, 25), partial(wanting, 26), Creation),
        (partial(wanting, 26, 104), partial(wanting, 27, 104), Creation),
        (partial(incomplete, 25), partial(incomplete, 26), Completion),
        (partial(incomplete, 26, 494), partial(incomplete, 27, 494), Completion),
        (partial(unrecorded, 200), partial(unrecorded, 201), RecordWrite),
        (partial(unrecorded, 201, 1005), partial(unrecorded, 202, 1005), RecordWrite),
    ],
)
def test_more_than_the_limit_of_a_class_is_withheld_as_a_class(
    few: Callable[[], Snapshot], many: Callable[[], Snapshot], kind: type
) -> None:
    allowed, refused = plan(few()), plan(many())
    assert {type(repair) for repair in allowed.repairs} == {kind}
    assert allowed.withheld == {}
    assert refused.repairs == ()
    assert len(refused.withheld) == len(allowed.repairs) + 1
    assert f"{len(refused.withheld)} repairs of this kind exceed the limit of" in next(
        iter(refused.withheld.values())
    )


def test_the_other_classes_are_still_repaired() -> None:
    many = wanting(26)
    stale = [program_item("px", program_url="https://elsewhere.test/x")]
    rows = snapshot({}, stale).catalog.programs
    seen = replace(many, catalog=replace(many.catalog, programs={**many.catalog.programs, **rows}))
    found = plan(seen)
    assert [type(repair) for repair in found.repairs] == [RecordWrite]
    assert len(found.withheld) == 26


def test_recordings_that_the_window_leaves_out_do_not_raise_the_limit() -> None:
    seen = wanting(26, 0)
    old = {f"old/comp{n}x/d/composite": BEFORE - timedelta(days=9) for n in range(500)}
    listed: dict[Any, Recording] = {
        RecordingKey(BUCKET, prefix): recording(prefix, started_seen=end - HOUR, ended_seen=end)
        for prefix, end in old.items()
    }
    wider = replace(seen, recordings={**seen.recordings, **listed})
    assert len(plan(wider, window_start=BEFORE - timedelta(days=3)).withheld) == 26


def test_unfinished_recordings_that_the_window_leaves_out_do_not_lower_the_limit() -> None:
    seen = wanting(26, 104)
    old = {f"old/comp{n}x/d/composite" for n in range(60)}
    listed = {
        RecordingKey(BUCKET, prefix): recording(
            prefix, started_seen=BEFORE - timedelta(days=9), ended_seen=None
        )
        for prefix in old
    }
    wider = replace(seen, recordings={**seen.recordings, **listed})
    assert len(plan(wider, window_start=BEFORE - timedelta(days=3)).repairs) == 26


def missing_id(seen: Snapshot) -> str:
    (finding,) = [one for one in judge(seen).findings if one.verdict == "program-missing"]
    return finding.id


@pytest.mark.parametrize(
    ("first_repair", "made"),
    [(None, False), (NOW, False), (BEFORE + HOUR + MINUTE, False), (BEFORE + HOUR, True), (LONG_AGO, True)],
)
def test_what_ended_before_the_first_repair_is_withheld_until_approved(
    first_repair: datetime | None, made: bool
) -> None:
    seen = snapshot({COMPOSITE: events()}, SHOWN, **PLAYS)
    found, approved = plan(seen, first_repair), plan(seen, first_repair, [missing_id(seen)])
    assert bool(found.repairs) is made
    assert bool(found.withheld) is not made
    assert len(approved.repairs) == 1
    assert approved.withheld == {}


def test_approving_one_run_lets_nothing_else_through() -> None:
    seen = wanting(30)
    ids = [one.id for one in judge(seen).findings]
    found = plan(seen, None, ids[:28])
    assert {repair.finding for repair in found.repairs} == set(ids[:28])
    assert set(found.withheld) == set(ids[28:])


def test_what_is_approved_or_withheld_as_early_does_not_count_against_the_limit() -> None:
    seen = wanting(50)
    ids = [one.id for one in judge(seen).findings]
    assert len(plan(seen, LONG_AGO, ids[:25]).repairs) == 50
    assert len(plan(seen, LONG_AGO, ids[:24]).repairs) == 24
    early = dict.fromkeys(sorted(seen.events)[:30], events(LONG_AGO, MINUTE))
    found = plan(replace(seen, events={**seen.events, **early}), LONG_AGO + HOUR)
    assert (len(found.repairs), len(found.withheld)) == (20, 30)


def test_only_the_verdicts_that_were_named_are_repaired() -> None:
    seen = snapshot(
        {COMPOSITE: events()},
        [*SHOWN, program_item("x", program_url="https://other.test/u")],
        records=[],
        **PLAYS,
    )
    assert [type(one) for one in plan(seen).repairs] == [Creation, RecordWrite]
    assert [type(one) for one in plan(seen, only=["record-missing"]).repairs] == [RecordWrite]
    assert plan(seen, only=["record-stale"]) == Plan()


def test_a_creation_carries_all_that_it_needs() -> None:
    seen = snapshot({COMPOSITE: events()}, SHOWN, **PLAYS)
    (made,) = plan(seen).repairs
    assert isinstance(made, Creation)
    assert made.finding == missing_id(seen)
    assert (made.recording.prefix, made.events, made.session_id) == (COMPOSITE, events(), "session1")
    assert (made.show.show_id, made.group.group_id) == ("show1", "group1")


def mend(*items: dict[str, Any], said: Any = None, **others: Any) -> tuple[Completion | None, Plan]:
    seen = snapshot({COMPOSITE: said or events()}, items, **others)
    found = plan(seen)
    mends = [repair for repair in found.repairs if isinstance(repair, Completion)]
    return (mends[0] if mends else None), found


NEW_URL = f"https://play.test/{MEDIA}"


@pytest.mark.parametrize(
    ("told", "set_to"),
    [
        ({"groupId": None}, {"groupId": "group1"}),
        ({"groupId": "Recordings"}, {"groupId": "group1"}),
        ({"program_url": f"https://old.test/{MEDIA}?a b"}, {"program_url": f"{NEW_URL}?a b"}),
        ({"program_url": None, "s3Key": MEDIA}, {"program_url": NEW_URL}),
        ({"program_url": "", "s3Key": MEDIA, "groupId": ""}, {"program_url": NEW_URL, "groupId": "group1"}),
    ],
)
def test_a_mend_sets_what_is_lacking_and_nothing_else(told: dict[str, Any], set_to: dict[str, str]) -> None:
    found, _ = mend(*SHOWN, program_item(**told), **PLAYS)
    assert found is not None
    assert (dict(found.set_to), found.complete) == (set_to, True)
    assert (found.group is not None) is ("groupId" in set_to)
    assert found.program.program_id == "program1"


@pytest.mark.parametrize(
    "groups", [[], [group_item() | {"groupId": {"NULL": True}}], [group_item("another")]]
)
def test_without_a_real_group_only_the_url_is_mended(groups: list[dict[str, Any]]) -> None:
    rows = [SHOWN[0], SHOWN[2], *groups]
    found, _ = mend(*rows, program_item(program_url=None, s3Key=MEDIA, groupId=None), **PLAYS)
    assert found is not None
    assert (dict(found.set_to), found.group, found.complete) == ({"program_url": NEW_URL}, None, False)
    nothing, planned = mend(*rows, program_item(groupId=None), **PLAYS)
    assert nothing is None
    assert list(planned.waiting.values()) == ["its show has no group to file it under"]


@pytest.mark.parametrize(
    ("manifests", "why"),
    [({}, "was not read"), ({RecordingKey(BUCKET, COMPOSITE): "it is not there"}, "it is not there")],
)
def test_a_url_is_never_given_for_media_that_does_not_play(manifests: dict[Any, str], why: str) -> None:
    nothing, planned = mend(*SHOWN, program_item(program_url=None, s3Key=MEDIA), manifests=manifests)
    assert nothing is None
    (reason,) = planned.waiting.values()
    assert why in reason
    partial, _ = mend(*SHOWN, program_item(program_url=None, s3Key=MEDIA, groupId=None), manifests=manifests)
    assert partial is not None
    assert (dict(partial.set_to), partial.complete) == ({"groupId": "group1"}, False)


def test_a_row_that_changed_moments_ago_waits() -> None:
    fresh = program_item(groupId=None, updatedAt=iso(NOW - 14 * MINUTE))
    nothing, planned = mend(*SHOWN, fresh)
    assert nothing is None
    assert ["changed moments ago" in reason for reason in planned.waiting.values()] == [True]
    assert planned.withheld == {}
    settled, _ = mend(*SHOWN, program_item(groupId=None, updatedAt=iso(NOW - 15 * MINUTE)))
    assert settled is not None


def test_a_record_is_written_from_its_own_row() -> None:
    seen = snapshot({}, [program_item("x", program_url="https://elsewhere.test/x")], records=[])
    (write,) = plan(seen).repairs
    assert isinstance(write, RecordWrite)
    assert (write.object_id, write.row) == ("x", ("u#owner1#programs", "p#x"))


@pytest.mark.parametrize(
    "rows",
    [
        [program_item("x"), program_item("x", owner="another")],
        [*SHOWN, program_item(), program_item("program2")],
        [*SHOWN, program_item(sourceShowId="another")],
    ],
)
def test_what_only_a_person_can_decide_is_never_repaired(rows: list[dict[str, Any]]) -> None:
    assert plan(snapshot({COMPOSITE: events()}, rows)).repairs == ()
