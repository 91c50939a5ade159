"""A person says whose broadcast a recording is: that goes before all evidence, and can be taken back."""

from datetime import timedelta
from typing import Any

import pytest

from reconcile.cli.app import run
from reconcile.model.decision import Decision, decision_id
from reconcile.model.recording import RecordingKey, program_id_of
from tests.scenario.conftest import Shell, Shells
from tests.scenario.cycle import Cycle
from tests.scenario.small import BUCKET, DOMAIN, PREFIX, Small, agreeing, lacking_a_program

ELSEWHERE = "arn:aws:ivs:us-east-1:000000000000:stage/nobodys"
OTHER = "dddddddddddd/eeeeeeeeeeee/ffffffffffff/composite"


def nobodys() -> Small:
    """Return a world whose one recording nothing explains, beside a show with a group."""
    small = Small()
    small.show()
    small.record_broadcast(stage=ELSEWHERE)
    return small


def assign(shell: Shell, *arguments: str, prefix: str = PREFIX, show: str = "show1") -> int:
    return run(["assign", prefix, "--show", show, "--reason", "I was there", *arguments])


def by_hand(cycle: Cycle, prefix: str, show: str = "show1", **told: Any) -> Decision:
    """Decide in memory what `assign` keeps."""
    key = RecordingKey(BUCKET, prefix)
    name = decision_id("assign", key)
    decision = Decision("assign", name, "ann", "I was there", None, cycle.now, *key, show=show, **told)
    cycle.state.decide([decision])
    return decision


def verdicts(cycle: Cycle) -> dict[str, str]:
    return {line.prefix: line.verdict for line in cycle.check().report.recordings}


def test_an_assigned_recording_is_filed_by_the_next_repair_without_another_approval(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    """It ended before the first repair, and is made all the same: the decision is the approval."""
    shell = shell_on(nobodys().world())
    assert shell("check")[1]["findings"][0]["kind"] == "unattributed"
    assert assign(shell) == 0
    told = capsys.readouterr().out
    assert f"s3://{BUCKET}/{PREFIX}" in told
    assert "The next repair files it in the group group1 of the user ann" in told
    code, report = shell("repair")
    assert (code, [finding["status"] for finding in report["findings"]]) == (0, ["repaired"])
    (row,) = shell.programs().values()
    assert (row["sourceShowId"]["S"], row["groupId"]["S"]) == ("show1", "group1")
    rests_on = report["findings"][0]["evidence"]["attribution"]
    assert (rests_on["level"], rests_on["shows"]) == (0, ["show1"])
    assert "I was there" in rests_on["rests_on"]
    assert shell("check")[0] == 0


@pytest.mark.parametrize(
    "named",
    [
        PREFIX,
        f"/{PREFIX}/",
        f"{PREFIX}/media/hls/multivariant.m3u8",
        f"s3://{BUCKET}/{PREFIX}",
        f"s3://{BUCKET}/{PREFIX}/events/recording-ended.json",
        f"https://{DOMAIN}/{PREFIX}/media/hls/multivariant.m3u8",
    ],
)
def test_a_recording_is_named_by_its_prefix_a_key_or_a_url(shell_on: Shells, named: str) -> None:
    shell = shell_on(nobodys().world())
    assert assign(shell, prefix=named) == 0
    (decision,) = shell.decisions()
    assert (decision["bucket"], decision["prefix"], decision["what"]) == (BUCKET, PREFIX, "assign")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([OTHER, "--show", "show1"], OTHER),
        (["not/a/recording", "--show", "show1"], "matches no recording"),
        ([f"s3://elsewhere/{PREFIX}", "--show", "show1"], "elsewhere"),
        ([PREFIX, "--show", "show9"], "show9"),
        ([PREFIX, "--show", "ghost"], "no producer"),
        ([PREFIX, "--show", "groupless"], "--group"),
        ([PREFIX, "--show", "dangling"], "gone-group"),
        ([PREFIX, "--show", "show1", "--group", "nosuch"], "nosuch"),
        ([PREFIX, "--show", "show1", "--group", "phantom"], "phantom"),
        ([PREFIX, "--show", "show1", "--until", "2020-01-01"], "2020-01-01"),
        ([PREFIX], "--show"),
    ],
)
def test_what_the_stores_do_not_hold_is_refused_and_nothing_is_kept(
    shell_on: Shells, capsys: pytest.CaptureFixture[str], arguments: list[str], named: str
) -> None:
    small = nobodys()
    small.put({"pk": "show#ghost", "sk": "info", "viewerCount": {"N": "3"}})
    small.put({"pk": "show#groupless", "sk": "info", "producerId": "ann", "groupId": {"NULL": True}})
    small.put({"pk": "show#dangling", "sk": "info", "producerId": "ann", "groupId": "gone-group"})
    small.put({"pk": "u#ann#groups", "sk": "g#phantom", "programsCount": {"N": "1"}})
    shell = shell_on(small.world())
    assert run(["assign", *arguments, "--reason", "x"]) == 64
    assert named in capsys.readouterr().err
    assert shell.decisions() == []


