"""A show that names no group gets one when somebody asks for it, once, and nobody's choice is undone."""

import json
from datetime import timedelta
from typing import Any

import pytest

from reconcile.cli.app import run
from reconcile.handler import handler
from reconcile.model.run import Repair
from reconcile.repair.plan_groups import group_id_of
from reconcile.report.data import Report
from reconcile.report.view.build import view_of
from reconcile.runs.finish import Outcome
from reconcile.stores.lease import SECONDS
from tests.scenario.conftest import Shell, Shells
from tests.scenario.cycle import Cycle
from tests.scenario.small import BUCKET, PREFIX, STAGE, Small, lacking_a_program

SHOW = ("show#show1", "info")
GROUP = ("u#ann#groups", f"g#{group_id_of('show1')}")
NONE: list[Any] = [None, {"NULL": True}, {"S": ""}]
OPT_IN = ("group-missing",)


def groupless(value: Any = None) -> Small:
    """Return a world whose one recording has no program, and whose show names no group."""
    small = lacking_a_program()
    show = small.items[SHOW]
    show.pop("groupId")
    if value:
        show["groupId"] = value
    small.items.pop(("u#ann#groups", "g#group1"))
    return small


def statuses(report: Report) -> dict[str, str]:
    return {one.kind: one.status for one in report.findings}


def asked(shell: Shell, *arguments: str) -> tuple[int, dict[str, Any]]:
    return shell("repair", "--repair", "group-missing", *arguments)


@pytest.mark.parametrize("value", NONE, ids=["absent", "null", "empty"])
def test_a_show_that_names_no_group_gets_one_and_the_next_repair_files_its_recording(
    shell_on: Shells, value: Any
) -> None:
    """The group has the shape that the live system gives it; the show names it; then the program is made."""
    shell = shell_on(groupless(value).world())
    code, report = asked(shell)
    (finding,) = report["findings"]
    assert (code, finding["kind"], finding["status"]) == (2, "group-missing", "partly-repaired")
    assert finding["step"] == "The group was created: run reconcile repair again."
    assert [(one["what"], one["verified"]) for one in report["repairs"]] == [
        ("group created", True),
        ("show given its group", True),
    ]
    rows = shell.rows()
    group = dict(rows[GROUP])
    written = {group.pop(name)["S"] for name in ("createdAt", "updatedAt")}
    assert len(written) == 1
    assert group == {
        "pk": {"S": GROUP[0]},
        "sk": {"S": GROUP[1]},
        "entityType": {"S": "group"},
        "groupId": {"S": group_id_of("show1")},
        "name": {"S": "The <b>show1</b>"},
        "ownerId": {"S": "ann"},
        "showId": {"S": "show1"},
        "programsCount": {"N": "0"},
        "reconcileRunId": {"S": report["run"]["id"]},
    }
    assert rows[SHOW]["groupId"] == {"S": group_id_of("show1")}
    code, report = shell("repair")
    assert (code, report["findings"][0]["kind"]) == (5, "program-missing")
    assert shell("repair", "--approve", report["run"]["id"])[0] == 0
    (row,) = shell.programs().values()
    assert row["groupId"]["S"] == group_id_of("show1")
    assert shell.rows()[GROUP]["programsCount"] == {"N": "1"}


def test_without_being_asked_for_no_group_is_made(shell_on: Shells) -> None:
    shell = shell_on(groupless().world())
    before = shell.rows()
    code, report = shell("repair")
    assert (code, report["repairs"], shell.rows()) == (2, [], before)
    assert report["findings"][0]["commands"] == ["reconcile repair --repair group-missing"]


def test_both_writes_stand_in_the_journal(shell_on: Shells) -> None:
    shell = shell_on(groupless().world())
    _, report = asked(shell)
    pk = f"journal#{report['run']['id']}"
    entries = [row for key, row in sorted(shell.state().items()) if key[0] == pk]
    assert [entry["what"]["S"] for entry in entries] == ["group created", "show given its group"]


def test_asking_again_changes_nothing() -> None:
    cycle = Cycle.of(groupless().world())
    cycle.repair(opt_in=OPT_IN)
    group = dict(cycle.table.items[GROUP])
    report = cycle.repair(opt_in=OPT_IN).report
    assert not [one for one in report.repairs if "group" in one.what]
    assert cycle.table.items[GROUP] == group


def test_a_group_whose_show_lost_its_name_again_is_named_once_more_and_not_made_twice() -> None:
    """Some live functions write a show as they read it long before."""
    cycle = Cycle.of(groupless().world())
    cycle.repair(opt_in=OPT_IN)
    cycle.table.items[SHOW].pop("groupId")
    cycle.table.items[GROUP]["programsCount"] = {"N": "4"}
    report = cycle.repair(opt_in=OPT_IN).report
    assert [(one.what, one.verified) for one in report.repairs] == [("show given its group", True)]
    assert cycle.table.items[SHOW]["groupId"] == {"S": group_id_of("show1")}
    assert cycle.table.items[GROUP]["programsCount"] == {"N": "4"}


