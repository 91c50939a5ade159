"""The operations guide's lines for a bad day do what it says, typed at stores that hold a run."""

from contextlib import closing
from typing import Any

import boto3
import pytest

from reconcile.model.media_listing import MediaListing
from reconcile.model.recording import RecordingKey
from reconcile.sandbox.embedded import STATE_TABLE
from reconcile.stores.s3 import S3Recordings
from tests.deploy.runbook import calls, section
from tests.scenario.conftest import Shells
from tests.scenario.small import lacking_a_program


def typed(operation: str, run: str = "") -> Any:
    """Do what the guide's one call of this operation of DynamoDB asks for, in the table of these stores."""
    told = [one for one in calls(section("The bad day")) if one.service == "dynamodb"]
    (arguments,) = (one.arguments for one in told if one.operation == operation)
    assert arguments["TableName"] == "reconcile-state-prod"
    for value in arguments.get("ExpressionAttributeValues", {}).values():
        value["S"] = value["S"].replace("RUN", run)
    client: Any = boto3.client("dynamodb")
    with closing(client):
        return getattr(client, operation.replace("-", "_"))(**arguments | {"TableName": STATE_TABLE})


def test_the_journal_of_a_run_is_found_in_order(shell_on: Shells) -> None:
    """Each entry says what was written, where, when, and what stood there after; before it, nothing did."""
    shell = shell_on(lacking_a_program().world())
    withheld = shell("repair")[1]["run"]["id"]
    assert typed("query", withheld)["Items"] == []
    run = shell("repair", "--approve", withheld)[1]["run"]["id"]
    entries = typed("query", run)["Items"]
    assert [entry["what"]["S"] for entry in entries] == ["program created", "record written"]
    assert all({"target", "after", "at"} < set(entry) and "before" not in entry for entry in entries)
    target, after = (entries[0][name]["M"] for name in ("target", "after"))
    created = shell.rows()[target["pk"]["S"], target["sk"]["S"]]
    assert after["programId"] == created["programId"]


def test_a_repair_whose_lease_is_taken_away_writes_nothing_more(
    shell_on: Shells, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends, says so, and the next one can do the work."""
    shell = shell_on(lacking_a_program().world())
    withheld = shell("repair")[1]["run"]["id"]
    rows, records = shell.rows(), shell.records()
    listed = S3Recordings.list_media

    def stopped(self: S3Recordings, key: RecordingKey) -> MediaListing:
        """The last thing that is read before a program is made: an operator was faster."""
        typed("delete-item")
        return listed(self, key)

    with monkeypatch.context() as patched:
        patched.setattr(S3Recordings, "list_media", stopped)
        code, report = shell("repair", "--approve", withheld)
    assert code != 0
    assert [one["status"] for one in report["findings"]] == ["failed"]
    assert "nothing more was written" in str(report["repairs"])
    assert (shell.rows(), shell.records()) == (rows, records)
    assert shell("repair", "--approve", withheld)[0] == 0
