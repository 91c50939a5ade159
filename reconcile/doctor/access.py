"""Looks for a region and for credentials: without them nothing of AWS can be looked at."""

from collections.abc import Iterator

from botocore.exceptions import BotoCoreError, ClientError

from reconcile.doctor.answers import CREDENTIALS_STEP, said
from reconcile.doctor.line import Line, failed, ok


def access_lines() -> Iterator[Line]:
    """Look for what every request to AWS needs, where boto3 looks for it."""
    import boto3

    try:
        session = boto3.session.Session()
        region = session.region_name
        credentials = session.get_credentials()
        if credentials:
            # Asks whoever lends them, where they are lent.
            credentials.get_frozen_credentials()
    except (BotoCoreError, ClientError) as error:
        yield failed("AWS credentials", said(error), CREDENTIALS_STEP)
        return
    if region:
        yield ok("AWS region", region)
    else:
        yield failed("AWS region", "not set", "Set AWS_DEFAULT_REGION to the region of the tables.")
    if credentials:
        yield ok("AWS credentials", f"found ({credentials.method})")
    else:
        yield failed("AWS credentials", "none found", CREDENTIALS_STEP)
