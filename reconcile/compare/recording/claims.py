"""Claims on a recording by their basis: an id, a show's own channel, or a time on a shared channel."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from reconcile.model.catalog import Catalog, Session

LONGEST_SESSION = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Claim:
    """One row that says a recording is its own: its show (None: it names none) and, if it is one, session."""

    show_id: str | None
    session_id: str | None


@dataclass(frozen=True, slots=True, eq=False)
class ClaimSet:
    """The claims that rest on one id, or on one time of a shared channel; known by identity."""

    claims: list[Claim] = field(default_factory=list)


class ClaimIndex:
    """Claims by the id they rest on."""

    def __init__(self) -> None:
        self._entries: defaultdict[str, ClaimSet] = defaultdict(ClaimSet)

    def add(self, claim: Claim, ids: Iterable[str]) -> None:
        for name in ids:
            self._entries[name].claims.append(claim)

    def find(self, ids: Iterable[str]) -> list[ClaimSet]:
        return [self._entries[name] for name in ids if name in self._entries]


def show_channels(catalog: Catalog) -> Mapping[str, tuple[datetime, ClaimSet]]:
    """Return the channels that are one show's own, with when that show was made.

    They are those that nobody else names: no other show, and no session or recording row of one, no
    persistent channel, and no assignment of a channel to a host.
    """
    names: defaultdict[str, set[str | None]] = defaultdict(set)
    for show in catalog.shows.values():
        for arn in show.channels:
            names[last_part(arn)].add(show.show_id)
    for session in catalog.sessions.values():
        for arn in session.channels:
            names[last_part(arn)].add(session.show_id)
    for row in catalog.rows.values():
        if row.channel_arn:
            names[last_part(row.channel_arn)].add(row.show_id)
    for arn in catalog.lent_channels:
        names[last_part(arn)].add(None)
    return {
        last_part(arn): (show.created_at, ClaimSet([Claim(show.show_id, None)]))
        for show in catalog.shows.values()
        for arn in show.channels
        if show.created_at and names[last_part(arn)] == {show.show_id}
    }


@dataclass(frozen=True, slots=True)
class Turn:
    """The sessions that began at one moment on a shared channel, until the next ones began there.

    `ends` are the latest moments at which a broadcast of each may begin, and `claims` theirs in that order.
    """

    start: datetime
    ends: list[datetime]
    claims: list[Claim]
    entries: dict[int, ClaimSet] = field(default_factory=dict)

    def at(self, moment: datetime) -> list[ClaimSet]:
        """Return the claims that hold at a moment after the start."""
        first = bisect_left(self.ends, moment)
        if first == len(self.ends):
            return []
        if first not in self.entries:
            self.entries[first] = ClaimSet(self.claims[first:])
        return [self.entries[first]]


class SharedChannels:
    """Which session was live at a moment, on the channels that sessions share in turn."""

    def __init__(self, sessions: Iterable[Session], settle: timedelta) -> None:
        on_channel: defaultdict[str, defaultdict[datetime, list[Session]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for session in sessions:
            for arn in session.shared_channels:
                if session.created_at:
                    on_channel[last_part(arn)][session.created_at].append(session)
        self._turns = {
            channel: [
                _turn(start, sessions_then, settle) for start, sessions_then in sorted(starting.items())
            ]
            for channel, starting in on_channel.items()
        }

    def find(self, channels: Iterable[str], moment: datetime) -> list[ClaimSet]:
        """Return the claims of the sessions that were live on these channels at a moment."""
        return [entry for channel in dict.fromkeys(channels) for entry in self._on(channel, moment)]

    def turns(self) -> Iterator[tuple[str, Turn, datetime | None]]:
        """Yield every turn with its channel, and when the next one began there."""
        for channel, turns in self._turns.items():
            nexts = (*(turn.start for turn in turns[1:]), None)
            for turn, following in zip(turns, nexts, strict=True):
                yield channel, turn, following

    def begun(self, channel: str, moment: datetime) -> Turn | None:
        """Return the turn that began last on a channel before a moment, whether or not it still lasts."""
        turns = self._turns.get(channel, [])
        number = bisect_right(turns, moment, key=lambda turn: turn.start)
        return turns[number - 1] if number else None

    def _on(self, channel: str, moment: datetime) -> list[ClaimSet]:
        turn = self.begun(channel, moment)
        return turn.at(moment) if turn else []


def _turn(start: datetime, sessions: Iterable[Session], settle: timedelta) -> Turn:
    ending = sorted(
        ((_until(start, session, settle), session) for session in sessions), key=lambda pair: pair[0]
    )
    claims = [Claim(session.show_id, session.session_id) for _, session in ending]
    return Turn(start, [until for until, _ in ending], claims)


def _until(start: datetime, session: Session, settle: timedelta) -> datetime:
    until = start + LONGEST_SESSION
    if session.ended and session.updated_at:
        until = min(until, session.updated_at + settle)
    return until


def last_part(arn: str) -> str:
    """Return the id that an ARN ends in."""
    return arn.rsplit("/", 1)[-1]
