"""Flat tables of who claims which recordings: by shared ids, or by a time on a shared channel."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from reconcile.compare.narrow.numbers import NEVER, TextNumbers, ceil_ms, floor_ms, number_table
from reconcile.compare.number_table import NumberTable
from reconcile.compare.recording.attribution import BY_A_PERSON, BY_TIME
from reconcile.compare.recording.claims import SharedChannels, last_part, show_channels
from reconcile.model.catalog import Catalog, Session
from reconcile.model.recording import Events, Recording

HALF_DAY = 12 * 60 * 60 * 1000
"""In milliseconds; a session claims what began within it on a shared channel, at most."""


_STAGE, _PART, _CHANNEL, _AT_A_TIME = range(4)
"""What a name is of: its number, divided by four, leaves one of these."""


@dataclass(frozen=True, slots=True)
class ClaimTables:
    """Claims and what they rest on, as numbers: `n` is a recording's.

    `claims` (name, show, sound, level) say for which show a name is claimed, `owners` (name, session) by
    which sessions, and `names` (n, name) which recording bears it. `turns` (channel, half_day, start, stop,
    show, sound, level) are sessions of a show on a shared channel, one line for each half day, and `begun`
    (n, channel, half_day, start) recordings that began on one. `sound`: session and show can be read.

    Sessions that say the same make one line: of those that share a stage there may be thousands.
    """

    claims: NumberTable = field(default_factory=partial(number_table, "name", "show", "sound", "level"))
    owners: NumberTable = field(default_factory=partial(number_table, "name", "session"))
    names: NumberTable = field(default_factory=partial(number_table, "n", "name"))
    turns: NumberTable = field(
        default_factory=partial(
            number_table, "channel", "half_day", "start", "stop", "show", "sound", "level"
        )
    )
    begun: NumberTable = field(default_factory=partial(number_table, "n", "channel", "half_day", "start"))


class Claimants:
    """The sessions and shows of a catalog, which fill the tables, and the names that they have.

    `sessions` are those of the catalog, in its order: a session's number is its place there. `owned` are the
    channels that are one show's own.
    """

    def __init__(self, catalog: Catalog, shared: SharedChannels, shows: TextNumbers) -> None:
        self.tables = ClaimTables()
        self.sessions = list(catalog.sessions)
        self._catalog, self._shows = catalog, shows
        self._stages, self._parts, self._channels = TextNumbers(), TextNumbers(), TextNumbers()
        self._shared = TextNumbers()
        self._claims = set[tuple[int, int, bool, int]]()
        for number, session in enumerate(catalog.sessions.values()):
            names = list(self._names_of(session))
            self._claim(names, session.show_id, session.session_id)
            for _, name in names:
                self.tables.owners.add(name, number)
            if session.composition_arn:
                self._part(last_part(session.composition_arn))
        for show in catalog.shows.values():
            if show.composition_arn:
                self._claim(((2, self._part(last_part(show.composition_arn))),), show.show_id)
            if show.stage_arn:
                self._claim(self._of_stages((show.stage_arn,)), show.show_id)
        channels = show_channels(catalog)
        self.owned = frozenset(channels)
        for channel, (_, entry) in channels.items():
            name = 4 * self._channels.of(channel) + _AT_A_TIME
            for claim in entry.claims:
                self._claim(((4, name),), claim.show_id)
        for table, lines in (
            (self.tables.claims, self._claims),
            (self.tables.turns, set(self._turns(shared))),
        ):
            for line in lines:
                table.add(*line)
        self._claims.clear()

    def _part(self, text: str) -> int:
        return 4 * self._parts.of(text) + _PART

    def _channel(self, text: str) -> int:
        return 4 * self._channels.of(text) + _CHANNEL

    def _names_of(self, session: Session) -> Iterator[tuple[int, int]]:
        """Yield the names that a session has, each after the level at which it claims by it."""
        for arn in session.own_ivs_stages:
            yield 1, 4 * self._stages.of(arn) + _STAGE
        for arn in session.compositions:
            yield 2, self._part(last_part(arn))
        yield from self._of_stages(session.own_ivs_stages)
        yield from self._of_stages(session.shared_ivs_stages)
        for arn in session.own_channels:
            yield 4, self._channel(last_part(arn))

    def _of_stages(self, arns: Iterable[str]) -> Iterator[tuple[int, int]]:
        for arn in arns:
            yield 3, 4 * self._stages.of(arn) + _STAGE
            yield 3, self._part(last_part(arn))

    def _claim(
        self, names: Iterable[tuple[int, int]], show_id: str | None, session_id: str | None = None
    ) -> None:
        show, sound = self._shows.of(show_id), self._is_sound(show_id, session_id)
        self._claims.update((name, show, sound, level) for level, name in names)

    def _is_sound(self, show_id: str | None, session_id: str | None) -> bool:
        session = self._catalog.sessions.get(session_id) if session_id is not None else None
        show = self._catalog.shows.get(show_id) if show_id is not None else None
        return not ((session and session.unreadable) or (show and show.unreadable))

    def _turns(self, shared: SharedChannels) -> Iterator[tuple[int, int, int, int, int, bool, int]]:
        for channel, turn, following in shared.turns():
            number, start = self._shared.of(channel), floor_ms(turn.start)
            latest = ceil_ms(following) if following else NEVER
            for until, claim in zip(turn.ends, turn.claims, strict=True):
                stop = min(ceil_ms(until), latest)
                sound = self._is_sound(claim.show_id, claim.session_id)
                whose = (self._shows.of(claim.show_id), sound)
                for half_day in range(start // HALF_DAY, stop // HALF_DAY + 1):
                    yield (number, half_day, start, stop, *whose, BY_TIME)

    def add(self, number: int, recording: Recording, events: Events | None) -> None:
        """Enter the names that a recording bears and somebody claims."""
        names = [4 * name + _PART for name in self._parts.all_known(recording.prefix.split("/"))]
        if events and events.stage_arn:
            names += [4 * name + _STAGE for name in self._stages.all_known((events.stage_arn,))]
        if channels := channels_of(recording, events):
            names += [4 * name + _CHANNEL for name in self._channels.all_known(channels)]
            if events and events.started_at:
                names += [4 * name + _AT_A_TIME for name in self._channels.all_known(channels)]
                self._begin(number, channels, events.started_at)
        for name in names:
            self.tables.names.add(number, name)

    def assign(self, number: int, show_id: str) -> None:
        """Enter the show that a person assigned a recording to, by a name that no other one bears."""
        name = -1 - number
        self.tables.names.add(number, name)
        self.tables.claims.add(name, self._shows.of(show_id), True, BY_A_PERSON)

    def part(self, text: str) -> int:
        """Return the name of a part of a path, as it stands in the tables if anybody has it."""
        return 4 * self._parts.known(text) + _PART

    def _begin(self, number: int, channels: Iterable[str], moment: datetime) -> None:
        known = self._shared.all_known(channels)
        if known:
            start = floor_ms(moment)
            for channel in known:
                self.tables.begun.add(number, channel, start // HALF_DAY, start)


def channels_of(recording: Recording, events: Events | None) -> tuple[str, ...]:
    """Return the ids of the channels that a recording names, each once."""
    named = last_part(events.channel_arn) if events and events.channel_arn else None
    if named is None or named == recording.channel_id:
        return (recording.channel_id,) if recording.channel_id else ()
    return (recording.channel_id, named) if recording.channel_id else (named,)
