"""List a bucket's keys without its media, and combine them into recordings."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from operator import itemgetter
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from reconcile.model.archive import ARCHIVES, TIERING
from reconcile.model.parallel import at_once
from reconcile.model.recording import Kind, Recording, parse_key
from reconcile.stores.aws import code_of
from reconcile.stores.key_ranges import borders
from reconcile.stores.pages import Pages

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectTypeDef

DELIMITER = "/media/"
# "0" is the next character after "/": the jump passes over an object of exactly this name, never a recording.
_AFTER_MEDIA = "/media0"
_EVENTS = re.compile(r"(?P<prefix>.+)/events/recording-(?P<what>started|ended|failed)\.json", re.DOTALL)
_PAGE, _SMALL_PAGE = 1000, 25
RANGES = 6
"""How many ranges of a bucket's keys are listed at once; each may cost one request more."""
_PAGES_ALONE = 4


class NotHonoured(Exception):
    """Raised when the store ignored the delimiter that rolls up the media."""


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key of the listing; a rolled-up one, or one inside media, has no time.

    `etag` is "" where it does not vouch that the object can be read as it could before.
    """

    key: str
    modified: datetime | None
    media_of: str | None = None
    etag: str = ""
    size: int = 0

    @classmethod
    def of(cls, item: "ObjectTypeDef") -> "ListedKey":
        """Return an object of a listing; what lies in an archive keeps its ETag, and cannot be read."""
        readable = item.get("StorageClass") not in (*ARCHIVES, TIERING)
        return cls(
            item["Key"],
            item["LastModified"],
            etag=item.get("ETag", "").strip('"') if readable else "",
            size=item.get("Size", 0),
        )


Add = Callable[[ListedKey], None]
"""Takes an entry of a listing, in any order and from any thread."""


class Walk:
    """Lists one bucket's keys, without the media and the skipped roots."""

    def __init__(self, page: Callable[..., Any], roots: Sequence[str]) -> None:
        self._list, self._roots = page, roots
        self.jumped: set[str] = set()
        self.way: Literal["rolled-up", "skip-scan"] = "rolled-up"

    def rolled_up(self, add: Add) -> None:
        """Let the store fold each recording's media into one entry; raises NotHonoured if it does not.

        After some pages the rest is listed in several ranges of keys at once.
        """
        pages = Pages(partial(self._list, Delimiter=DELIMITER))
        chain = iter(pages)
        try:
            if self._take(add, pages, islice(chain, _PAGES_ALONE)) or not pages.more:
                return
            ends = borders(self._list, pages.reached, self._roots)
            # The first range goes on where the pages before ended.
            first = partial(self._take, add, pages, chain, ends[0] if ends else None)
            ranges: list[Callable[[], object]] = [first]
            ranges += [
                partial(self._range, add, *bounds) for bounds in zip(ends, [*ends[1:], None], strict=False)
            ]
            for _ in at_once(lambda take: take(), ranges, RANGES):
                pass
        except ClientError as error:
            if code_of(error) in ("InvalidArgument", "NotImplemented", "InvalidRequest"):
                raise NotHonoured from error
            raise

    def _range(self, add: Add, after: str, end: str | None) -> None:
        """List the keys behind `after` and up to `end`."""
        pages = Pages(partial(self._list, Delimiter=DELIMITER))
        pages.jump(after)
        self._take(add, pages, iter(pages), end)

    def _take(self, add: Add, pages: Pages, chain: Iterator[Any], end: str | None = None) -> bool:
        """Take the entries of a chain of pages up to `end`; return whether that was reached.

        A recording's media are one entry, and no border lies within them: each entry is of one range.
        """
        for page in chain:
            for entry in _checked(page):
                if (end is None or entry.key <= end) and self._root(entry.key) is None:
                    add(entry)
            root = self._root(pages.reached)
            if root:
                pages.jump(_after(root))
            if end is not None and pages.reached >= end:
                return True
        return False

    def skipping(self, add: Add) -> None:
        """List flat, and jump behind a recording's media as soon as it begins."""
        self.way, size = "skip-scan", _PAGE
        pages = Pages(lambda **place: self._list(MaxKeys=size, **place))
        for page in pages:
            items = page.get("Contents", [])
            for entry in self._unfolded(items):
                add(entry)
            last = items[-1]["Key"] if items else ""
            root, (head, delimiter, _) = self._root(last), last.partition(DELIMITER)
            if root or delimiter:
                pages.jump(_after(root) if root else head + _AFTER_MEDIA)
            size = _SMALL_PAGE if delimiter else _PAGE

    def _unfolded(self, items: Iterable[Any]) -> Iterator[ListedKey]:
        base = None
        for item in items:
            head, delimiter, _ = item["Key"].partition(DELIMITER)
            if self._root(item["Key"]):
                continue
            if not delimiter:
                yield ListedKey.of(item)
            elif head != base:
                base = head
                yield ListedKey(head + DELIMITER, None, media_of=head)

    def _root(self, key: str) -> str | None:
        for root in self._roots:
            if key.startswith(root):
                self.jumped.add(root)
                return root
        return None


