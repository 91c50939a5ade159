"""The application's table, reading: one paced, parallel scan, and strongly consistent reads."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any

from reconcile.model.errors import SourceError
from reconcile.model.parse import PROJECTION
from reconcile.model.record import Image
from reconcile.model.run import Receipt
from reconcile.stores.aws import FAULTS, Meter, Patience, told
from reconcile.stores.ports import RowKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = (
    ("dynamodb:Scan", "arn:aws:dynamodb:*:*:table/{table}"),
    ("dynamodb:Query", "arn:aws:dynamodb:*:*:table/{table}"),
    ("dynamodb:BatchGetItem", "arn:aws:dynamodb:*:*:table/{table}"),
)

SEGMENTS = 4
_BATCH = 100


_ATTRIBUTES = tuple(dict.fromkeys(path.split(".")[0] for path in PROJECTION))
_IN_MAPS = {
    name: frozenset(path.split(".")[1] for path in PROJECTION if path.startswith(f"{name}."))
    for name in {path.split(".")[0] for path in PROJECTION if "." in path}
}


def projection() -> dict[str, Any]:
    """Return the arguments that make a read answer with nothing but the attributes that are used.

    Maps are asked for whole: paths into a map that is null break some stand-ins; `used` trims them.
    """
    aliases = {f"#{number}": name for number, name in enumerate(_ATTRIBUTES)}
    return {"ProjectionExpression": ", ".join(aliases), "ExpressionAttributeNames": aliases}


def used(image: Image) -> Image:
    """Return what is used of a row, whatever else the table handed out of it."""
    trimmed = {name: image[name] for name in _ATTRIBUTES if name in image}
    for name, wanted in _IN_MAPS.items():
        held = image.get(name, {}).get("M")
        if held is not None:
            trimmed[name] = {"M": {key: value for key, value in held.items() if key in wanted}}
    return trimmed


class Pace:
    """Keeps reading below a number of units a second over all threads; a throttle halves it.

    Throttles within one second count once: they strike all threads together.
    """

    def __init__(
        self,
        units: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.rate = max(units, 1.0)
        self._clock, self._sleep = clock, sleep
        self._free_at = clock()
        self._halved_at = -math.inf
        self._lock = Lock()

    def spend(self, units: float, *, last: bool = False) -> None:
        """Account for what a page cost and, unless it was the last, wait until the next one is due."""
        with self._lock:
            self._free_at = max(self._free_at, self._clock()) + units / self.rate
            wait = self._free_at - self._clock()
        if wait > 0 and not last:
            self._sleep(wait)

    def halve(self) -> None:
        """Slow down: the table said that it was too much."""
        with self._lock:
            if self._clock() - self._halved_at >= 1:
                self._halved_at, self.rate = self._clock(), max(self.rate / 2, 1.0)


class DynamoRows:
    """Reads the application's table; `units` a second bounds the scan."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        units: float,
        meter: Meter,
        sleep: Callable[[float], None] = time.sleep,
        page_limit: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client: Any = client
        self._table, self._meter = table, meter
        self._pace = Pace(units, clock, sleep)
        self._patience = Patience(sleep=sleep, on_throttle=self._pace.halve)
        self._limit = {"Limit": page_limit} if page_limit else {}

    def scan(self) -> tuple[list[Image], Receipt]:
        """Read every row, projected; the receipt tells what failed."""
        begun, requests = time.monotonic(), self._meter.total("dynamodb:Scan")
        units, weight = self._meter.total("read units"), self._meter.total("dynamodb:bytes")
        rows: dict[RowKey, Image] = {}
        whys: list[str] = []
        with ThreadPoolExecutor(SEGMENTS) as pool:
            for found, why in pool.map(self._segment, range(SEGMENTS)):
                # A row that a store hands out in two segments is still one row.
                rows.update((key_of(image), image) for image in found)
                whys += [why] if why else []
        return list(rows.values()), Receipt(
            source=f"dynamodb:{self._table}",
            whole=not whys,
            why=whys[0] if whys else "",
            items=len(rows),
            requests=int(self._meter.total("dynamodb:Scan") - requests),
            units=round(self._meter.total("read units") - units, 1),
            bytes=int(self._meter.total("dynamodb:bytes") - weight),
            seconds=round(time.monotonic() - begun, 3),
            detail={"segments": SEGMENTS, "units_per_second": self._pace.rate},
        )

    def _segment(self, segment: int) -> tuple[list[Image], str]:
        found: list[Image] = []
        arguments = {"TableName": self._table, "Segment": segment, "TotalSegments": SEGMENTS, **self._limit}
        try:
            for page in self._pages(self._client.scan, f"scanning the table {self._table}", arguments):
                found += page
        except SourceError as error:
            return found, str(error)
        return found, ""

    def rows_of(self, pk: str) -> list[Image]:
        """Read a whole partition, strongly consistent and projected; raises SourceError."""
        arguments = {
            "TableName": self._table,
            "ConsistentRead": True,
            "KeyConditionExpression": "#key = :pk",
            "ExpressionAttributeNames": {"#key": "pk"},
            "ExpressionAttributeValues": {":pk": {"S": pk}},
            **self._limit,
        }
        doing = f"reading the partition {pk} of the table {self._table}"
        return [image for page in self._pages(self._client.query, doing, arguments) for image in page]

    def _pages(
        self, call: Callable[..., Any], doing: str, arguments: dict[str, Any]
    ) -> Iterator[list[Image]]:
        read = projection()
        names = {**read["ExpressionAttributeNames"], **arguments.get("ExpressionAttributeNames", {})}
        whole = {**arguments, **read, "ExpressionAttributeNames": names, "ReturnConsumedCapacity": "TOTAL"}
        while True:
            page = self._asked(doing, "Items", lambda: call(**whole))
            units = page.get("ConsumedCapacity", {}).get("CapacityUnits", 0.0)
            self._meter.add("read units", units)
            yield [self._row(image) for image in page["Items"]]
            whole["ExclusiveStartKey"] = page.get("LastEvaluatedKey")
            self._pace.spend(units, last=not whole["ExclusiveStartKey"])
            if not whole["ExclusiveStartKey"]:
                return

    def _row(self, image: Image) -> Image:
        """Return what is used of a row; raises SourceError for one that is none of the application's."""
        if not ("S" in image.get("pk", {}) and "S" in image.get("sk", {})):
            raise SourceError(
                f"the table {self._table} has rows without text keys pk and sk: RECONCILE_TABLE names another"
            )
        return used(image)

    def rows(self, keys: Sequence[RowKey]) -> dict[RowKey, Image]:
        """Read rows by key, strongly consistent and projected; absent rows are absent. Raises SourceError."""
        wanted = list(dict.fromkeys(keys))
        found: dict[RowKey, Image] = {}
        for start in range(0, len(wanted), _BATCH):
            found |= self._batch(wanted[start : start + _BATCH])
        return found

    def _batch(self, keys: Sequence[RowKey]) -> dict[RowKey, Image]:
        found: dict[RowKey, Image] = {}
        left: Any = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in keys]
        doing = f"reading rows of the table {self._table}"
        for attempt in range(self._patience.tries):
            asked = {self._table: {"Keys": left, "ConsistentRead": True, **projection()}}
            answer = self._asked(
                doing,
                "Responses",
                partial(self._client.batch_get_item, RequestItems=asked, ReturnConsumedCapacity="TOTAL"),
            )
            images = answer["Responses"].get(self._table, [])
            found.update((key_of(image), used(image)) for image in images)
            for spent in answer.get("ConsumedCapacity", []):
                self._meter.add("read units", spent.get("CapacityUnits", 0.0))
            left = answer.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", [])
            if not left:
                return found
            self._patience.sleep(self._patience.base * (attempt + 1))
        raise SourceError(f"{doing}: some of them stay unprocessed")

    def _asked(self, doing: str, part: str, request: Callable[[], Any]) -> Any:
        """Return an answer that has the part it must have: without it, nothing was read."""
        try:
            answer = self._patience.call(doing, request)
        except FAULTS as error:
            raise told(error, doing) from error
        if part not in answer:
            raise SourceError(f"{doing}: an answer without {part}, which is none of DynamoDB's")
        return answer


def key_of(image: Image) -> RowKey:
    """Return a row's partition and sort key."""
    return (image["pk"]["S"], image["sk"]["S"])
