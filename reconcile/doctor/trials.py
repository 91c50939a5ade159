"""Tries the permissions that a run needs, the most telling first, and reports which are missing."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from reconcile.doctor.aws_errors import TROUBLE, error_text, grant_after, is_denied, step_after
from reconcile.doctor.clients import ImpatientWiring
from reconcile.doctor.permission_requests import REQUESTS, Inconclusive, Resource
from reconcile.doctor.result import Line, failed, not_looked_at, ok, warning
from reconcile.permissions import permissions
from reconcile.stores import configuration

_FIRST = ("s3:ListBucket", "dynamodb:Query", "dynamodb:Scan")
"""The actions whose answers tell whether there is an S3 or a DynamoDB at all."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A permission on an ARN, and a harmless request that needs it too.

    `on` names what the ARN is of, and `setting` is the setting that holds the name. `request` returns what
    was found; it raises Inconclusive, and what a store raises. Without a permission for the action `needs`,
    its answer would tell nothing.
    """

    action: str
    arn: str
    on: str
    setting: str
    request: Callable[[], str]
    needs: str = ""

    @property
    def what(self) -> str:
        """Name the permission."""
        return f"{self.action} on {self.on}"


def trials_on(wiring: ImpatientWiring, resource: Resource) -> list[Trial]:
    """Return the trials of what the mode in the settings needs on a thing, the most telling first.

    What a run can do without is not tried here: reading the configuration tells of that.
    """
    place, all_of_them = f"{{{resource.kind}}}", f":{resource.kind}/*"
    needed = [
        (action, arn)
        for action, arn in permissions(wiring.settings.mode)
        if (place in arn or all_of_them in arn) and (action, arn) not in configuration.PERMISSIONS
    ]
    return [
        Trial(
            action,
            arn.replace(place, resource.name),
            resource.name,
            resource.setting,
            partial(REQUESTS[action], wiring, resource),
            needs="s3:ListBucket" if action == "s3:GetObject" else "",
        )
        for action, arn in sorted(needed, key=lambda pair: pair[0] not in _FIRST)
    ]


def tried(trials: Iterable[Trial]) -> Iterator[Line]:
    """Send the requests; a denied one is reported with the permission to grant.

    A fault of another kind ends the trials: the rest would fail in the same way.
    """
    denied = set[str]()
    left = list(trials)
    while left:
        trial = left.pop(0)
        if trial.needs in denied:
            yield not_looked_at(trial.what, f"without {trial.needs}, no answer would show it")
            continue
        try:
            yield ok(trial.what, trial.request())
        except Inconclusive as reason:
            step = reason.step or f"See that a policy allows {trial.action} on {trial.arn}."
            yield warning(trial.what, f"not checked: {reason}", step)
        except TROUBLE as error:
            if not is_denied(error):
                yield failed(trial.what, error_text(error), step_after(error, trial.setting))
                yield from _given_up(left, trial)
                return
            denied.add(trial.action)
            yield failed(trial.what, error_text(error), grant_after(error, trial.action, trial.arn))


def _given_up(left: list[Trial], trial: Trial) -> Iterator[Line]:
    if left:
        actions = ", ".join(other.action for other in left)
        yield not_looked_at(f"{actions} on {trial.on}", f"{trial.action} failed")
