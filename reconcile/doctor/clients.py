"""The wiring of a run with short timeouts, which also measures the clock difference to AWS."""

from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from reconcile.stores.aws import AwsService, connect
from reconcile.stores.secrets import Secrets
from reconcile.wiring import Wiring

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sesv2 import SESV2Client

_TRIES = 2
# SES looks identities up once a second.
_TRIES_OF_SES = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """How many seconds doctor waits: for AWS, a channel's server, a message to be sent, a part."""

    aws: float = 6.0
    server: float = 10.0
    sending: float = 10.0
    # Longer than two tries that get no answer.
    part: float = 14.0


LIMITS = Limits()


@dataclass
class ImpatientWiring(Wiring):
    """Makes the same adapters; `ahead` holds by how much this machine's clock was before each answer's."""

    ahead: list[timedelta] = field(default_factory=list)
    limits: Limits = LIMITS

    @cached_property
    def s3(self) -> "S3Client":
        """The S3 client."""
        client: S3Client = self._client("s3")
        return client

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        """The DynamoDB client."""
        client: DynamoDBClient = self._client("dynamodb")
        return client

    @cached_property
    def ses(self) -> "SESV2Client":
        """The SES client, for what the mail channel never asks."""
        client: SESV2Client = self._client("sesv2", _TRIES_OF_SES)
        return client

    @cached_property
    def secrets(self) -> Secrets:
        """The secrets that are kept elsewhere."""
        return Secrets(lambda: self._client("secretsmanager"))

    def _send_seconds(self) -> float:
        return self.limits.sending

    def _client(self, service: AwsService, tries: int = _TRIES) -> Any:
        client = connect(service, self.meter, retries=tries, connector=self._connector)
        client.meta.events.register("before-call", self._hurry)
        client.meta.events.register("after-call", self._note_time)
        return client

    def _hurry(self, context: dict[str, Any], **_: object) -> None:
        context["read_timeout"] = self.limits.aws

    def _note_time(self, http_response: Any, **_: object) -> None:
        try:
            moment = parsedate_to_datetime(http_response.headers.get("Date"))
            self.ahead.append(self.clock() - moment)
        except (TypeError, ValueError):
            # No date, or one without a zone: an endpoint that does not tell the time.
            return
