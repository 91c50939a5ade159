"""Read a DynamoDB table, by pages or by item; incomplete responses are retried."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from reconcile.stores.aws import FAULTS, Patience, source_error
from reconcile.stores.responses import Course

PERMISSIONS = (
    ("dynamodb:GetItem", "arn:aws:dynamodb:*:*:table/{state_table}"),
    ("dynamodb:Query", "arn:aws:dynamodb:*:*:table/{state_table}"),
)
"""Single items are read of the job's own table alone."""

T = TypeVar("T")
Item = Mapping[str, Any]
Page = Mapping[str, Any]


class Table:
    """One table with text keys `pk` and `sk`, read strongly consistent; `patience` repeats what fails."""

    def __init__(self, client: Any, name: str, patience: Patience) -> None:
        self._client, self.name, self._patience = client, name, patience

    def ask(self, doing: str, request: Callable[[], T]) -> T:
        """Return what a request returns; raises SourceError."""
        try:
            return self._patience.call(doing, request)
        except FAULTS as error:
            raise source_error(error, doing) from error

    def pages(
        self,
        call: Callable[..., Page],
        doing: str,
        arguments: Mapping[str, Any],
        read: Callable[[Item], T],
    ) -> Iterator[tuple[Page, list[T]]]:
        """Yield the pages of a Scan or a Query, each with its items as `read` understands them.

        An item that `read` fails on makes the page one to be asked for again. Raises SourceError, also for a
        table that names a page to go on with twice, or gives empty ones for ever.
        """
        course, asked = Course(doing), dict(arguments)

        def _page() -> tuple[Page, list[T]]:
            page = call(TableName=self.name, **asked)
            return page, [read(item) for item in page["Items"]]

        while True:
            page, items = self.ask(doing, _page)
            place = page.get("LastEvaluatedKey")
            yield page, items
            if not place:
                return
            course.turn(place, brought=bool(items))
            asked["ExclusiveStartKey"] = place

    def partition(self, pk: str, **more: Any) -> Mapping[str, Any]:
        """Return the arguments of a strongly consistent Query of a partition, with more arguments added."""
        return {
            "KeyConditionExpression": "#pk = :pk",
            "ExpressionAttributeNames": {"#pk": "pk"},
            "ExpressionAttributeValues": {":pk": {"S": pk}},
            "ConsistentRead": True,
            **more,
        }

    def item(self, key: Item, doing: str, read: Callable[[Item], T]) -> T | None:
        """Return an item as `read` understands it, None where there is none; raises SourceError.

        An answer without an item is believed where it tells the capacity that was asked for. Some stand-ins
        never tell it (https://github.com/scylladb/scylladb/issues/5027): they are asked by a Query, whose
        empty list cannot be taken for an answer that lost its item.
        """

        def _item() -> tuple[bool, T | None]:
            answer = self._client.get_item(
                TableName=self.name, Key=key, ConsistentRead=True, ReturnConsumedCapacity="TOTAL"
            )
            if answer.get("Item"):
                return True, read(answer["Item"])
            return "CapacityUnits" in answer.get("ConsumedCapacity", {}), None

        certain, image = self.ask(doing, _item)
        if certain:
            return image
        key_values = {
            "KeyConditionExpression": "#pk = :pk AND #sk = :sk",
            "ExpressionAttributeNames": {"#pk": "pk", "#sk": "sk"},
            "ExpressionAttributeValues": {":pk": key["pk"], ":sk": key["sk"]},
            "ConsistentRead": True,
        }
        pages = self.pages(self._client.query, doing, key_values, read)
        return next((item for _, items in pages for item in items), None)
