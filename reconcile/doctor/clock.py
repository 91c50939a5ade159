"""Compares this machine's clock with the one that AWS answers with."""

from collections.abc import Sequence
from datetime import timedelta

from reconcile.doctor.answers import CLOCK_STEP
from reconcile.doctor.line import Line, failed, not_looked_at, ok, warning

_ODD = timedelta(seconds=60)
_REFUSED = timedelta(seconds=300)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-signing.html"""


def clock_line(ahead: Sequence[timedelta]) -> Line:
    """Say how far this machine's clock is ahead, by the answers that came; a late answer counts least."""
    what = "clock of this machine"
    if not ahead:
        return not_looked_at(what, "no answer of AWS told the time")
    least = min(ahead, key=abs)
    seconds = round(abs(least).total_seconds())
    found = f"{seconds:,} s {'ahead of' if least > timedelta() else 'behind'} AWS's"
    if abs(least) > _REFUSED:
        return failed(what, found, CLOCK_STEP)
    if abs(least) > _ODD:
        return warning(what, found, CLOCK_STEP)
    return ok(what, "as AWS's" if seconds < 2 else found)
