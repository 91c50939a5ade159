"""Secrets: given as themselves, or kept in AWS Secrets Manager; fetched when they are first needed."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from reconcile.model.errors import SourceError
from reconcile.model.secret import KEPT, sendable
from reconcile.stores.aws import FAULTS, told

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

PERMISSIONS = (("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:{secret}-??????"),)


class Secrets:
    """Reads secrets; the client is made when the first one is kept elsewhere, and each is fetched once."""

    def __init__(self, client: "Callable[[], SecretsManagerClient]") -> None:
        self._client = client
        self._found: dict[str, str] = {}

    def reveal(self, value: str) -> str:
        """Return a secret that is given as itself, or as secretsmanager:NAME[#field]. Raises SourceError.

        What is returned can be sent in a header. The error never quotes what the secret holds.
        """
        if not value.startswith(KEPT):
            return value
        if value not in self._found:
            self._found[value] = self._fetch(*value.removeprefix(KEPT).partition("#")[::2])
        return self._found[value]

    def _fetch(self, name: str, part: str) -> str:
        try:
            answer: Any = self._client().get_secret_value(SecretId=name)
        except FAULTS as error:
            raise told(error, f"reading the secret {name}") from error
        text = answer.get("SecretString")
        if text is None:
            raise SourceError(f"the secret {name} holds no text: store it as a SecretString")
        try:
            found = json.loads(text)[part] if part else text
        except (ValueError, KeyError, TypeError):
            raise SourceError(f"the secret {name} is no JSON object with a field {part!r}") from None
        if not isinstance(found, str):
            raise SourceError(f"the secret {name}: its field {part!r} is no text")
        try:
            return sendable(found)
        except ValueError as error:
            raise SourceError(f"the secret {name}: {error}") from None