def test_a_prefix_that_two_buckets_hold_must_name_its_bucket(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    world = nobodys().world()
    shell = shell_on(world)
    twin = [one for one in world.objects if one.key.endswith("recording-ended.json")]
    shell.make_bucket("second-bucket")
    for stored in twin:
        shell.put_object(type(stored)("second-bucket", stored.key, stored.body, stored.modified))
    shell.monkeypatch.setenv("RECONCILE_BUCKET", f"{BUCKET},second-bucket")
    assert assign(shell) == 64
    told = capsys.readouterr().err
    assert f"s3://{BUCKET}/{PREFIX}" in told
    assert f"s3://second-bucket/{PREFIX}" in told
    assert assign(shell, prefix=f"s3://second-bucket/{PREFIX}") == 0


def test_a_guests_raw_feed_is_not_assigned(shell_on: Shells, capsys: pytest.CaptureFixture[str]) -> None:
    guest = "aaaaaaaaaaaa/bbbbbbbbbbbb/guest1/2026-03-01T12-00-55Z"
    small = nobodys()
    small.record_broadcast(prefix=guest)
    shell = shell_on(small.world())
    assert assign(shell, prefix=guest) == 64
    assert "never published" in capsys.readouterr().err


def test_a_group_that_is_named_goes_before_the_shows_own(shell_on: Shells) -> None:
    small = nobodys()
    small.put({"pk": "u#ann#groups", "sk": "g#special", "groupId": "special", "programsCount": {"N": "0"}})
    shell = shell_on(small.world())
    assert assign(shell, "--group", "special") == 0
    assert shell("repair")[0] == 0
    (row,) = shell.programs().values()
    assert (row["groupId"]["S"], row["GSI1PK"]["S"]) == ("special", "u#ann#g#special")
    assert shell.rows()["u#ann#groups", "g#special"]["programsCount"]["N"] == "1"


def test_a_named_group_that_goes_later_leaves_the_recording_without_a_place() -> None:
    cycle = Cycle.of(nobodys().world())
    by_hand(cycle, PREFIX, group="deleted-since")
    assert verdicts(cycle) == {PREFIX: "group-missing"}
    assert cycle.repair().report.repairs == ()


def two_that_overlap() -> Small:
    """Return a show that has a program for one recording, and another that runs on for half an hour."""
    small = agreeing()
    small.record_broadcast(prefix=OTHER, ended=timedelta(minutes=90))
    return small


def test_an_overlapping_recording_is_filed_once_it_is_assigned() -> None:
    cycle = Cycle.of(two_that_overlap().world())
    assert verdicts(cycle)[OTHER] == "overlapping"
    by_hand(cycle, OTHER)
    report = cycle.repair().report
    assert [(one.what, one.verified) for one in report.repairs] == [
        ("program created", True),
        ("record written", True),
    ]
    row = cycle.table.items["u#ann#programs", f"p#{program_id_of(RecordingKey(BUCKET, OTHER))}"]
    assert row["s3Key"]["S"].startswith(OTHER)
    assert verdicts(cycle) == {PREFIX: "agrees", OTHER: "agrees"}


def test_a_twin_stays_a_twin_whoever_it_is_assigned_to() -> None:
    small = agreeing()
    small.record_broadcast(prefix=OTHER)
    cycle = Cycle.of(small.world())
    by_hand(cycle, OTHER)
    assert verdicts(cycle)[OTHER] == "twin"


def test_what_an_owner_deleted_is_not_brought_back_by_an_assignment() -> None:
    small = agreeing()
    small.populate(30)
    cycle = Cycle.of(small.world())
    cycle.check()
    cycle.delete_program(("u#ann#programs", "p#program-of-show1"))
    by_hand(cycle, PREFIX)
    assert verdicts(cycle) == {PREFIX: "retired"}
    assert cycle.repair().report.repairs == ()


def with_a_candidate(*prefixes: str) -> Cycle:
    """Return recordings that nothing explains, and a show with one program that lost its media."""
    small = Small()
    small.show()
    small.put({"pk": "u#ann#programs", "sk": "p#lone", "programId": "lone", "title": "A title",
               "groupId": "group1", "sourceShowId": "show1", "sourceType": "recording-export"})  # fmt: skip
    small.index(("u#ann#programs", "p#lone"))
    for number, prefix in enumerate(prefixes):
        small.record_broadcast(prefix, ELSEWHERE, ended=timedelta(hours=3 * number + 2))
    return Cycle.of(small.world())


def test_no_second_program_is_made_beside_the_one_that_the_assigned_recording_may_have() -> None:
    """The show's one program without media is given to the one recording that it can be."""
    cycle = with_a_candidate(PREFIX)
    by_hand(cycle, PREFIX)
    assert verdicts(cycle) == {PREFIX: "program-incomplete"}
    cycle.repair()
    assert [key for key in cycle.table.items if key[0] == "u#ann#programs"] == [("u#ann#programs", "p#lone")]
    assert cycle.table.items["u#ann#programs", "p#lone"]["program_url"]["S"].startswith("https://")


def test_where_a_program_may_be_either_of_two_assigned_recordings_nothing_is_made() -> None:
    cycle = with_a_candidate(PREFIX, OTHER)
    by_hand(cycle, PREFIX)
    by_hand(cycle, OTHER)
    assert verdicts(cycle) == {PREFIX: "ambiguous", OTHER: "ambiguous"}
    before = cycle.contents()
    cycle.repair()
    assert cycle.contents() == before


def test_a_program_under_another_show_contradicts_the_decision() -> None:
    small = agreeing()
    small.show("show2", "bob", "group2", stage=ELSEWHERE)
    cycle = Cycle.of(small.world())
    by_hand(cycle, PREFIX, show="show2")
    (finding,) = (one for one in cycle.check().report.findings if one.subject.type == "recording")
    assert (finding.kind, finding.evidence["filed_under"]) == ("program-misfiled", "show show1")


def test_an_old_assigned_recording_is_judged_whatever_the_window() -> None:
    small = nobodys()
    small.record_broadcast(stage=ELSEWHERE, ended=timedelta(days=200))
    cycle = Cycle.of(small.world())
    day = timedelta(days=1)
    assert cycle.check(lookback=day).report.counts["recording"]["outside-window"] == 1
    by_hand(cycle, PREFIX)
    assert [one.status for one in cycle.repair(lookback=day).report.findings] == ["repaired"]


def test_an_old_recording_of_the_same_time_still_tells_that_it_is_a_twin() -> None:
    """Inside the window or out of it, the answer is the same."""
    old = timedelta(days=200)
    small = lacking_a_program()
    small.record_broadcast(ended=old)
    small.record_broadcast(prefix=OTHER, stage=ELSEWHERE, ended=old)
    small.program()
    small.populate(30)
    cycle = Cycle.of(small.world())
    cycle.check()
    by_hand(cycle, OTHER)
    for lookback in (timedelta(days=1), None):
        lines = cycle.check(lookback=lookback).report.recordings
        assert {line.verdict for line in lines if line.prefix == OTHER} == {"twin"}


def test_limits_withhold_no_assigned_recording() -> None:
    """More are assigned than a repair makes by itself."""
    small = Small()
    small.show()
    prefixes = [f"aaaaaaaaaaaa/{number:012d}/cccccccccccc/composite" for number in range(30)]
    for number, prefix in enumerate(prefixes):
        small.record_broadcast(prefix, ELSEWHERE, ended=timedelta(hours=2 * number + 2))
    cycle = Cycle.of(small.world())
    for prefix in prefixes:
        by_hand(cycle, prefix)
    report = cycle.repair().report
    assert (report.approvals, {one.status for one in report.findings}) == ({}, {"repaired"})
    assert sum(key[0] == "u#ann#programs" for key in cycle.table.items) == 30


def test_decisions_are_listed_newest_first_and_told_in_each_report(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    small = nobodys()
    small.record_broadcast(prefix=OTHER, stage=ELSEWHERE, ended=timedelta(hours=9))
    shell = shell_on(small.world())
    assign(shell)
    assign(shell, "--until", "2999-12-31", prefix=OTHER)
    capsys.readouterr()
    assert run(["decisions"]) == 0
    told = capsys.readouterr().out
    assert told.index(OTHER) < told.index(PREFIX)
    assert "until 2999-12-31" in told
    assert "without an end date" in told
    for _ in range(2):
        _, report = shell("check")
        assert [one["prefix"] for one in report["decisions"]] == [OTHER, PREFIX]
        assert [one["now"] for one in report["decisions"]] == ["program-missing"] * 2
        run(["report", report["run"]["id"], "--all"])
        screen = capsys.readouterr().out
        assert "Decisions (2)" in screen
        assert "I was there" in screen


def test_a_decision_that_is_undone_holds_no_more_and_is_still_told_by_all(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = shell_on(nobodys().world())
    assign(shell)
    (decision,) = shell.decisions()
    capsys.readouterr()
    assert run(["decisions", "--undo", decision["id"]]) == 0
    assert decision["id"] in capsys.readouterr().out
    assert shell.decisions() == []
    (ended,) = shell.decisions("--all")
    assert (ended["id"], ended["holds"], ended["reason"]) == (decision["id"], False, "I was there")
    assert ended["undone_by"]
    assert shell("repair")[1]["findings"][0]["kind"] == "unattributed"
    assert run(["decisions", "--undo", decision["id"]]) == 64
    assert "undid it" in capsys.readouterr().err
    assert run(["decisions", "--undo", "nosuch"]) == 64


def test_a_decision_whose_show_or_recording_went_later_is_told_so() -> None:
    cycle = Cycle.of(nobodys().world())
    by_hand(cycle, PREFIX, show="deleted-show")
    by_hand(cycle, OTHER)
    told = {one.decision.prefix: one for one in cycle.check().report.decisions}
    assert told[PREFIX].gone == "names a show that is gone"
    assert told[OTHER].gone == "its recording is gone"
    assert verdicts(cycle) == {PREFIX: "show-missing"}


def test_a_finding_that_was_ignored_can_be_told_again(shell_on: Shells) -> None:
    shell = shell_on(nobodys().world())
    (finding,) = shell("check")[1]["findings"]
    run(["ignore", finding["id"], "--until", "2999-12-31", "--reason", "x"])
    assert shell("check")[0] == 0
    assert [one["id"] for one in shell.decisions()] == [finding["id"]]
    assert run(["decisions", "--undo", finding["id"]]) == 0
    assert [one["status"] for one in shell("check")[1]["findings"]] == ["new"]
