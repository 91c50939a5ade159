"""What the adapters ask of AWS is what their permissions declare, and nothing that they do deletes."""

import ast
import importlib
from collections.abc import Iterable
from pathlib import Path

import pytest
from botocore import xform_name
from botocore.session import get_session

import reconcile
from reconcile.model.run import Mode
from reconcile.permissions import permissions

ROOT = Path(reconcile.__path__[0])
ADAPTERS = sorted(
    f"{room}.{path.stem}" for room in ("stores", "deliver") for path in (ROOT / room).glob("*.py")
)
# The name under which a client is made, and the one that its rights go by.
SERVICES = {
    "s3": "s3",
    "dynamodb": "dynamodb",
    "secretsmanager": "secretsmanager",
    "sesv2": "ses",
    "lambda": "lambda",
    "ivs-realtime": "ivs",
}
OPERATIONS = {
    xform_name(operation): f"{prefix}:{operation}"
    for service, prefix in SERVICES.items()
    for operation in get_session().get_service_model(service).operation_names
}
ACTIONS = {
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
    "s3:HeadObject": "s3:GetObject",
    "s3:HeadBucket": "s3:ListBucket",
}
# A transaction needs the right to each action that it holds.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
TRANSACTED = {
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
}
UNDOING, TRANSACTIONS = "stores.dynamodb_undoing", "stores.transactions"
TRANSACTING = ("stores.dynamodb_writing", UNDOING)


def text(adapter: str) -> str:
    return (ROOT / f"{adapter.replace('.', '/')}.py").read_text()


def source(adapter: str) -> ast.Module:
    return ast.parse(text(adapter))


def attributes(tree: ast.AST) -> set[str]:
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def called(adapter: str) -> set[str]:
    """Return the operations whose client methods a module names, each as service:Operation.

    Who speaks of no client has none: the query of an address is not one of a table.
    """
    if "client" not in text(adapter):
        return set()
    return {OPERATIONS[name] for name in attributes(source(adapter)) if name in OPERATIONS}


def needed(adapter: str) -> set[str]:
    """Return the rights that a module's calls need; whoever fills a transaction needs its rights."""
    if adapter == TRANSACTIONS:
        return set()
    calls = called(adapter) | (called(TRANSACTIONS) if adapter in TRANSACTING else set())
    rights = {ACTIONS.get(call, call) for call in calls - {"dynamodb:TransactWriteItems"}}
    if "dynamodb:TransactWriteItems" in calls:
        # The journal and the lease are part of every transaction but those of the journal alone.
        sources = [source(adapter), *([source(TRANSACTIONS)] if adapter in TRANSACTING else [])]
        nodes = (node for tree in sources for node in ast.walk(tree))
        literals = {node.value for node in nodes if isinstance(node, ast.Constant)}
        rights |= {right for action, right in TRANSACTED.items() if action in literals}
    # SES may ask for either, whatever the call is named.
    return rights | ({"ses:SendRawEmail"} if "ses:SendEmail" in rights else set())


def declared(adapter: str) -> Iterable[tuple[str, str]]:
    permissions: Iterable[tuple[str, str]] = getattr(
        importlib.import_module(f"reconcile.{adapter}"), "PERMISSIONS", ()
    )
    return permissions


def test_the_adapters_that_are_looked_at_do_call_aws() -> None:
    calling = {adapter: called(adapter) for adapter in ADAPTERS if called(adapter)}
    assert calling == {
        "deliver.email": {"ses:SendEmail"},
        "stores.configuration": {
            "s3:GetBucketNotificationConfiguration",
            "s3:GetBucketPolicy",
            "lambda:GetFunctionConfiguration",
            "ivs:GetStorageConfiguration",
        },
        "stores.dynamodb": {"dynamodb:Scan", "dynamodb:Query", "dynamodb:BatchGetItem"},
        "stores.transactions": {"dynamodb:TransactWriteItems"},
        "stores.lease": {"dynamodb:PutItem"},
        "stores.objects": {"s3:HeadObject", "s3:HeadBucket", "s3:ListObjectsV2"},
        "stores.files": {"s3:PutObject", "s3:GetObject", "s3:ListObjectsV2"},
        "stores.object_parts": {"s3:GetObject"},
        "stores.s3": {"s3:ListObjectsV2", "s3:GetObject", "s3:HeadObject"},
        "stores.secrets": {"secretsmanager:GetSecretValue"},
        "stores.environment": {"dynamodb:UpdateItem"},
        "stores.state": {"dynamodb:PutItem", "dynamodb:Query", "dynamodb:TransactWriteItems"},
        "stores.tables": {"dynamodb:GetItem", "dynamodb:Query"},
    }


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_an_adapter_declares_what_it_calls_and_no_more(adapter: str) -> None:
    assert {action for action, _ in declared(adapter)} == needed(adapter)


def test_the_writer_may_do_each_action_on_the_table_that_it_does_it_on() -> None:
    table, state = (f"arn:aws:dynamodb:*:*:table/{{{name}}}" for name in ("table", "state_table"))
    assert sorted(declared("stores.dynamodb_writing")) == sorted(
        [
            ("dynamodb:PutItem", table),
            ("dynamodb:UpdateItem", table),
            ("dynamodb:ConditionCheckItem", table),
            ("dynamodb:PutItem", state),
            ("dynamodb:ConditionCheckItem", state),
        ]
    )


def test_undo_may_delete_from_the_applications_table_alone() -> None:
    table, state = (f"arn:aws:dynamodb:*:*:table/{{{name}}}" for name in ("table", "state_table"))
    assert sorted(declared(UNDOING)) == sorted(
        [
            ("dynamodb:UpdateItem", table),
            ("dynamodb:DeleteItem", table),
            ("dynamodb:PutItem", state),
            ("dynamodb:ConditionCheckItem", state),
        ]
    )


@pytest.mark.parametrize("mode", ["check", "repair"])
def test_no_scheduled_run_may_delete_anything(mode: Mode) -> None:
    assert not [action for action, _ in permissions(mode) if "Delete" in action or "*" in action]


@pytest.mark.parametrize("adapter", [adapter for adapter in ADAPTERS if adapter != UNDOING])
def test_no_adapter_but_that_of_undo_deletes_or_may_delete_anything_in_aws(adapter: str) -> None:
    assert not [call for call in {*called(adapter), *needed(adapter)} if "Delete" in call]
    assert not [action for action, _ in declared(adapter) if "Delete" in action or "*" in action]


@pytest.mark.parametrize(
    "adapter", ["stores.s3", "stores.objects", "stores.dynamodb", "stores.configuration"]
)
def test_the_adapters_of_a_check_have_no_right_to_write(adapter: str) -> None:
    reading = ("Get", "List", "Scan", "Query", "BatchGet")
    assert all(action.partition(":")[2].startswith(reading) for action, _ in declared(adapter))
