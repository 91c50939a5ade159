"""The one place that knows the real world: makes clients and adapters from settings."""

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import SecretStr

from reconcile.collect.stores import Progress, Stores, silent
from reconcile.compare.engine import Engine
from reconcile.deliver.channel import ChannelParts
from reconcile.deliver.dispatch import DeliverySettings
from reconcile.deliver.ping import Ping
from reconcile.engines.pandas import PANDAS
from reconcile.model.deadline import ENDLESS, Budget, Deadline
from reconcile.model.errors import SourceError
from reconcile.model.s3_address import SCHEME, bucket_and_key
from reconcile.model.usage import Billing
from reconcile.report.links import Consoles
from reconcile.runs.memory import Memory
from reconcile.runs.ports import Lookup, Ports, nobody
from reconcile.runs.run_id import now
from reconcile.settings.alone import ping_url_alone
from reconcile.settings.load import load_settings, with_exports
from reconcile.settings.settings import SECRET_RULES, Settings
from reconcile.stores.algolia import AlgoliaRecords
from reconcile.stores.algolia_requests import TRIES
from reconcile.stores.aws import AwsService, Connector, Meter, connect
from reconcile.stores.configuration import LiveConfiguration
from reconcile.stores.dynamodb import DynamoRows
from reconcile.stores.exports import ExportedRows, ExportedTable
from reconcile.stores.facts import DirectoryFacts, S3Facts
from reconcile.stores.object_parts import S3ObjectParts
from reconcile.stores.objects import S3Objects
from reconcile.stores.playback import HttpPlayback
from reconcile.stores.ports import Environment, FactsStore, ReportsStore
from reconcile.stores.reports import DirectoryReports, S3Reports
from reconcile.stores.s3 import S3Recordings
from reconcile.stores.secrets import Secrets
from reconcile.stores.state import DynamoState

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

IndexClass = TypeVar("IndexClass", bound=AlgoliaRecords)

_LONGEST_SENDING = 60.0


