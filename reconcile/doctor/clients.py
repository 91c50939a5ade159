"""The wiring of a run, over clients that give up early and note what time AWS says that it is."""

from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from reconcile.stores.aws import connect
from reconcile.stores.secrets import Secrets
from reconcile.wiring import Wiring

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sesv2 import SESV2Client

_TRIES = 2
# SES looks identities up once a second.
_TRIES_OF_SES = 3
_LONGEST_READ = 6.0
_LONGEST_SENDING = 10.0


@dataclass
class ImpatientWiring(Wiring):
    """Makes the same adapters; `ahead` holds by how much this machine's clock was before each answer's."""

    ahead: list[timedelta] = field(default_factory=list)

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
        return _LONGEST_SENDING

    def _client(self, service: str, tries: int = _TRIES) -> Any:
        client = connect(service, self.meter, retries=tries)
        client.meta.events.register("before-call", _hurry)
        client.meta.events.register("after-call", self._note_time)
        return client

    def _note_time(self, http_response: Any, **_: object) -> None:
        try:
            moment = parsedate_to_datetime(http_response.headers.get("Date"))
            self.ahead.append(self.clock() - moment)
        except (TypeError, ValueError):
            # No date, or one without a zone: an endpoint that does not tell the time.
            return


def _hurry(context: dict[str, Any], **_: object) -> None:
    context["read_timeout"] = _LONGEST_READ
