"""What a channel is, and what each kind of channel says of itself: its settings, and how it is made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from reconcile.report.message import Message
from reconcile.settings.settings import PREFIX, Settings
from reconcile.stores.aws import AwsService


class Channel(Protocol):
    """One way to people: e-mail, Slack, Teams, a webhook."""

    @property
    def name(self) -> str:
        """Return the name that its kind has in the registry."""
        ...

    def send(self, message: Message) -> str:
        """Send a report once; return what the other side calls it ("" if nothing). Raises DeliveryError."""
        ...

    def test(self, stage: str) -> str:
        """Send a message that says that it is a test; return as `send` does. Raises DeliveryError."""
        ...


@dataclass(frozen=True, slots=True)
class ChannelParts:
    """What channels are made from besides the settings.

    `client` makes a client of an AWS service that repeats nothing by itself, `secret` returns what fetches
    the secret of a setting, and `seconds` says how long sending may take, waiting included.
    """

    client: Callable[[AwsService], Any]
    secret: Callable[[str], Callable[[], str]]
    seconds: Callable[[], float]
    sleep: Callable[[float], None]


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """One kind of channel.

    It is used where each of `settings` is set; `options` are further settings of it. `address` is the one
    that holds the address of a server, as a secret ("": it is reached through AWS, by `permissions`).
    `way` says how something is sent, as in "nothing is sent to Slack". `any_request_sends`: whatever is asked
    of that address may post a message.
    """

    name: str
    way: str
    settings: tuple[str, ...]
    make: Callable[[Settings, ChannelParts], Channel]
    options: tuple[str, ...] = ()
    address: str = ""
    any_request_sends: bool = False
    permissions: tuple[tuple[str, str], ...] = ()

    def is_set(self, settings: Settings) -> bool:
        """Whether all settings are set that it needs."""
        return all(settings.has(field) for field in self.settings)

    @property
    def variables(self) -> str:
        """The environment variables that turn it on, in words."""
        return " and ".join(f"{PREFIX}{field.upper()}" for field in self.settings)
