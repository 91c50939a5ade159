"""Pages of a bucket's keys as S3 lists them, without any request."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from threading import Lock
from typing import Any

AT = datetime(2026, 3, 1, tzinfo=UTC)
"""When each object was written."""


class KeyPages:
    """Lists keys as S3 does, in small pages; a common prefix that is not behind StartAfter is left out.

    `chains` counts the pages of each listing that follow one another, by their tokens.
    """

    def __init__(self, keys: Iterable[str], size: int, *, starts_after: bool = True) -> None:
        self.keys, self.size, self._starts_after = sorted(keys), size, starts_after
        self.chains, self._lock = Counter[int](), Lock()

    @property
    def requests(self) -> int:
        """How many pages were asked for."""
        return self.chains.total()

    def page(
        self,
        *,
        Delimiter: str = "",
        Prefix: str = "",
        StartAfter: str = "",
        ContinuationToken: str = "",
    ) -> Mapping[str, Any]:
        """Return a page."""
        number, _, reached = ContinuationToken.partition("|")
        with self._lock:
            chain = int(number or len(self.chains))
            self.chains[chain] += 1
        behind = reached or (StartAfter if self._starts_after else "")
        contents, folded, last = list[str](), list[str](), ""
        for place in range(bisect_right(self.keys, behind), len(self.keys)):
            key = self.keys[place]
            head, delimiter, _ = key[len(Prefix) :].partition(Delimiter)
            entry = f"{Prefix}{head}{delimiter}"
            if not key.startswith(Prefix) or entry == last or (delimiter and entry <= behind):
                continue
            if len(contents) + len(folded) == self.size:
                reached = f"{last}\U0010ffff" if last in folded else last
                return _answer(contents, folded, f"{chain}|{reached}")
            last = entry
            (folded if delimiter else contents).append(entry)
        return _answer(contents, folded, "")


def _answer(contents: list[str], folded: list[str], token: str) -> Mapping[str, Any]:
    """Return a page; the token leads behind its last entry, and behind everything that this rolls up."""
    more = {"NextContinuationToken": token} if token else {}
    return {
        "Contents": [{"Key": key, "LastModified": AT} for key in contents],
        "CommonPrefixes": [{"Prefix": prefix} for prefix in folded],
        "IsTruncated": bool(token),
        **more,
    }
