"""Shortcuts through moto: the same answers for a fraction of its time.

For each request moto lists the folder of its own modules and all members of a class. It converts a whole item
once for each attribute that a request names, and looks up how each value of an attribute and each word about
an object might be named in Python.
"""

import base64
from functools import cache, wraps
from typing import Any

from reconcile.sandbox.moto_table_shortcuts import take_table_shortcuts

_LISTED = {"Key": 0, "LastModified": 0, "ETag": 0, "Size": 0, "StorageClass": 0}.keys()


@cache
def take_shortcuts() -> None:
    """Put the shortcuts into moto, once for the process."""
    from moto import backends
    from moto.core import responses
    from moto.core.serialize import BaseJSONSerializer, BaseXMLSerializer, S3Serializer
    from moto.dynamodb.models.dynamo_type import Item, LimitedSizeDict

    take_table_shortcuts()
    project, serialize = Item.project, BaseJSONSerializer._serialize_type_structure
    serialize_list = BaseXMLSerializer._serialize_type_list

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

    @wraps(serialize_list)
    def _listed(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        """Write what a listing says of objects as moto's S3 says it: in the protocol's words and order."""
        if (
            value
            and shape.member.name == "Object"
            and all(item.keys() == _LISTED and None not in item.values() for item in value)
        ):
            serialized[self.get_serialized_name(shape, key)] = [
                item | {"Size": int(item["Size"])} for item in value
            ]
        else:
            serialize_list(self, serialized, value, shape, key)

    list_modules = backends.list_of_moto_modules

    @cache
    @wraps(list_modules)
    def _modules() -> tuple[str, ...]:
        return tuple(list_modules())

    owner: Any = responses
    owner.method_names_from_class = cache(owner.method_names_from_class)
    backends.list_of_moto_modules = _modules
    S3Serializer._serialize_type_list = _listed
    Item.project, BaseJSONSerializer._serialize_type_structure = _project, _serialize


def _written(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _written(inside) for name, inside in value.items()}
    if isinstance(value, list):
        return [_written(inside) for inside in value]
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
