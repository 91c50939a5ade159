"""What people decide about findings holds until its day, is counted, and is told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconcile.cli.app import run
from reconcile.model.decision import Decision
from reconcile.model.extent import Extent
from reconcile.sandbox.setup import Setup
from tests.scenario.conftest import Shell, Shells
from tests.scenario.cycle import Cycle
from tests.scenario.small import STAGE, Small, agreeing, lacking_a_program

LATER = "2999-12-31"


def stale() -> Cycle:
    """Return a world with one stale record, in memory."""
    small = agreeing()
    small.records["program-of-show1"]["title"] = "An older title"
    return Cycle.of(small.world())


def decide(cycle: Cycle, what: str, days: float) -> None:
    """Decide on the newest finding for some days."""
    (finding,) = cycle.check().report.findings
    until = cycle.now + timedelta(days=days)
    cycle.state.decide([Decision(what, finding.id, "ann", "known noise", until, cycle.now)])  # type: ignore[arg-type]


def test_an_ignored_finding_is_counted_and_does_not_raise_the_exit_code(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    """`ignore` makes the next check end with 0; the finding stands in the report with who, why and when."""
    shell = shell_on(lacking_a_program().world())
    (finding,) = shell("check")[1]["findings"]
    assert run(["ignore", finding["id"], "--until", LATER, "--reason", "the producer knows"]) == 0
    assert finding["id"] in capsys.readouterr().out
    code, report = shell("check")
    assert code == 0
    (ignored,) = report["findings"]
    assert ignored["status"] == "ignored"
    assert "the producer knows" in ignored["evidence"]["decided"]
    assert "2999-12-31" in ignored["evidence"]["decided"]
    assert (ignored["step"], ignored["commands"]) == (
        *("A repair creates the program.", ["reconcile repair"]),
    )
    assert report["counts"]["recording"]["program-missing"] == 1
    assert report["headline"] == "Nothing new. 1 ignored problem."


def test_a_repair_leaves_an_ignored_finding_alone(shell_on: Shells) -> None:
    """Nothing is withheld or written for it."""
    shell = shell_on(lacking_a_program().world())
    (finding,) = shell("check")[1]["findings"]
    run(["ignore", finding["id"], "--until", LATER, "--reason", "not wanted"])
    before = shell.rows()
    code, report = shell("repair")
    assert (code, report["approvals"], report["repairs"]) == (0, {}, [])
    assert shell.rows() == before


def test_a_baseline_makes_everything_open_known_for_90_days_and_tells_how_many(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    """The next check ends with 0, and every finding is told as ignored."""
    small = lacking_a_program()
    small.records["gone"] = {"objectID": "gone", "title": "An orphan"}
    shell = shell_on(small.world())
    assert shell("check")[0] == 2
    assert run(["baseline"]) == 0
    told = capsys.readouterr().out
    end = datetime.now(UTC) + timedelta(days=90)
    assert "2 findings are marked as known until" in told
    assert f"{end:%Y-%m-%d}" in told
    code, report = shell("check")
    assert (code, {finding["status"] for finding in report["findings"]}) == (0, {"ignored"})
    assert run(["baseline"]) == 0
    assert "0 findings are marked as known until" in capsys.readouterr().out
    assert run(["decisions"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert "marks 2 findings as known until" in line


def test_a_repair_goes_on_mending_what_a_baseline_made_known(shell_on: Shells) -> None:
    """Old recordings are still withheld until approved, and then made."""
    shell = shell_on(lacking_a_program().world())
    shell("check")
    run(["baseline"])
    code, report = shell("repair")
    assert (code, [finding["status"] for finding in report["findings"]]) == (5, ["awaiting-approval"])
    code, report = shell("repair", "--approve", report["run"]["id"])
    assert (code, [finding["status"] for finding in report["findings"]]) == (0, ["repaired"])
    assert len(shell.programs()) == 1


def test_a_baseline_takes_no_earlier_decision_back(shell_on: Shells) -> None:
    """What a person ignores stays ignored, also for repairs, when a baseline follows."""
    shell = shell_on(lacking_a_program().world())
    (finding,) = shell("check")[1]["findings"]
    run(["ignore", finding["id"], "--until", LATER, "--reason", "not wanted"])
    run(["baseline"])
    assert shell("repair")[0] == 0
    assert shell.programs() == {}


def test_a_decision_that_has_run_out_comes_back_as_new() -> None:
    """The finding keeps the day when it was first seen, and counts as new once."""
    cycle = stale()
    decide(cycle, "ignore", 1)
    (ignored,) = cycle.check().report.findings
    assert ignored.status == "ignored"
    cycle.now += timedelta(days=2)
    outcome = cycle.check(fail_on="new")
    (back,) = outcome.report.findings
    assert (back.status, back.first_seen, outcome.exit_code) == ("new", ignored.first_seen, 2)
    assert cycle.check(fail_on="new").exit_code == 0


def test_a_stale_record_that_is_only_known_is_mended_and_one_that_is_ignored_is_not() -> None:
    for what, mended in (("know", 1), ("ignore", 0)):
        cycle = stale()
        decide(cycle, what, 30)
        report = cycle.repair().report
        assert len(report.repairs) == mended
        assert (cycle.index.hits["program-of-show1"]["title"] == "A title") == bool(mended)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["ignore", "nosuchfindng", "--until", LATER, "--reason", "x"], "nosuchfindng"),
        (["ignore", "FINDING", "--until", "2020-01-01", "--reason", "x"], "2020-01-01"),
        (["ignore", "FINDING", "--until", "tomorrow", "--reason", "x"], "tomorrow"),
        (["ignore", "FINDING", "--until", LATER], "--reason"),
        (["ignore", "FINDING", "--reason", "x"], "--until"),
        (["ignore", "FINDING", "--reason", "x"], "--until-worse"),
        (["ignore", "nosuchfindng", "--until-worse", "--reason", "x"], "nosuchfindng"),
        (["ignore", "FINDING", "--until-worse", "--until", "2020-01-01", "--reason", "x"], "2020-01-01"),
        (["baseline", "--until", "2020-01-01"], "2020-01-01"),
    ],
)
def test_a_wrong_decision_is_refused_and_named(
    shell_on: Shells, capsys: pytest.CaptureFixture[str], arguments: list[str], named: str
) -> None:
    shell = shell_on(lacking_a_program().world())
    (finding,) = shell("check")[1]["findings"]
    before = shell.state()
    assert run([finding["id"] if one == "FINDING" else one for one in arguments]) == 64
    assert named in capsys.readouterr().err
    assert shell.state() == before


@pytest.mark.parametrize("missing", ["RECONCILE_STATE_TABLE", "RECONCILE_REPORTS"])
def test_decisions_need_a_memory_and_kept_reports(
    shell_on: Shells, capsys: pytest.CaptureFixture[str], missing: str
) -> None:
    shell = shell_on(lacking_a_program().world())
    shell("check")
    shell.monkeypatch.delenv(missing)
    assert run(["baseline"]) == 64
    assert missing in capsys.readouterr().err


def test_no_decision_is_written_into_another_stages_memory(shell_on: Shells) -> None:
    shell = shell_on(lacking_a_program().world())
    shell("check")
    before = shell.state()
    shell.monkeypatch.setenv("RECONCILE_STAGE", "another")
    assert run(["baseline"]) == 64
    assert shell.state() == before


def drifting(count: int) -> Small:
    """Return a small world whose one group shows another number than its one program."""
    small = agreeing()
    small.items["u#ann#groups", "g#group1"]["programsCount"] = {"N": str(count)}
    return small


def show_count(shell: Shell, count: int) -> None:
    """Let the group show another number."""
    shell.put_row({**shell.rows()["u#ann#groups", "g#group1"], "programsCount": {"N": str(count)}})


def test_a_finding_ignored_until_it_gets_worse_comes_back_when_it_does(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    """Until then it is ignored, also when it gets better; then it is reported, repaired, and known."""
    shell = shell_on(drifting(5).world())
    (finding,) = shell("check")[1]["findings"]
    assert run(["ignore", finding["id"], "--until-worse", "--reason", "the producer counts trailers"]) == 0
    assert "Ignored until it gets worse: Wrong program count" in capsys.readouterr().out
    (decision,) = shell.decisions()
    assert (decision["until"], decision["worse_than"]) == (None, {"severity": "low", "size": 4})
    for count in (5, 3, 5):
        show_count(shell, count)
        code, report = shell("check")
        (ignored,) = report["findings"]
        assert (code, ignored["status"]) == (0, "ignored")
        assert "until it gets worse: the producer counts trailers" in ignored["evidence"]["decided"]
    before = shell.rows()
    assert (shell("repair", "--repair", "count-drift")[0], shell.rows()) == (0, before)
    show_count(shell, 6)
    code, report = shell("check", "--fail-on", "new")
    (back,) = report["findings"]
    assert (code, back["status"], back["first_seen"]) == (2, "came-back", finding["first_seen"])
    assert "until it got worse (size 4 to 5): the producer counts trailers" in back["evidence"]["decided"]
    assert shell.decisions() == []
    assert "undone by the job (its finding got worse)" in ended(capsys)
    (known,) = shell("check")[1]["findings"]
    assert (known["status"], "decided" in known["evidence"]) == ("open", False)
    shell("repair", "--repair", "count-drift")
    assert shell.rows()["u#ann#groups", "g#group1"]["programsCount"] == {"N": "1"}


def ended(capsys: pytest.CaptureFixture[str]) -> str:
    """Return what the command line lists of decisions that hold no more."""
    capsys.readouterr()
    assert run(["decisions", "--all"]) == 0
    return capsys.readouterr().out


def test_a_repair_goes_by_what_got_worse_in_the_same_run() -> None:
    """It needs no check before it that ended the decision."""
    cycle = Cycle.of(drifting(5).world())
    (finding,) = cycle.check().report.findings
    worse_than = Extent("low", 4)
    cycle.state.decide([Decision("ignore", finding.id, "ann", "", None, cycle.now, worse_than=worse_than)])
    group = cycle.table.items["u#ann#groups", "g#group1"]
    assert cycle.repair(opt_in=("count-drift",)).report.repairs == ()
    group["programsCount"] = {"N": "7"}
    (repaired,) = cycle.repair(opt_in=("count-drift",)).report.findings
    assert (repaired.status, group["programsCount"]) == ("repaired", {"N": "1"})


def test_a_day_and_worse_end_an_ignore_whichever_comes_first() -> None:
    for days, count, status in ((1, 5, "new"), (30, 6, "came-back"), (30, 5, "ignored")):
        cycle = Cycle.of(drifting(5).world())
        (finding,) = cycle.check().report.findings
        until, worse_than = cycle.now + timedelta(days=days), Extent("low", 4)
        decision = Decision("ignore", finding.id, "ann", "", until, cycle.now, worse_than=worse_than)
        cycle.state.decide([decision])
        cycle.check()
        cycle.table.items["u#ann#groups", "g#group1"]["programsCount"] = {"N": str(count)}
        cycle.now += timedelta(days=2)
        (back,) = cycle.check().report.findings
        assert back.status == status


def test_a_misconfiguration_ignored_until_worse_comes_back_when_it_loses_more(shell_on: Shells) -> None:
    """Its size is the number of findings that it explains."""
    small = lacking_a_program()
    shell = shell_on(small.world(), Setup(suffixes=("master.m3u8",)))
    report = shell("check")[1]
    (trigger,) = (one for one in report["findings"] if one["kind"] == "trigger-misconfigured")
    assert run(["ignore", trigger["id"], "--until-worse", "--reason", "fixed next week"]) == 0
    assert status_of(trigger["id"], shell("check")[1]) == "ignored"
    another = Small()
    another.show("show2", "bob", "group2", f"{STAGE}-2")
    another.record_broadcast("dddddddddddd/eeeeeeeeeeee/ffffffffffff/composite", f"{STAGE}-2")
    for item in another.items.values():
        shell.put_row(item)
    for stored in another.objects.values():
        shell.put_object(stored)
    assert status_of(trigger["id"], shell("check")[1]) == "came-back"


def status_of(name: str, report: dict[str, Any]) -> str:
    """Return what became of a finding."""
    return next(str(one["status"]) for one in report["findings"] if one["id"] == name)
