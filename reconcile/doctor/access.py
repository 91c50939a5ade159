"""Check what every AWS request needs: a region, credentials, and a clock that is nearly correct."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from botocore.exceptions import BotoCoreError, ClientError

from reconcile.doctor.aws_errors import CLOCK_STEP, CREDENTIALS_STEP, error_text
from reconcile.doctor.result import Line, failed, not_looked_at, ok, warning

_ODD = timedelta(seconds=60)
"""A clock that is further off than this is worth a warning."""

_REFUSED = timedelta(seconds=300)
"""AWS refuses requests that are signed by a clock further off than this.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-signing.html
"""


def access_lines() -> Iterator[Line]:
    """Check the region and the credentials, each where boto3 looks for it."""
    import boto3

    try:
        session = boto3.session.Session()
        region = session.region_name
        credentials = session.get_credentials()
        if credentials:
            # Asks whoever lends them, where they are lent.
            credentials.get_frozen_credentials()
    except (BotoCoreError, ClientError) as error:
        yield failed("AWS credentials", error_text(error), CREDENTIALS_STEP)
        return
    if region:
        yield ok("AWS region", region)
    else:
        yield failed("AWS region", "not set", "Set AWS_DEFAULT_REGION to the region of the tables.")
    if credentials:
        yield ok("AWS credentials", f"found ({credentials.method})")
    else:
        yield failed("AWS credentials", "none found", CREDENTIALS_STEP)


def clock_line(ahead: Sequence[timedelta]) -> Line:
    """Check this machine's clock; `ahead` is how far it was ahead of each answer's Date.

    The smallest difference counts: a late answer makes it look larger.
    """
    what = "clock of this machine"
    if not ahead:
        return not_looked_at(what, "no answer of AWS contained the time")
    least = min(ahead, key=abs)
    seconds = round(abs(least).total_seconds())
    difference = f"{seconds:,} s {'ahead of' if least > timedelta() else 'behind'} AWS's"
    if abs(least) > _REFUSED:
        return failed(what, difference, CLOCK_STEP)
    if abs(least) > _ODD:
        return warning(what, difference, CLOCK_STEP)
    return ok(what, "as AWS's" if seconds < 2 else difference)
