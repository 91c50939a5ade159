"""Read the configuration of the live system: bucket notifications and policies, storage of compositions.

A part that cannot be read is reported as such and does not stop the run.
"""

import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

from reconcile.model.configuration import (
    Configuration,
    Function,
    IndexSettings,
    Notifications,
    NotSeen,
    Policy,
    Storage,
    read_notifications,
)
from reconcile.model.errors import Denied, OutOfTime, ReconcileError
from reconcile.stores.algolia import ACL_SETTINGS, AlgoliaRecords
from reconcile.stores.aws import FAULTS, NO_TIME, Patience, code_of, source_error
from reconcile.stores.responses import NotAnswered
from reconcile.stores.timeouts import endless

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PERMISSIONS = (
    ("s3:GetBucketNotification", "arn:aws:s3:::{bucket}"),
    ("s3:GetBucketPolicy", "arn:aws:s3:::{bucket}"),
    ("lambda:GetFunctionConfiguration", "arn:aws:lambda:*:*:function:{processor_function}"),
    ("lambda:GetFunctionConfiguration", "arn:aws:lambda:*:*:function:{composer_function}"),
    ("ivs:GetStorageConfiguration", "arn:aws:ivs:*:*:storage-configuration/*"),
)

_GONE = ("ResourceNotFoundException", "NotFoundException")
# https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_GetStorageConfiguration.html
_STORAGE_ARN = re.compile(r"arn:aws[a-z-]*:ivs:[a-z0-9-]+:[0-9]+:storage-configuration/[a-zA-Z0-9-]+")
# No run waits long for what it can do without.
_TRIES = 2

T = TypeVar("T")


_NOTIFICATIONS_TOLD = "after-call.s3.GetBucketNotificationConfiguration"


