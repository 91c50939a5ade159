"""Looks at the secrets that are kept in AWS Secrets Manager: each is fetched, and none is shown."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from pydantic import SecretStr

from reconcile.doctor.answers import is_denied
from reconcile.doctor.clients import ImpatientWiring
from reconcile.doctor.line import Line, failed, ok
from reconcile.model.errors import ReconcileError
from reconcile.model.secret import KEPT
from reconcile.settings import PREFIX, Settings
from reconcile.stores.secrets import PERMISSIONS

((_ACTION, _ARN),) = PERMISSIONS


def kept_elsewhere(settings: Settings) -> dict[str, str]:
    """Return the settings that are kept in Secrets Manager, by field, each with where."""
    values = {name: getattr(settings, name) for name in Settings.model_fields}
    given = {name: one.get_secret_value() for name, one in values.items() if isinstance(one, SecretStr)}
    return {name: text for name, text in given.items() if text.startswith(KEPT)}


def secret_lines(wiring: ImpatientWiring, kept: Mapping[str, str]) -> dict[str, Line]:
    """Fetch the secrets, all at the same time; return a line for each, by field."""
    if not kept:
        return {}
    with ThreadPoolExecutor(len(kept)) as pool:
        return dict(zip(kept, pool.map(lambda one: _fetched(wiring, *one), kept.items()), strict=True))


def _fetched(wiring: ImpatientWiring, field: str, where: str) -> Line:
    variable, place = f"{PREFIX}{field.upper()}", where.removeprefix(KEPT)
    what, name = f"{variable} in {place}", place.partition("#")[0]
    try:
        wiring.secrets.reveal(where)
    except ReconcileError as error:
        if is_denied(error):
            step = f"Grant {_ACTION} on {_arn(name)}."
        else:
            step = f"Put the secret there, or set {variable} to where it is."
        return failed(what, str(error), step)
    return ok(what, "it can be read")


def _arn(name: str) -> str:
    return name if name.startswith("arn:") else _ARN.replace("{secret}", name)
