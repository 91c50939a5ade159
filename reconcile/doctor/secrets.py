"""Check the secrets in AWS Secrets Manager: each is fetched, none is shown."""

from collections.abc import Iterator

from pydantic import SecretStr

from reconcile.doctor.aws_errors import error_text, grant_after, is_denied, step_after
from reconcile.doctor.clients import ImpatientWiring
from reconcile.doctor.result import Line, failed, ok
from reconcile.model.errors import ReconcileError
from reconcile.model.secret import KEPT
from reconcile.settings.settings import PREFIX, Settings
from reconcile.stores.aws import FAULTS
from reconcile.stores.secrets import PERMISSIONS

((_ACTION, _ARN),) = PERMISSIONS


def kept_elsewhere(settings: Settings) -> dict[str, str]:
    """Return the settings stored in Secrets Manager, by field, with their references."""
    values = {name: getattr(settings, name) for name in Settings.model_fields}
    values_given = {
        name: value.get_secret_value() for name, value in values.items() if isinstance(value, SecretStr)
    }
    return {name: text for name, text in values_given.items() if text.startswith(KEPT)}


def secret_place(field: str, where: str) -> str:
    """Return a setting and its reference as text."""
    return f"{PREFIX}{field.upper()} in {where.removeprefix(KEPT)}"


def secret_lines(wiring: ImpatientWiring, field: str, where: str) -> Iterator[Line]:
    """Fetch a secret."""
    what, name = secret_place(field, where), where.removeprefix(KEPT).partition("#")[0]
    try:
        wiring.revealing(field)()
    except ReconcileError as error:
        variable = f"{PREFIX}{field.upper()}"
        step = f"Put the secret there as it is said to be, or set {variable} to where it is."
        if is_denied(error):
            step = grant_after(error, _ACTION, _arn(name))
        elif isinstance(error.__cause__, FAULTS):
            step = step_after(error.__cause__, variable)
        yield failed(what, error_text(error), step)
        return
    yield ok(what, "it can be read")


def _arn(name: str) -> str:
    return name if name.startswith("arn:") else _ARN.replace("{secret}", name)