def _after(root: str) -> str:
    # As behind the media: nothing under the root sorts behind it.
    return root.removesuffix("/") + "0"


def _checked(page: Any) -> Iterator[ListedKey]:
    """Yield the entries of a rolled-up page; raises NotHonoured when one shows that it is not."""
    for item in page.get("Contents", []):
        if DELIMITER in item["Key"]:
            raise NotHonoured
        yield ListedKey.of(item)
    for folded in page.get("CommonPrefixes", []):
        head, delimiter, rest = folded["Prefix"].partition(DELIMITER)
        if not delimiter or rest:
            raise NotHonoured
        yield ListedKey(folded["Prefix"], None, media_of=head)


@dataclass(slots=True)
class _Seen:
    """What the listing has shown of a recording so far."""

    kind: Kind
    channel_id: str | None = None
    started: datetime | None = None
    ended: datetime | None = None
    failed: datetime | None = None
    has_media: bool = False
    end_etag: str = ""
    end_size: int = 0

    def add_event(self, what: str, entry: ListedKey) -> None:
        """Take note of an events file; the one of its end says more than one of a failure."""
        if what == "started":
            self.started = entry.modified
        elif what == "ended":
            self.ended, self.end_etag, self.end_size = entry.modified, entry.etag, entry.size
        else:
            self.failed = entry.modified
            if not self.ended:
                self.end_etag, self.end_size = entry.etag, entry.size


class Gathered:
    """Combines the entries of a listing into recordings."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket
        self._found: dict[str, _Seen] = {}
        self.others = 0
        self._lock = Lock()

    def add(self, entry: ListedKey) -> None:
        """Add one entry, in any order and from any thread; those that belong to no recording are counted."""
        with self._lock:
            self._add(entry)

    def _add(self, entry: ListedKey) -> None:
        events = _EVENTS.fullmatch(entry.key) if entry.modified else None
        if events:
            prefix = events["prefix"]
            seen = self._seen(prefix) or self._found.setdefault(prefix, _Seen(Kind.UNKNOWN))
            seen.add_event(events["what"], entry)
            return
        # Anything else beside events and media, such as a file somebody left there, makes no recording.
        folder = self._seen(entry.media_of) if entry.media_of else None
        if folder is None:
            self.others += 1
        else:
            folder.has_media = True

    def recordings(self) -> list[Recording]:
        """Return the recordings, in order."""
        return [
            Recording(
                bucket=self._bucket,
                prefix=prefix,
                kind=seen.kind,
                channel_id=seen.channel_id,
                started_seen=seen.started,
                ended_seen=seen.ended,
                failed_seen=seen.failed,
                has_media=seen.has_media,
                end_etag=seen.end_etag,
                end_size=seen.end_size,
            )
            for prefix, seen in sorted(self._found.items(), key=itemgetter(0))
        ]

    def _seen(self, prefix: str) -> _Seen | None:
        """Return what was seen of a recording; None where a prefix is that of no known layout."""
        seen = self._found.get(prefix)
        if seen is None:
            parsed = parse_key(f"{prefix}/")
            if parsed and parsed.prefix == prefix:
                seen = self._found[prefix] = _Seen(parsed.kind, parsed.channel_id)
        return None if seen is None or seen.kind is Kind.UNKNOWN else seen
