"""Secrets: plain values, or references to AWS Secrets Manager that are fetched at first use."""

import json
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from reconcile.model.errors import UsageError
from reconcile.model.secret import KEPT, plain
from reconcile.stores.aws import FAULTS, Patience, source_error
from reconcile.stores.timeouts import endless

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

PERMISSIONS = (("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:{secret}-??????"),)


class Secrets:
    """Reads secrets; creates its client at the first reference, and fetches each secret once.

    `left` tells how many seconds there still are for that.
    """

    def __init__(
        self,
        client: "Callable[[], SecretsManagerClient]",
        left: Callable[[], float] = endless,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client, self._patience = client, Patience(tries=4, sleep=sleep, left=left)
        self._found: dict[str, str] = {}

    def reveal(self, value: str, rule: Callable[[str], str] = plain) -> str:
        """Return a secret that is given as itself, or as secretsmanager:NAME[#field] and passes its rule.

        Raises SourceError where it cannot be fetched, UsageError where what is kept there cannot be meant.
        Neither quotes what the secret holds.
        """
        if not value.startswith(KEPT):
            return value
        name, _, field = value.removeprefix(KEPT).partition("#")
        if value not in self._found:
            self._found[value] = _part(name, self._fetch(name), field)
        try:
            return rule(plain(self._found[value]))
        except ValueError as error:
            raise UsageError(f"the secret {name}{f', field {field}' if field else ''}: {error}") from None

    def _fetch(self, name: str) -> str:
        doing, client = f"reading the secret {name}", self._client()
        try:
            answer: Any = self._patience.call(doing, lambda: client.get_secret_value(SecretId=name))
        except FAULTS as error:
            raise source_error(error, doing) from error
        text = answer.get("SecretString")
        if not isinstance(text, str):
            raise UsageError(f"the secret {name} holds no text: store it as a SecretString")
        return text


def _part(name: str, text: str, field: str) -> str:
    """Return the field of a secret, or all of it where none is named; what is JSON is never taken whole."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if field and not isinstance(value, dict):
        raise UsageError(f"the secret {name} is no JSON object with a field {field!r}: leave out #{field}")
    if not isinstance(value, dict | list):
        return text
    has = _names(value) if isinstance(value, dict) else "none, for it is a list"
    if isinstance(value, list) or not field:
        raise UsageError(f"the secret {name} is JSON: name one of its fields ({has}) as {KEPT}{name}#FIELD")
    if field not in value:
        raise UsageError(f"the secret {name} is no JSON object with a field {field!r}: it has {has}")
    if not isinstance(value[field], str):
        raise UsageError(f"the secret {name}: its field {field!r} is no text")
    return str(value[field])


def _names(fields: Mapping[str, Any]) -> str:
    """Return the names of fields for an error message; values are never shown."""
    shown = [name if name.isprintable() and len(name) <= 40 else ascii(name[:40]) for name in sorted(fields)]
    more = f" and {len(shown) - 10} more" if len(shown) > 10 else ""
    return f"{', '.join(shown[:10])}{more}" or "none"
