"""For each permission that the job needs, a request that needs it too and changes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from reconcile.doctor.answers import is_denied
from reconcile.doctor.clients import ImpatientWiring
from reconcile.doctor.trials import Trial
from reconcile.model.errors import SourceError
from reconcile.permissions import permissions
from reconcile.stores import configuration
from reconcile.stores.aws import code_of

ALLOWED = "allowed"
_UNCHANGED = "allowed; nothing was written"

_ABSENT_ROW: Mapping[str, Any] = {"pk": {"S": "doctor"}, "sk": {"S": "doctor"}}
_NEVER = "attribute_exists(pk) AND attribute_not_exists(pk)"


@dataclass(frozen=True, slots=True)
class Thing:
    """What permissions are needed on: the name that their ARNs have for it, its own, and its setting's.

    `key` is where nothing lies in it.
    """

    kind: str
    name: str
    setting: str
    key: str = "doctor"


Request = Callable[[ImpatientWiring, Thing], str]


def trials_on(wiring: ImpatientWiring, thing: Thing) -> list[Trial]:
    """Return the trials of what the settings' mode may do with a thing; to list it comes first.

    What a run can do without is not tried: looking at the configuration tells of that.
    """
    place, all_of_them = f"{{{thing.kind}}}", f":{thing.kind}/*"
    needed = [
        (action, arn)
        for action, arn in permissions(wiring.settings.mode)
        if (place in arn or all_of_them in arn) and (action, arn) not in configuration.PERMISSIONS
    ]
    return [
        Trial(
            action,
            arn.replace(place, thing.name),
            thing.name,
            thing.setting,
            partial(REQUESTS[action], wiring, thing),
            needs="s3:ListBucket" if action == "s3:GetObject" else "",
        )
        for action, arn in sorted(needed, key=lambda one: one[0] != "s3:ListBucket")
    ]


def _list_one(wiring: ImpatientWiring, thing: Thing) -> str:
    wiring.s3.list_objects_v2(Bucket=thing.name, MaxKeys=1)
    return ALLOWED


def _get_absent(wiring: ImpatientWiring, thing: Thing) -> str:
    """Get an object that need not exist; without s3:ListBucket, S3 calls that denied as well.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    try:
        wiring.s3.get_object(Bucket=thing.name, Key=thing.key)["Body"].close()
    except ClientError as error:
        if code_of(error) not in ("NoSuchKey", "404", "NotFound"):
            raise
    return ALLOWED


def _complete_nothing(wiring: ImpatientWiring, thing: Thing) -> str:
    """Complete an upload that never began, which asks for the right to put; no store can make that one.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
    """
    try:
        wiring.s3.complete_multipart_upload(
            Bucket=thing.name,
            Key=thing.key,
            UploadId="doctor",
            MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": "doctor"}]},
        )
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if is_denied(error) or status in (401, 403) or code_of(error) == "NoSuchBucket":
            raise
        if code_of(error) == "NoSuchUpload":
            return _UNCHANGED
    return "not refused; nothing was written"


def _scan_one(wiring: ImpatientWiring, thing: Thing) -> str:
    wiring.dynamodb.scan(TableName=thing.name, Limit=1)
    return ALLOWED


def _query_nothing(wiring: ImpatientWiring, thing: Thing) -> str:
    wiring.dynamodb.query(
        TableName=thing.name,
        Limit=1,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "doctor"}},
    )
    return ALLOWED


def _get_absent_row(wiring: ImpatientWiring, thing: Thing) -> str:
    wiring.dynamodb.get_item(TableName=thing.name, Key=_ABSENT_ROW)
    return ALLOWED


def _get_absent_rows(wiring: ImpatientWiring, thing: Thing) -> str:
    wiring.dynamodb.batch_get_item(RequestItems={thing.name: {"Keys": [_ABSENT_ROW]}})
    return ALLOWED


def _put_never(wiring: ImpatientWiring, thing: Thing) -> str:
    put = partial(wiring.dynamodb.put_item, TableName=thing.name, Item=_ABSENT_ROW)
    return _never(lambda: put(ConditionExpression=_NEVER), thing)


def _update_never(wiring: ImpatientWiring, thing: Thing) -> str:
    update = partial(wiring.dynamodb.update_item, TableName=thing.name, Key=_ABSENT_ROW)
    changes: Any = {
        "UpdateExpression": "SET #name = :value",
        "ExpressionAttributeNames": {"#name": "doctor"},
        "ExpressionAttributeValues": {":value": {"S": "doctor"}},
    }
    return _never(lambda: update(ConditionExpression=_NEVER, **changes), thing)


def _check_never(wiring: ImpatientWiring, thing: Thing) -> str:
    check: Any = {"TableName": thing.name, "Key": _ABSENT_ROW, "ConditionExpression": _NEVER}
    transact: Any = wiring.dynamodb.transact_write_items
    return _never(lambda: transact(TransactItems=[{"ConditionCheck": check}]), thing)


def _never(request: Callable[[], object], thing: Thing) -> str:
    """Make a request whose condition never holds; raises SourceError when it went through."""
    try:
        request()
    except ClientError as error:
        if code_of(error) in ("ConditionalCheckFailedException", "TransactionCanceledException"):
            return _UNCHANGED
        raise
    raise SourceError(
        f"{thing.name} takes writes whose condition does not hold: repairs would not be safe there. "
        "Remove the row whose pk is doctor, and use a table that checks conditions"
    )


def _mail_nobody(wiring: ImpatientWiring, thing: Thing) -> str:
    """Send a message to an address without a domain, which no server can deliver or take."""
    try:
        wiring.ses.send_email(
            FromEmailAddress=parseaddr(thing.name)[1],
            Destination={"ToAddresses": ["nobody"]},
            Content={"Simple": {"Subject": {"Data": "doctor"}, "Body": {"Text": {"Data": "doctor"}}}},
        )
    except ClientError as error:
        if is_denied(error):
            raise
    return "not refused; nothing was sent"


REQUESTS: Mapping[str, Request] = {
    "s3:ListBucket": _list_one,
    "s3:GetObject": _get_absent,
    "s3:PutObject": _complete_nothing,
    "dynamodb:Scan": _scan_one,
    "dynamodb:Query": _query_nothing,
    "dynamodb:GetItem": _get_absent_row,
    "dynamodb:BatchGetItem": _get_absent_rows,
    "dynamodb:PutItem": _put_never,
    "dynamodb:UpdateItem": _update_never,
    "dynamodb:ConditionCheckItem": _check_never,
    "ses:SendEmail": _mail_nobody,
}
