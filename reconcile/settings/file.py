"""Reads a TOML file of settings."""

import tomllib
from pathlib import Path
from typing import Any

from reconcile.model.errors import UsageError

_LONGEST = 1_000_000


def read_file(path: Path) -> dict[str, Any]:
    """Return what a TOML file gives, by its names; raises UsageError for one that is none."""
    try:
        with path.open("rb") as file:
            content = file.read(_LONGEST + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "its path cannot be one"
        raise UsageError(f"the settings file {path} cannot be read: {why}") from error
    if len(content) > _LONGEST:
        raise UsageError(f"the settings file {path} is longer than {_LONGEST:,} bytes: name one of settings")
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UsageError(
            f"the settings file {path} is no TOML: byte {error.start:,} is no UTF-8; store it as UTF-8"
        ) from error
    except (ValueError, RecursionError) as error:
        why = error if isinstance(error, tomllib.TOMLDecodeError) else type(error).__name__
        raise UsageError(f"the settings file {path} is no TOML: {why}") from error
