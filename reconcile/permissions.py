"""What the job may do in AWS, by mode: the one list that roles, policies and doctor read."""

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


def permissions(mode: Mode) -> tuple[AwsPermission, ...]:
    """Return what a mode needs, each permission once, in order."""
    return tuple(sorted({*_EITHER, *(dynamodb_writing.PERMISSIONS if mode == "repair" else ())}))
