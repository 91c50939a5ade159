"""What the job may do in AWS, by mode: the one list that roles, policies and doctor read."""

from collections.abc import Mapping

from reconcile.deliver.registry import KINDS
from reconcile.model.run import Mode
from reconcile.stores import (
    configuration,
    dynamodb,
    dynamodb_writing,
    environment,
    files,
    lease,
    objects,
    s3,
    secrets,
    state,
    tables,
)

AwsPermission = tuple[str, str]
"""An action, and the ARN that it is needed on; {names} in it stand for what the settings name."""

_EITHER: tuple[AwsPermission, ...] = (
    *s3.PERMISSIONS,
    *objects.PERMISSIONS,
    *configuration.PERMISSIONS,
    *dynamodb.PERMISSIONS,
    *state.PERMISSIONS,
    *environment.PERMISSIONS,
    *tables.PERMISSIONS,
    # For the lock of a run key, and for the lease.
    *lease.PERMISSIONS,
    *files.PERMISSIONS,
    *secrets.PERMISSIONS,
    *(permission for kind in KINDS for permission in kind.permissions),
)


PUT, UPDATE = "dynamodb:PutItem", "dynamodb:UpdateItem"
"""The actions that write into the state table."""

_PARTITIONS: Mapping[Mode, Mapping[str, tuple[str, ...]]] = {
    "check": {
        PUT: ("claim", "ledger*", "outgrown", "run"),
        UPDATE: ("environment",),
    },
    # Each action's whole list: a transaction writes into some partitions of either line at once.
    "repair": {
        PUT: ("claim", "journal#*", "lease", "ledger*", "outgrown", "run"),
        UPDATE: ("environment", "journal#*"),
    },
}


def permissions(mode: Mode) -> tuple[AwsPermission, ...]:
    """Return what a mode needs, each permission once, in order."""
    return tuple(sorted({*_EITHER, *(dynamodb_writing.PERMISSIONS if mode == "repair" else ())}))


def partitions(mode: Mode) -> Mapping[str, tuple[str, ...]]:
    """Return, by action, the partitions of the state table that a mode writes into.

    In their names, * stands for any characters. The partition `decision` is people's alone.
    """
    return _PARTITIONS[mode]
