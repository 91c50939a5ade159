"""Shortcuts through moto's DynamoDB: the same answers for a fraction of its time.

moto converts a whole item once for each attribute that a request names, and looks up how each value of an
attribute might be named in Python. Both are most of what a scan costs it.
"""

import base64
from functools import cache, wraps
from typing import Any


@cache
def take_shortcuts() -> None:
    """Put the shortcuts into moto, once for the process."""
    from moto.core.serialize import BaseJSONSerializer
    from moto.dynamodb.models.dynamo_type import Item, LimitedSizeDict

    project, serialize = Item.project, BaseJSONSerializer._serialize_type_structure

    @wraps(project)
    def _project(self: Any, expressions: list[list[str]]) -> Any:
        """Return the item with the named attributes alone; paths into an attribute go moto's own way."""
        if any(len(path) > 1 or "[" in path[0] for path in expressions):
            return project(self, expressions)
        attributes = LimitedSizeDict.__new__(LimitedSizeDict)
        named = {path[0]: self.attrs[path[0]] for path in expressions if path[0] in self.attrs}
        # Its own way in measures the whole item for each attribute; a part of an item is never too large.
        dict.update(attributes, named)
        item = Item(self.hash_key, self.range_key, {})
        item.attrs = attributes
        return item

    @wraps(serialize)
    def _serialize(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        """Write an attribute's value as it is: its keys are those of the protocol already."""
        if shape.name == "AttributeValue" and isinstance(value, dict) and key:
            serialized[self.get_serialized_name(shape, key)] = _written(value)
        else:
            serialize(self, serialized, value, shape, key)

    Item.project, BaseJSONSerializer._serialize_type_structure = _project, _serialize


def _written(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _written(inside) for name, inside in value.items()}
    if isinstance(value, list):
        return [_written(inside) for inside in value]
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
