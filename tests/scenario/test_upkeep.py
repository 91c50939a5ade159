"""Notes that are completed and counts that are set right: what is written, what is left, who goes first."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reconcile.job import repair
from reconcile.model.clock import write_time
from reconcile.model.decision import Decision
from reconcile.model.errors import Exit, LeaseLost, SourceError
from reconcile.model.journal import RowWritten
from reconcile.model.recording import RecordingKey
from reconcile.model.run import Order
from reconcile.model.sighting import Sighting
from reconcile.model.snapshot import LedgerEntry
from reconcile.runs.finish import Outcome
from reconcile.sandbox.world.copies import copied
from tests.scenario.cycle import Cycle
from tests.scenario.meddling import approve, meddled, statuses
from tests.scenario.small import BUCKET, DOMAIN, PREFIX, Small, agreeing, lacking_a_program

PROGRAM = ("u#ann#programs", "p#program-of-show1")
GROUP = ("u#ann#groups", "g#group1")
MANIFEST = f"{PREFIX}/media/hls/multivariant.m3u8"
COMPLETE = {
    "status": "completed",
    "s3Bucket": BUCKET,
    "s3Key": MANIFEST,
    "playbackUrl": f"https://{DOMAIN}/{MANIFEST}",
    "programId": "program-of-show1",
}
COUNTING: dict[str, Any] = {"opt_in": ("count-drift",)}


def note(small: Small, number: int = 0, show: str = "show1", **told: str) -> tuple[str, str]:
    """Put a show's note of the small world's broadcast; return its key."""
    start = write_time(small.now - timedelta(hours=3, minutes=number))
    end = write_time(small.now - timedelta(hours=2))
    key = (f"show#{show}", f"recording#{start}#row{number}")
    kept = {
        "recordingId": f"row{number}",
        "showId": show,
        "startTime": start,
        "endTime": end,
        "title": "Mine",
    }
    small.put({"pk": key[0], "sk": key[1], **kept, "status": "processing", **told})
    return key


def stuck(**told: Any) -> tuple[Small, tuple[str, str]]:
    """Return a small world that agrees but for one note, and that note's key."""
    small = agreeing()
    return small, note(small, **told)


def miscounting(count: dict[str, str] | None) -> Small:
    """Return a small world that agrees but for its group's count."""
    small = agreeing()
    small.items[GROUP].pop("programsCount")
    small.items[GROUP] |= {"programsCount": count} if count else {}
    return small


def text(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: row[name].get("S") for name in names if name in row}


def remove(cycle: Cycle, key: tuple[str, str]) -> None:
    """Delete a row as somebody else does at that moment."""
    cycle.table.items.pop(key, None)


def kinds(outcome: Outcome) -> Counter[str]:
    return Counter(finding.kind for finding in outcome.report.findings)


# -- notes ------------------------------------------------------------------------------------------------


def test_a_stuck_note_is_completed_and_keeps_what_else_it_says() -> None:
    small, key = stuck(s3Key="of/another/recording.m3u8", playbackUrl="https://old.example.net/x")
    cycle = Cycle.of(small.world())
    assert kinds(cycle.check()) == {"recording-row-stale": 1}
    outcome = cycle.repair()
    row = cycle.table.items[key]
    assert (outcome.exit_code, statuses(outcome)) == (Exit.AGREES, {"recording-row-stale": "repaired"})
    assert text(row, *COMPLETE) == COMPLETE
    assert text(row, "title", "recordingId") == {"title": "Mine", "recordingId": "row0"}
    assert row["updatedAt"]["S"] == write_time(cycle.now - timedelta(seconds=1))
    (entry,) = cycle.state.written
    assert isinstance(entry.written, RowWritten)
    assert entry.what == "recording row linked"
    assert (entry.written.before or {})["s3Key"] == {"S": "of/another/recording.m3u8"}


def test_a_second_repair_writes_nothing_and_the_note_agrees() -> None:
    small, _ = stuck()
    cycle = Cycle.of(small.world())
    cycle.repair()
    before = cycle.contents()
    assert statuses(cycle.repair()) == {}
    assert cycle.contents() == before
    cycle.now += timedelta(hours=1)
    assert cycle.check().report.counts["recording-row"]["agrees"] == 1


def test_a_note_that_names_another_program_is_told_of_its_recordings_own() -> None:
    small, key = stuck(status="completed", programId="of-another-recording")
    cycle = Cycle.of(small.world())
    cycle.repair()
    assert text(cycle.table.items[key], "programId") == {"programId": "program-of-show1"}


