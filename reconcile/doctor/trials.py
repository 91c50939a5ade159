"""Tries permissions one by one; the first fault that is no missing permission ends the trials on a thing."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from reconcile.doctor.answers import TROUBLE, is_denied, said, step_after
from reconcile.doctor.line import Line, failed, not_looked_at, ok


@dataclass(frozen=True, slots=True)
class Trial:
    """A permission on an ARN, and a harmless request that needs it; the request returns what was found.

    `on` is what the ARN's thing is called, and `setting` what names it; without the action `needs`, the
    request could not tell anything.
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
            found = trial.request()
        except TROUBLE as error:
            if is_denied(error):
                lacking.add(trial.action)
                yield failed(trial.what, said(error), f"Grant {trial.action} on {trial.arn}.")
                continue
            yield failed(trial.what, said(error), step_after(error, trial.setting))
            if left:
                yield not_looked_at(
                    f"{', '.join(other.action for other in left)} on {trial.on}", f"{trial.action} failed"
                )
            return
        yield ok(trial.what, found)
