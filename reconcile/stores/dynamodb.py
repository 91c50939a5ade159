"""Read the application's table: one rate-limited parallel scan, and strongly consistent reads by key."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from reconcile.model.catalog import RowKey
from reconcile.model.errors import SourceError
from reconcile.model.parallel import at_once
from reconcile.model.parse import PROJECTION
from reconcile.model.run import Receipt
from reconcile.model.search_record import Image
from reconcile.stores.aws import Meter, Patience
from reconcile.stores.charges import READ_UNITS
from reconcile.stores.pace import Pace
from reconcile.stores.responses import NotAnswered, demand
from reconcile.stores.tables import Table
from reconcile.stores.timeouts import endless

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = (
    ("dynamodb:Scan", "arn:aws:dynamodb:*:*:table/{table}"),
    ("dynamodb:Query", "arn:aws:dynamodb:*:*:table/{table}"),
    ("dynamodb:BatchGetItem", "arn:aws:dynamodb:*:*:table/{table}"),
)

T = TypeVar("T")

SEGMENTS = 4
_BATCH, BATCHES = 100, 8
"""How many rows are read by one request, and how many requests are made at once."""


_ATTRIBUTES = tuple(dict.fromkeys(path.split(".")[0] for path in PROJECTION))
_IN_MAPS = {
    name: frozenset(path.split(".")[1] for path in PROJECTION if path.startswith(f"{name}."))
    for name in {path.split(".")[0] for path in PROJECTION if "." in path}
}


def projection() -> dict[str, Any]:
    """Return the arguments that limit a read to the attributes in use.

    Maps are asked for whole: paths into a map that is null break some stand-ins; `used` trims them.
    """
    aliases = {f"#{number}": name for number, name in enumerate(_ATTRIBUTES)}
    return {"ProjectionExpression": ", ".join(aliases), "ExpressionAttributeNames": aliases}


def used(image: Image) -> Image:
    """Return the attributes in use of a row, without any others the table returned."""
    trimmed = {name: image[name] for name in _ATTRIBUTES if name in image}
    for name, wanted in _IN_MAPS.items():
        nested = image.get(name, {}).get("M")
        if nested is not None:
            trimmed[name] = {"M": {key: value for key, value in nested.items() if key in wanted}}
    return trimmed


@dataclass(frozen=True, slots=True)
class _Extent:
    """How much of a row is read: the arguments that ask for it, and what is kept of the answer."""

    arguments: Callable[[], dict[str, Any]]
    kept: Callable[[Image], Image]


_PROJECTED, _WHOLE = _Extent(projection, used), _Extent(dict, dict)


@dataclass(slots=True)
class Distinct:
    """The rows that a scan has seen: one that a store hands out in two segments is still one row."""

    seen: set[RowKey] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def of(self, images: Sequence[Image]) -> list[Image]:
        """Return those of a page that no page brought before."""
        with self._lock:
            new = {key: image for image in images if (key := key_of(image)) not in self.seen}
            self.seen.update(new)
        return list(new.values())


class DynamoRows:
    """Reads the application's table; `units` a second bounds the scan, `left` the seconds that calls take."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        units: float,
        meter: Meter,
        sleep: Callable[[float], None] = time.sleep,
        page_limit: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        left: Callable[[], float] = endless,
    ) -> None:
        self._client: Any = client
        self._table, self._meter = table, meter
        self._pace = Pace(units, clock, sleep, left)
        self._patience = Patience(sleep=sleep, on_throttle=self._pace.halve, left=left)
        self._reading = Table(client, table, self._patience)
        self._limit = {"Limit": page_limit} if page_limit else {}

    def scan(self, read: Callable[[Sequence[Image]], T]) -> tuple[list[T], Receipt]:
        """Read every row, projected, and hand each page to `read` as it arrives, in any of the threads.

        Returns what `read` made of the pages, in the order of the segments; the receipt says what failed.
        """
        begun, requests = time.monotonic(), self._meter.total("dynamodb:Scan")
        weight = self._meter.total("dynamodb:bytes")
        distinct, taken = Distinct(), Meter()
        with ThreadPoolExecutor(SEGMENTS) as pool:
            segments = list(pool.map(partial(self._segment, read, distinct, taken), range(SEGMENTS)))
        whys = [why for _, why in segments if why]
        return [page for pages, _ in segments for page in pages], Receipt(
            source=f"dynamodb:{self._table}",
            whole=not whys,
            why=whys[0] if whys else "",
            items=len(distinct.seen),
            requests=int(self._meter.total("dynamodb:Scan") - requests),
            units=round(taken.total(READ_UNITS), 1),
            bytes=int(self._meter.total("dynamodb:bytes") - weight),
            seconds=round(time.monotonic() - begun, 3),
            detail={"segments": SEGMENTS, "units_per_second": self._pace.rate},
        )

    def _segment(
        self, read: Callable[[Sequence[Image]], T], distinct: "Distinct", taken: Meter, segment: int
    ) -> tuple[list[T], str]:
        pages: list[T] = []
        arguments = {"Segment": segment, "TotalSegments": SEGMENTS, **self._limit}
        try:
            doing = f"scanning the table {self._table}"
            for images in self._pages(self._client.scan, doing, arguments, taken=taken):
                new = distinct.of(images)
                pages.append(read(new))
        except SourceError as error:
            return pages, str(error)
        return pages, ""

    def rows_of(self, pk: str) -> list[Image]:
        """Read a whole partition, strongly consistent and projected; raises SourceError."""
        doing = f"reading the partition {pk} of the table {self._table}"
        arguments = self._reading.partition(pk, **self._limit)
        pages = self._pages(self._client.query, doing, arguments, pk)
        return [image for page in pages for image in page]

    def _pages(
        self,
        call: Callable[..., Any],
        doing: str,
        arguments: Mapping[str, Any],
        pk: str | None = None,
        taken: Meter | None = None,
    ) -> Iterator[list[Image]]:
        """Yield the pages of a Scan or a Query at the pace; `taken` counts what these alone take."""
        read = projection()
        names = {**read["ExpressionAttributeNames"], **arguments.get("ExpressionAttributeNames", {})}
        whole = {**arguments, **read, "ExpressionAttributeNames": names, "ReturnConsumedCapacity": "TOTAL"}
        for page, images in self._reading.pages(call, doing, whole, partial(self._row, pk=pk)):
            units = page.get("ConsumedCapacity", {}).get("CapacityUnits", 0.0)
            if taken is not None:
                taken.add(READ_UNITS, units)
            yield images
            self._pace.spend(units, last=not page.get("LastEvaluatedKey"))

    def _row(self, image: Image, pk: str | None = None) -> Image:
        """Return what is used of a row; raises NotAnswered for one of another table or partition."""
        demand(pk is None or self._of_this(image)["pk"]["S"] == pk, "the partition that was asked for")
        return used(self._of_this(image))

    def _of_this(self, image: Image) -> Image:
        """Return a row of this table; raises NotAnswered for one of another."""
        if not all(isinstance(image.get(name, {}).get("S"), str) for name in ("pk", "sk")):
            raise NotAnswered(
                f"the table {self._table} has rows without text keys pk and sk: RECONCILE_TABLE names another"
            )
        return image

    def rows(self, keys: Sequence[RowKey]) -> dict[RowKey, Image]:
        """Read rows by key, strongly consistent and projected; absent rows are absent. Raises SourceError."""
        return self._found(keys, _PROJECTED)

    def whole_rows(self, keys: Sequence[RowKey]) -> dict[RowKey, Image]:
        """Read rows by key, strongly consistent, with all their attributes. Raises SourceError."""
        return self._found(keys, _WHOLE)

    def _found(self, keys: Sequence[RowKey], extent: "_Extent") -> dict[RowKey, Image]:
        distinct = list(dict.fromkeys(keys))
        batches = (distinct[start : start + _BATCH] for start in range(0, len(distinct), _BATCH))
        images: dict[RowKey, Image] = {}
        for rows in at_once(partial(self._batch, extent), batches, BATCHES):
            images |= rows
        return images

    def _batch(self, extent: "_Extent", keys: Sequence[RowKey]) -> dict[RowKey, Image]:
        rows: dict[RowKey, Image] = {}
        left, doing, attempt = list(keys), f"reading rows of the table {self._table}", 1
        while left:
            images, left = self._reading.ask(doing, partial(self._some, extent, left))
            rows |= images
            if left and not self._patience.wait(attempt):
                raise SourceError(f"{doing}: some of them stay unprocessed")
            attempt += 1
        return rows

    def _some(self, extent: "_Extent", keys: Sequence[RowKey]) -> tuple[dict[RowKey, Image], list[RowKey]]:
        """Ask for rows once; return those that came, and the keys that are to be asked for again."""
        asked = {
            "Keys": [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in keys],
            "ConsistentRead": True,
            **extent.arguments(),
        }
        answer = self._client.batch_get_item(RequestItems={self._table: asked})
        left = [key_of(key) for key in answer["UnprocessedKeys"].get(self._table, {}).get("Keys", [])]
        demand(left or self._table in answer["Responses"], f"Responses of {self._table}")
        images = [self._of_this(image) for image in answer["Responses"].get(self._table, [])]
        rows = {key_of(image): extent.kept(image) for image in images}
        demand({*rows, *left} <= set(keys), "the rows that were asked for")
        return rows, left


def key_of(image: Image) -> RowKey:
    """Return a row's partition and sort key."""
    return RowKey(image["pk"]["S"], image["sk"]["S"])