def _lambda_gb() -> float | None:
    """Return the memory of the Lambda function that this runs in, in GB; None where it runs elsewhere.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    megabytes = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
    return int(megabytes) / 1024 if megabytes.isascii() and megabytes.isdigit() else None


def wired(config: Path | None, exports: Sequence[str] = ()) -> "Wiring":
    """Return a wiring of the settings in the environment and a file; raises UsageError.

    `exports`, if any, go before those that the settings name.
    """
    settings = load_settings(config)
    return Wiring(with_exports(settings, exports) if exports else settings)


def ping_of(run: str, config: Path | None = None, deadline: Deadline = ENDLESS) -> Ping | None:
    """Return what pings of a run; None where no URL is set, or none that can be meant.

    That one setting is enough for it: a run that the other settings refuse is told of, too.
    """
    url = ping_url_alone(config)
    if not url:
        return None
    kept = Secrets(lambda: connect("secretsmanager", Meter()), deadline.left)
    return Ping(lambda: kept.reveal(url, SECRET_RULES["ping_url"]), run, deadline.left)


@dataclass
class Wiring:
    """Makes the adapters of one run; `clock`, `sleep`, `progress`, `deadline` and `began` can be others."""

    settings: Settings
    clock: Callable[[], datetime] = now
    progress: Progress = silent
    deadline: Deadline = ENDLESS
    meter: Meter = field(default_factory=Meter)
    sleep: Callable[[float], None] = time.sleep
    began: Callable[[], None] = nobody

    def seconds(self) -> float:
        """Return the time in seconds since 1970, as the lease and run keys are held by it."""
        return self.clock().timestamp()

    @cached_property
    def budget(self) -> Budget:
        """How long calls may take, by the step that the run is at."""
        return Budget(self.deadline)

    @cached_property
    def _connector(self) -> Connector:
        """What the clients are made by."""
        return Connector()

    @cached_property
    def s3(self) -> "S3Client":
        """The S3 client; the adapters do the retrying, as long as there is time."""
        client: S3Client = self._client_for("s3")
        return client

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        """The DynamoDB client; the adapters do the retrying, for throttles must slow the scan down."""
        client: DynamoDBClient = self._client_for("dynamodb")
        return client

    @cached_property
    def reports(self) -> ReportsStore | None:
        """Where reports are kept; None when nothing is set."""
        place = self.settings.reports
        if place.startswith(SCHEME):
            return S3Reports(self.s3, *bucket_and_key(place), self.budget.own, self.sleep)
        return DirectoryReports(Path(place)) if place else None

    @cached_property
    def facts(self) -> FactsStore | None:
        """Where it is kept what runs read: beside the reports; None where those are kept nowhere."""
        place, stage = self.settings.reports, self.settings.stage
        if place.startswith(SCHEME):
            return S3Facts(self.s3, *bucket_and_key(place), stage, self.budget.own, self.sleep)
        return DirectoryFacts(Path(place), stage) if place else None

    @cached_property
    def state(self) -> DynamoState | None:
        """The job's own memory; None when no table is set."""
        table = self.settings.state_table
        return DynamoState(self.dynamodb, table, self.sleep, self.budget.own) if table else None

    @cached_property
    def stores(self) -> Stores:
        """The three stores, asked as long as there is time."""
        settings, left, sleep = self.settings, self.budget.left, self.sleep
        return Stores(
            S3Recordings(self.s3, settings.bucket, settings.skip_roots, self.meter, left, sleep),
            self.exported_rows if settings.export else self.rows,
            self.index(AlgoliaRecords),
            S3Objects(self.s3, self.meter, left, sleep),
            self._playback(),
            self.configuration_reader(self.s3),
        )

    @cached_property
    def rows(self) -> DynamoRows:
        """The application's table as it is now."""
        settings, left = self.settings, self.budget.left
        units = settings.read_units
        return DynamoRows(self.dynamodb, settings.table, units, self.meter, sleep=self.sleep, left=left)

    @cached_property
    def exported_rows(self) -> ExportedRows:
        """The application's table as its exports show it."""
        settings = self.settings
        table = ExportedTable(settings.table, self.dynamodb.meta.region_name, settings.export)
        parts = S3ObjectParts(self.s3, self.budget.left, self.sleep)
        return ExportedRows(table, parts, self.rows, self.clock)

    def _playback(self) -> HttpPlayback | None:
        if not self.settings.playback_check:
            return None
        return HttpPlayback(self.settings.playback_domain, self.meter, self.budget.left, self.sleep)

    def configuration_reader(self, s3: "S3Client") -> LiveConfiguration:
        """Return what looks at the live system's setup; no run waits long for what it can do without."""
        settings = self.settings
        return LiveConfiguration(
            settings.bucket,
            self.dynamodb.meta.region_name,
            s3,
            lambda: self._client_for("lambda"),
            lambda: self._client_for("ivs-realtime"),
            self.index(AlgoliaRecords, tries=2),
            settings.processor_function,
            settings.composer_function,
            self.budget.left,
            self.sleep,
        )

    def index(self, adapter: type[IndexClass], tries: int = TRIES) -> IndexClass:
        """Return the search index, reading alone or writing too."""
        settings = self.settings
        return adapter(
            settings.algolia_app_id,
            self.revealing("algolia_api_key"),
            settings.algolia_index,
            self.meter,
            settings.algolia_host,
            sleep=self.sleep,
            left=self.budget.left,
            tries=tries,
        )

    @cached_property
    def secrets(self) -> Secrets:
        """The secrets that are kept elsewhere."""
        return Secrets(lambda: self._client_for("secretsmanager"), self.budget.left, self.sleep)

    @cached_property
    def delivery(self) -> DeliverySettings:
        """The channels that are set, and how reports are linked."""
        from reconcile.deliver.registry import channels

        parts = ChannelParts(self._client_for, self.revealing, self._send_seconds, self.sleep)
        settings = self.settings
        served = bool(settings.report_url)
        return DeliverySettings(channels(settings, parts), self._link, settings.notify, served)

    def _client_for(self, service: AwsService) -> Any:
        return connect(service, self.meter, connector=self._connector)

    def revealing(self, field: str) -> Callable[[], str]:
        """Return what fetches the secret of a setting; it raises as Secrets.reveal does."""
        secret: SecretStr = getattr(self.settings, field)
        return lambda: self.secrets.reveal(secret.get_secret_value(), SECRET_RULES[field])

    def refuse_wrong_key(self) -> None:
        """Find out before anything is read whether what is kept as the key can be one; raises UsageError."""
        with suppress(SourceError):
            # What cannot be fetched makes the index a source that cannot be read, and the rest is looked at.
            self.revealing("algolia_api_key")()

    def _send_seconds(self) -> float:
        """Return how long one channel may take: a run must end in time to say how it went."""
        return min(_LONGEST_SENDING, max(0.0, self.deadline.left()) / 4)

    def _link(self, run: str, place: str) -> str:
        """Return the address of a kept report's page: as set, else in the AWS console; never pre-signed."""
        if self.settings.report_url:
            return f"{self.settings.report_url.rstrip('/')}/{run}/report.html"
        if not place.startswith(SCHEME):
            return ""
        bucket, key = bucket_and_key(place)
        return self.consoles.s3_object(bucket, f"{key}/report.html")

    @cached_property
    def consoles(self) -> Consoles:
        """Where people see what a report names; the names are those that are set, whatever the endpoint."""
        settings = self.settings
        region = self.s3.meta.region_name
        return Consoles(region, settings.table, settings.algolia_app_id, settings.algolia_index)

    @property
    def environment(self) -> Environment:
        """What the settings say that the state table belongs to."""
        settings = self.settings
        buckets = tuple(sorted(settings.bucket))
        return Environment(settings.stage, settings.table, settings.algolia_index, buckets)

    @property
    def memory(self) -> Memory:
        """What the job keeps for itself."""
        recheck = self.settings.media_recheck
        return Memory(self.environment, self.state, self.reports, self.clock, self.facts, recheck)

    @property
    def lookup(self) -> Lookup:
        """Where it is looked up what a person names."""
        stores, settings = self.stores, self.settings
        return Lookup(stores.recordings, self.rows, settings.bucket, settings.media)

    @property
    def billing(self) -> Billing:
        """By what the run is charged."""
        return Billing(self.settings.prices, _lambda_gb())

    def ports(self, run: str, engine: Engine = PANDAS) -> Ports:
        """Return what a check works with; raises UsageError where the search key cannot be one."""
        self.refuse_wrong_key()
        return Ports(
            run=run,
            memory=self.memory,
            stores=self.stores,
            media=self.settings.media,
            usage=self.meter.usage,
            progress=self.progress,
            budget=self.budget,
            delivery=self.delivery,
            consoles=self.consoles,
            engine=engine,
            billing=self.billing,
            began=self.began,
        )