def test_a_phantom_where_the_group_belongs_is_left_alone_and_told() -> None:
    cycle = Cycle.of(groupless().world())
    phantom = {"pk": {"S": GROUP[0]}, "sk": {"S": GROUP[1]}, "programsCount": {"N": "1"}}
    cycle.table.items[GROUP] = dict(phantom)
    report = cycle.repair(opt_in=OPT_IN).report
    assert statuses(report)["group-missing"] == "failed"
    assert "without a groupId" in next(one.remedy for one in report.findings if one.status == "failed")
    assert (cycle.table.items[GROUP], "groupId" in cycle.table.items[SHOW]) == (phantom, False)


@pytest.mark.parametrize("gone", ["missing", "phantom"])
def test_a_show_that_names_a_group_that_is_gone_is_not_touched(gone: str) -> None:
    small = lacking_a_program()
    key = ("u#ann#groups", "g#group1")
    if gone == "phantom":
        small.items[key].pop("groupId")
    else:
        small.items.pop(key)
    cycle = Cycle.of(small.world())
    before = cycle.contents()
    report = cycle.repair(opt_in=OPT_IN).report
    (finding,) = (one for one in report.findings if one.kind == "group-missing")
    assert "names the group group1, which does not exist" in finding.remedy
    assert cycle.contents() == before


def many(shows: int, each: int = 1) -> Small:
    """Return shows that name no group, each with recordings that have no program."""
    small = Small()
    for show in range(shows):
        stage = f"{STAGE}-{show}"
        small.show(f"show{show}", "ann", f"group{show}", stage)
        small.items[f"show#show{show}", "info"].pop("groupId")
        for number in range(each):
            prefix = f"aaaaaaaaaaaa/{show:06d}{number:06d}/cccccccccccc/composite"
            small.record_broadcast(prefix, stage, ended=timedelta(hours=2 * number + 2))
    return small


def test_a_show_gets_one_group_however_many_recordings_wait_for_it() -> None:
    cycle = Cycle.of(many(1, each=3).world())
    report = cycle.repair(opt_in=OPT_IN).report
    assert [one.what for one in report.repairs] == ["group created", "show given its group"]
    told = [one for one in report.findings if one.kind == "group-missing"]
    assert {(one.status, one.step) for one in told} == {
        ("partly-repaired", "The group was created: run reconcile repair again.")
    }
    assert len(told) == 3
    assert cycle.check().report.counts["recording"]["program-missing"] == 3


def test_more_groups_than_are_plausible_are_withheld_and_then_approved_exactly() -> None:
    """Approving needs no second request by name."""
    cycle = Cycle.of(many(26, each=2).world())
    before = cycle.contents()
    report = cycle.repair(opt_in=OPT_IN).report
    withheld = [one.id for one in report.findings if one.kind == "group-missing"]
    assert (len(withheld), set(report.approvals)) == (52, set(withheld))
    assert "26 repairs of this kind exceed the limit of 25" in report.approvals[withheld[0]]
    assert cycle.contents() == before
    report = cycle.repair(approve=report.run.id).report
    made = [one for one in report.repairs if one.what == "group created"]
    assert (len(made), report.approvals) == (26, {})


def test_the_show_of_a_program_without_a_group_gets_one_too() -> None:
    """The next repair files the program in it."""
    small = groupless()
    key = small.program()
    small.items[key]["groupId"] = {"S": "Recordings"}
    small.index(key)
    cycle = Cycle.of(small.world())
    assert cycle.repair().report.repairs == ()
    report = cycle.repair(opt_in=OPT_IN).report
    (finding,) = (one for one in report.findings if one.kind == "program-incomplete")
    assert (finding.status, finding.step) == (
        "partly-repaired",
        "The group was created: run reconcile repair again.",
    )
    cycle.repair()
    assert cycle.table.items[key]["groupId"] == {"S": group_id_of("show1")}
    assert cycle.table.items[GROUP]["programsCount"] == {"N": "1"}


def racing(cycle: Cycle, meanwhile: Any) -> Outcome:
    """Repair while somebody changes the table just before the group is written."""
    table, create = cycle.table, cycle.table.create_group

    def late(*arguments: Any) -> Any:
        table.create_group = create  # type: ignore[method-assign]
        meanwhile(table.items)
        return create(*arguments)

    table.create_group = late  # type: ignore[method-assign, assignment]
    return cycle.repair(opt_in=OPT_IN)


