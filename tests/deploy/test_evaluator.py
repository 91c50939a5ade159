"""The evaluator of policies: each of its rules allows and refuses, and what it does not know is an error."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.deploy.demands import Place, demands
from tests.deploy.evaluator import (
    FROM_ADDRESS,
    LEADING_KEYS,
    SECURE,
    Demand,
    Grant,
    NotUnderstood,
    allows,
    statements_of,
    uses,
)

HERE = Place("eu-central-1", "123456789012")
TABLE, OTHER = HERE.table("memory"), HERE.table("memory-of-another")
BUCKET, OBJECT = "arn:aws:s3:::videos", "arn:aws:s3:::videos/a/b.json"


def policy(*statements: Mapping[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def in_partitions(*names: str, null: bool = True) -> dict[str, Any]:
    guard = {"Null": {LEADING_KEYS: "false"}} if null else {}
    return {"ForAllValues:StringLike": {LEADING_KEYS: list(names)}, **guard}


def is_allowed(document: Mapping[str, Any], demand: Demand, **more: Any) -> bool:
    return allows(statements_of(document, **more), demand)


def putting(*keys: str, table: str = TABLE) -> Demand:
    return Demand("dynamodb:PutItem", table, {LEADING_KEYS: keys} if keys else {})


# ---- Actions and resources


def test_nothing_is_allowed_that_no_statement_allows() -> None:
    assert not is_allowed(policy(), putting("run"))


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("dynamodb:PutItem", TABLE, True),
        ("dynamodb:UpdateItem", TABLE, False),
        ("dynamodb:PutItem", OTHER, False),
        ("dynamodb:PutItem", HERE.table("memor?"), True),
        ("dynamodb:PutItem", HERE.table("memo?"), False),
        ("dynamodb:PutItem", HERE.table("*"), True),
        ("dynamodb:PutItem", "arn:aws:dynamodb:*:*:table/memory", True),
        ("dynamodb:PutItem", "arn:aws:dynamodb:*:table/memory", False),
        ("dynamodb:PutItem", "arn:aws:dynamodb:us-*:*:table/memory", False),
        (["dynamodb:GetItem", "dynamodb:PutItem"], [OTHER, TABLE], True),
    ],
)
def test_a_statement_allows_its_actions_on_its_resources(action: Any, resource: Any, allowed: bool) -> None:
    """A star stands for any characters of one part of an ARN, a question mark for one."""
    assert is_allowed(policy(allow(action, resource)), putting("run")) is allowed


def test_a_bucket_is_not_its_objects() -> None:
    of_bucket = policy(allow("s3:ListBucket", BUCKET), allow("s3:GetObject", f"{BUCKET}/*"))
    assert is_allowed(of_bucket, Demand("s3:ListBucket", BUCKET))
    assert is_allowed(of_bucket, Demand("s3:GetObject", OBJECT))
    assert not is_allowed(of_bucket, Demand("s3:GetObject", BUCKET))
    assert not is_allowed(of_bucket, Demand("s3:GetObject", f"{BUCKET}-too/a"))


def test_a_statement_that_denies_goes_before_all_that_allow() -> None:
    """It counts where its own condition holds: connections that are not encrypted."""
    deny = {"Effect": "Deny", "Action": "s3:*", "Resource": f"{BUCKET}/*", "Principal": "*"}
    document = policy(
        allow("s3:GetObject", f"{BUCKET}/*"), {**deny, "Condition": {"Bool": {SECURE: "false"}}}
    )
    for secure, allowed in (("true", True), ("false", False)):
        demand = Demand("s3:GetObject", OBJECT, {SECURE: (secure,)})
        assert is_allowed(document, demand, of_resource=True) is allowed


# ---- Conditions


@pytest.mark.parametrize(
    ("keys", "allowed"),
    [
        (("run",), True),
        (("ledger#f", "ledger", "run"), True),
        (("runs",), False),
        (("Run",), False),
        (("run", "lease"), False),
        ((), False),
    ],
)
def test_every_key_of_a_call_has_to_be_in_one_of_the_partitions(keys: tuple[str, ...], allowed: bool) -> None:
    document = policy(allow("dynamodb:PutItem", TABLE, Condition=in_partitions("run", "ledger*")))
    assert is_allowed(document, putting(*keys)) is allowed


def test_without_a_null_guard_a_call_without_keys_passes() -> None:
    """As it would in AWS: that is what the guard is for."""
    condition = in_partitions("run", null=False)
    assert is_allowed(policy(allow("dynamodb:PutItem", TABLE, Condition=condition)), putting())


def test_null_true_asks_that_there_is_no_such_key() -> None:
    document = policy(allow("dynamodb:PutItem", TABLE, Condition={"Null": {LEADING_KEYS: "true"}}))
    assert is_allowed(document, putting())
    assert not is_allowed(document, putting("run"))


def test_partitions_of_two_statements_do_not_add_up() -> None:
    """A call that names keys of both is refused: one list has to hold them all."""
    one, other = (
        allow("dynamodb:PutItem", TABLE, Condition=in_partitions(name)) for name in ("lease", "journal#*")
    )
    assert is_allowed(policy(one, other), putting("lease"))
    assert not is_allowed(policy(one, other), putting("lease", "journal#run"))


@pytest.mark.parametrize(
    ("sender", "allowed"),
    [("reports@example.net", True), ("Reports@Example.NET", True), ("ann@example.net", False), (None, False)],
)
def test_a_sender_is_the_one_that_may_send_whatever_its_case(sender: str | None, allowed: bool) -> None:
    where = HERE.arn("ses", "identity/*")
    condition = {"StringEqualsIgnoreCase": {FROM_ADDRESS: "reports@example.net"}}
    context = {FROM_ADDRESS: (sender,)} if sender else {}
    demand = Demand("ses:SendEmail", HERE.arn("ses", "identity/x"), context)
    assert is_allowed(policy(allow("ses:SendEmail", where, Condition=condition)), demand) is allowed


# ---- What is used of a policy


def test_the_grants_that_a_call_uses_are_those_of_its_action_its_resource_and_its_keys() -> None:
    """So what is never used shows, down to one partition of one action on one table."""
    actions = ["dynamodb:PutItem", "dynamodb:UpdateItem"]
    (statement,) = statements_of(
        policy(allow(actions, [TABLE, OTHER], Condition=in_partitions("run", "lease")))
    )
    assert len(set(statement.grants())) == 8
    assert uses([statement], putting("run")) == {Grant("dynamodb:PutItem", TABLE, "run")}


def test_a_statement_that_denies_grants_nothing() -> None:
    (statement,) = statements_of(
        policy({"Effect": "Deny", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"})
    )
    assert list(statement.grants()) == []


# ---- What is not known is an error


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (allow("dynamodb:DropTable", TABLE), "DropTable"),
        (allow("dynamodb:*", TABLE), r"dynamodb:\*"),
        ({"Effect": "Allow", "NotAction": "dynamodb:PutItem", "Resource": TABLE}, "NotAction"),
        ({"Effect": "Allow", "Action": "dynamodb:PutItem", "NotResource": TABLE}, "NotResource"),
        (allow("dynamodb:PutItem", TABLE, Principal="*"), "Principal"),
        ({"Effect": "allow", "Action": "dynamodb:PutItem", "Resource": TABLE}, "effect allow"),
        (allow("dynamodb:PutItem", HERE.table("${aws:username}")), "variables"),
        (
            allow("dynamodb:PutItem", TABLE, Condition={"StringMatches": {LEADING_KEYS: "run"}}),
            "StringMatches",
        ),
        (
            allow("dynamodb:PutItem", TABLE, Condition={"ForAnyValue:StringLike": {LEADING_KEYS: "run"}}),
            "ForAnyValue",
        ),
        (allow("dynamodb:PutItem", TABLE, Condition={"StringLike": {"dynamodb:Select": "x"}}), "Select"),
        (allow("dynamodb:Scan", TABLE, Condition=in_partitions("run")), "LeadingKeys of dynamodb:Scan"),
        (allow("dynamodb:PutItem", TABLE, Condition={"StringLike": {LEADING_KEYS: "run"}}), "StringLike for"),
        (
            allow("ses:SendEmail", "*", Condition={"ForAllValues:StringLike": {FROM_ADDRESS: "a@b.c"}}),
            "ForAllValues:StringLike for",
        ),
    ],
)
def test_what_is_not_known_of_a_policy_is_an_error(statement: Mapping[str, Any], named: str) -> None:
    """So is a condition on what a service never tells of an action, and one on a set that is none."""
    with pytest.raises(NotUnderstood, match=named):
        statements_of(policy(statement))


def test_a_policy_of_another_version_is_an_error() -> None:
    with pytest.raises(NotUnderstood):
        statements_of({"Version": "2008-10-17", "Statement": []})


@pytest.mark.parametrize(
    "demand",
    [Demand("dynamodb:DeleteTable", TABLE), Demand("dynamodb:Scan", TABLE, {LEADING_KEYS: ("run",)})],
)
def test_a_demand_that_is_not_known_is_an_error(demand: Demand) -> None:
    with pytest.raises(NotUnderstood):
        allows([], demand)


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("DynamoDB", "DeleteItem", {"TableName": "memory", "Key": {"pk": {"S": "run"}}}),
        ("DynamoDB", "ExecuteStatement", {"Statement": "SELECT 1"}),
        ("DynamoDB", "Query", {"TableName": "memory", "IndexName": "GSI1"}),
        ("DynamoDB", "Query", {"TableName": "memory", "KeyConditionExpression": "other = :x"}),
        ("DynamoDB", "TransactWriteItems", {"TransactItems": [{"Replace": {"TableName": "memory"}}]}),
        ("S3", "DeleteObject", {"Bucket": "videos", "Key": "a"}),
        ("SESv2", "SendEmail", {"Content": {"Template": {}}, "FromEmailAddress": "a@b.c"}),
    ],
)
def test_a_call_that_is_not_known_is_an_error(service: str, operation: str, arguments: Any) -> None:
    with pytest.raises(NotUnderstood):
        demands(service, operation, arguments, HERE)


# ---- What calls need


def row(pk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": "x"}}


def test_a_transaction_needs_the_right_to_each_action_for_its_key_and_for_all_keys_of_its_table() -> None:
    """AWS says that each action is asked for, but not which keys it then tells of."""
    items = [
        {"Put": {"TableName": "memory", "Item": row("ledger#1")}},
        {"Update": {"TableName": "app", "Key": row("u#ann#groups")}},
        {"ConditionCheck": {"TableName": "memory", "Key": row("lease")}},
    ]
    found = demands("DynamoDB", "TransactWriteItems", {"TransactItems": items}, HERE)
    keys = [
        (one.action.split(":")[1], one.resource.split("/")[1], one.context[LEADING_KEYS]) for one in found
    ]
    assert sorted(set(keys)) == [
        ("ConditionCheckItem", "memory", ("lease",)),
        ("ConditionCheckItem", "memory", ("ledger#1", "lease")),
        ("PutItem", "memory", ("ledger#1",)),
        ("PutItem", "memory", ("ledger#1", "lease")),
        ("UpdateItem", "app", ("u#ann#groups",)),
    ]


def test_a_batch_needs_the_right_to_each_table_for_all_of_its_keys() -> None:
    asked = {"app": {"Keys": [row("a"), row("b"), row("a")]}, "memory": {"Keys": [row("run")]}}
    assert demands("DynamoDB", "BatchGetItem", {"RequestItems": asked}, HERE) == [
        Demand("dynamodb:BatchGetItem", HERE.table("app"), {LEADING_KEYS: ("a", "b")}),
        Demand("dynamodb:BatchGetItem", TABLE, {LEADING_KEYS: ("run",)}),
    ]


@pytest.mark.parametrize(
    ("expression", "names"),
    [("pk = :k", {}), ("#p = :k", {"#p": "pk"}), ("#p = :k AND #s = :s", {"#p": "pk", "#s": "sk"})],
)
def test_a_query_needs_the_right_for_the_partition_that_it_names(expression: str, names: Any) -> None:
    arguments = {
        "TableName": "memory",
        "KeyConditionExpression": expression,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": {":k": {"S": "run"}, ":s": {"S": "x"}},
    }
    expected = Demand("dynamodb:Query", TABLE, {LEADING_KEYS: ("run",)})
    assert demands("DynamoDB", "Query", arguments, HERE) == [expected]


@pytest.mark.parametrize(
    ("content", "actions"),
    [
        ({"Simple": {}}, ["ses:SendEmail"]),
        ({"Simple": {"Attachments": [{}]}}, ["ses:SendEmail", "ses:SendRawEmail"]),
        ({"Raw": {}}, ["ses:SendRawEmail"]),
    ],
)
def test_a_mail_with_an_attachment_needs_both_rights(content: Any, actions: list[str]) -> None:
    given = {"Content": content, "FromEmailAddress": "Night watch <reports@example.net>"}
    found = demands("SESv2", "SendEmail", given, HERE)
    assert [one.action for one in found] == actions
    assert {one.context[FROM_ADDRESS] for one in found} == {("reports@example.net",)}


def test_reading_an_object_and_looking_for_one_need_the_same_right() -> None:
    for operation in ("GetObject", "HeadObject"):
        needed = demands("S3", operation, {"Bucket": "videos", "Key": "a/b.json"}, HERE)
        assert needed == [Demand("s3:GetObject", OBJECT)]