@pytest.mark.parametrize("name", sorted(COMPLETE))
def test_whatever_value_somebody_changes_at_that_moment_stays(name: str) -> None:
    """The mend rests on every value that it replaces, also on those that were not there."""
    small, key = stuck()

    def edit(cycle: Cycle, number: int) -> None:
        cycle.table.items[key][name] = {"S": "somebody's"}

    cycle = meddled(small, edit)
    before = copied(cycle.table.items[key])
    outcome = cycle.repair()
    assert statuses(outcome) == {"recording-row-stale": "failed"}
    assert cycle.table.items[key] == before | {name: {"S": "somebody's"}}
    assert "somebody changed" in outcome.report.findings[0].remedy


def test_a_note_is_not_told_of_a_program_that_its_owner_deletes_at_that_moment() -> None:
    small, key = stuck()
    cycle = meddled(small, lambda cycle, number: cycle.delete_program(PROGRAM))
    before = copied(cycle.table.items[key])
    assert statuses(cycle.repair())["recording-row-stale"] == "failed"
    assert cycle.table.items[key] == before


def test_a_note_that_goes_at_that_moment_does_not_come_back() -> None:
    small, key = stuck()
    cycle = meddled(small, lambda cycle, number: remove(cycle, key))
    assert statuses(cycle.repair()) == {"recording-row-stale": "failed"}
    assert key not in cycle.table.items


def test_a_note_that_is_completed_between_scan_and_confirmation_is_no_finding() -> None:
    small, key = stuck()
    cycle = Cycle.of(small.world())
    scan = cycle.table.scan

    def scan_then_complete(read: Any) -> Any:
        found = scan(lambda page: read(copied(page)))
        cycle.table.items[key] |= {name: {"S": value} for name, value in COMPLETE.items()}
        return found

    cycle.table.scan = scan_then_complete  # type: ignore[method-assign]
    assert kinds(cycle.check()) == {}


def test_a_second_note_of_that_time_that_the_scan_did_not_see_is_found_and_stale_as_well() -> None:
    """Both overlap one broadcast and no other: the confirmation reads all of the show's notes."""
    small, _ = stuck()
    other = note(small, 1)
    cycle = Cycle.of(small.world())
    scan = cycle.table.scan

    def scan_without_it(read: Any) -> Any:
        return scan(lambda page: read([row for row in page if row["sk"]["S"] != other[1]]))

    cycle.table.scan = scan_without_it  # type: ignore[method-assign]
    assert kinds(cycle.check()) == {"recording-row-stale": 2}


def test_a_new_programs_note_is_completed_as_a_stale_one_is() -> None:
    """After a creation nothing is left for the next repair, also where the note named another program."""
    small = lacking_a_program()
    key = note(small, status="completed", programId="of-another-recording")
    cycle = Cycle.of(small.world())
    cycle.repair()
    assert statuses(approve(cycle)) == {"program-missing": "repaired"}
    row = cycle.table.items[key]
    (program,) = (one for (pk, _), one in cycle.table.items.items() if pk == PROGRAM[0])
    assert text(row, "status", "programId", "s3Key", "playbackUrl") == {
        "status": "completed",
        "programId": program["programId"]["S"],
        "s3Key": program["s3Key"]["S"],
        "playbackUrl": program["program_url"]["S"],
    }
    before = cycle.contents()
    cycle.now += timedelta(hours=1)
    assert statuses(cycle.repair()) == {}
    assert cycle.contents() == before


def test_the_note_of_an_incomplete_program_is_told_of_the_url_that_the_program_gets() -> None:
    small, key = stuck()
    small.items[PROGRAM]["program_url"] = {"NULL": True}
    small.index(PROGRAM)
    cycle = Cycle.of(small.world())
    cycle.repair()
    assert text(cycle.table.items[key], *COMPLETE) == COMPLETE
    assert text(cycle.table.items[PROGRAM], "program_url") == {"program_url": COMPLETE["playbackUrl"]}


def many_notes(number: int) -> tuple[Small, list[tuple[str, str]]]:
    """Return a small world with so many recorded shows, each with a stuck note, and the notes' keys."""
    small, keys = Small(), []
    for count in range(number):
        show, stage = f"show{count}", f"arn:aws:ivs:us-east-1:000000000000:stage/stage{count}"
        prefix = f"aaaaaaaaaaaa/composition{count}/cccccccccccc/composite"
        small.show(show, producer=f"owner{count}", stage=stage)
        small.record_broadcast(prefix, stage)
        small.program(prefix, show, f"owner{count}")
        keys.append(note(small, show=show))
    return small, keys


