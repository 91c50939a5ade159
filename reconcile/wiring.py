"""The one place that knows the real world: makes clients and adapters from settings."""

import json
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from reconcile.collect import Progress, Stores
from reconcile.job import Ports, Tools
from reconcile.model.errors import UsageError
from reconcile.repair.apply import Hands
from reconcile.settings import Settings, sendable
from reconcile.stores.algolia import AlgoliaRecords
from reconcile.stores.aws import Meter, client_config
from reconcile.stores.dynamodb import DynamoRows
from reconcile.stores.dynamodb_writing import DynamoWriter
from reconcile.stores.lease import DynamoLease
from reconcile.stores.ports import Environment, Lease, ReportsStore
from reconcile.stores.reports import DirectoryReports, S3Reports
from reconcile.stores.s3 import S3Recordings
from reconcile.stores.state import DynamoState

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def new_run_id(moment: datetime) -> str:
    """Return an id that sorts by time and that no two runs share."""
    return f"{moment:%Y%m%dT%H%M%S}{moment.microsecond // 1000:03d}Z-{secrets.token_hex(3)}"


def silent(step: str, done: int, total: int) -> None:
    """Show no progress."""


@dataclass
class Wiring:
    """Makes the adapters of one run; `clock` and `progress` can be somebody else's."""

    settings: Settings
    clock: Callable[[], datetime] = now
    progress: Progress = silent
    meter: Meter = field(default_factory=Meter)

    @cached_property
    def s3(self) -> "S3Client":
        """The S3 client."""
        client: S3Client = self._client("s3", retries=6)
        return client

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        """The DynamoDB client; the adapters do the retrying, for throttles must slow the scan down."""
        client: DynamoDBClient = self._client("dynamodb", retries=1)
        return client

    def _client(self, service: Any, retries: int) -> Any:
        import boto3

        session = boto3.session.Session()
        config = client_config(retries=retries)
        try:
            client = session.client(service, config=config)
            if service == "s3" and "amazonaws.com" not in client.meta.endpoint_url:
                # Stand-ins rarely answer on a host name for each bucket.
                path_style = config.merge(type(config)(s3={"addressing_style": "path"}))
                client = session.client(service, config=path_style)
        except (BotoCoreError, ValueError) as error:
            raise UsageError(f"the AWS client for {service} cannot be made: {error}") from error
        self.meter.watch(client, service)
        return client

    @cached_property
    def reports(self) -> ReportsStore | None:
        """Where reports are kept; None when nothing is set."""
        place = self.settings.reports
        if not place:
            return None
        if place.startswith("s3://"):
            bucket, _, prefix = place.removeprefix("s3://").partition("/")
            return S3Reports(self.s3, bucket, prefix)
        return DirectoryReports(Path(place))

    @cached_property
    def state(self) -> DynamoState | None:
        """The job's own memory; None when no table is set."""
        table = self.settings.state_table
        return DynamoState(self.dynamodb, table) if table else None

    @cached_property
    def records(self) -> AlgoliaRecords:
        """The search index."""
        settings = self.settings
        key = self.secret(settings.algolia_api_key.get_secret_value())
        return AlgoliaRecords(
            settings.algolia_app_id, key, settings.algolia_index, self.meter, settings.algolia_host
        )

    @cached_property
    def stores(self) -> Stores:
        """The three stores, reading."""
        settings = self.settings
        return Stores(
            S3Recordings(self.s3, settings.bucket, settings.skip_roots, self.meter),
            DynamoRows(self.dynamodb, settings.table, settings.read_units, self.meter),
            self.records,
        )

    def secret(self, value: str) -> str:
        """Return a secret that is given as itself, or as secretsmanager:NAME[#field]."""
        if not value.startswith("secretsmanager:"):
            return value
        name, _, part = value.removeprefix("secretsmanager:").partition("#")
        try:
            answer = self._client("secretsmanager", retries=4).get_secret_value(SecretId=name)
            text = str(answer["SecretString"])
            found = str(json.loads(text)[part]) if part else text
        except (ClientError, BotoCoreError) as error:
            raise UsageError(f"the secret {name} cannot be read: {error}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(f"the secret {name} has no field {part or 'SecretString'!r}") from error
        try:
            return sendable(found)
        except ValueError as error:
            raise UsageError(f"the secret {name}: {error}") from error

    def ports(self, run: str) -> Ports:
        """Return what a check works with."""
        settings = self.settings
        return Ports(
            run=run,
            environment=Environment(
                settings.stage, settings.table, settings.algolia_index, tuple(sorted(settings.bucket))
            ),
            stores=self.stores,
            state=self.state,
            reports=self.reports,
            media=settings.media,
            clock=self.clock,
            usage=self.meter.report,
            progress=self.progress,
        )

    def tools(self, run: str) -> Tools:
        """Return what a repair has besides; raises UsageError without a memory or a place for reports."""
        state, reports, settings = self.state, self.reports, self.settings
        if state is None:
            raise UsageError("a repair needs its memory: set RECONCILE_STATE_TABLE")
        if reports is None:
            raise UsageError("a repair needs a place for its report: set RECONCILE_REPORTS")

        def _lease() -> AbstractContextManager[Lease]:
            return DynamoLease(self.dynamodb, settings.state_table, run)

        def _hands(held: Lease) -> Hands:
            return Hands(
                recordings=self.stores.recordings,
                rows=self.stores.rows,
                rows_writer=DynamoWriter(self.dynamodb, settings.table, settings.state_table, held),
                records=self.records,
                records_writer=self.records,
                state=state,
                media=settings.media,
                run=run,
                clock=self.clock,
                check_lease=held.check,
            )

        return Tools(state, reports, _lease, _hands)
