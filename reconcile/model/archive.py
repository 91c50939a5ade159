"""Tells archived objects, which are there and cannot be read, from the others, and how to restore them."""

import re

from reconcile.model.remedy import command

# Glacier Instant Retrieval (GLACIER_IR) is read like any other class.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/archived-objects.html
ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")
TIERING = "INTELLIGENT_TIERING"
"""The class whose objects may be archived although their listing does not show it; only HEAD does."""

_DAYS = 7
_RESTORED = re.compile(r'\bongoing-request\s*=\s*"?false\b', re.IGNORECASE)


def archive_of(storage_class: str | None, restore: str | None, status: str | None) -> str:
    """Return the archive that an object lies in, "" where it can be read.

    By the headers of a HEAD request: `x-amz-storage-class` (none: standard), `x-amz-restore` (such as
    `ongoing-request="false", expiry-date="..."` once a copy can be read) and `x-amz-archive-status`.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    """
    if status:
        return status
    if storage_class in ARCHIVES and not _RESTORED.search(restore or ""):
        return storage_class or ""
    return ""


def restore_object(bucket: str, key: str, archive: str) -> str:
    """Return the command that restores one object, quoted for the shell."""
    place = ("--bucket", bucket, "--key", key)
    return command("aws", "s3api", "restore-object", *place, restore_request=_request(archive))


def restore_all(bucket: str, prefix: str, archive: str) -> str:
    """Return the command that restores everything of an archive under a prefix, quoted for the shell."""
    tier = archive if archive in ARCHIVES else TIERING
    query = f"Contents[?StorageClass=='{tier}'].[Key]"
    place = ("--bucket", bucket, "--prefix", prefix, "--query", query, "--output", "text")
    listing = command("aws", "s3api", "list-objects-v2", *place)
    command_line = command(
        "aws", "s3api", "restore-object", "--bucket", bucket, restore_request=_request(archive)
    )
    return f'{listing} | while IFS= read -r key; do {command_line} --key "$key"; done'


def _request(archive: str) -> dict[str, object]:
    how: dict[str, object] = {"GlacierJobParameters": {"Tier": "Standard"}}
    # What Intelligent-Tiering has archived comes back for good, and takes no number of days.
    return {"Days": _DAYS, **how} if archive in ARCHIVES else how
