"""Reads a data file of an export line by line as its bytes arrive, and checks that it is whole at its end.

The rows of an export are whole, stream keys included: each is cut down to what is used before anything keeps
it, and no error quotes a line.
"""

import hashlib
import json
import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reconcile.model.catalog import RowKey
from reconcile.model.errors import SourceError
from reconcile.model.export import DataFile
from reconcile.model.search_record import Image
from reconcile.stores.dynamodb import key_of, used
from reconcile.stores.responses import SHAPES

_AT_A_TIME = 2**18
_LONGEST_LINE = 2**24
"""Bytes. A row has 400 KB at most, and a change may hold two: JSON makes some of them longer.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""
_GZIP = 31
_TYPES = {"S": str, "N": str, "B": str, "BOOL": bool, "NULL": bool, "SS": list, "NS": list, "BS": list}


@dataclass(frozen=True, slots=True)
class RowChange:
    """What became of a row: its image (None: it was deleted), written at a time in microseconds."""

    key: RowKey
    image: Image | None
    written: int


def rows_in(parts: Iterable[bytes], file: DataFile) -> Iterator[Image]:
    """Yield the rows of a full export's data file, projected; raises SourceError, also at the end."""
    return (_understood(_row, line, file) for line in _lines(parts, file))


def changes_in(parts: Iterable[bytes], file: DataFile) -> Iterator[RowChange]:
    """Yield the changes of an incremental export's data file; raises SourceError, also at the end."""
    return (_understood(_change, line, file) for line in _lines(parts, file))


def _row(line: Mapping[str, Any]) -> Image:
    return _projected(line["Item"])


def _projected(image: Mapping[str, Any]) -> Image:
    row = used(image)
    _require_keys(row)
    if not all(map(_is_attribute, row.values())):
        raise ValueError
    return row


def _is_attribute(value: Any) -> bool:
    """Whether a value is one of DynamoDB's, {type: value}; botocore sees to that for what the table sends."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    ((kind, inner),) = value.items()
    if kind == "M":
        return isinstance(inner, dict) and all(map(_is_attribute, inner.values()))
    if kind == "L":
        return isinstance(inner, list) and all(map(_is_attribute, inner))
    return kind in _TYPES and isinstance(inner, _TYPES[kind])


def _change(line: Mapping[str, Any]) -> RowChange:
    keys, image = line["Keys"], line.get("NewImage")
    _require_keys(keys)
    key = key_of(keys)
    row = None if image is None else _projected(image)
    if row is not None and key_of(row) != key:
        raise ValueError
    return RowChange(key, row, _micros(line["Metadata"]["WriteTimestampMicros"]))


def _require_keys(row: Mapping[str, Any]) -> None:
    if not all(isinstance(row[name]["S"], str) for name in ("pk", "sk")):
        raise ValueError


def _micros(value: Any) -> int:
    """Read the time of a write, which is written as {"N": "…"}, as a number or as a text."""
    return int(value["N"] if isinstance(value, Mapping) else value)


def _understood(read: Any, line: bytes, file: DataFile) -> Any:
    try:
        return read(json.loads(line))
    except (*SHAPES, RecursionError):
        raise SourceError(f"{file.key} holds a line that is no row with text keys pk and sk") from None


def _lines(parts: Iterable[bytes], file: DataFile) -> Iterator[bytes]:
    """Yield the lines of a data file; at its end raises SourceError unless all of them came, unchanged."""
    number, begun, digest = 0, b"", hashlib.md5(usedforsecurity=False)
    for text in _unzipped(_hashed(parts, digest), file):
        *whole, begun = (begun + text).split(b"\n")
        if len(begun) > _LONGEST_LINE:
            raise SourceError(f"{file.key} holds a line that does not end")
        for line in whole:
            if line.strip():
                number += 1
                yield line
    if begun.strip():
        number += 1
        yield begun
    if b64encode(digest.digest()).decode() != file.md5:
        raise SourceError(f"{file.key} is not as it was exported: its MD5 is another than the manifest's")
    if number != file.items:
        raise SourceError(f"{file.key} holds {number:,} items, and the manifest counts {file.items:,}")


def _hashed(parts: Iterable[bytes], digest: Any) -> Iterator[bytes]:
    for part in parts:
        digest.update(part)
        yield part


def _unzipped(parts: Iterable[bytes], file: DataFile) -> Iterator[bytes]:
    """Yield what is compressed in one gzip stream or in several, some at a time; an empty file holds none."""
    stream, fed = zlib.decompressobj(_GZIP), False
    try:
        for part in parts:
            while part:
                yield stream.decompress(part, _AT_A_TIME)
                fed, part = True, stream.unconsumed_tail
                if stream.eof:
                    part, stream, fed = stream.unused_data, zlib.decompressobj(_GZIP), False
        yield stream.flush()
    except zlib.error:
        raise SourceError(f"{file.key} is no gzip file, or is damaged") from None
    if fed and not stream.eof:
        raise SourceError(f"{file.key} is cut off: its end is missing")
