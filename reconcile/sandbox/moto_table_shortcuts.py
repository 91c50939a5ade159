"""Shortcuts through moto's tables: the same items and the same roll-back for a fraction of its time.

To enter an item moto measures all of it once more for each attribute. To compare or measure a text it asks
whether that is a number, a set, a list, a map or nothing. It copies every item that it gives out with a
general copier, and for each write of a transaction every item of the table, in case that it fails.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from copy import deepcopy
from functools import cache, wraps
from typing import Any

_MOST_BYTES = 405_000
"""moto's own limit of an item."""
_WRITTEN: ContextVar[frozenset[int] | None] = ContextVar("_WRITTEN", default=None)
"""The identities of the items that the transaction under way writes."""


@cache
def take_table_shortcuts() -> None:
    """Put the shortcuts into moto, once for the process."""
    from moto.dynamodb.models import DynamoDBBackend, Table
    from moto.dynamodb.models.dynamo_type import DynamoType, Item

    transact = DynamoDBBackend.transact_write_items

    @wraps(transact)
    def _transact(self: Any, transact_items: list[dict[str, Any]]) -> None:
        """Carry a transaction out, and keep only what it writes for the case that it fails."""
        token = _WRITTEN.set(frozenset(id(item) for item in _existing(self.tables, transact_items)))
        try:
            transact(self, transact_items)
        finally:
            _WRITTEN.reset(token)

    owner: Any = Table
    owner.__deepcopy__ = _table_copied
    DynamoDBBackend.transact_write_items = _transact
    value_type: Any = DynamoType
    value_type.__eq__ = _equal(DynamoType.__eq__)
    value_type.__hash__ = _hash(DynamoType.__hash__)
    value_type.size = _measured(DynamoType.size)
    value_type.__deepcopy__ = wraps(DynamoType.__deepcopy__)(_value_copied)
    item_type: Any = Item
    item_type.__deepcopy__ = wraps(Item.__deepcopy__)(_item_copied)
    item_type.__init__ = wraps(Item.__init__)(_item_entered)


def _item_entered(self: Any, hash_key: Any, range_key: Any, attrs: dict[str, Any]) -> None:
    """Enter an item, measured once."""
    from moto.dynamodb.exceptions import ItemSizeTooLarge
    from moto.dynamodb.models.dynamo_type import DynamoType, LimitedSizeDict

    self.hash_key, self.range_key = hash_key, range_key
    self.attrs = LimitedSizeDict()
    dict.update(self.attrs, {name: DynamoType(value) for name, value in attrs.items()})
    if self.size() > _MOST_BYTES:
        raise ItemSizeTooLarge


def _item_copied(self: Any, memo: dict[int, Any]) -> Any:
    from moto.dynamodb.models.dynamo_type import Item, LimitedSizeDict

    twin: Any = Item.__new__(Item)
    twin.hash_key, twin.range_key = deepcopy(self.hash_key, memo), deepcopy(self.range_key, memo)
    twin.attrs = LimitedSizeDict()
    dict.update(twin.attrs, {name: _value_copied(value, memo) for name, value in self.attrs.items()})
    return twin


def _value_copied(self: Any, memo: dict[int, Any]) -> Any:
    """Copy a value of an attribute; no value holds itself."""
    from moto.dynamodb.models.dynamo_type import DynamoType

    if type(self) is not DynamoType:
        return deepcopy(self, memo)
    twin = object.__new__(DynamoType)
    twin.type, value = self.type, self.value
    if twin.type == "M":
        twin.value = {name: _value_copied(inside, memo) for name, inside in value.items()}
    elif twin.type == "L":
        twin.value = [_value_copied(inside, memo) for inside in value]
    else:
        twin.value = list(value) if isinstance(value, list) else value
    return twin


def _equal(own_way: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    @wraps(own_way)
    def equal(self: Any, other: Any) -> bool:
        return bool(self.value == other.value) if self.type == other.type == "S" else own_way(self, other)

    return equal


def _hash(own_way: Callable[[Any], int]) -> Callable[[Any], int]:
    @wraps(own_way)
    def hashed(self: Any) -> int:
        return hash(("S", self.value)) if self.type == "S" else own_way(self)

    return hashed


def _measured(own_way: Callable[[Any], int]) -> Callable[[Any], int]:
    @wraps(own_way)
    def measured(self: Any) -> int:
        if self.type == "S" and type(self.value) is str:
            return len(self.value) if self.value.isascii() else len(self.value.encode())
        return own_way(self)

    return measured


def _table_copied(self: Any, memo: dict[int, Any]) -> Any:
    """Copy a table; in a transaction, share the items that it does not write with the table itself."""
    twin = object.__new__(type(self))
    for name, value in self.__dict__.items():
        twin.__dict__[name] = _items_copied(value, memo) if name == "items" else deepcopy(value, memo)
    return twin


def _items_copied(items: dict[Any, Any], memo: dict[int, Any]) -> Any:
    written = _WRITTEN.get()
    if written is None:
        return deepcopy(items, memo)

    def kept(item: Any) -> Any:
        return deepcopy(item, memo) if id(item) in written else item

    copied: dict[Any, Any] = defaultdict(dict)
    for key, item in items.items():
        copied[key] = (
            {range_key: kept(one) for range_key, one in item.items()} if type(item) is dict else kept(item)
        )
    return copied


def _existing(tables: dict[str, Any], writes: list[dict[str, Any]]) -> Iterator[Any]:
    """Return the items as they stand that a transaction names."""
    from moto.dynamodb.models.dynamo_type import DynamoType

    for write in writes:
        for call in write.values():
            table = tables.get(call.get("TableName"))
            named = call.get("Key", call.get("Item", {}))
            if table is None or not set(table.table_key_attrs) <= set(named):
                continue
            place = table.items
            for name in table.table_key_attrs:
                place = place.get(DynamoType(named[name]), {})
            if place:
                yield place
