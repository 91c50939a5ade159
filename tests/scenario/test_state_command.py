"""`reconcile state`: what the state table is tied to, a bucket taken back, a restored table accepted."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reconcile.cli.app import run
from reconcile.model.environment import RemovedBucket
from tests.scenario.conftest import Shell, Shells
from tests.scenario.cycle import Cycle
from tests.scenario.small import BUCKET, INDEX, PREFIX, TABLE, Small, agreeing

TYPO = "recordings-tpyo"
ELSEWHERE = "dddddddddddd/eeeeeeeeeeee/ffffffffffff/composite"


def tied_to_a_typo(shell_on: Shells, small: Small | None = None) -> Shell:
    """Return a shell whose state table is tied to a bucket that exists and was named by mistake."""
    world = (small or agreeing()).world()
    shell = shell_on(replace(world, buckets=(BUCKET, TYPO)))
    shell.monkeypatch.setenv("RECONCILE_BUCKET", f"{BUCKET},{TYPO}")
    shell("check")
    shell.monkeypatch.setenv("RECONCILE_BUCKET", BUCKET)
    return shell


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["state", *arguments, "--json", "-"]) == 0
    return dict(json.loads(capsys.readouterr().out))


def test_it_shows_what_the_table_is_tied_to(shell_on: Shells, capsys: pytest.CaptureFixture[str]) -> None:
    shell = shell_on(agreeing().world())
    assert told(capsys)["tied_to"] is None
    shell("check")
    tied = told(capsys)["tied_to"]
    assert (tied["stage"], tied["table"], tied["index"], tied["buckets"]) == (
        "sandbox",
        TABLE,
        INDEX,
        [BUCKET],
    )
    assert run(["state"]) == 0
    shown = capsys.readouterr().out
    for name in ("sandbox", TABLE, INDEX, BUCKET):
        assert name in shown


def test_a_mistyped_bucket_is_taken_back_and_lets_the_right_settings_in_again(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = tied_to_a_typo(shell_on)
    assert shell("check")[0] == 64
    assert "reconcile state --remove-bucket" in capsys.readouterr().err
    tied = told(capsys, "--remove-bucket", TYPO)["tied_to"]
    assert (tied["buckets"], tied["taken_back"]) == ([BUCKET], [])
    assert shell("check")[0] == 0


def test_a_bucket_that_something_points_into_stays_tied_unless_it_is_forced(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    """Then creations for its shows wait until a person accepts it."""
    small = agreeing()
    small.put({"pk": "u#ann#programs", "sk": "p#there", "entityType": "program", "programId": "there",
               "s3Bucket": TYPO, "s3Key": f"{ELSEWHERE}/media/hls/multivariant.m3u8",
               "sourceShowId": "show1", "sourceType": "ivs-recording"})  # fmt: skip
    tied_to_a_typo(shell_on, small)
    assert run(["state", "--remove-bucket", TYPO]) == 64
    complaint = capsys.readouterr().err
    assert "p#there" in complaint
    assert "--force" in complaint
    assert run(["state", "--remove-bucket", TYPO, "--force"]) == 64
    tied = told(capsys, "--remove-bucket", TYPO, "--force", "--reason", "it was moved")["tied_to"]
    assert tied["buckets"] == [BUCKET]
    assert [(one["bucket"], one["shows"]) for one in tied["taken_back"]] == [(TYPO, ["show1"])]
    assert told(capsys, "--accept", "--reason", "looked at it")["tied_to"]["taken_back"] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["--remove-bucket", "never-tied"],
        ["--accept"],
        ["--force"],
        ["--remove-bucket", TYPO, "--accept", "--reason", "both"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant_is_refused_and_changes_nothing(
    shell_on: Shells, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    shell = shell_on(agreeing().world())
    shell("check")
    before = told(capsys)
    assert run(["state", *arguments]) == 64
    assert told(capsys) == before


def test_creations_for_the_shows_of_a_bucket_that_was_taken_back_wait() -> None:
    for show, waits in (("show1", True), ("another", False)):
        small = Small()
        small.show()
        small.populate(30)
        cycle = Cycle.of(small.world())
        cycle.repair()
        cycle.now += timedelta(hours=6)
        later = Small(now=cycle.now)
        later.record_broadcast(PREFIX)
        for stored in later.objects.values():
            cycle.buckets.objects[BUCKET, stored.key] = (stored.body, stored.modified)
        cycle.state.bind_environment(cycle.ports().memory.environment)
        taken = RemovedBucket("gone", (show,), "ann", "moved", cycle.now)
        settled = cycle.state.settled
        assert settled is not None
        cycle.state.settled = replace(settled, removed_buckets=(taken,))
        assert cycle.repair().exit_code == (5 if waits else 0)
        assert bool([key for key in cycle.table.items if key[0] == "u#ann#programs"]) is not waits
