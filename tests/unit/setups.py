"""Makes the live system's configuration as the unit tests want it, sound unless told otherwise."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reconcile.compare.configuration.assessment import Opinion
from reconcile.compare.configuration.judge import opinions
from reconcile.model.configuration import (
    Configuration,
    Function,
    IndexSettings,
    Notifications,
    Policy,
    Storage,
    read_notifications,
)
from reconcile.model.snapshot import Snapshot
from tests.unit.builders import BUCKET, snapshot

PROCESSOR, COMPOSER = "make-programs", "start-composition"
PROCESSOR_ARN = f"arn:aws:lambda:us-east-1:111111111111:function:{PROCESSOR}"
STORAGE = "arn:aws:ivs:us-east-1:111111111111:storage-configuration/now"
IVS, IVS_COMPOSITE = "ivs.amazonaws.com", "ivs-composite.us-east-1.amazonaws.com"
MULTIVARIANT, MASTER = "multivariant.m3u8", "master.m3u8"

SETTINGS: Mapping[str, Any] = {
    "searchableAttributes": ["title", "unordered(description)", "groupName,tags"],
    "attributesForFaceting": [
        "premium",
        "searchable(groupName)",
        "filterOnly(userId)",
        "networkId",
        "groupId",
        "afterDistinct(broadcast_type)",
    ],
    "customRanking": ["desc(created_timestamp)", "asc(title)"],
    "attributesToRetrieve": None,
}


def rule(suffix: str = "", target: str = PROCESSOR_ARN, prefix: str = "", **more: Any) -> dict[str, Any]:
    """Return a rule of a bucket's notifications as S3 answers it."""
    filters = [
        {"Name": name, "Value": value} for name, value in (("Prefix", prefix), ("Suffix", suffix)) if value
    ]
    arn = {"lambda": "LambdaFunctionArn", "sqs": "QueueArn", "sns": "TopicArn"}[target.split(":")[2]]
    told = {"Id": f"on-{suffix or 'all'}", arn: target, "Events": ["s3:ObjectCreated:*"]} | more
    return told | ({"Filter": {"Key": {"FilterRules": filters}}} if filters else {})


def notifications(*rules: Mapping[str, Any], event_bridge: bool = False) -> Notifications:
    """Return what a bucket's notifications say."""
    answer: dict[str, Any] = {"ResponseMetadata": {"HTTPStatusCode": 200}}
    for one in rules:
        kind = "LambdaFunction" if "LambdaFunctionArn" in one else "Queue" if "QueueArn" in one else "Topic"
        answer.setdefault(f"{kind}Configurations", []).append(one)
    if event_bridge:
        answer["EventBridgeConfiguration"] = {}
    return read_notifications(answer)


def allowing(service: Any = IVS_COMPOSITE, **more: Any) -> dict[str, Any]:
    """Return a statement that lets a service write into the bucket."""
    told = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": ["s3:PutObject", "s3:PutObjectAcl"],
        "Resource": f"arn:aws:s3:::{BUCKET}/*",
    }
    return told | more


def policy(*statements: Mapping[str, Any]) -> Policy:
    """Return a bucket's policy."""
    return Policy({"Version": "2012-10-17", "Statement": list(statements)})


SOUND = Configuration(
    buckets=(BUCKET,),
    region="us-east-1",
    index="programs",
    processor=Function(PROCESSOR, PROCESSOR_ARN),
    composer=COMPOSER,
    notifications={BUCKET: notifications(rule(MULTIVARIANT), rule(MASTER))},
    policies={BUCKET: policy(allowing(IVS), allowing())},
    storage=Storage(STORAGE, BUCKET),
    settings=IndexSettings(SETTINGS, "APPID", "https://APPID.algolia.net/1/indexes/programs/settings"),
)


def told_by(**changes: Any) -> Configuration:
    """Return the sound configuration with changes; `rules` and `policy` are the one bucket's."""
    if "rules" in changes:
        changes["notifications"] = {BUCKET: notifications(*changes.pop("rules"))}
    if "policy" in changes:
        changes["policies"] = {BUCKET: changes.pop("policy")}
    return replace(SOUND, **changes)


def opinion_on(part: str, configuration: Configuration, seen: Snapshot | None = None) -> Opinion:
    """Return the opinion on the part of a configuration whose name ends so."""
    whole = replace(seen or snapshot(), configuration=configuration)
    (found,) = (one for one in opinions(whole) if one.name.endswith(part))
    return found


def document(command: str, option: str) -> Any:
    """Return the JSON that a command gives to one of its options."""
    words = shlex.split(command)
    return json.loads(words[words.index(option) + 1])
