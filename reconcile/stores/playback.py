"""Request the first byte of playback URLs from the distribution, as a player on the internet does."""

import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urljoin, urlsplit

import urllib3

from reconcile.model.sighting import Reply
from reconcile.stores.aws import NO_TIME, Meter, Patience
from reconcile.stores.responses import NotAnswered, demand
from reconcile.stores.timeouts import endless, in_time

_ASKERS, _TRIES, _MOST_HOPS = 16, 3, 3
_SECONDS, _LONGEST_CALL, _PARTIAL = 10.0, 30.0, 206
_FIRST_BYTE = {"Range": "bytes=0-0", "User-Agent": "reconcile"}
_SAFE = "/%:?&=+$,;@!*'()~#[]"


class _Elsewhere(Exception):
    """Raised when a response redirects to another host."""


class HttpPlayback:
    """Requests URLs of one domain; redirects to other hosts are not followed."""

    def __init__(
        self,
        domain: str,
        meter: Meter,
        left: Callable[[], float] = endless,
        sleep: Callable[[float], None] = time.sleep,
        seconds: float = _SECONDS,
    ) -> None:
        self._domain, self._meter, self._left = domain, meter, left
        self._patience = Patience(tries=_TRIES, base=0.25, sleep=sleep, left=left)
        self._pool = urllib3.PoolManager(maxsize=_ASKERS, retries=False, timeout=urllib3.Timeout(seconds))

    def ask(self, urls: Collection[str]) -> dict[str, Reply]:
        """Request the first byte of URLs; each reply says what failed."""
        wanted = sorted(urls)
        with ThreadPoolExecutor(_ASKERS) as pool:
            return dict(zip(wanted, pool.map(self._ask, wanted), strict=True))

    def _ask(self, url: str) -> Reply:
        why, attempt = "", 0
        while True:
            attempt += 1
            if self._left() <= 0:
                return Reply("none", NO_TIME)
            try:
                status = in_time(lambda: self._status_of(url), self._left, _LONGEST_CALL)
            except _Elsewhere as error:
                return Reply("none", f"it leads to {error}, which is not followed")
            except NotAnswered as error:
                why = f"{self._domain} gives {error}"
            except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                why = f"{self._domain} does not answer: {type(error).__name__}"
            else:
                if 200 <= status < 300:
                    return Reply("plays")
                if 400 <= status < 500 and status != 429:
                    return Reply("refused", f"it answers {status}")
                why = f"{self._domain} answers {status}"
            if not self._patience.wait(attempt):
                return Reply("none", f"{why}, {attempt} times" if attempt == _TRIES else f"{why}. {NO_TIME}")

    def _status_of(self, url: str) -> int:
        """Return what a URL answers with, within its own domain; raises NotAnswered without a first byte."""
        for _ in range(_MOST_HOPS):
            self._meter.add("playback:GET")
            target = quote(url, safe=_SAFE)
            # Not preloaded: a server that knows no ranges would send the whole film.
            answer = self._pool.request(
                "GET", target, headers=_FIRST_BYTE, preload_content=False, redirect=False
            )
            try:
                if 200 <= answer.status < 300:
                    demand("html" not in answer.headers.get("Content-Type", ""), "media: it is a page")
                    demand(answer.read(1), "a first byte")
            finally:
                if answer.status == _PARTIAL:
                    answer.drain_conn()
                answer.close()
            location = answer.headers.get("Location")
            if not (300 <= answer.status < 400 and location):
                return answer.status
            url = urljoin(target, location)
            if urlsplit(url).hostname != self._domain:
                raise _Elsewhere(urlsplit(url).hostname or "nowhere")
        raise _Elsewhere("itself, again and again")