@pytest.mark.parametrize(
    ("name", "value"), [("groupId", "chosen"), ("groupId", ""), ("producerId", "bob")], ids=str
)
def test_what_somebody_does_to_the_show_meanwhile_stands(name: str, value: str) -> None:
    cycle = Cycle.of(groupless().world())

    def change(items: Any) -> None:
        items[SHOW][name] = {"S": value}

    report = racing(cycle, change).report
    assert statuses(report)["group-missing"] == "failed"
    assert GROUP not in cycle.table.items
    assert cycle.table.items[SHOW][name] == {"S": value}
    assert cycle.state.written == []


def test_a_show_that_goes_meanwhile_comes_not_back_as_a_ghost() -> None:
    cycle = Cycle.of(groupless().world())
    report = racing(cycle, lambda items: items.pop(SHOW)).report
    assert statuses(report)["group-missing"] == "failed"
    assert {SHOW, GROUP}.isdisjoint(cycle.table.items)


def test_two_runs_at_once_make_one_group() -> None:
    """The first lost its lease while it was held up: the second took it, and makes the group."""
    cycle = Cycle.of(groupless().world())
    second: list[Outcome] = []

    def overtake(_: Any) -> None:
        cycle.now += timedelta(seconds=SECONDS + 1)
        second.append(cycle.repair(opt_in=OPT_IN))

    first = racing(cycle, overtake).report
    made = [one for report in (first, second[0].report) for one in report.repairs if one.outcome == "made"]
    assert [one.what for one in made] == ["group created", "show given its group"]
    assert sum(key[0] == "u#ann#groups" for key in cycle.table.items) == 1


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("group-mising", "group-missing"),
        ("program-missing", "group-missing"),
        ("count-dritf", "count-drift"),
    ],
)
def test_what_is_not_mended_on_request_is_refused_with_the_nearest(
    shell_on: Shells, capsys: pytest.CaptureFixture[str], name: str, nearest: str
) -> None:
    shell_on(groupless().world())
    assert run(["repair", "--repair", name]) == 64
    told = capsys.readouterr().err
    assert name in told
    assert told.rstrip().endswith(f"{nearest}?")


def test_the_repairing_function_takes_the_same_names(shell_on: Shells) -> None:
    shell = shell_on(groupless().world())
    shell.monkeypatch.setenv("RECONCILE_MODE", "repair")
    assert handler({"scope": "full", "repair": ["group-missing"]}, None)["exit_code"] == 2
    assert shell.rows()[SHOW]["groupId"] == {"S": group_id_of("show1")}


def test_the_report_reads_a_repair_back(shell_on: Shells) -> None:
    """What is told as written is what stands in the table."""
    shell = shell_on(groupless().world())
    _, report = asked(shell)
    lines = [Repair(**one) for one in report["repairs"]]
    assert {(one.target["pk"], one.target["sk"]) for one in lines} == {GROUP, SHOW}
    assert all(one.finding == report["findings"][0]["id"] for one in lines)
    assert report["findings"][0]["subject"] == {"type": "recording", "bucket": BUCKET, "prefix": PREFIX}


def test_a_program_repaired_in_part_tells_what_was_repaired_and_what_is_left(shell_on: Shells) -> None:
    """In the run that wrote: its URL is there now, its group is not."""
    small = groupless()
    key = small.program()
    small.items[key] |= {"groupId": {"NULL": True}, "program_url": {"NULL": True}}
    small.items[key]["s3Key"] = {"S": f"{PREFIX}/media/hls/multivariant.m3u8"}
    small.index(key)
    shell = shell_on(small.world())
    report = shell("repair")[1]
    (finding,) = (one for one in report["findings"] if one["kind"] == "program-incomplete")
    assert finding["status"] == "partly-repaired"
    assert (finding["repaired"], finding["left"]) == (["program_url"], ["groupId"])
    assert finding["evidence"]["lacks"] == ["groupId"]
    assert "no group" in finding["step"]
    assert finding["commands"] == ["reconcile repair --repair group-missing", "reconcile repair"]
    view = view_of(Report.from_json(json.dumps(report)))
    (line,) = (line for line in view.open if line.id == finding["id"])
    facts = {fact.label: fact.values for fact in line.facts}
    assert (facts["Repaired in this run"], facts["Still missing"]) == (("URL",), ("group",))
    assert [write.what for write in line.comparisons] == ["program completed", "search record written"]
    assert line.status_words.startswith("partly repaired")
    again = shell("check")[1]
    (open_still,) = (one for one in again["findings"] if one["kind"] == "program-incomplete")
    assert (open_still["status"], open_still["evidence"]["lacks"]) == ("open", ["groupId"])
