"""Reads the attributes of one row of the application's table, whatever types a client gave them."""

from datetime import datetime
from typing import Any

from reconcile.model.clock import parse_time
from reconcile.model.search_record import Image, plain


class Row:
    """Reads attributes of one item; remembers the first that has a type it cannot use."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self.fault: str | None = None

    def text(self, name: str) -> str | None:
        """Return a text attribute; None when missing, null or empty."""
        value = self._image.get(name)
        if value is None or "NULL" in value:
            return None
        if "S" not in value:
            self._blame(f"{name} is no text")
            return None
        return str(value["S"]) or None

    def time(self, name: str) -> datetime | None:
        """Return a time attribute; None when missing, null or empty."""
        text = self.text(name)
        if text is None:
            return None
        try:
            return parse_time(text)
        except ValueError:
            self._blame(f"{name} is no time")
            return None

    def number(self, name: str) -> int | float | None:
        """Return a number attribute; None when it is missing or no number."""
        value = self._image.get(name)
        text = plain(value) if value and "N" in value else None
        return text if isinstance(text, int | float) else None

    def part(self, name: str) -> "Row":
        """Return the attributes of a map; none when it is missing, null or no map."""
        return Row(self._image.get(name, {}).get("M", {}))

    def has(self, name: str) -> bool:
        """Whether the attribute holds any text that is not blank, however deep; nothing else names media."""
        value = self._image.get(name)
        return value is not None and _holds_text(value)

    def _blame(self, fault: str) -> None:
        self.fault = self.fault or fault


def _holds_text(value: Image) -> bool:
    texts: list[Any] = [value.get("S", ""), *value.get("SS", ())]
    parts: list[Any] = [*value.get("L", ()), *value.get("M", {}).values()]
    return any(text.strip() for text in texts) or any(_holds_text(part) for part in parts)
