"""Check the buckets that IVS records into, and the location of reports."""

import os
from collections.abc import Iterator
from pathlib import Path

from reconcile.doctor.aws_errors import TROUBLE, error_text, step_after
from reconcile.doctor.clients import ImpatientWiring
from reconcile.doctor.permission_requests import Resource
from reconcile.doctor.result import Line, failed, ok, warning
from reconcile.doctor.trials import trials_on, tried
from reconcile.model.s3_address import bucket_and_key
from reconcile.stores.ports import ReportsStore
from reconcile.stores.s3_listing import DELIMITER

_FOLDERS, _ENTRIES = 5, 200


def bucket(wiring: ImpatientWiring, name: str) -> Iterator[Line]:
    """Check a bucket, and whether it contains recordings."""
    resource = Resource("bucket", name, "RECONCILE_BUCKET")
    lines = list(tried(trials_on(wiring, resource)))
    yield from lines
    if lines[0].state == "ok":
        yield _held(wiring, resource)


def media_bucket(wiring: ImpatientWiring, name: str) -> Iterator[Line]:
    """Look at a bucket that programs' media lie in; where nobody set the routes, it may be none."""
    resource = Resource("media_bucket", name, "RECONCILE_MEDIA_ROUTES")
    lines = list(tried(trials_on(wiring, resource)))
    if wiring.settings.media.guessed and "NoSuchBucket" in lines[0].found:
        text = "there is none, though the live distribution's routes lead to it: media in it is not checked"
        yield warning(f"bucket {name}", text, f"Set {resource.setting} to the distribution's own behaviours.")
    else:
        yield from lines


def _held(wiring: ImpatientWiring, resource: Resource) -> Line:
    """Look for media of a recording in the first folders that the job does not jump over."""
    what, skipped = f"recordings in {resource.name}", wiring.settings.skip_roots
    try:
        folders = _folded(wiring, resource, "", "/")
        looked_into = [name for name in folders if name.rstrip("/") not in skipped][:_FOLDERS]
        folder = next((name for name in looked_into if _folded(wiring, resource, name, DELIMITER)), None)
    except TROUBLE as error:
        return failed(what, error_text(error), step_after(error, resource.setting))
    if folder is not None:
        return ok(what, f"there are some, in the folder {folder}")
    step = "See that RECONCILE_BUCKET names the bucket of IVS's storage configuration."
    if not folders:
        return warning(what, "it holds no folders, and so no recordings", step)
    return warning(what, f"none in {', '.join(looked_into) or 'any folder that is not skipped'}", step)


def _folded(wiring: ImpatientWiring, resource: Resource, prefix: str, delimiter: str) -> list[str]:
    page = wiring.s3.list_objects_v2(
        Bucket=resource.name, Prefix=prefix, Delimiter=delimiter, MaxKeys=_ENTRIES
    )
    folded = (entry.get("Prefix", "") for entry in page.get("CommonPrefixes", []))
    return [name for name in folded if name.endswith(delimiter)]


def reports(wiring: ImpatientWiring) -> Iterator[Line]:
    """Check the location of reports; nothing is created there."""
    place, store = wiring.settings.reports, wiring.reports
    if store is None:
        return
    if place.startswith("s3://"):
        yield from tried(trials_on(wiring, _in_bucket(store)))
    else:
        yield _directory(Path(place))


def _in_bucket(store: ReportsStore) -> Resource:
    name, prefix = bucket_and_key(store.place(""))
    return Resource("reports", name, "RECONCILE_REPORTS", prefix)


def _directory(path: Path) -> Line:
    what, step = f"directory {path}", "Make the directory writable, or set RECONCILE_REPORTS to another."
    there = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
    if not there.is_dir():
        return failed(what, f"{there} is no directory", step)
    if not os.access(there, os.W_OK | os.X_OK):
        return failed(what, f"{there} cannot be written to", step)
    return ok(what, "can be written to" if there == path else "is not there yet: the first run makes it")