@dataclass
class LiveConfiguration:
    """Reads the configuration around some buckets; `processor` and `composer` are functions ("": not set).

    The clients of Lambda and IVS are made when they are needed.
    """

    buckets: Sequence[str]
    region: str
    s3: "S3Client"
    connect_lambda: Callable[[], Any]
    connect_ivs: Callable[[], Any]
    records: AlgoliaRecords
    processor: str = ""
    composer: str = ""
    left: Callable[[], float] = endless
    sleep: Callable[[float], None] = time.sleep

    def read(self) -> Configuration:
        """Read all parts. Raises nothing: a part that could not be read carries the reason."""
        return Configuration(
            buckets=tuple(self.buckets),
            region=self.region,
            index=self.records.index,
            processor=self._processor(),
            composer=self.composer,
            notifications={bucket: self._notifications(bucket) for bucket in self.buckets},
            policies={bucket: self._policy(bucket) for bucket in self.buckets},
            storage=self._storage(),
            settings=self._settings(),
        )

    def _notifications(self, bucket: str) -> Notifications | NotSeen:
        def read() -> Notifications:
            """Read the rules; raises NotAnswered for an answer of another shape."""
            bodies, events = list[bytes](), self.s3.meta.events

            def keep(http_response: Any, **_: object) -> None:
                bodies.append(http_response.content)

            # A look-alike that answers with something else is parsed into a configuration without rules.
            events.register(_NOTIFICATIONS_TOLD, keep)
            try:
                document = dict(self.s3.get_bucket_notification_configuration(Bucket=bucket))
            finally:
                events.unregister(_NOTIFICATIONS_TOLD, keep)
            if any(b"Notification" not in body for body in bodies):
                raise NotAnswered("an answer that is no notification configuration")
            return read_notifications(document)

        return self._looked("s3:GetBucketNotification", bucket, read)

    def _policy(self, bucket: str) -> Policy | NotSeen:
        def read() -> Policy:
            """Read the policy; raises TypeError for a document that is no JSON object."""
            try:
                document = json.loads(self.s3.get_bucket_policy(Bucket=bucket)["Policy"])
            except ClientError as error:
                if code_of(error) != "NoSuchBucketPolicy":
                    raise
                return Policy(None)
            if not isinstance(document, dict):
                raise TypeError("the policy is no JSON object")
            return Policy(document)

        return self._looked("s3:GetBucketPolicy", bucket, read)

    def _processor(self) -> Function | None:
        """Return the processor; only its name if reading its configuration is not allowed."""
        if not self.processor:
            return None
        processor = self._looked(
            "lambda:GetFunctionConfiguration", self.processor, lambda: self._function_facts(self.processor)
        )
        if isinstance(processor, NotSeen):
            return Function(self.processor)
        return Function(self.processor, processor.arn) if processor else Function(self.processor, gone=True)

    def _storage(self) -> Storage | NotSeen:
        if not self.composer:
            return NotSeen("RECONCILE_COMPOSER_FUNCTION is not set")
        storage = self._looked(
            "lambda:GetFunctionConfiguration", self.composer, lambda: self._function_facts(self.composer)
        )
        if isinstance(storage, NotSeen):
            return storage
        if storage is None:
            return NotSeen(f"RECONCILE_COMPOSER_FUNCTION names {self.composer}, which does not exist")
        if not storage.storage:
            return NotSeen(
                f"STORAGE_CONFIGURATION_ARN of {self.composer} is not set: it uses its own default"
            )
        if not _STORAGE_ARN.fullmatch(storage.storage):
            # The value is not repeated: it may be another variable's, put into the wrong line.
            return Storage("")
        return self._looked(
            "ivs:GetStorageConfiguration", storage.storage, lambda: self._storage_at(storage.storage)
        )

    def _storage_at(self, arn: str) -> Storage:
        try:
            answer = self._ivs.get_storage_configuration(arn=arn)
        except ClientError as error:
            if code_of(error) not in _GONE:
                raise
            return Storage(arn)
        return Storage(arn, str(answer["storageConfiguration"]["s3"]["bucketName"]))

    def _function_facts(self, function: str) -> "_FunctionFacts | None":
        """Return the needed part of a function's configuration; None if it does not exist.

        The answer holds every variable of the function, keys among them: it goes no further than here.
        """
        try:
            answer = self._lambda.get_function_configuration(FunctionName=function)
        except ClientError as error:
            if code_of(error) not in _GONE:
                raise
            return None
        variables = answer.get("Environment", {}).get("Variables", {})
        return _FunctionFacts(
            str(answer["FunctionArn"]), str(variables.get("STORAGE_CONFIGURATION_ARN") or "")
        )

    def _looked(self, action: str, on: str, look: Callable[[], T]) -> T | NotSeen:
        """Return what a look found; no answer is quoted where one failed, for it may hold a secret."""
        try:
            return Patience(tries=_TRIES, sleep=self.sleep, left=self.left).call("looking", look)
        except OutOfTime:
            return NotSeen(f"{action} on {on}: {NO_TIME}")
        except (*FAULTS, ReconcileError) as error:
            if isinstance(source_error(error, ""), Denied):
                return NotSeen(f"{action} on {on} is not allowed: grant it to check this")
            cause = error.__cause__ or error
            if isinstance(cause, NotAnswered | ReconcileError):
                return NotSeen(f"{action} on {on}: {cause}")
            code = code_of(cause) if isinstance(cause, ClientError) else ""
            return NotSeen(f"{action} on {on} failed: {code or type(cause).__name__}")

    @cached_property
    def _lambda(self) -> Any:
        return self.connect_lambda()

    @cached_property
    def _ivs(self) -> Any:
        return self.connect_ivs()

    def _settings(self) -> IndexSettings | NotSeen:
        try:
            return self.records.settings()
        except Denied:
            return NotSeen(f"the search key cannot read them: it is missing the right `{ACL_SETTINGS}`")
        except ReconcileError as error:
            return NotSeen(str(error))


@dataclass(frozen=True, slots=True)
class _FunctionFacts:
    arn: str
    storage: str
