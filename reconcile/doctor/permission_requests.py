"""Test each permission that the job needs with a request that needs it and changes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from reconcile.doctor.aws_errors import is_denied
from reconcile.doctor.clients import ImpatientWiring
from reconcile.model.errors import SourceError
from reconcile.permissions import PUT, UPDATE, partitions
from reconcile.stores.aws import code_of
from reconcile.stores.tables import Item

if TYPE_CHECKING:
    from mypy_boto3_sesv2.type_defs import EmailContentTypeDef

ALLOWED = "allowed"
_UNCHANGED = "allowed; nothing was written"


_ABSENT_ROW: Item = {"pk": {"S": "doctor"}, "sk": {"S": "doctor"}}
_NEVER = "attribute_exists(pk) AND attribute_not_exists(pk)"

_READABLE = frozenset(("NoSuchKey", "404", "NotFound", "InvalidRange", "InvalidObjectState"))
"""The answers to whoever may read an object that no longer exists, is empty, or is archived."""


class Inconclusive(Exception):
    """Raised where an answer tells nothing about a permission; `step` is what would tell it ("": nothing)."""

    def __init__(self, why: str, step: str = "") -> None:
        super().__init__(why)
        self.step = step


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource that permissions are needed on, such as a bucket or a table.

    `kind` is what the ARNs of permissions call it, such as "state_table"; `name` its own name, and `setting`
    the setting that holds that name. `prefix` is where the job's own objects lie in it.
    """

    kind: str
    name: str
    setting: str
    prefix: str = ""

    @property
    def absent(self) -> str:
        """A key under which nothing lies in it."""
        return f"{self.prefix}doctor"


PermissionRequest = Callable[[ImpatientWiring, Resource], str]
"""Makes a harmless request to a thing; returns and raises as `Trial.request` does."""


def _list_one(wiring: ImpatientWiring, resource: Resource) -> str:
    _first_key(wiring, resource)
    return ALLOWED


def _first_key(wiring: ImpatientWiring, resource: Resource) -> str:
    page = wiring.s3.list_objects_v2(Bucket=resource.name, Prefix=resource.prefix, MaxKeys=1)
    _demand(page, "Name", "S3")
    return next((entry["Key"] for entry in page.get("Contents", [])), resource.absent)


def _demand(answer: Mapping[str, Any], field: str, service: str) -> None:
    """Raise SourceError for an answer without a field that each of its kind has, such as a login page's."""
    if field not in answer:
        raise SourceError(f"it answers, but not as {service} does: see that the endpoint leads to AWS")


