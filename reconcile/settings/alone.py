"""Reads single settings by themselves: what must be known also of a run whose other settings are refused."""

import os
from contextlib import suppress
from pathlib import Path

from pydantic import SecretStr

from reconcile.model.errors import UsageError
from reconcile.model.setting_types import ping_address
from reconcile.settings.fields import SecretRule
from reconcile.settings.file import read_file
from reconcile.settings.settings import PREFIX


def stage_alone(config: Path | None = None) -> str:
    """Return the stage as it is set, whether or not it can be one."""
    return _text("stage", config).strip() or "unnamed"


def ping_url_alone(config: Path | None = None) -> str:
    """Return the ping URL, or where it is kept; "" where none is set, or none that can be meant."""
    try:
        return SecretRule(ping_address)(SecretStr(_text("ping_url", config))).get_secret_value()
    except ValueError:
        return ""


def _text(name: str, config: Path | None) -> str:
    """Return a setting's text, from the environment or else the file; "" where neither has one."""
    given: object = os.environ.get(f"{PREFIX}{name.upper()}")
    with suppress(UsageError):
        given = given or (read_file(config).get(name) if config else None)
    return given if isinstance(given, str) else ""