def completed(cycle: Cycle, keys: list[tuple[str, str]]) -> int:
    return sum(cycle.table.items[key]["status"] == {"S": "completed"} for key in keys)


def test_more_notes_than_are_plausible_are_withheld_until_they_are_approved() -> None:
    small, keys = many_notes(26)
    small.records["program-of-show0"]["title"] = "An older title"
    cycle = Cycle.of(small.world())
    told = cycle.check().report
    assert len(told.would_need_approval) == 26
    outcome = cycle.repair()
    assert (outcome.exit_code, completed(cycle, keys)) == (Exit.AWAITING_APPROVAL, 0)
    assert cycle.index.hits["program-of-show0"]["title"] == "A title"
    assert "26 repairs of this kind exceed the limit of 25" in next(iter(outcome.report.approvals.values()))
    assert (approve(cycle).exit_code, completed(cycle, keys)) == (Exit.AGREES, 26)


def test_as_many_notes_as_are_plausible_are_completed_at_once() -> None:
    small, keys = many_notes(25)
    cycle = Cycle.of(small.world())
    assert (cycle.repair().exit_code, completed(cycle, keys)) == (Exit.AGREES, 25)


def test_a_note_that_a_person_ignores_or_nobody_asks_for_stays_as_it_is() -> None:
    small, keys = many_notes(1)
    cycle = Cycle.of(small.world())
    assert statuses(cycle.repair(only=("record-stale",))) == {}
    assert completed(cycle, keys) == 0
    (finding,) = cycle.check().report.findings
    until = cycle.now + timedelta(days=1)
    cycle.state.decide([Decision("ignore", finding.id, "ann", "known", until, cycle.now)])
    assert (statuses(cycle.repair()), completed(cycle, keys)) == ({"recording-row-stale": "ignored"}, 0)
    assert (cycle.repair(only=("recording-row-stale",)).exit_code, completed(cycle, keys)) == (Exit.AGREES, 0)
    cycle.now += timedelta(days=2)
    assert statuses(cycle.repair(only=("recording-row-stale",))) == {"recording-row-stale": "repaired"}


@pytest.mark.parametrize("error", [SourceError("the store is away"), LeaseLost("the lease is gone")])
def test_a_note_whose_write_fails_is_completed_by_the_next_run(error: Exception) -> None:
    small, keys = many_notes(3)

    def fail(cycle: Cycle, number: int) -> None:
        if number == 2:
            raise error

    cycle = meddled(small, fail)
    outcome = cycle.repair()
    assert Counter(finding.status for finding in outcome.report.findings)["failed"] >= 1
    cycle.now += timedelta(hours=1)
    cycle.repair()
    assert (completed(cycle, keys), cycle.check().exit_code) == (3, Exit.AGREES)


def test_a_run_without_time_begins_no_note() -> None:
    small, keys = many_notes(2)
    cycle = Cycle.of(small.world())
    ports = cycle.ports()
    tools = cycle.tools(ports)
    late = replace(tools, ports=lambda lease: replace(tools.ports(lease), out_of_time=lambda: True))
    outcome = repair(Order("repair", lookback=None), ports, late)
    assert (completed(cycle, keys), outcome.exit_code) == (0, Exit.INCOMPLETE)


# -- counts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [{"N": "5"}, {"N": "0"}, {"N": "-3"}, {"N": "1.5"}, None])
def test_a_count_is_set_right_only_if_that_is_asked_for(count: dict[str, str] | None) -> None:
    cycle = Cycle.of(miscounting(count).world())
    before = cycle.contents()
    assert statuses(cycle.repair()) == {"count-drift": "new"}
    assert cycle.contents() == before
    outcome = cycle.repair(**COUNTING)
    assert (outcome.exit_code, statuses(outcome)) == (Exit.AGREES, {"count-drift": "repaired"})
    assert cycle.table.items[GROUP]["programsCount"] == {"N": "1"}
    (entry,) = cycle.state.written
    assert isinstance(entry.written, RowWritten)
    assert entry.what == "programs counted"
    assert (entry.written.before or {}).get("programsCount") == count
    assert (entry.written.after or {})["programsCount"] == {"N": "1"}
    after = cycle.contents()
    cycle.now += timedelta(hours=1)
    assert statuses(cycle.repair(**COUNTING)) == {}
    assert cycle.contents() == after


