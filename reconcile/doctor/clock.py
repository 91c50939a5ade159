"""Compares this machine's clock with the one that AWS answers with."""

from collections.abc import Sequence
from datetime import timedelta

from reconcile.doctor.answers import NOT_TOLD
from reconcile.doctor.line import Line, failed, ok, warning

_ODD = timedelta(seconds=60)
_REFUSED = timedelta(seconds=300)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-signing.html"""

_STEP = "Set this machine's clock by a time server: AWS refuses what is signed five minutes off."


def clock_line(ahead: Sequence[timedelta]) -> Line:
    """Say how far this machine's clock is ahead, by the answers that came; a late answer counts least."""
    what = "clock of this machine"
    if not ahead:
        return ok(what, NOT_TOLD)
    least = min(ahead, key=abs)
    seconds = round(abs(least).total_seconds())
    found = f"{seconds:,} s {'ahead of' if least > timedelta() else 'behind'} AWS's"
    if abs(least) > _REFUSED:
        return failed(what, found, _STEP)
    if abs(least) > _ODD:
        return warning(what, found, _STEP)
    return ok(what, "as AWS's" if seconds < 2 else found)
