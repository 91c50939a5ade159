"""Tries permissions one by one; the first fault that is no missing permission ends the trials on a thing."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from reconcile.doctor.answers import TROUBLE, grant_after, is_denied, said, step_after
from reconcile.doctor.line import Line, failed, not_looked_at, ok, warning


class Untold(Exception):
    """Raised where an answer tells nothing about a permission: why, and what would tell it ("": nothing)."""

    def __init__(self, why: str, step: str = "") -> None:
        super().__init__(why)
        self.step = step


@dataclass(frozen=True, slots=True)
class Trial:
    """A permission on an ARN, and a harmless request that needs it too.

    The request returns what was found; raises Untold, and what a store raises. `on` is what the ARN's thing
    is called, and `setting` what names it; without the action `needs`, the request could not tell anything.
    """

    action: str
    arn: str
    on: str
    setting: str
    request: Callable[[], str]
    needs: str = ""

    @property
    def what(self) -> str:
        """Return what is looked at."""
        return f"{self.action} on {self.on}"


def tried(trials: Iterable[Trial]) -> Iterator[Line]:
    """Make the requests; what is denied is told with the permission to grant."""
    lacking: set[str] = set()
    left = list(trials)
    while left:
        trial = left.pop(0)
        if trial.needs in lacking:
            yield not_looked_at(trial.what, f"without {trial.needs}, no answer would tell it")
            continue
        try:
            yield ok(trial.what, trial.request())
        except Untold as reason:
            step = reason.step or f"See that a policy allows {trial.action} on {trial.arn}."
            yield warning(trial.what, f"not looked at: {reason}", step)
        except TROUBLE as error:
            if not is_denied(error):
                yield failed(trial.what, said(error), step_after(error, trial.setting))
                yield from _given_up(left, trial)
                return
            lacking.add(trial.action)
            yield failed(trial.what, said(error), grant_after(error, trial.action, trial.arn))


def _given_up(left: list[Trial], trial: Trial) -> Iterator[Line]:
    if left:
        actions = ", ".join(other.action for other in left)
        yield not_looked_at(f"{actions} on {trial.on}", f"{trial.action} failed")