@pytest.mark.parametrize("count", [{"S": "1"}, {"NULL": "true"}])
def test_a_count_that_is_no_number_is_left_to_a_person(count: Any) -> None:
    odd: Any = {"NULL": True} if "NULL" in count else count
    cycle = Cycle.of(miscounting(odd).world())
    outcome = cycle.repair(**COUNTING)
    assert statuses(outcome) == {"count-drift": "new"}
    assert cycle.table.items[GROUP]["programsCount"] == odd
    assert "not a number" in outcome.report.findings[0].remedy


def test_a_count_that_somebody_changes_at_that_moment_stays() -> None:
    def edit(cycle: Cycle, number: int) -> None:
        cycle.table.items[GROUP]["programsCount"] = {"N": "7"}

    cycle = meddled(miscounting({"N": "5"}), edit)
    assert statuses(cycle.repair(**COUNTING)) == {"count-drift": "failed"}
    assert cycle.table.items[GROUP]["programsCount"] == {"N": "7"}


def test_a_count_that_appears_at_that_moment_stays() -> None:
    def edit(cycle: Cycle, number: int) -> None:
        cycle.table.items[GROUP].setdefault("programsCount", {"N": "1"})

    cycle = meddled(miscounting(None), edit)
    assert statuses(cycle.repair(**COUNTING)) == {"count-drift": "failed"}
    assert cycle.table.items[GROUP]["programsCount"] == {"N": "1"}


def test_a_group_that_goes_at_that_moment_does_not_come_back_as_a_phantom() -> None:
    cycle = meddled(miscounting({"N": "5"}), lambda cycle, number: remove(cycle, GROUP))
    assert statuses(cycle.repair(**COUNTING)) == {"count-drift": "failed"}
    assert GROUP not in cycle.table.items


def test_programs_are_counted_once_more_when_the_count_is_written() -> None:
    """A program that its owner deletes after the confirmation is not counted."""
    cycle = Cycle.of(miscounting({"N": "5"}).world())
    rows_of, reads = cycle.table.rows_of, Counter[str]()

    def rows_of_then_delete(pk: str) -> Any:
        reads[pk] += 1
        if reads[pk] == 2:
            cycle.delete_program(PROGRAM)
        return rows_of(pk)

    cycle.table.rows_of = rows_of_then_delete  # type: ignore[method-assign]
    cycle.repair(**COUNTING)
    assert cycle.table.items[GROUP]["programsCount"] == {"N": "0"}


def test_a_count_is_set_right_before_programs_are_made_which_count_themselves() -> None:
    small = lacking_a_program()
    small.items[GROUP]["programsCount"] = {"N": "5"}
    cycle = Cycle.of(small.world())
    cycle.repair()
    outcome = approve_and(cycle, **COUNTING)
    assert statuses(outcome) == {"count-drift": "repaired", "program-missing": "repaired"}
    assert cycle.table.items[GROUP]["programsCount"] == {"N": "1"}
    cycle.now += timedelta(hours=1)
    assert cycle.check().exit_code == Exit.AGREES


def approve_and(cycle: Cycle, **asked: Any) -> Outcome:
    return cycle.repair(approve=cycle.reports.run_ids()[0], **asked)


def many_counts(number: int) -> Small:
    """Return a small world that agrees but for the counts of so many groups."""
    small = agreeing()
    for count in range(number):
        small.upload(f"other{count}", f"upload-{count}")
        small.index((f"u#other{count}#programs", f"p#upload-{count}"))
        small.items[f"u#other{count}#groups", "g#uploads"]["programsCount"] = {"N": "9"}
    return small


def right(cycle: Cycle) -> int:
    groups = [row for (pk, _), row in cycle.table.items.items() if pk.endswith("#groups")]
    return sum(row["programsCount"] == {"N": "1"} for row in groups)


def test_more_counts_than_are_plausible_are_withheld_until_they_are_approved() -> None:
    cycle = Cycle.of(many_counts(26).world())
    assert len(cycle.check(**COUNTING).report.would_need_approval) == 26
    assert cycle.check().report.would_need_approval == {}
    outcome = cycle.repair(**COUNTING)
    assert (outcome.exit_code, right(cycle)) == (Exit.AWAITING_APPROVAL, 1)
    assert (approve(cycle).exit_code, right(cycle)) == (Exit.AGREES, 27)


