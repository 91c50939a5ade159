"""The item of the state table that says which environment it belongs to; changed by compare-and-set."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from reconcile.model.clock import write_time
from reconcile.model.environment import Environment, RemovedBucket
from reconcile.model.errors import SourceError
from reconcile.stores.attributes import from_item, to_value
from reconcile.stores.aws import FAULTS, Patience, code_of, source_error
from reconcile.stores.state_items import environment_of, removed_buckets_value
from reconcile.stores.tables import Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = (("dynamodb:UpdateItem", "arn:aws:dynamodb:*:*:table/{state_table}"),)
"""Besides those of reading the table."""

ENVIRONMENT_KEY = {"pk": {"S": "environment"}, "sk": {"S": "environment"}}
_TRIES = 8


class DynamoEnvironment:
    """Stores the environment; conditional writes keep the changes of concurrent runs."""

    _client: "DynamoDBClient"
    _table: str
    _patience: Patience
    _reading: Table

    def environment(self) -> Environment | None:
        """Return the environment, or None before the first run; raises SourceError."""
        return self._reading.item(ENVIRONMENT_KEY, self._doing, lambda item: environment_of(from_item(item)))

    def bind_environment(self, wanted: Environment) -> Environment:
        """Bind names that are not bound yet, and add buckets; return the result. Raises SourceError.

        A table that is bound to other names is not changed.
        """
        names = {"stage": wanted.stage, "table": wanted.table, "index": wanted.index}
        names = {name: value for name, value in names.items() if value}

        def _change(standing: Environment | None) -> dict[str, Any] | None:
            if standing and standing.contradicts(wanted):
                return None
            known = standing.buckets if standing else ()
            added = set(wanted.buckets) - set(known)
            missing = {name: value for name, value in names.items() if not getattr(standing, name, "")}
            changed: dict[str, Any] = dict(missing)
            if added or not standing:
                changed["buckets"] = sorted({*known, *wanted.buckets})
            if standing and any(entry.bucket in added for entry in standing.removed_buckets):
                remaining = (entry for entry in standing.removed_buckets if entry.bucket not in added)
                changed["taken_back"] = removed_buckets_value(remaining)
            return changed or None

        return self._changed(_change) or wanted

    def remove_bucket(self, removed: RemovedBucket, *, wait: bool) -> Environment:
        """Unbind a bucket; with `wait`, creations for the shows wait from now on. Raises SourceError."""

        def _change(standing: Environment | None) -> dict[str, Any] | None:
            if standing is None or removed.bucket not in standing.buckets:
                return None
            changed: dict[str, Any] = {"buckets": sorted(set(standing.buckets) - {removed.bucket})}
            if wait:
                changed["taken_back"] = removed_buckets_value((*standing.removed_buckets, removed))
            return changed

        return self._demanded(self._changed(_change))

    def raise_sequence(self, reported: int) -> Environment:
        """Raise the sequence number by one; return the environment. Raises SourceError.

        `reported` is the highest number that a stored report carries: a table that is below it is older than
        it should be, and remembers that until a person accepts it.
        """

        def _change(standing: Environment | None) -> dict[str, Any] | None:
            if standing is None:
                return None
            changed: dict[str, Any] = {"sequence": max(standing.sequence, reported) + 1}
            if standing.sequence < reported:
                changed["behind"] = max(standing.behind, reported)
            return changed

        return self._demanded(self._changed(_change))

    def accept(self, reported: int, by: str, reason: str, moment: datetime) -> Environment:
        """Let creations happen again for which the table made them wait; raises SourceError."""

        def _change(standing: Environment | None) -> dict[str, Any] | None:
            if standing is None:
                return None
            return {
                "sequence": max(standing.sequence, reported),
                "behind": 0,
                "taken_back": [],
                "accepted": {"by": by, "reason": reason, "at": write_time(moment)},
            }

        return self._demanded(self._changed(_change))

    def mark_first_repair(self, moment: datetime) -> datetime:
        """Save when the first repair began, unless it is saved already; return it."""
        self._update_environment("SET #n = if_not_exists(#n, :v)", "first_repair", write_time(moment))
        first = self._kept().first_repair
        if first is None:
            raise SourceError(f"the state table {self._table} does not keep what is written to it")
        return first

    def mark_whole_repair(self, moment: datetime) -> None:
        """Save when the latest repair began that read all sources completely; raises SourceError."""
        self._update_environment("SET #n = :v", "last_whole_repair", write_time(moment))

    def mark_index_met(self, moment: datetime) -> None:
        """Save since when the search index is known to belong to the table, unless it is saved already."""
        self._update_environment("SET #n = if_not_exists(#n, :v)", "index_met", write_time(moment))

    def _update_environment(self, expression: str, name: str, value: Any) -> None:
        self._reading.ask(
            self._doing,
            lambda: self._client.update_item(
                TableName=self._table,
                Key=ENVIRONMENT_KEY,
                UpdateExpression=expression,
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeNames={"#n": name},
                ExpressionAttributeValues={":v": to_value(value)},
            ),
        )

    def _changed(
        self, change: Callable[[Environment | None], Mapping[str, Any] | None]
    ) -> Environment | None:
        """Change the item by what stands, until nobody else did so meanwhile; return what stands then."""
        for _ in range(_TRIES):
            standing = self.environment()
            changed = change(standing)
            if changed is None:
                return standing
            if self._set(changed, standing):
                return self._kept()
        raise SourceError(f"the state table {self._table} is changed by others all the time: run it again")

    def _kept(self) -> Environment:
        """Return what was just written, by this run or another: an empty success alone proves nothing."""
        standing = self.environment()
        if standing is None:
            raise SourceError(f"the state table {self._table} does not keep what is written to it")
        return standing

    def _set(self, changed: Mapping[str, Any], standing: Environment | None) -> bool:
        """Set attributes where what they rest on is still as it was read."""
        known = standing or Environment("", "", "", ())
        read: dict[str, Any] = {
            "stage": known.stage,
            "table": known.table,
            "index": known.index,
            "sequence": known.sequence,
            "buckets": list(known.buckets),
        }
        names = {name: f"#{number}" for number, name in enumerate({**read, **changed})}
        sets = [f"{names[name]} = :s{names[name][1:]}" for name in changed]
        values = {f":s{names[name][1:]}": to_value(value) for name, value in changed.items()}
        conditions = []
        for name, value in read.items():
            same = f"{names[name]} = :r{names[name][1:]}"
            conditions.append(same if value else f"(attribute_not_exists({names[name]}) OR {same})")
            values[f":r{names[name][1:]}"] = to_value(value)
        arguments: dict[str, Any] = {
            "TableName": self._table,
            "Key": ENVIRONMENT_KEY,
            "UpdateExpression": "SET " + ", ".join(sets),
            "ConditionExpression": " AND ".join(conditions),
            "ExpressionAttributeNames": {alias: name for name, alias in names.items()},
            "ExpressionAttributeValues": values,
        }
        doing = f"writing to the state table {self._table}"
        try:
            self._patience.call(doing, lambda: self._client.update_item(**arguments))
        except FAULTS as error:
            if isinstance(error, ClientError) and code_of(error) == "ConditionalCheckFailedException":
                return False
            raise source_error(error, doing) from error
        return True

    def _demanded(self, standing: Environment | None) -> Environment:
        if standing is None:
            raise SourceError(f"the state table {self._table} is not bound yet: run reconcile check")
        return standing

    @property
    def _doing(self) -> str:
        return f"using the state table {self._table}"
