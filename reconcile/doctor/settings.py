"""Check the settings: one line each, with its value unless it is a secret."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import SecretStr

from reconcile.deliver.registry import KINDS
from reconcile.doctor.result import Line, failed, not_looked_at, ok, warning
from reconcile.model.errors import UsageError
from reconcile.model.media import Route
from reconcile.model.secret import KEPT
from reconcile.report.formatting import quantity
from reconcile.settings.load import load_settings
from reconcile.settings.settings import PREFIX, Settings

_UNSET = {
    **{field: f"not set: nothing is sent {kind.way}" for kind in KINDS for field in kind.settings},
    "old_domains": "none",
    "media_routes": "not set: those of the live distribution",
    "skip_roots": "none: every root is listed",
    "algolia_host": "not set: Algolia's own hosts",
    "report_url": "not set: reports in a bucket are linked in the AWS console",
    "webhook_secret": "not set: a webhook's own address signs",
    "ping_url": "not set: nobody outside notices when runs stop",
    "processor_function": "not set: whether buckets notify it is not checked",
    "composer_function": "not set: where it has compositions recorded is not checked",
}


def read_settings(config: Path | None) -> tuple[list[Line], Settings | None]:
    """Return the lines on the settings, and the settings, or None when they are wrong."""
    try:
        settings = load_settings(config)
    except UsageError as error:
        lines = str(error).splitlines()
        # What a command adds on how to set them, doctor says at each.
        faults = [text for text in lines if text.startswith(PREFIX)] or lines
        return [*map(_fault, faults), not_looked_at("everything else", "the settings are wrong")], None
    return [_look(name, settings) for name in Settings.model_fields], settings


def _fault(text: str) -> Line:
    named = re.match(rf"{PREFIX}\w+", text)
    what = named[0] if named else "settings"
    fault_text = text.removeprefix(what).removeprefix(":").strip().removeprefix("is ")
    step = f"Set {what}" if fault_text.startswith("not set") else "Correct it"
    return failed(what, fault_text, f"{step}, then run reconcile doctor again.")


def _look(name: str, settings: Settings) -> Line:
    variable = f"{PREFIX}{name.upper()}"
    doubt = _DOUBTS.get(name)
    return (doubt(variable, settings) if doubt else None) or ok(variable, _shown(name, settings))


def _shown(name: str, settings: Settings) -> str:
    value = getattr(settings, name)
    if isinstance(value, SecretStr):
        text = value.get_secret_value()
        value = f"kept in {text}" if text.startswith(KEPT) else "set" if text else ""
    if isinstance(value, float):
        value = quantity(value)
    if isinstance(value, tuple):
        value = ", ".join(_route(part) if isinstance(part, Route) else str(part) for part in value)
    return str(value) or _UNSET.get(name, "not set")


def _route(route: Route) -> str:
    return f"{route.pattern} -> {route.bucket}/{route.key_prefix}"


def _stage(variable: str, settings: Settings) -> Line | None:
    if settings.stage != "unnamed":
        return None
    return warning(
        variable,
        "not set: messages do not say which environment they are about",
        f"Set {variable}, for instance to prod.",
    )


def _media_routes(variable: str, settings: Settings) -> Line | None:
    led_to = {route.bucket for route in settings.media.routes}
    unrouted = [name for name in settings.bucket if name not in led_to]
    if not unrouted:
        return None
    text = f"none leads to {', '.join(unrouted)}, so that the URLs of its recordings are not known"
    return warning(variable, text, f"Set {variable} to the behaviours of the CloudFront distribution.")


def _state_table(variable: str, settings: Settings) -> Line | None:
    text, step = "not set: no history is kept", f"Make a table with text keys pk and sk, and set {variable}."
    return None if settings.state_table else _wanted(variable, text, step, settings)


def _reports(variable: str, settings: Settings) -> Line | None:
    step = f"Set {variable} to s3://bucket/prefix, or to a directory."
    return None if settings.reports else _wanted(variable, "not set: no report is archived", step, settings)


def _wanted(variable: str, text: str, step: str, settings: Settings) -> Line:
    """Return the line of a setting that is optional for a check and required for a repair."""
    if settings.mode == "repair":
        return failed(variable, f"{text}, and a repair is refused", step)
    return warning(variable, text, step)


def _webhook_secret(variable: str, settings: Settings) -> Line | None:
    if settings.webhook.get_secret_value() or not settings.webhook_secret.get_secret_value():
        return None
    return warning(variable, "set, but there is no webhook", f"Set {PREFIX}WEBHOOK, or leave {variable} out.")


_DOUBTS: Mapping[str, Callable[[str, Settings], Line | None]] = {
    "stage": _stage,
    "state_table": _state_table,
    "media_routes": _media_routes,
    "reports": _reports,
    "webhook_secret": _webhook_secret,
}
