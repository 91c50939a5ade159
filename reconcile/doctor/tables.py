"""Check the application's table and the state table: existence, keys, Regions, permissions, backups."""

from collections.abc import Iterator, Mapping
from typing import Any

from reconcile.doctor.aws_errors import TROUBLE, error_text, step_after
from reconcile.doctor.clients import ImpatientWiring
from reconcile.doctor.optional_rights import ask_if_allowed
from reconcile.doctor.permission_requests import Resource
from reconcile.doctor.result import Line, failed, not_looked_at, not_told, ok, warning
from reconcile.doctor.trials import trials_on, tried
from reconcile.model.errors import UsageError
from reconcile.model.run import Mode
from reconcile.runs.environment import refuse_mismatch
from reconcile.stores.ports import StateStore
from reconcile.stores.responses import NotAnswered

_KEYS = ["pk S HASH", "sk S RANGE"]
_GROUPS, _GROUPS_KEYS = "GSI1", ["GSI1PK S HASH", "GSI1SK S RANGE"]


def application_table(wiring: ImpatientWiring) -> Iterator[Line]:
    """Check the application's table."""
    resource = Resource("table", wiring.settings.table, "RECONCILE_TABLE")
    yield from _table(wiring, resource)


def state_table(wiring: ImpatientWiring) -> Iterator[Line]:
    """Check the state table, and which environment it belongs to."""
    if wiring.state is None:
        return
    resource = Resource("state_table", wiring.settings.state_table, "RECONCILE_STATE_TABLE")
    lines = list(_table(wiring, resource))
    yield from lines
    if not any(line.state == "failed" for line in lines):
        yield _belonging(wiring, wiring.state)


def _table(wiring: ImpatientWiring, resource: Resource) -> Iterator[Line]:
    what = f"table {resource.name}"
    table = ask_if_allowed(what, "dynamodb:DescribeTable", resource, lambda: _description(wiring, resource))
    if isinstance(table, Line):
        yield table
        usable = table.state != "failed"
    else:
        shape = _shape(what, table, resource)
        yield shape
        usable = shape.state != "failed"
        if usable and resource.kind == "table":
            yield _groups_index(table)
        if usable:
            yield from _regions(table, resource, wiring.settings.mode)
    if not usable:
        yield not_looked_at(f"what is allowed on {resource.name}", f"{what} failed")
        return
    yield from tried(trials_on(wiring, resource))
    yield _recovery(wiring, resource)


def _description(wiring: ImpatientWiring, resource: Resource) -> Mapping[str, Any]:
    return wiring.dynamodb.describe_table(TableName=resource.name).get("Table", {})


def _shape(what: str, table: Mapping[str, Any], resource: Resource) -> Line:
    keys, status = _keys(table, table), table.get("TableStatus", "")
    if not keys:
        return not_told(what)
    if keys != _KEYS:
        step = f"Set {resource.setting} to a table whose keys are the texts pk and sk."
        return failed(what, f"its keys are {', '.join(keys)}", step)
    if status not in ("ACTIVE", "UPDATING"):
        return warning(what, f"it is {status}", "Wait until the table is ACTIVE.")
    return ok(what, f"text keys pk and sk, {status}")


def _groups_index(table: Mapping[str, Any]) -> Line:
    """Check the GSI that lists the programs of a group."""
    what = f"index {_GROUPS}"
    step = f"Make the index {_GROUPS} with text keys GSI1PK and GSI1SK, or set RECONCILE_TABLE."
    indexes = table.get("GlobalSecondaryIndexes", [])
    index_found = next((index for index in indexes if index.get("IndexName") == _GROUPS), None)
    if index_found is None:
        return warning(what, "the table has none, so that no group's listing shows its programs", step)
    keys = _keys(index_found, table)
    if keys != _GROUPS_KEYS:
        return warning(what, f"its keys are {', '.join(keys)}", step)
    return ok(what, "text keys GSI1PK and GSI1SK")


def _regions(table: Mapping[str, Any], resource: Resource, mode: Mode) -> Iterator[Line]:
    """Check a table that has replicas in other Regions.

    A condition is held against what its own Region knows, and strongly consistent ones take no transactions:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
    """
    what = f"Regions of {resource.name}"
    if table.get("MultiRegionConsistency") == "STRONG":
        found = "strongly consistent over several Regions: such a table takes no transactions, and no repair"
        step = f"Run checks only, or set {resource.setting} to a table without that consistency."
        yield (failed if mode == "repair" else warning)(what, found, step)
    elif others := sorted(str(replica.get("RegionName")) for replica in table.get("Replicas") or ()):
        found = f"replicated to {', '.join(others)}: what is written there is not known here at once"
        step = "Let one Region alone write: run the job where the application writes, and nowhere else."
        yield warning(what, found, step)


def _keys(description: Mapping[str, Any], table: Mapping[str, Any]) -> list[str]:
    """Return the keys of a table, or of an index of it, each with its type and its part."""
    types = {
        definition.get("AttributeName"): definition.get("AttributeType")
        for definition in table.get("AttributeDefinitions", [])
    }
    keys = [(key.get("AttributeName"), key.get("KeyType")) for key in description.get("KeySchema", [])]
    return [f"{name} {types.get(name)} {part}" for name, part in keys]


def _recovery(wiring: ImpatientWiring, resource: Resource) -> Line:
    what, client = f"point-in-time recovery of {resource.name}", wiring.dynamodb
    action = "dynamodb:DescribeContinuousBackups"
    answer: Any = ask_if_allowed(
        what, action, resource, lambda: client.describe_continuous_backups(TableName=resource.name)
    )
    if isinstance(answer, Line):
        return answer
    recovery = answer.get("ContinuousBackupsDescription", {}).get("PointInTimeRecoveryDescription", {})
    status = recovery.get("PointInTimeRecoveryStatus")
    if status is None:
        return not_told(what)
    if status != "ENABLED":
        step = f"Turn point-in-time recovery on for {resource.name}: mistakes could then be undone."
        return warning(what, "off", step)
    return ok(what, "on")


def _belonging(wiring: ImpatientWiring, state: StateStore) -> Line:
    what = f"whose memory {wiring.settings.state_table} is"
    try:
        standing = state.environment()
        if standing is None:
            return ok(what, "not bound yet: the first run binds it to these settings")
        refuse_mismatch(standing, wiring.environment)
    except UsageError as error:
        return failed(what, str(error), "Set RECONCILE_STATE_TABLE to the table of this environment.")
    except TROUBLE as error:
        if isinstance(error.__cause__, NotAnswered):
            step = "Check the item environment of the table, or set RECONCILE_STATE_TABLE to one of its own."
            return failed(what, f"its item cannot be parsed: {error}", step)
        return failed(what, error_text(error), step_after(error, "RECONCILE_STATE_TABLE"))
    return ok(what, f"of the stage {standing.stage}, as the settings say")
