"""Loads the settings; what is unknown or wrong is refused with what to write instead."""

import difflib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from reconcile.model.errors import UsageError
from reconcile.settings.fields import Exports
from reconcile.settings.file import read_file
from reconcile.settings.settings import PREFIX, Settings, setting_names


def load_settings(config: Path | None = None) -> Settings:
    """Read the settings; raises UsageError that names what is wrong and the nearest right name."""
    given = read_file(config) if config else {}
    _refuse_unknown((name for name in os.environ if name.upper().startswith(PREFIX)), set(setting_names()))
    _refuse_unknown(given, set(Settings.model_fields))
    try:
        return Settings(**given)
    except ValidationError as error:
        raise UsageError(_problems(error)) from None


def with_exports(settings: Settings, addresses: Iterable[str]) -> Settings:
    """Return settings that name these exports; each text may hold several. Raises UsageError."""
    try:
        exports = TypeAdapter(Exports).validate_python(",".join(addresses))
    except ValidationError as error:
        raise UsageError(f"--export: {error.errors()[0]['msg'].removeprefix('Value error, ')}") from None
    return settings.model_copy(update={"export": exports})


def _refuse_unknown(names: Iterable[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            alike = {name.upper(): name for name in known}
            near = difflib.get_close_matches(name[:100].upper(), alike, n=1, cutoff=0.0)[0]
            raise UsageError(f"{_visible(name)} is not a setting; did you mean {alike[near]}?")


def _visible(name: str) -> str:
    """Return a name for an error message."""
    return name if name.isprintable() and len(name) <= 60 else ascii(name[:60])


_HOW_TO_SET = (
    "Set them in the environment, or in a TOML file named by --config. Region and credentials of AWS are "
    "boto3's own settings (AWS_DEFAULT_REGION, AWS_PROFILE, …).\n"
    "Then `reconcile doctor` checks every setting and permission."
)
"""What to do about settings that must be set: all lines about them fit on one screen."""


def _problems(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_input=False)
    lacking = any(fault["type"] == "missing" for fault in faults)
    return "\n".join([*dict.fromkeys(map(_fault, faults)), *([_HOW_TO_SET] if lacking else [])])


def _fault(fault: Mapping[str, Any]) -> str:
    """Say what is wrong with one setting; what was set is told by the type's own rule or not at all."""
    text = fault["msg"].removeprefix("Value error, ")
    if not fault["loc"]:
        return str(text)
    name = f"{PREFIX}{str(fault['loc'][0]).upper()}"
    if fault["type"] == "missing":
        return f"{name} is not set: {setting_names().get(name, '')}"
    if fault["type"] == "value_error":
        return f"{name}: {text}"
    return f"{name}: {text}. It is: {setting_names().get(name, '')}"
