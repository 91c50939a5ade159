"""Some days of a deployment in which every command and both functions do all that they ever do in AWS."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from tests.deploy.rights import MODES
from tests.deploy.runs import Runs
from tests.doubles.exports import BUCKET as EXPORTS
from tests.doubles.exports import ExportBucket
from tests.scenario.function import scheduled
from tests.scenario.small import ACCOUNT, BUCKET, DOMAIN, TABLE, Small, agreeing
from tests.scenario.test_upkeep import note

LOST, NOBODYS, DELETED, GROUPLESS = (
    f"{name}/one/two/composite" for name in ("lost", "nobodys", "deleted", "groupless")
)
DRIFTING = ("u#other0#groups", "g#uploads")


def stage(name: str) -> str:
    """Return the ARN of a stage."""
    return f"arn:aws:ivs:us-east-1:{ACCOUNT}:stage/{name}"


def days() -> Small:
    """Return a small world with one of each that a run reads or writes differently."""
    small = agreeing()
    small.populate(30)
    note(small)
    for name, prefix in (("lost", LOST), ("deleted", DELETED), ("groupless", GROUPLESS)):
        small.show(f"show-{name}", f"producer-{name}", f"group-{name}", stage(name))
        small.record_broadcast(prefix, stage(name))
    small.record_broadcast(NOBODYS, stage("nobodys"), timedelta(hours=20))
    small.program(DELETED, "show-deleted", "producer-deleted")
    small.items["show#show-groupless", "info"].pop("groupId")
    small.records["upload-1"]["title"] = "An older title"
    small.items["u#other2#programs", "p#upload-2"]["program_url"] = {"S": f"https://{DOMAIN}/upload-2.mp4"}
    small.items[DRIFTING]["programsCount"] = {"N": "5"}
    return small


def play(runs: Runs) -> None:
    """Let the days pass: what a run finds, people decide on, and later runs go by that."""
    reader, decider = runs.deployment.person("check"), runs.deployment.decider()
    runs.function("check", scheduled())
    _delete(runs, "u#producer-deleted#programs", "p#program-of-show-deleted")
    report = runs.command(reader, "check", "--full", *runs.told)
    drift = next(one["id"] for one in report["findings"] if one["kind"] == "count-drift")
    for count, mode in enumerate(MODES, start=6):
        runs.command(decider, "ignore", drift, "--until-worse", "--reason", "known")
        _drift(runs, count)
        withheld = runs.function(mode, scheduled(f"2026-03-0{count}T03:30:00Z"))
    runs.command(decider, "restore", DELETED, "--reason", "by mistake")
    runs.command(decider, "assign", NOBODYS, "--show", "show-lost", "--reason", "I was there")
    runs.command(decider, "baseline", "--reason", "as it was")
    runs.command(decider, "decisions", "--undo", drift)
    runs.command(decider, "ignore", drift, "--until", "2099-01-01", "--reason", "never mind")
    approved = {"approve": withheld["run"], "repair": ["group-missing", "count-drift"]}
    written = runs.function("repair", approved)
    undoer = runs.deployment.undoer(TABLE)
    runs.command(undoer, "undo", written["run"], "--reason", "not that night", "--yes", mode="repair")
    again = runs.function("repair", {"repair": approved["repair"]})
    runs.function("repair", {"approve": again["run"], "repair": approved["repair"]})
    look(runs)
    export(runs)
    runs.command(runs.deployment.person("repair"), "repair", mode="repair")
    runs.command(reader, "state", "--accept", "--reason", "it is right")
    runs.command(reader, "state", "--remove-bucket", BUCKET, "--force", "--reason", "it is moved")


def look(runs: Runs) -> None:
    """Run every command that only shows something, or sends it again."""
    reader = runs.deployment.person("check")
    for words in (
        ("explain", LOST),
        ("explain", "The <b>show1</b>"),
        ("explain", LOST, "--run", "last"),
        ("runs",),
        ("report",),
        ("report", "--send"),
        ("decisions", "--all"),
        ("state",),
    ):
        runs.command(reader, *words)
    runs.command(runs.deployment.doctor("check", "a person"), "doctor", "--send")


def export(runs: Runs) -> None:
    """Check and repair by an export of the table, which a person reads."""
    exports, s3 = ExportBucket(TABLE), boto3.client("s3")
    address = exports.full(runs.stores.world.items, datetime.now(UTC) - timedelta(hours=1))
    s3.create_bucket(Bucket=EXPORTS)
    for key, body in exports.objects.items():
        s3.put_object(Bucket=EXPORTS, Key=key, Body=body)
    s3.close()
    for mode in MODES:
        runs.command(runs.deployment.exporter(mode, EXPORTS), mode, "--export", address, mode=mode)


def _delete(runs: Runs, pk: str, sk: str) -> None:
    client: Any = boto3.client("dynamodb")
    client.delete_item(TableName=runs.stores.world.table, Key={"pk": {"S": pk}, "sk": {"S": sk}})
    client.close()


def _drift(runs: Runs, count: int) -> None:
    client: Any = boto3.client("dynamodb")
    client.update_item(
        TableName=runs.stores.world.table,
        Key={"pk": {"S": DRIFTING[0]}, "sk": {"S": DRIFTING[1]}},
        UpdateExpression="SET programsCount = :n",
        ExpressionAttributeValues={":n": {"N": str(count)}},
    )
    client.close()