def test_as_many_counts_as_are_plausible_are_set_right_at_once() -> None:
    cycle = Cycle.of(many_counts(25).world())
    assert (cycle.repair(**COUNTING).exit_code, right(cycle)) == (Exit.AGREES, 26)


def test_a_count_that_waits_while_a_program_settles_is_not_touched() -> None:
    small = miscounting({"N": "5"})
    small.items[PROGRAM]["updatedAt"] = {"S": write_time(small.now - timedelta(minutes=5))}
    cycle = Cycle.of(small.world())
    outcome = cycle.repair(**COUNTING)
    assert outcome.report.counts["group"]["settling"] == 1
    assert cycle.table.items[GROUP]["programsCount"] == {"N": "5"}


# -- media ------------------------------------------------------------------------------------------------


FILM = "films/one.mp4"


def with_film() -> Small:
    """Return a small world in which somebody uploaded a film, which is there."""
    small = agreeing()
    small.items[small.upload("bob", "film")] |= {"s3Bucket": {"S": BUCKET}, "s3Key": {"S": FILM}}
    small.index(("u#bob#programs", "p#film"))
    small.store(FILM, "x", small.now)
    return small


def test_media_that_is_back_when_it_is_looked_for_again_is_no_finding() -> None:
    cycle = Cycle.of(with_film().world())
    body = cycle.buckets.objects.pop((BUCKET, FILM))
    assert kinds(cycle.check()) == {"media-missing": 1}
    exist = cycle.buckets.exist

    def exist_then_put(addresses: Any) -> Any:
        found = exist(addresses)
        cycle.buckets.objects[BUCKET, FILM] = body
        return found

    cycle.buckets.exist = exist_then_put  # type: ignore[method-assign]
    assert kinds(cycle.check()) == {}


def test_media_that_a_program_names_since_the_scan_is_looked_for_before_anything_is_said() -> None:
    """A row that was read again for its group points at another object by then."""
    small = with_film()
    small.items["u#bob#programs", "p#film"]["groupId"] = {"S": "none-such"}
    small.index(("u#bob#programs", "p#film"))
    cycle = Cycle.of(small.world())
    rows = cycle.table.rows

    def moved(keys: Any) -> Any:
        cycle.table.items["u#bob#programs", "p#film"]["s3Key"] = {"S": "films/two.mp4"}
        return rows(keys)

    cycle.table.rows = moved  # type: ignore[method-assign]
    (program,) = (one for one in cycle.check().report.findings if one.subject.type == "program")
    assert (program.kind, program.evidence["also"]) == ("media-missing", ["group-dangling", "index-blind"])
    assert program.evidence["looked_for"] == [f"s3://{BUCKET}/films/two.mp4"]


def test_looking_leaves_a_receipt_only_where_something_was_looked_for() -> None:
    sources = {one.source: one for one in Cycle.of(with_film().world()).check().report.sources}
    media = sources["media"]
    assert (media.items, media.requests, media.whole) == (2, 2, True)
    empty = Cycle.of(lacking_a_program().world()).check().report.sources
    assert "media" not in {one.source for one in empty}


def test_a_bucket_that_denies_makes_the_run_incomplete_and_says_once_what_to_grant() -> None:
    small = with_film()
    small.items[small.upload("eve", "other")] |= {"s3Bucket": {"S": BUCKET}, "s3Key": {"S": "films/two.mp4"}}
    small.index(("u#eve#programs", "p#other"))
    cycle = Cycle.of(small.world())
    denied = Sighting("denied", "looking is denied: grant it")
    cycle.buckets.exist = lambda addresses: dict.fromkeys(addresses, denied)  # type: ignore[method-assign]
    outcome = cycle.check()
    assert (outcome.exit_code, kinds(outcome)) == (Exit.INCOMPLETE, {})
    assert [(one.reason, len(one.subjects)) for one in outcome.report.not_checked] == [(denied.why, 3)]
    (media,) = (one for one in outcome.report.sources if one.source == "media")
    assert (media.whole, media.why) == (False, "looking is denied: grant it (3 objects)")


def test_a_ledger_is_none_of_the_upkeeps_business() -> None:
    """Completing a note or a count enters nothing there but what was seen."""
    small, _ = stuck()
    cycle = Cycle.of(small.world())
    cycle.repair()
    assert cycle.state.entries == {
        RecordingKey(BUCKET, PREFIX): LedgerEntry(
            RecordingKey(BUCKET, PREFIX), {"ann": "program-of-show1"}, "seen"
        )
    }
