"""How the embedded live system is set up around its stores: triggers, policies, functions, index settings."""

import base64
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reconcile.model.documents import JsonObject

REGION = "us-east-1"
ACCOUNT = "123456789012"
PROCESSOR, COMPOSER = "recording-processor", "start-composition"
PROCESSOR_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{PROCESSOR}"

_TRUSTED = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}


INDEX: JsonObject = {
    "searchableAttributes": ["title", "description", "groupName", "tags"],
    "attributesForFaceting": [
        *("filterOnly(userId)", "filterOnly(networkId)"),
        *("groupName", "groupId", "broadcast_type", "premium"),
    ],
    "customRanking": ["desc(created_timestamp)"],
    "attributesToRetrieve": ["*"],
}
"""Settings of the index with which the application works."""


def storage_arn(name: str) -> str:
    """Return the ARN of a storage configuration."""
    return f"arn:aws:ivs:{REGION}:{ACCOUNT}:storage-configuration/{name}"


@dataclass(frozen=True, slots=True)
class Setup:
    """What is configured: the manifests that the buckets tell the processor of, and where compositions go.

    `storages` maps ARNs of storage configurations to buckets, `composes_by` is the one that the composer
    names, `writers` are the services that may write into the buckets, `settings` the index's, and `variables`
    what else stands in the composer's environment.
    """

    suffixes: Sequence[str] = ("multivariant.m3u8", "master.m3u8")
    composes_by: str = storage_arn("current")
    storages: Mapping[str, str] = field(default_factory=dict)
    writers: Sequence[str] = ("ivs.amazonaws.com", f"ivs-composite.{REGION}.amazonaws.com")
    settings: JsonObject = field(default_factory=lambda: INDEX)
    variables: Mapping[str, str] = field(default_factory=dict)

    def environ(self) -> Mapping[str, str]:
        """Return the settings that name the functions."""
        return {"RECONCILE_PROCESSOR_FUNCTION": PROCESSOR, "RECONCILE_COMPOSER_FUNCTION": COMPOSER}

    def notifications(self) -> dict[str, Any]:
        """Return a bucket's notifications, in the words of S3's XML."""
        return {
            "CloudFunctionConfiguration": [
                {
                    "Id": f"on-{suffix.partition('.')[0]}",
                    "CloudFunction": PROCESSOR_ARN,
                    "Event": ["s3:ObjectCreated:*"],
                    "Filter": {"S3Key": {"FilterRule": [{"Name": "suffix", "Value": suffix}]}},
                }
                for suffix in self.suffixes
            ]
        }

    def policy(self, bucket: str) -> str:
        """Return a bucket's policy."""
        statements = [
            {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": ["s3:PutObject", "s3:PutObjectAcl"],
                "Resource": f"arn:aws:s3:::{bucket}/*",
            }
            for service in self.writers
        ]
        return json.dumps({"Version": "2012-10-17", "Statement": statements})


INCIDENT = Setup(suffixes=("master.m3u8",), composes_by=storage_arn("old"))
"""Both root causes at once: composites' manifests are told to nobody, and compositions go nowhere."""


def put_setup(setup: Setup, buckets: Sequence[str], backends: Callable[[str], Any]) -> None:
    """Set moto's own memory up; `backends` returns the backend of a service, and the buckets are there."""
    for bucket in buckets:
        if setup.suffixes:
            backends("s3").put_bucket_notification_configuration(bucket, setup.notifications())
        if setup.writers:
            backends("s3").put_bucket_policy(bucket, setup.policy(bucket).encode())
    role = backends("iam").create_role("functions", json.dumps(_TRUSTED), "/", None, "", [], 3600)
    for name, variables in (
        (PROCESSOR, {}),
        (COMPOSER, {"STORAGE_CONFIGURATION_ARN": setup.composes_by, **setup.variables}),
    ):
        backends("lambda").create_function(
            {
                "FunctionName": name,
                "Role": role.arn,
                "Runtime": "nodejs22.x",
                "Handler": "index.handler",
                "Code": {"ZipFile": _NO_CODE},
                "Environment": {"Variables": dict(variables)},
            }
        )


def _zipped() -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.mjs", "")
    return base64.b64encode(packed.getvalue()).decode()


_NO_CODE = _zipped()
