"""One read that fails belongs to what was read, and to those whose verdict its answer could change."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from reconcile.model.errors import Exit, SourceError
from reconcile.model.finding import Subject
from reconcile.model.recording import RecordingKey
from reconcile.model.search_record import canonical
from reconcile.report.data import Report
from reconcile.runs.finish import Outcome
from reconcile.sandbox.world import build
from tests.scenario.cycle import Cycle
from tests.scenario.small import ACCOUNT, Small

NOW = datetime(2026, 5, 20, 3, 0, tzinfo=UTC)
SHOWS = ("ann", "bob", "cem", "dia", "eve", "fay")
BAD = "cem"


def prefix_of(show: str) -> str:
    return f"stage{show}/comp{show}/dest/composite"


def broadcasts() -> Small:
    """Return six shows of six producers, each with a broadcast without program, at six times; and uploads."""
    small = Small()
    small.populate(12)
    for number, show in enumerate(SHOWS):
        stage = f"arn:aws:ivs:us-east-1:{ACCOUNT}:stage/stage{show}"
        small.record_broadcast(prefix_of(show), stage, timedelta(hours=3 + 3 * number))
        small.show(show, show, f"group-{show}", stage)
        small.items[f"session#of-{show}", "info"]["createdAt"] = {
            "S": f"{small.now - timedelta(hours=5 + 3 * number):%Y-%m-%dT%H:%M:%S.000Z}"
        }
    for number in range(3):
        small.records.pop(f"upload-{number}")
    return small


class Faults:
    """Stores in which some reads fail, always, while `on`."""

    def __init__(self, cycle: Cycle) -> None:
        self.on = True
        self.cycle = cycle

    def fail(self, store: Any, method: str, hits: Callable[..., bool]) -> "Faults":
        whole = getattr(store, method)

        def read(*asked: Any, **more: Any) -> Any:
            if self.on and hits(*asked):
                raise SourceError(f"{method} broke off")
            return whole(*asked, **more)

        setattr(store, method, read)
        return self


def names_row(pk: str, sk: str) -> Callable[[Sequence[Any]], bool]:
    return lambda keys: (pk, sk) in set(keys)


FAULTS: dict[str, Callable[[Faults, Cycle], Faults]] = {
    "the manifest": lambda f, c: f.fail(
        c.buckets, "read", lambda bucket, key, _: key == f"{prefix_of(BAD)}/media/hls/multivariant.m3u8"
    ),
    "a playlist": lambda f, c: f.fail(
        c.buckets, "read", lambda bucket, key, _: key.startswith(f"{prefix_of(BAD)}/media/hls/720p30/")
    ),
    "the events file": lambda f, c: f.fail(
        c.buckets, "read", lambda bucket, key, _: key.startswith(f"{prefix_of(BAD)}/events/")
    ),
    "the owner's partition": lambda f, c: f.fail(c.table, "rows_of", lambda pk: pk == f"u#{BAD}#programs"),
    "the show": lambda f, c: f.fail(c.table, "rows", names_row(f"show#{BAD}", "info")),
    "the group": lambda f, c: f.fail(c.table, "rows", names_row(f"u#{BAD}#groups", f"g#group-{BAD}")),
    "the session": lambda f, c: f.fail(c.table, "rows", names_row(f"session#of-{BAD}", "info")),
}


def without_program(outcome: Outcome) -> set[str]:
    return {one.subject["prefix"] for one in outcome.report.findings if one.kind == "program-missing"}


def unchecked(report: Report) -> list[Subject]:
    return [one.subject for reason in report.not_checked for one in reason.subjects]


def repaired(cycle: Cycle) -> Outcome:
    """Repair, and approve what the first repair of all withholds."""
    withheld = cycle.repair().report
    return cycle.repair(approve=withheld.run.id)


def owners_with_programs(cycle: Cycle) -> set[str]:
    made = (pk for (pk, _), item in cycle.table.items.items() if "reconcileRunId" in item)
    return {pk.split("#")[1] for pk in made}


@pytest.mark.parametrize("what", FAULTS)
def test_one_read_that_fails_leaves_the_healthy_repaired(what: str) -> None:
    cycle = Cycle.of(broadcasts().world())
    faults = FAULTS[what](Faults(cycle), cycle)
    done = repaired(cycle)
    assert done.exit_code == Exit.INCOMPLETE
    assert owners_with_programs(cycle) == set(SHOWS) - {BAD}
    assert {f"upload-{n}" for n in range(3)} <= cycle.index.hits.keys()
    concerned = {prefix_of(BAD), f"of-{BAD}", BAD}
    left = unchecked(done.report)
    assert left
    assert all(any(name in value for _, value in one.fields for name in concerned) for one in left)
    faults.on = False
    last = repaired(cycle)
    assert (last.exit_code, owners_with_programs(cycle)) == (Exit.AGREES, set(SHOWS))


@pytest.mark.parametrize("store", ["index", "table"])
def test_a_record_that_cannot_be_read_again_leaves_the_others_written(store: str) -> None:
    cycle = Cycle.of(broadcasts().world())
    if store == "index":
        Faults(cycle).fail(cycle.index, "records", lambda names: "upload-1" in set(names))
    else:
        Faults(cycle).fail(cycle.table, "rows", names_row("u#other1#programs", "p#upload-1"))
    done = repaired(cycle)
    assert done.exit_code == Exit.INCOMPLETE
    assert [one["objectID"] for one in unchecked(done.report) if one.type == "record"] == ["upload-1"]
    assert owners_with_programs(cycle) == set(SHOWS)
    assert {"upload-0", "upload-2"} <= cycle.index.hits.keys()
    assert "upload-1" not in cycle.index.hits


def test_a_ledger_that_cannot_be_read_again_holds_creations_alone() -> None:
    cycle = Cycle.of(broadcasts().world())

    def broken(key: RecordingKey) -> Any:
        raise SourceError("the state table broke off")

    cycle.state.ledger_entry = broken  # type: ignore[method-assign]
    done = cycle.check()
    assert (done.exit_code, without_program(done)) == (Exit.INCOMPLETE, set())
    assert {one["prefix"] for one in unchecked(done.report)} == {prefix_of(show) for show in SHOWS}
    assert {one.kind for one in done.report.findings} == {"record-missing"}


def test_a_twin_is_not_called_one_while_nobody_knows_whether_the_other_plays() -> None:
    """If its twin does not play, this one wants the program."""
    small = Small()
    small.populate(3)
    small.show()
    small.record_broadcast()
    twin = "aaaaaaaaaaaa/bbbbbbbbbbbb/dddddddddddd/composite"
    small.record_broadcast(twin, ended=timedelta(hours=2, seconds=20))
    cycle = Cycle.of(small.world())
    plain = cycle.check().report
    assert plain.counts["recording"]["twin"] == plain.counts["recording"]["program-missing"] == 1
    (kept,) = (one.subject["prefix"] for one in plain.findings if one.kind == "program-missing")
    Faults(cycle).fail(
        cycle.buckets, "read", lambda bucket, key, _: key == f"{kept}/media/hls/multivariant.m3u8"
    )
    report = cycle.check().report
    assert (report.counts["recording"]["unknown"], report.counts["recording"]["twin"]) == (2, 0)


def single_failures(world: Any, seed: int) -> Iterable[tuple[str, Callable[[Faults, Cycle], Faults]]]:
    """Yield some reads of a world, each to fail alone."""
    random = Random(seed)
    ended = sorted(one.key for one in world.objects if one.key.endswith("/events/recording-ended.json"))
    manifests = sorted(
        one.key for one in world.objects if one.key.endswith(("multivariant.m3u8", "master.m3u8"))
    )
    rows = sorted((item["pk"]["S"], item["sk"]["S"]) for item in world.items)
    owners = sorted({pk for pk, _ in rows if pk.endswith("#programs")})

    def of_buckets(name: str) -> Callable[[Faults, Cycle], Faults]:
        return lambda f, c: f.fail(c.buckets, "read", lambda bucket, key, _: key == name)

    def of_rows(key: tuple[str, str]) -> Callable[[Faults, Cycle], Faults]:
        return lambda f, c: f.fail(c.table, "rows", names_row(*key))

    def of_partition(name: str) -> Callable[[Faults, Cycle], Faults]:
        return lambda f, c: f.fail(c.table, "rows_of", lambda pk: pk == name)

    for name in (*random.sample(ended, 3), *random.sample(manifests, 3)):
        yield name, of_buckets(name)
    for key in random.sample(rows, 6):
        yield str(key), of_rows(key)
    for name in random.sample(owners, 3):
        yield name, of_partition(name)


@pytest.mark.parametrize("seed", [5, 6])
def test_over_worlds_a_single_failure_makes_no_false_verdict_and_little_unknown(seed: int) -> None:
    world = build(seed, now=NOW, recordings=60)
    whole = Cycle.of(world).judge().verdicts()
    for name, fault in single_failures(world, seed):
        cycle = Cycle.of(world)
        fault(Faults(cycle), cycle)
        found = cycle.judge()
        broken = found.verdicts()
        changed = {one: now for one, now in broken.items() if whole.get(one) != now}
        assert set(changed.values()) <= {"unknown"}, (
            name,
            {whole.get(one): now for one, now in changed.items()},
        )
        spread = len(changed)
        assert spread <= 12, (name, [str(one) for one in changed])


def test_rows_that_a_partition_does_not_show_again_are_there_if_their_key_finds_them() -> None:
    """A page that the table leaves out makes no program a deleted one, and no record an orphan."""
    cycle = Cycle.of(broadcasts().world())
    owner = f"u#{BAD}#programs"
    for number in range(3):
        key = (owner, f"p#own-{number}")
        cycle.table.items[key] = {
            "pk": {"S": owner}, "sk": {"S": key[1]}, "entityType": {"S": "program"},
            "programId": {"S": f"own-{number}"}, "title": {"S": "Mine"}, "groupId": {"S": "elsewhere"},
            "mediaFiles": {"L": [{"S": f"users/{BAD}/{number}.mp4"}]},
        }  # fmt: skip
        cycle.index.hits[f"own-{number}"] = canonical(cycle.table.items[key])
    whole = cycle.check().report.findings
    rows_of = cycle.table.rows_of
    cycle.table.rows_of = lambda pk: rows_of(pk)[1:]  # type: ignore[method-assign]
    assert {(one.kind, one.id) for one in cycle.check().report.findings} == {
        (one.kind, one.id) for one in whole
    }


def test_rows_whose_key_cannot_be_read_leave_their_partition_unread() -> None:
    cycle = Cycle.of(broadcasts().world())
    owner = f"u#{BAD}#programs"
    row = {
        "pk": {"S": owner},
        "sk": {"S": "p#own"},
        "entityType": {"S": "program"},
        "programId": {"S": "own"},
    }
    cycle.table.items[owner, "p#own"] = row
    rows_of = cycle.table.rows_of
    cycle.table.rows_of = lambda pk: [one for one in rows_of(pk) if one["sk"]["S"] != "p#own"]  # type: ignore[method-assign]
    Faults(cycle).fail(cycle.table, "rows", names_row(owner, "p#own"))
    done = cycle.check()
    assert done.exit_code == Exit.INCOMPLETE
    assert prefix_of(BAD) not in without_program(done)
