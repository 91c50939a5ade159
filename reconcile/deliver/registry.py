"""Every kind of channel; to add one, write its module, name it here and give it a setting."""

from reconcile.deliver.channel import Channel, ChannelKind, ChannelParts
from reconcile.deliver.email import EMAIL
from reconcile.deliver.slack import SLACK
from reconcile.deliver.teams import TEAMS
from reconcile.deliver.webhook import WEBHOOK
from reconcile.settings.settings import Settings

KINDS: tuple[ChannelKind, ...] = (EMAIL, SLACK, TEAMS, WEBHOOK)
"""In the order in which reports are sent."""


def kinds_set(settings: Settings) -> tuple[ChannelKind, ...]:
    """Return the kinds of channels that reports are sent through."""
    return tuple(kind for kind in KINDS if kind.is_set(settings))


def channels(settings: Settings, parts: ChannelParts) -> tuple[Channel, ...]:
    """Return the channels that reports are sent through."""
    return tuple(kind.make(settings, parts) for kind in kinds_set(settings))


def how_to_set_one() -> str:
    """Return which settings turn a channel on, in words."""
    *others, last = (kind.variables for kind in KINDS)
    return f"set {', '.join(others)} or {last}"
