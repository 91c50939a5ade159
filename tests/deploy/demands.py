"""Which rights a call of boto3 needs, by its operation and its arguments; an unknown operation is an error.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_dynamodb.html, and the same of the
other services.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from tests.deploy.evaluator import FROM_ADDRESS, LEADING_KEYS, Demand, NotUnderstood

Arguments = Mapping[str, Any]
PARTITION_KEY = "pk"
"""Of both tables."""

_ENDING = "-AbCdEf"
"""What Secrets Manager adds to the name of a secret: six characters that nobody chooses."""
# A partition is named first, by its attribute or by an alias.
_NAMED = re.compile(r"\s*(?P<name>#?\w+)\s*=\s*(?P<value>:\w+)(\s+AND\s.*)?")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call is made, and from which account."""

    region: str
    account: str

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource there."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def table(self, name: str) -> str:
        """Return the ARN of a table there."""
        return self.arn("dynamodb", f"table/{name}")


def demands(service: str, operation: str, arguments: Arguments, place: Place) -> list[Demand]:
    """Return what a call needs, of a service by its id; raises NotUnderstood."""
    known = _OPERATIONS.get((service, operation))
    if known is None:
        raise NotUnderstood(f"the call {operation} of {service}")
    return list(known(arguments, place))


def _of_bucket(action: str) -> "_Known":
    return lambda given, place: iter([Demand(action, f"arn:aws:s3:::{given['Bucket']}")])


def _of_object(action: str) -> "_Known":
    return lambda given, place: iter([Demand(action, f"arn:aws:s3:::{given['Bucket']}/{given['Key']}")])


def _of_table(action: str) -> "_Known":
    return lambda given, place: iter([Demand(action, place.table(given["TableName"]))])


def _of_row(action: str, row: str) -> "_Known":
    def known(given: Arguments, place: Place) -> Iterator[Demand]:
        yield _on_keys(action, place.table(given["TableName"]), _partition(given[row]))

    return known


def _on_keys(action: str, table: str, *keys: str) -> Demand:
    return Demand(action, table, {LEADING_KEYS: keys})


def _partition(row: Arguments) -> str:
    return str(row[PARTITION_KEY]["S"])


def _query(given: Arguments, place: Place) -> Iterator[Demand]:
    named = _NAMED.fullmatch(given.get("KeyConditionExpression", ""))
    if "IndexName" in given or named is None:
        raise NotUnderstood("a Query of an index, or without a partition")
    name = given.get("ExpressionAttributeNames", {}).get(named["name"], named["name"])
    if name != PARTITION_KEY:
        raise NotUnderstood(f"a Query by {name}")
    key = given["ExpressionAttributeValues"][named["value"]]["S"]
    yield _on_keys("dynamodb:Query", place.table(given["TableName"]), key)


def _scan(given: Arguments, place: Place) -> Iterator[Demand]:
    if "IndexName" in given:
        raise NotUnderstood("a Scan of an index")
    yield Demand("dynamodb:Scan", place.table(given["TableName"]))


def _batch_get(given: Arguments, place: Place) -> Iterator[Demand]:
    for name, asked in given["RequestItems"].items():
        keys = dict.fromkeys(map(_partition, asked["Keys"]))
        yield _on_keys("dynamodb:BatchGetItem", place.table(name), *keys)


_TRANSACTED = {
    "Put": ("dynamodb:PutItem", "Item"),
    "Update": ("dynamodb:UpdateItem", "Key"),
    "ConditionCheck": ("dynamodb:ConditionCheckItem", "Key"),
    "Delete": ("dynamodb:DeleteItem", "Key"),
}


def _transaction(given: Arguments, place: Place) -> Iterator[Demand]:
    """Yield what each action needs for its own key, and for all keys of its table in the transaction.

    A transaction needs the right to each of its actions; AWS does not say which of the keys it tells of then.
    So the policies have to allow it either way.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
    """
    actions, together = set[tuple[str, str]](), defaultdict[str, dict[str, None]](dict)
    for item in given["TransactItems"]:
        ((kind, asked),) = item.items()
        if kind not in _TRANSACTED:
            raise NotUnderstood(f"{kind} in a transaction")
        action, row = _TRANSACTED[kind]
        table, key = place.table(asked["TableName"]), _partition(asked[row])
        yield _on_keys(action, table, key)
        actions.add((action, table))
        together[table][key] = None
    yield from (_on_keys(action, table, *together[table]) for action, table in sorted(actions))