def _get_a_byte(wiring: ImpatientWiring, resource: Resource) -> str:
    """Get the first byte of some object, which also needs the right to its key if it is encrypted.

    Where there is none, it is asked for all the same; without s3:ListBucket, S3 calls that denied as well.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    try:
        key = _first_key(wiring, resource)
        wiring.s3.get_object(Bucket=resource.name, Key=key, Range="bytes=0-0")["Body"].close()
    except ClientError as error:
        if code_of(error) not in _READABLE:
            raise
    return ALLOWED


def _put_no_part(wiring: ImpatientWiring, resource: Resource) -> str:
    """Put an empty part of an upload that never began, which needs the right to put and makes no object.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html
    """
    try:
        wiring.s3.upload_part(
            Bucket=resource.name, Key=resource.absent, UploadId="doctor", PartNumber=1, Body=b""
        )
    except ClientError as error:
        code, status = code_of(error), error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if code == "NoSuchUpload":
            return _UNCHANGED
        if is_denied(error) or status in (401, 403) or code == "NoSuchBucket":
            raise
        raise Inconclusive(f"the bucket answers {code} to an upload that never began") from error
    raise Inconclusive(
        "the bucket takes parts of uploads that never began, as no S3 does; none became an object"
    )


def _scan_one(wiring: ImpatientWiring, resource: Resource) -> str:
    _demand(wiring.dynamodb.scan(TableName=resource.name, Limit=1), "Count", "DynamoDB")
    return ALLOWED


def _query_nothing(wiring: ImpatientWiring, resource: Resource) -> str:
    answer = wiring.dynamodb.query(
        TableName=resource.name,
        Limit=1,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "doctor"}},
    )
    _demand(answer, "Count", "DynamoDB")
    return ALLOWED


def _get_absent_row(wiring: ImpatientWiring, resource: Resource) -> str:
    wiring.dynamodb.get_item(TableName=resource.name, Key=_ABSENT_ROW)
    return ALLOWED


def _get_absent_rows(wiring: ImpatientWiring, resource: Resource) -> str:
    wiring.dynamodb.batch_get_item(RequestItems={resource.name: {"Keys": [_ABSENT_ROW]}})
    return ALLOWED


def _put_never(wiring: ImpatientWiring, resource: Resource) -> str:
    put: Any = partial(wiring.dynamodb.put_item, TableName=resource.name, ConditionExpression=_NEVER)
    for row in _absent_rows(wiring, resource, PUT):
        _never(partial(put, Item=row), resource, row["pk"]["S"])
    return _UNCHANGED


def _update_never(wiring: ImpatientWiring, resource: Resource) -> str:
    changes: Any = {
        "UpdateExpression": "SET #name = :value",
        "ConditionExpression": _NEVER,
        "ExpressionAttributeNames": {"#name": "doctor"},
        "ExpressionAttributeValues": {":value": {"S": "doctor"}},
    }
    update: Any = partial(wiring.dynamodb.update_item, TableName=resource.name, **changes)
    for row in _absent_rows(wiring, resource, UPDATE):
        _never(partial(update, Key=row), resource, row["pk"]["S"])
    return _UNCHANGED


def _check_never(wiring: ImpatientWiring, resource: Resource) -> str:
    """Make a transaction; on the state table one as repairs make them, which check the lease and put rows."""
    common: Any = {"TableName": resource.name, "ConditionExpression": _NEVER}
    rows = _absent_rows(wiring, resource, PUT)
    checked, *put = sorted(rows, key=lambda row: bool(row["pk"]["S"] != "lease"))
    actions = [
        {"ConditionCheck": {**common, "Key": checked}},
        *({"Put": {**common, "Item": row}} for row in put),
    ]
    transact: Any = wiring.dynamodb.transact_write_items
    return _never(lambda: transact(TransactItems=actions), resource)


def _absent_rows(wiring: ImpatientWiring, resource: Resource, action: str) -> list[Item]:
    """Return rows that are not there: of the state table, one in each partition that the mode writes into."""
    if resource.kind != "state_table":
        return [_ABSENT_ROW]
    written = partitions(wiring.settings.mode)[action]
    return [{**_ABSENT_ROW, "pk": {"S": name.replace("*", "doctor")}} for name in written]


def _never(request: Callable[[], object], resource: Resource, partition: str = "") -> str:
    """Make a request whose condition never holds; raises SourceError when it went through.

    A refusal names the partition that was to be written into: policies tell those of the state table apart.
    """
    try:
        request()
    except ClientError as error:
        if code_of(error) in ("ConditionalCheckFailedException", "TransactionCanceledException"):
            return _UNCHANGED
        if is_denied(error) and partition and resource.kind == "state_table":
            raise _in_partition(error, partition) from error
        raise
    raise SourceError(
        f"{resource.name} takes writes whose condition does not hold: repairs would not be safe there. "
        "Remove the row whose sk is doctor, if it is there, and use a table that checks conditions"
    )


def _in_partition(error: ClientError, name: str) -> ClientError:
    told = error.response.get("Error", {})
    message = f"{str(told.get('Message', '')).rstrip('.')} (where pk is {name})"
    response: Any = {**error.response, "Error": {**told, "Message": message}}
    return ClientError(response, error.operation_name)


def _mail_nobody(wiring: ImpatientWiring, resource: Resource) -> str:
    """Send a message to an address without a domain, which no server can take or deliver.

    SES may look at addresses before it looks at rights: only a denial tells something.
    """
    simple: EmailContentTypeDef = {
        "Simple": {"Subject": {"Data": "doctor"}, "Body": {"Text": {"Data": "doctor"}}}
    }
    return _mailed_to_nobody(wiring, resource, simple)


def _mail_nobody_raw(wiring: ImpatientWiring, resource: Resource) -> str:
    """The same with raw content, for which SES asks for a permission of its own."""
    return _mailed_to_nobody(wiring, resource, {"Raw": {"Data": b"Subject: doctor\r\n\r\ndoctor\r\n"}})


def _mailed_to_nobody(wiring: ImpatientWiring, resource: Resource, content: "EmailContentTypeDef") -> str:
    try:
        wiring.ses.send_email(
            FromEmailAddress=parseaddr(resource.name)[1],
            Destination={"ToAddresses": ["nobody"]},
            Content=content,
        )
    except ClientError as error:
        if is_denied(error):
            raise
    raise Inconclusive(
        "SES tells it only of a mail that it takes", "Run reconcile doctor --send, which sends one."
    )


REQUESTS: Mapping[str, PermissionRequest] = {
    "s3:ListBucket": _list_one,
    "s3:GetObject": _get_a_byte,
    "s3:PutObject": _put_no_part,
    "dynamodb:Scan": _scan_one,
    "dynamodb:Query": _query_nothing,
    "dynamodb:GetItem": _get_absent_row,
    "dynamodb:BatchGetItem": _get_absent_rows,
    PUT: _put_never,
    UPDATE: _update_never,
    "dynamodb:ConditionCheckItem": _check_never,
    "ses:SendEmail": _mail_nobody,
    "ses:SendRawEmail": _mail_nobody_raw,
}
"""By action, the request that tries it."""
