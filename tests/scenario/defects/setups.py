"""How the live system is set up around a small world, and what a check of both tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reconcile.model.configuration import (
    Configuration,
    Function,
    NotSeen,
    Policy,
    Storage,
    read_notifications,
)
from reconcile.report.data import Report
from reconcile.sandbox.world.builder import WorldBuilder
from tests.scenario.cycle import Cycle
from tests.scenario.defects.acts import BUCKET

REGION, ACCOUNT = "us-east-1", "111122223333"
PROCESSOR = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:recording-processor"
STORAGE = f"arn:aws:ivs:{REGION}:{ACCOUNT}:storage-configuration/current"
WRITERS = ("ivs.amazonaws.com", f"ivs-composite.{REGION}.amazonaws.com")


@dataclass(frozen=True)
class SetUp:
    """A configuration that is read as it was made."""

    configuration: Configuration

    def read(self) -> Configuration:
        """Look at everything."""
        return self.configuration


def configured(
    suffixes: Sequence[str] = ("master.m3u8", "multivariant.m3u8"),
    storage: str | None = BUCKET,
    writers: Sequence[str] = WRITERS,
) -> SetUp:
    """Set the system up: whom the bucket tells of what, where compositions go, and who may write there."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": list(writers)},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/*",
    }
    return SetUp(
        Configuration(
            buckets=(BUCKET,),
            region=REGION,
            index="programs",
            processor=Function("recording-processor", PROCESSOR),
            composer="start-composition",
            notifications={BUCKET: read_notifications(_notifications(suffixes))},
            policies={BUCKET: Policy({"Version": "2012-10-17", "Statement": [statement]})},
            storage=Storage(STORAGE, storage),
            settings=NotSeen("the index is not looked at here"),
        )
    )


def _notifications(suffixes: Sequence[str]) -> dict[str, Any]:
    return {
        "LambdaFunctionConfigurations": [
            {
                "Id": f"on-{suffix}",
                "LambdaFunctionArn": PROCESSOR,
                "Events": ["s3:ObjectCreated:*"],
                "Filter": {"Key": {"FilterRules": [{"Name": "suffix", "Value": suffix}]}},
            }
            for suffix in suffixes
        ]
    }


def told_with(builder: WorldBuilder, setup: SetUp) -> Report:
    """Check what the actors left in a system that is set up like this."""
    cycle = Cycle.of(builder.world())
    cycle.configuration = setup
    return cycle.check().report
