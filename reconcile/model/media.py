"""Maps playback URLs to objects and back: which bucket and key a URL plays, which URL plays a key."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import translate
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import SplitResult, quote, unquote, unquote_plus, urlsplit

from reconcile.model import live

Spot = tuple[str | None, str]
"""Bucket (None: unknown) and key."""


class ObjectAddress(NamedTuple):
    """Where an object lies: its bucket and its key."""

    bucket: str
    key: str

    @property
    def uri(self) -> str:
        """The same as S3 writes it: s3://BUCKET/KEY."""
        return f"s3://{self.bucket}/{self.key}"


# With or without the bucket before it; a region, accelerate, fips, website or dualstack may stand between.
_S3_HOST = re.compile(r"(?:(?P<bucket>.+)\.)?s3(?:[.-][a-z0-9-]+){0,3}\.amazonaws\.com(?:\.cn)?")

_NOTHING = re.compile(r"\s*(?:[^./:]*|[./:\s]*|[a-z][a-z0-9+.-]*://[^/?#]*[/\s]*)", re.IGNORECASE)


def names_nothing(url: str | None) -> bool:
    """Whether a URL names no object: it is empty, a bare word such as `undefined`, or only a host."""
    return not url or _NOTHING.fullmatch(url) is not None


_HOST = re.compile(r"[a-z0-9.-]+")
_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_./-]*")
"""A path that is the same decoded, and in which nothing looks like a query."""


@dataclass(frozen=True, slots=True)
class Route:
    """A path pattern of the distribution, the bucket behind it, and what stands before the key there."""

    pattern: str
    bucket: str
    key_prefix: str = ""


def default_routes(recordings_bucket: str, uploads_bucket: str = live.UPLOADS_BUCKET) -> tuple[Route, ...]:
    """Return the behaviours of the live distribution, in their order; the first that fits wins."""
    return (
        *(Route(pattern, recordings_bucket) for pattern in live.RECORDING_PATTERNS),
        *(Route(pattern, uploads_bucket) for pattern in live.UPLOAD_PATTERNS),
        Route("*", uploads_bucket, live.UPLOAD_PREFIX),
    )


class _Read(NamedTuple):
    """What a URL says: its host, and the objects that it may mean."""

    host: str
    spots: frozenset[Spot]


@dataclass(frozen=True, slots=True)
class MediaMap:
    """The distribution: its domain, the domains it had before, its routes (`guessed`: nobody set them)."""

    domain: str
    old_domains: tuple[str, ...]
    routes: tuple[Route, ...]
    guessed: bool = False
    # What begins like this and goes on plainly is read at once; of the other URLs a run asks over and over.
    _home: str = field(init=False, repr=False, compare=False)
    _ways: tuple[tuple[re.Pattern[str], Route], ...] = field(init=False, repr=False, compare=False)
    _known: dict[str, _Read] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make the beginning of its plain URLs, and the patterns of its routes, once."""
        object.__setattr__(self, "_home", f"https://{self.domain}/" if _HOST.fullmatch(self.domain) else "")
        object.__setattr__(self, "_ways", tuple((_pattern(route.pattern), route) for route in self.routes))

    def url_of(self, bucket: str, key: str) -> str | None:
        """Return the URL that plays an object, percent-encoded; None when no route leads to it.

        Guessed routes know one bucket only: of another one's object the plain URL is the best guess.
        """
        for route in self.routes:
            path = key.removeprefix(route.key_prefix)
            if key.startswith(route.key_prefix) and self._routed(path) == (bucket, key):
                return self._url(path)
        return self._url(key) if self.guessed else None

    def _url(self, path: str) -> str:
        return f"https://{self.domain}/{quote(path, safe='/')}"

    def spots_of(self, url: str) -> frozenset[Spot]:
        """Return the objects that a URL may mean; none for a foreign host.

        The live functions do not percent-encode, players and people do: both readings count.
        """
        path = self._plain_path(url)
        return frozenset((self._routed(path),)) if path else self._read(url).spots

    def _host_of(self, url: str) -> str:
        return self.domain if self._plain_path(url) else self._read(url).host

    def _plain_path(self, url: str) -> str:
        """Return the path of a URL of the distribution that can be read in one way; "" of any other."""
        path = url.removeprefix(self._home) if self._home else url
        return path if len(path) < len(url) and _PLAIN.fullmatch(path) else ""

    def _read(self, url: str) -> _Read:
        if url not in self._known:
            try:
                parts = urlsplit(url)
                host = (parts.hostname or "").lower()
            except ValueError:
                self._known[url] = _Read("", frozenset())
            else:
                # One text for all URLs of the distribution: an archive has many.
                host = self.domain if host == self.domain else host
                self._known[url] = _Read(host, self._spots_of(url, parts, host))
        return self._known[url]

    def _spots_of(self, url: str, parts: SplitResult, host: str) -> frozenset[Spot]:
        if parts.scheme == "s3":
            return frozenset((parts.netloc, path) for path in _readings(url, parts.path))
        if parts.scheme not in ("http", "https"):
            return frozenset()
        if host in (self.domain, *self.old_domains):
            return frozenset(self._routed(path) for path in _readings(url, parts.path))
        match = _S3_HOST.fullmatch(host)
        if match is None:
            return frozenset()
        if bucket := match["bucket"]:
            return frozenset((bucket, path) for path in _readings(url, parts.path))
        paths = (path.partition("/") for path in _readings(url, parts.path))
        return frozenset((bucket, key) for bucket, _, key in paths if key)

    @property
    def buckets(self) -> frozenset[str]:
        """The buckets that its routes lead to."""
        return frozenset(route.bucket for route in self.routes)

    def has_old_domain(self, url: str) -> bool:
        """Whether a URL names a domain that the distribution had before."""
        return bool(self.old_domains) and self._host_of(url) in self.old_domains

    def on_new_domain(self, url: str) -> str:
        """Return the same URL on the domain of today."""
        return f"https://{self.domain}/{url.partition('://')[2].partition('/')[2]}"

    def is_on_domain(self, url: str) -> bool:
        """Whether a URL is a web address on the domain of today."""
        return url.startswith(("http://", "https://")) and self._host_of(url) == self.domain

    def _routed(self, path: str) -> Spot:
        for pattern, route in self._ways:
            if pattern.match(path):
                return (route.bucket, route.key_prefix + path)
        return (None, path)


def _readings(url: str, path: str) -> Iterable[str]:
    """Yield the keys that a path may mean: as written, decoded, and with what looks like a query."""
    whole = url.split("://", 1)[-1].partition("/")[2]
    for text in dict.fromkeys((path.lstrip("/"), whole)):
        yield from dict.fromkeys((text, unquote(text), unquote_plus(text)))


@lru_cache(maxsize=256)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern.lstrip("/")))
