"""Explain by a show's title: the newest broadcasts, or those of a day, each with its own command."""

import re
import shlex
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from reconcile.cli.app import run
from reconcile.explain.ask import MOST_LISTED, ask
from reconcile.explain.explanation import Explanation, Listing
from reconcile.model.errors import UsageError
from reconcile.model.finding import recording_subject
from reconcile.model.recording import RecordingKey
from reconcile.model.run import Order
from tests.scenario.conftest import Shells
from tests.scenario.cycle import Cycle
from tests.scenario.small import PREFIX, Small, lacking_a_program

SHOW = ("show#show1", "info")
TITLE = "The Tide Table"
OTHER = PREFIX.replace("a", "d")
RECORDING = recording_subject(RecordingKey("recordings-bucket", PREFIX))


def small_world(title: str = TITLE) -> Small:
    small = lacking_a_program()
    small.items[SHOW]["title"] = {"S": title}
    return small


def day_of(cycle: Cycle) -> date:
    (verdict,) = [verdict for verdict in asked(TITLE, cycle).verdicts if verdict.subject == RECORDING]
    return datetime.fromisoformat(verdict.evidence["start"]).date()


def asked(title: str, cycle: Cycle) -> Listing:
    answer = ask(title, Order("check"), cycle.ports())
    assert isinstance(answer, Listing)
    return answer


def test_the_only_broadcast_of_a_day_is_explained() -> None:
    cycle = Cycle.of(small_world().world())
    answer = ask("the  TIDE table", Order("check"), cycle.ports(), day_of(cycle))
    assert isinstance(answer, Explanation)
    assert (answer.main.subject, answer.main.verdict) == (RECORDING, "program-missing")


def test_several_of_a_day_are_listed_each_with_its_own_command() -> None:
    small = small_world()
    small.record_broadcast(OTHER)
    cycle = Cycle.of(small.world())
    answer = ask(TITLE, Order("check"), cycle.ports(), day_of(Cycle.of(small_world().world())))
    assert isinstance(answer, Listing)
    assert len(answer.verdicts) == 2
    for verdict in answer.verdicts:
        (command,) = verdict.explained_by
        *_, name = shlex.split(command)
        found = ask(name, Order("check"), cycle.ports())
        assert isinstance(found, Explanation)
        assert found.main.subject == verdict.subject


def test_a_day_without_a_broadcast_names_the_nearest_that_have_one() -> None:
    cycle = Cycle.of(small_world().world())
    day = day_of(cycle)
    with pytest.raises(UsageError, match=f"reconcile explain '{TITLE}' --date {day}"):
        ask(TITLE, Order("check"), cycle.ports(), day - timedelta(days=3))


def test_a_broadcast_is_found_whatever_its_age() -> None:
    """Its show may be told by its events file alone, which a check of the last days does not read."""
    world = small_world().world()
    aged = tuple(replace(one, modified=one.modified - timedelta(days=40)) for one in world.objects)
    cycle = Cycle.of(replace(world, objects=aged))
    answer = ask(TITLE, Order("check"), cycle.ports(), day_of(cycle))
    assert isinstance(answer, Explanation)
    assert answer.main.verdict == "outside-window"
    assert answer.whatever_age.startswith("program-missing")


def test_of_many_the_newest_are_listed_and_the_others_counted() -> None:
    small = small_world()
    for number in range(MOST_LISTED + 3):
        small.record_broadcast(f"acc/chan/{number:012}/composite")
    answer = asked(TITLE, Cycle.of(small.world()))
    assert len(answer.verdicts) == MOST_LISTED
    assert answer.more == 4


def test_a_run_shows_what_it_left_awaiting_approval_and_the_command(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = shell_on(small_world().world())
    code, report = shell("repair")
    assert code == 5
    capsys.readouterr()
    for more in ((), ("--run", "last")):
        code, answer = shell("explain", report["run"]["id"], *more)
        assert code == 0
        assert [verdict["verdict"] for verdict in answer["told"]] == ["program-missing"]
        assert capsys.readouterr().out.splitlines()[-1].strip() == (
            f"reconcile repair --approve {report['run']['id']}"
        )


@pytest.mark.parametrize("columns", ["80", "40", "200"])
def test_words_are_wrapped_and_ids_addresses_and_commands_are_not_broken(
    shell_on: Shells, capsys: pytest.CaptureFixture[str], columns: str
) -> None:
    shell = shell_on(small_world().world())
    shell("repair")
    shell.monkeypatch.setenv("COLUMNS", columns)
    for arguments in (["explain", PREFIX], ["explain", TITLE], ["explain", TITLE, "--run", "last"]):
        capsys.readouterr()
        assert run(arguments) == 0
        shown = capsys.readouterr().out
        assert "\x1b" not in shown
        assert f"s3://recordings-bucket/{PREFIX}" in shown
        for line in shown.splitlines():
            assert line == line.rstrip()
            copied = line.strip().startswith(("reconcile ", "s3://", "u#"))
            words = re.sub("^[ A-Za-z0-9,]+  ", "", line).split()
            assert len(line) <= int(columns) or copied or len(words) == 1, line


def test_the_last_line_is_the_command_to_run_next(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    shell_on(small_world().world())
    assert run(["explain", PREFIX]) == 0
    assert capsys.readouterr().out.splitlines()[-1].strip() == "reconcile repair"
