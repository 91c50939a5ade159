"""Holds every call of boto3 to the policies of whoever acts, before it is sent: no stand-in does that."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.session import Session

from tests.deploy.demands import Place, demands
from tests.deploy.evaluator import SECURE, Demand, Grant, NotUnderstood, Statement, allows, uses


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody with policies; those of the resources that are asked for are among them."""

    name: str
    statements: Sequence[Statement]


@dataclass
class Guard:
    """Refuses what a principal may not do, and keeps what it was refused and which grants it used."""

    account: str
    acting: Principal | None = None
    used: dict[str, set[Grant]] = field(default_factory=lambda: defaultdict(set))
    refused: dict[str, list[Demand]] = field(default_factory=lambda: defaultdict(list))
    not_understood: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def stand(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Stand before every client that is made from now on; the calls of nobody pass."""
        make = Session.create_client

        def create_client(session: Session, *args: Any, **options: Any) -> Any:
            client: Any = make(session, *args, **options)
            client.meta.events.register("before-parameter-build", self._before)
            return client

        monkeypatch.setattr(Session, "create_client", create_client)

    @contextmanager
    def acts(self, principal: Principal) -> Iterator[None]:
        """Let somebody act, in all threads."""
        self.acting = principal
        try:
            yield
        finally:
            self.acting = None

    def _before(self, params: Any, model: Any, context: Any, **_: object) -> None:
        if self.acting:
            place = Place(context["client_region"], self.account)
            self._judge(self.acting, model.service_model.service_id, model.name, params, place)

    def _judge(self, who: Principal, service: str, operation: str, arguments: Any, place: Place) -> None:
        try:
            for demand in demands(service, operation, arguments, place):
                # The stand-ins are asked over http, AWS is over https.
                whole = Demand(demand.action, demand.resource, {**demand.context, SECURE: ("true",)})
                allowed = allows(who.statements, whole)
                with self._lock:
                    if allowed:
                        self.used[who.name] |= uses(who.statements, whole)
                    else:
                        self.refused[who.name].append(demand)
                if not allowed:
                    raise _denial(service, operation, demand, who)
        except NotUnderstood as error:
            # Whoever is asked may take a fault of any kind for a store that does not answer.
            self.not_understood.append(str(error))
            raise


def _denial(service: str, operation: str, demand: Demand, who: Principal) -> ClientError:
    """Return a refusal as AWS words it.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    message = (
        f"User: {who.name} is not authorized to perform: {demand.action} on resource: {demand.resource} "
        f"because no identity-based policy allows the {demand.action} action"
    )
    code = "AccessDenied" if service == "S3" else "AccessDeniedException"
    response: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 403}}
    return ClientError(response, operation)
