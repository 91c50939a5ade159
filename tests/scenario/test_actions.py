"""What a report says to do first, done as it says: each step brings what it claims."""

import shlex
from typing import Any

from reconcile.cli.app import run
from reconcile.sandbox.setup import Setup, storage_arn
from tests.scenario.conftest import Shell, Shells
from tests.scenario.small import BUCKET, STAGE, Small, agreeing, lacking_a_program

UNTRIGGERED = Setup(suffixes=("master.m3u8",), storages={storage_arn("current"): BUCKET})
"""A live system whose composites trigger nothing, and that is sound otherwise."""


def do(action: dict[str, Any]) -> None:
    """Run the commands of a step as they are printed."""
    for command in action["commands"]:
        name, *arguments = shlex.split(command)
        assert name == "reconcile"
        run(arguments)


def left(shell: Shell, action: dict[str, Any]) -> set[str]:
    """Return those of a step's findings that a check still finds."""
    found = {finding["id"] for finding in shell("check")[1]["findings"]}
    return found & set(action["findings"])


def test_a_repair_and_then_the_approval_do_what_the_steps_say(shell_on: Shells) -> None:
    """A check sends to the repair, the repair to the approval, and then nothing is left to do."""
    shell = shell_on(lacking_a_program().world())
    (first,) = shell("check")[1]["actions"]
    assert first["title"] == "Run a repair, then approve 1 new program"
    assert first["effect"] == "1 needs approval"
    (second,) = shell("repair")[1]["actions"]
    assert (second["title"], second["effect"]) == ("Approve 1 new program", "makes 1 recording watchable")
    assert second["findings"] == first["findings"]
    do(second)
    assert left(shell, second) == set()
    assert len(shell.programs()) == 1
    assert shell("check")[1]["actions"] == []


def test_what_a_check_says_that_a_repair_makes_is_made(shell_on: Shells) -> None:
    small = agreeing()
    small.populate(1)
    small.records.pop("program-of-show1")
    shell = shell_on(small.world())
    (action,) = shell("check")[1]["actions"]
    assert (action["title"], action["effect"]) == (
        "Run a repair: 1 new search record",
        "makes 1 program searchable",
    )
    do(action)
    assert left(shell, action) == set()
    assert "program-of-show1" in shell.records()


def test_counts_are_corrected_by_their_command(shell_on: Shells) -> None:
    small = agreeing()
    small.items["u#ann#groups", "g#group1"]["programsCount"] = {"N": "7"}
    shell = shell_on(small.world())
    (action,) = shell("check")[1]["actions"]
    assert (action["title"], action["effect"]) == ("Correct 1 program count", "clears 1")
    do(action)
    assert left(shell, action) == set()
    assert shell.rows()["u#ann#groups", "g#group1"]["programsCount"] == {"N": "1"}


def test_shows_without_a_group_get_theirs_and_their_findings_go(shell_on: Shells) -> None:
    small = lacking_a_program()
    small.items["show#show1", "info"].pop("groupId")
    shell = shell_on(small.world())
    action = next(one for one in shell("check")[1]["actions"] if one["title"].startswith("Create groups"))
    assert (action["title"], action["effect"]) == ("Create groups for 1 show", "clears 1")
    do(action)
    assert left(shell, action) == set()


def test_the_incident_is_seen_in_the_chain_and_its_causes_come_first(shell_on: Shells) -> None:
    """Ended, no trigger for its manifest, no program: with the cause, and what to do about it."""
    shell = shell_on(lacking_a_program().world(), UNTRIGGERED)
    report = shell("check")[1]
    chain = {link["key"]: link for link in report["chain"]}
    assert list(chain) == ["ended", "trigger", "program", "media", "row", "search"]
    counted = {key: (link["number"], link["lost"], link["not_known"]) for key, link in chain.items()}
    assert counted["ended"] == (1, 0, 0)
    assert counted["trigger"] == counted["program"] == (0, 1, 0)
    assert counted["media"] == counted["search"] == (0, 0, 0)
    assert chain["trigger"]["suffixes"] == ["multivariant.m3u8"]
    assert all(link["checked"] for link in chain.values())
    assert "for every multivariant.m3u8" in chain["program"]["cause"]
    titles = [action["title"] for action in report["actions"]]
    assert titles == ["Run a repair, then approve 1 new program", "Add the missing S3 event trigger"]
    assert report["actions"][1]["effect"] == "root cause of 1"


def test_where_nobody_looked_the_chain_says_so(shell_on: Shells) -> None:
    """Without a processor's name nothing is known of the trigger."""
    shell = shell_on(agreeing().world())
    trigger = next(link for link in shell("check")[1]["chain"] if link["key"] == "trigger")
    assert (trigger["number"], trigger["lost"], trigger["not_known"]) == (0, 0, 1)
    assert not trigger["checked"]
    assert "RECONCILE_PROCESSOR_FUNCTION is not set" in trigger["cause"]


def test_an_ignored_finding_gives_no_step_and_stays_lost_in_the_chain(shell_on: Shells) -> None:
    small = Small()
    small.show()
    small.record_broadcast(stage=STAGE)
    shell = shell_on(small.world())
    (finding,) = shell("check")[1]["findings"]
    run(["ignore", finding["id"], "--until-worse", "--reason", "the producer knows"])
    report = shell("check")[1]
    assert report["actions"] == []
    program = next(link for link in report["chain"] if link["key"] == "program")
    assert (program["lost"], program["findings"]) == (1, [finding["id"]])
