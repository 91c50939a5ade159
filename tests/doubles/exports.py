"""A bucket of DynamoDB exports in the documented format, made from the items of a table.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
"""

import gzip
import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import md5
from itertools import count
from typing import Any

from reconcile.model.clock import write_time

Item = Mapping[str, Any]
Line = Mapping[str, Any]
Items = Mapping[tuple[str, str], Item]

BUCKET, PREFIX, REGION, ACCOUNT = "table-exports", "nightly", "us-east-1", "111122223333"
_PART = 1000


@dataclass
class ExportBucket:
    """Exports of one table, as objects; it is read part by part as S3 is."""

    table: str
    objects: dict[str, bytes] = field(default_factory=dict)
    requests: int = 0
    size: int = 0
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def read(self, bucket: str, key: str) -> Iterator[bytes]:
        """Yield an object's bytes, some at a time; raises KeyError without one."""
        if bucket != BUCKET:
            raise KeyError(bucket)
        body = self.objects[key]
        for begin in range(0, max(1, len(body)), _PART):
            self.requests += 1
            self.size += len(body[begin : begin + _PART])
            yield body[begin : begin + _PART]

    def full(self, items: Iterable[Item], at: datetime, **summary: Any) -> str:
        """Export a table as of a moment; return the address. `summary` goes before what it says."""
        return self._write([{"Item": item} for item in items], {"exportTime": write_time(at), **summary})

    def incremental(self, changes: Sequence[Line], since: datetime, until: datetime, **summary: Any) -> str:
        """Export what changed in a window; return the address. `summary` goes before what it says."""
        window = {
            "version": "2023-08-01",
            "exportFromTime": write_time(since),
            "exportToTime": write_time(until),
            "exportType": "INCREMENTAL_EXPORT",
            "outputView": "NEW_AND_OLD_IMAGES",
        }
        return self._write(changes, {**window, **summary})

    def _write(self, lines: Sequence[Line], summary: Mapping[str, Any]) -> str:
        export = f"{next(self._numbers):014d}-a1b2c3d4"
        folder = f"{PREFIX}/AWSDynamoDB/{export}"
        # One file a partition of the table; the third is of one that holds nothing.
        files = [lines[::2], lines[1::2], []]
        self._files(folder, files)
        arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{self.table}"
        facts = {
            "version": "2020-06-30",
            "exportArn": f"{arn}/export/{export}",
            "tableArn": arn,
            "tableId": "12345a12-abcd-123a-ab12-1234abc12345",
            "s3Bucket": BUCKET,
            "s3Prefix": PREFIX,
            "manifestFilesS3Key": f"{folder}/manifest-files.json",
            "itemCount": len(lines),
            "outputFormat": "DYNAMODB_JSON",
            **summary,
        }
        self.objects[f"{folder}/manifest-summary.json"] = json.dumps(facts).encode()
        return f"s3://{BUCKET}/{folder}"

    def _files(self, folder: str, files: Sequence[Sequence[Line]]) -> None:
        told = []
        for number, lines in enumerate(files):
            key = f"{folder}/data/file{number}.json.gz"
            text = "".join(f"{json.dumps(line)}\n" for line in lines)
            body = gzip.compress(text.encode(), mtime=0) if lines else b""
            self.objects[key] = body
            told.append({"itemCount": len(lines), "md5Checksum": checksum(body), "dataFileS3Key": key})
        manifest = "".join(f"{json.dumps(file)}\n" for file in told)
        self.objects[f"{folder}/manifest-files.json"] = manifest.encode()


def checksum(body: bytes) -> str:
    """Return the MD5 of bytes as a manifest tells it."""
    return b64encode(md5(body, usedforsecurity=False).digest()).decode()


def changes(before: Items, after: Items, at: datetime) -> list[Line]:
    """Return the lines that tell how one state of a table became another."""
    lines = list[Line]()
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key):
            images = {"OldImage": before.get(key), "NewImage": after.get(key)}
            told = {name: image for name, image in images.items() if image is not None}
            lines.append({**head(key, at), **told})
    return lines


def head(key: tuple[str, str], at: datetime) -> dict[str, Any]:
    """Return what each line of a change begins with."""
    micros = {"N": str(int(at.timestamp() * 1_000_000))}
    return {
        "Metadata": {"WriteTimestampMicros": micros},
        "Keys": {"pk": {"S": key[0]}, "sk": {"S": key[1]}},
    }
