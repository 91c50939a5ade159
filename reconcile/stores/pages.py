"""Iterate over the pages of an S3 listing; a listing that makes no progress is an error."""

from collections.abc import Callable, Iterator
from typing import Any

from reconcile.model.errors import SourceError
from reconcile.stores.aws import Patience
from reconcile.stores.responses import Course


def patiently(request: Callable[..., Any], patience: Patience) -> Callable[..., Any]:
    """Return what asks for one page of a listing, and asks again where that fails."""

    def _page(**place: Any) -> Any:
        return patience.call("a page", lambda: request(**place))

    return _page


class Pages:
    """The pages of one listing, a request each; `request` takes what says where to go on.

    Iterating raises SourceError when the store promises more and does not give it, or goes back: it would be
    listed for ever. `more` tells whether the last page was not the end, `reached` the last of its entries.
    """

    def __init__(self, request: Callable[..., Any]) -> None:
        self._request = request
        self._next: dict[str, str] = {}
        self.reached = ""
        self.more = True

    def __iter__(self) -> Iterator[Any]:
        course = Course("the store's listing")
        while self.more:
            page = self._request(**self._next)
            reached = self.reached
            self._keep_order(page)
            self.more = page["IsTruncated"]
            token = page.get("NextContinuationToken", "")
            self._next = {"ContinuationToken": token}
            yield page
            if self.more and "ContinuationToken" in self._next:
                if not token:
                    raise SourceError("the store's listing says that it goes on, and does not")
                course.turn(token, brought=self.reached > reached)

    def jump(self, behind: str) -> None:
        """Continue after a key instead of at the end of the page."""
        self._next, self.reached = {"StartAfter": behind}, behind

    def _keep_order(self, page: Any) -> None:
        keys = [item["Key"] for item in page.get("Contents", [])]
        keys += [folded["Prefix"] for folded in page.get("CommonPrefixes", [])]
        if min(keys, default=self.reached) < self.reached:
            raise SourceError(f"the store's listing goes back behind {self.reached!r}")
        self.reached = max(keys, default=self.reached)