def _send_email(given: Arguments, place: Place) -> Iterator[Demand]:
    """Yield what a mail needs: one with an attachment may count as a raw one.

    https://docs.aws.amazon.com/ses/latest/dg/control-user-access.html
    """
    (kind,) = given["Content"]
    if kind not in ("Simple", "Raw"):
        raise NotUnderstood(f"{kind} as a mail's content")
    sender = parseaddr(given["FromEmailAddress"])[1]
    attached = kind == "Simple" and given["Content"][kind].get("Attachments")
    for action, needed in (
        ("ses:SendEmail", kind == "Simple"),
        ("ses:SendRawEmail", kind == "Raw" or attached),
    ):
        if needed:
            yield Demand(action, place.arn("ses", f"identity/{sender}"), {FROM_ADDRESS: (sender,)})


def _identity(given: Arguments, place: Place) -> Iterator[Demand]:
    yield Demand("ses:GetEmailIdentity", place.arn("ses", f"identity/{given['EmailIdentity']}"))


def _account(given: Arguments, place: Place) -> Iterator[Demand]:
    yield Demand("ses:GetAccount", "*")


def _secret(given: Arguments, place: Place) -> Iterator[Demand]:
    arn = place.arn("secretsmanager", f"secret:{given['SecretId']}{_ENDING}")
    yield Demand("secretsmanager:GetSecretValue", arn)


def _function(given: Arguments, place: Place) -> Iterator[Demand]:
    arn = place.arn("lambda", f"function:{given['FunctionName']}")
    yield Demand("lambda:GetFunctionConfiguration", arn)


def _storage(given: Arguments, place: Place) -> Iterator[Demand]:
    yield Demand("ivs:GetStorageConfiguration", given["arn"])


_Known = Callable[[Arguments, Place], Iterator[Demand]]
_OPERATIONS: Mapping[tuple[str, str], _Known] = {
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
    ("S3", "ListObjectsV2"): _of_bucket("s3:ListBucket"),
    ("S3", "HeadBucket"): _of_bucket("s3:ListBucket"),
    ("S3", "GetBucketNotificationConfiguration"): _of_bucket("s3:GetBucketNotification"),
    ("S3", "GetBucketPolicy"): _of_bucket("s3:GetBucketPolicy"),
    ("S3", "GetObject"): _of_object("s3:GetObject"),
    ("S3", "HeadObject"): _of_object("s3:GetObject"),
    ("S3", "PutObject"): _of_object("s3:PutObject"),
    ("S3", "UploadPart"): _of_object("s3:PutObject"),
    ("DynamoDB", "DescribeTable"): _of_table("dynamodb:DescribeTable"),
    ("DynamoDB", "DescribeContinuousBackups"): _of_table("dynamodb:DescribeContinuousBackups"),
    ("DynamoDB", "Scan"): _scan,
    ("DynamoDB", "Query"): _query,
    ("DynamoDB", "GetItem"): _of_row("dynamodb:GetItem", "Key"),
    ("DynamoDB", "BatchGetItem"): _batch_get,
    ("DynamoDB", "PutItem"): _of_row("dynamodb:PutItem", "Item"),
    ("DynamoDB", "UpdateItem"): _of_row("dynamodb:UpdateItem", "Key"),
    ("DynamoDB", "TransactWriteItems"): _transaction,
    ("SESv2", "SendEmail"): _send_email,
    ("SESv2", "GetEmailIdentity"): _identity,
    ("SESv2", "GetAccount"): _account,
    ("Secrets Manager", "GetSecretValue"): _secret,
    ("Lambda", "GetFunctionConfiguration"): _function,
    ("IVS RealTime", "GetStorageConfiguration"): _storage,
}
