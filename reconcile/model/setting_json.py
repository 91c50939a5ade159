"""Reads a setting that is a JSON object; a name that comes twice is refused, of which JSON keeps the last."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from reconcile.model.setting_types import tidy


def read_json(text: str, example: str, twice: Callable[[str], str]) -> Any:
    """Return what a text says as JSON.

    `example` is what to write instead, and `twice` says what is wrong with a name that comes twice. Raises
    ValueError.
    """

    def _once_each(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        read = dict[str, Any]()
        for name, value in pairs:
            if name in read:
                raise ValueError(twice(name))
            read[name] = value
        return read

    try:
        return json.loads(tidy(text), object_pairs_hook=_once_each)
    except json.JSONDecodeError as error:
        raise ValueError(f"it is no JSON, at character {error.pos + 1}: {example}") from None
    except RecursionError:
        raise ValueError(f"it is nested too deeply: {example}") from None
