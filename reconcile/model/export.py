"""A DynamoDB export to S3: what its manifests say, and which exports together show the table. Pure.

The format: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from reconcile.model.clock import parse_time, write_time
from reconcile.model.errors import SourceError
from reconcile.model.s3_address import bucket_and_key

SUMMARY = "manifest-summary.json"
OLDEST = timedelta(hours=26)
"""How old the newest export of a chain may be: one a day, and two hours to make it."""

_TABLE_ARN = re.compile(
    r"arn:aws[a-z-]*:dynamodb:(?P<region>[a-z0-9-]+):\d{12}:table/(?P<name>[A-Za-z0-9_.-]+)"
)


@dataclass(frozen=True, slots=True)
class Export:
    """What the summary of an export says.

    `address` is s3://BUCKET/PREFIX/AWSDynamoDB/ID. A full export (`since` None) shows the table as of
    `until`; an incremental one what became of each row that changed from `since` to just before `until`.
    `items` is the number of lines in its data files, which the object `files_key` names.
    """

    address: str
    table_arn: str
    table_id: str
    since: datetime | None
    until: datetime
    items: int
    files_key: str

    @property
    def bucket(self) -> str:
        """The bucket that it lies in, which may be a copy of the one that it was made in."""
        return bucket_and_key(self.address)[0]


@dataclass(frozen=True, slots=True)
class DataFile:
    """A gzipped file of an export: its key, its number of lines, and the MD5 of its bytes in base64."""

    key: str
    items: int
    md5: str


@dataclass(frozen=True, slots=True)
class ExportChain:
    """A full export and the incremental ones that follow it, oldest first."""

    full: Export
    incremental: tuple[Export, ...]

    @property
    def as_of(self) -> datetime:
        """The moment as of which they show the table."""
        return self.incremental[-1].until if self.incremental else self.full.until

    @property
    def newest_first(self) -> tuple[Export, ...]:
        """The exports in the order in which they are read: of two states of a row the newest counts."""
        return (*reversed(self.incremental), self.full)


def summary_key(address: str) -> str:
    """Return the key of the summary of an export."""
    return f"{bucket_and_key(address)[1]}/{SUMMARY}"


def read_summary(address: str, text: bytes, table: str, region: str) -> Export:
    """Read what the summary of an export says.

    Raises SourceError where it is of another table or region, in another format, or no summary.
    """
    facts = _object(text, f"the {SUMMARY} of the export {address}")
    if facts.get("outputFormat") != "DYNAMODB_JSON":
        raise SourceError(
            f"the export {address} is in the format {facts.get('outputFormat')}: export as DYNAMODB_JSON"
        )
    arn = str(facts.get("tableArn"))
    named = _TABLE_ARN.fullmatch(arn)
    if named is None or (named["name"], named["region"]) != (table, region):
        raise SourceError(f"the export {address} is of {arn}, and not of the table {table} in {region}")
    incremental = facts.get("exportType") == "INCREMENTAL_EXPORT"
    try:
        return Export(
            address,
            arn,
            str(facts.get("tableId")),
            parse_time(facts["exportFromTime"]) if incremental else None,
            parse_time(facts["exportToTime"] if incremental else facts["exportTime"]),
            int(facts["itemCount"]),
            str(facts["manifestFilesS3Key"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SourceError(f"the {SUMMARY} of the export {address} cannot be understood: {error}") from error


def read_files(export: Export, text: bytes) -> tuple[DataFile, ...]:
    """Read which data files an export has; raises SourceError where they do not add up to the export."""
    what = f"{export.files_key} of the export {export.address}"
    try:
        files = tuple(
            DataFile(str(facts["dataFileS3Key"]), int(facts["itemCount"]), str(facts["md5Checksum"]))
            for line in text.splitlines()
            if line.strip()
            for facts in (_object(line, what),)
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SourceError(f"{what} cannot be understood: {error}") from error
    listed = sum(file.items for file in files)
    if listed != export.items:
        raise SourceError(
            f"{what} lists {listed:,} items, and the summary counts {export.items:,}: it is incomplete"
        )
    return files


def _object(text: bytes, what: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise SourceError(f"{what} is no JSON object")
    return value


def chain_of(exports: Iterable[Export]) -> ExportChain:
    """Return the newest full export and the incremental ones that lead on from it, however they are ordered.

    Those that the full one makes needless are left out. Raises SourceError where there is no full export,
    where time is missing between two, or where they are not of one and the same table.
    """
    named = sorted(dict.fromkeys(exports), key=lambda export: (export.since or export.until, export.until))
    full = max((export for export in named if export.since is None), key=attrgetter("until"), default=None)
    if full is None:
        raise SourceError("no full export is named, and incremental ones only say what changed: name it too")
    chain = ExportChain(full, ())
    for export in named:
        if export.since is not None and export.until > chain.as_of:
            chain = ExportChain(full, (*chain.incremental, _following(chain, export)))
    return chain


def _following(chain: ExportChain, export: Export) -> Export:
    """Return an export that leads on from a chain; raises SourceError for one that does not."""
    if (export.table_arn, export.table_id) != (chain.full.table_arn, chain.full.table_id):
        raise SourceError(
            f"the export {export.address} is of another table than the full one, whatever their names: "
            f"{export.table_arn} with the id {export.table_id}, not {chain.full.table_id}"
        )
    if export.since is None or export.since > chain.as_of:
        begins = write_time(export.since) if export.since else "an unknown time"
        raise SourceError(
            f"no export covers {write_time(chain.as_of)} to {begins}, when {export.address} begins: name the "
            "incremental export of that time, or a newer full one"
        )
    return export


def why_too_old(as_of: datetime, now: datetime) -> str:
    """Say why a table that was exported then is not believed now; "" where it is."""
    if now - as_of <= OLDEST:
        return ""
    hours, most = (span.total_seconds() / 3600 for span in (now - as_of, OLDEST))
    return (
        f"its export shows it as of {write_time(as_of)}, {hours:,.0f} hours ago: name one of the last "
        f"{most:.0f} hours, or scan the table"
    )
