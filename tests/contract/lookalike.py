"""A store that lists like S3, or nearly so: each field of a Lookalike is one way of being different."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import md5
from itertools import groupby
from types import MappingProxyType
from typing import Literal
from urllib.parse import quote_plus
from xml.sax.saxutils import escape

from tests.contract.loopback import Answer, Asked

WHEN = "2026-03-01T12:00:00.000Z"

Delimiting = Literal["honours", "ignores", "first-character", "InvalidArgument", "NotImplemented"]


@dataclass
class Lookalike:
    """Buckets (name -> key -> body), a page's size, and what is odd about the store.

    `empty_every`: each so-manieth page is empty and still says that it goes on. `failures`: number of the
    listing request -> answer. `asked` holds the queries of the listings, `given` the keys they returned.
    """

    buckets: dict[str, dict[str, bytes]]
    page: int = 1000
    delimiting: Delimiting = "honours"
    empty_every: int = 0
    encodes: bool = True
    start_after: bool = True
    failures: dict[int, Answer] = field(default_factory=dict)
    refused: dict[str, Answer] = field(default_factory=dict)
    objects: dict[str, Answer] = field(default_factory=dict)
    asked: list[Mapping[str, str]] = field(default_factory=list)
    given: list[str] = field(default_factory=list)

    def answer(self, asked: Asked) -> Answer:
        """Answer a listing or a read."""
        bucket, _, key = asked.path.removeprefix("/").partition("/")
        if bucket in self.refused:
            return self.refused[bucket]
        if bucket not in self.buckets:
            return s3_error(404, "NoSuchBucket", "The specified bucket does not exist")
        if key:
            return self._read(bucket, key)
        self.asked.append(asked.query)
        if len(self.asked) in self.failures:
            return self.failures[len(self.asked)]
        delimiter = asked.query.get("delimiter", "")
        if delimiter and self.delimiting in ("InvalidArgument", "NotImplemented"):
            return s3_error(501 if self.delimiting == "NotImplemented" else 400, self.delimiting, "delimiter")
        return self._list(bucket, asked.query)

    def _read(self, bucket: str, key: str) -> Answer:
        if key in self.objects:
            return self.objects[key]
        if key not in self.buckets[bucket]:
            return s3_error(404, "NoSuchKey", "The specified key does not exist.")
        return Answer(200, self.buckets[bucket][key], {"ETag": '"etag"'})

    def _list(self, bucket: str, query: Mapping[str, str]) -> Answer:
        delimiter = {"ignores": "", "first-character": query.get("delimiter", "")[:1]}.get(
            self.delimiting, query.get("delimiter", "")
        )
        entries = _folded(sorted(self.buckets[bucket], key=str.encode), query.get("prefix", ""), delimiter)
        behind = query.get("start-after", "") if self.start_after else ""
        if "continuation-token" in query:
            behind = _opened(query["continuation-token"])
        left = [entry for entry in entries if entry[0].encode() > behind.encode()]
        size = min(self.page, int(query.get("max-keys", "1000")))
        if self.empty_every and len(self.asked) % self.empty_every == 0:
            size = 0
        shown = left[:size]
        self.given += [name for name, _ in shown]
        more = len(left) > len(shown)
        token = _token(len(self.asked), shown[-1][0] if shown else behind) if more else ""
        return listing(
            [(name, None if folded else len(self.buckets[bucket][name])) for name, folded in shown],
            more=more,
            token=token,
            encodes=self.encodes,
            etags={name: md5(self.buckets[bucket][name]).hexdigest() for name, folded in shown if not folded},
        )


def listing(
    entries: list[tuple[str, int | None]],
    *,
    more: bool = False,
    token: str = "",
    encodes: bool = True,
    etags: Mapping[str, str] = MappingProxyType({}),
) -> Answer:
    """Return one page of a listing: keys with their sizes, and common prefixes without."""

    def told(key: str) -> str:
        return escape(quote_plus(key, safe="/") if encodes else key)

    parts = [f"<IsTruncated>{str(more).lower()}</IsTruncated>"]
    parts += ["<EncodingType>url</EncodingType>"] * encodes
    parts += [f"<NextContinuationToken>{token}</NextContinuationToken>"] * bool(token)
    for key, size in entries:
        if size is None:
            parts.append(f"<CommonPrefixes><Prefix>{told(key)}</Prefix></CommonPrefixes>")
        else:
            facts = f"<LastModified>{WHEN}</LastModified><Size>{size}</Size>"
            facts += f"<ETag>&quot;{etags[key]}&quot;</ETag>" if key in etags else ""
            parts.append(f"<Contents><Key>{told(key)}</Key>{facts}</Contents>")
    return xml(f"<ListBucketResult>{''.join(parts)}</ListBucketResult>")


def _token(number: int, behind: str) -> str:
    return b64encode(f"{number}|{behind}".encode()).decode()


def _opened(token: str) -> str:
    return b64decode(token).decode().partition("|")[2]


def _folded(keys: list[str], prefix: str, delimiter: str) -> list[tuple[str, bool]]:
    """Return what a listing shows of sorted keys: (key, False), or (common prefix, True) once."""

    def entry(key: str) -> tuple[str, bool]:
        head, found, _ = key.removeprefix(prefix).partition(delimiter) if delimiter else (key, "", "")
        return (prefix + head + found, True) if found else (key, False)

    return [shown for shown, _ in groupby(entry(key) for key in keys if key.startswith(prefix))]


def xml(text: str) -> Answer:
    """Return an answer of XML."""
    body = f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode()
    return Answer(200, body, {"Content-Type": "application/xml"})


def s3_error(status: int, code: str, message: str) -> Answer:
    """Return S3's way of saying no."""
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
    return Answer(status, body, {"Content-Type": "application/xml"})
