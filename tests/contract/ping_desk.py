"""A server on loopback that plays Healthchecks: it knows one check, and keeps what was told of it."""

from dataclasses import dataclass

from tests.contract.loopback import Answer, Asked
from tests.contract.slack_desk import Desk

SECRET = "0b3c1f7e-secret-of-the-check"
PATH = f"/ping/{SECRET}"
SIGNALS = {PATH: "success", f"{PATH}/start": "start", f"{PATH}/fail": "fail", f"{PATH}/log": "log"}


@dataclass(frozen=True, slots=True)
class Told:
    """One signal of a run, which `rid` names."""

    signal: str
    rid: str
    body: str


def healthchecks(asked: Asked) -> Answer:
    """Answer as the service does: HEAD, GET and POST are pings, and an unknown check is no error.

    https://healthchecks.io/docs/http_api/
    """
    if asked.path in SIGNALS:
        return Answer(200, b"OK")
    return Answer(200, b"OK (not found)") if asked.path.startswith("/ping/") else Answer(404, b"not found")


class PingDesk(Desk):
    """A server with one check; otherwise like the one of Slack."""

    def __init__(self) -> None:
        super().__init__(healthchecks)

    @property
    def address(self) -> str:
        """The ping URL, whose path is its secret."""
        return f"{self._server.url}{PATH}"

    @property
    def told(self) -> list[Told]:
        """What was told of the check, in order; every ping is a POST that names its run."""
        pings = [asked for asked in self.arrived if asked.path in SIGNALS]
        assert {asked.method for asked in pings} <= {"POST"}
        return [Told(SIGNALS[one.path], one.query["rid"], one.body.decode()) for one in pings]

    @property
    def signals(self) -> list[str]:
        """The signals alone."""
        return [told.signal for told in self.told]
