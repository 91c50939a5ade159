"""Finds whose broadcast a recording is: the best level of evidence that answers decides.

0. a person decided;  1. its stage is a session's own stage;  2. its path holds a composition's id;
3. its stage, or its path, is a stage that a show's sessions share;  4. its channel is a session's own;
5. its channel is shared, and it began inside one session's time on that channel.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from reconcile.model.catalog import Catalog, Session
from reconcile.model.recording import Events, Recording, RecordingKey
from reconcile.model.snapshot import Assignment

LONGEST_SESSION = timedelta(hours=12)

LEVELS = {
    0: "a person's decision",
    1: "a session's own stage",
    2: "a composition's id in the path",
    3: "a shared stage",
    4: "a session's own channel",
    5: "a shared channel at that time",
}


@dataclass(frozen=True, slots=True)
class Claim:
    """One row that says a recording is its own: its show (None: it names none) and, if it is one, session."""

    show_id: str | None
    session_id: str | None


@dataclass(frozen=True, slots=True)
class Attribution:
    """The best level that answered (None: none did) and the claims made there; `told` adds who decided."""

    level: int | None = None
    claims: tuple[Claim, ...] = ()
    told: str = ""

    @property
    def shows(self) -> tuple[str, ...]:
        """The shows claimed at the deciding level, in order."""
        return tuple(sorted({claim.show_id for claim in self.claims if claim.show_id}))

    @property
    def show_id(self) -> str | None:
        """The one show, or None where there is none or more than one."""
        return self.shows[0] if len(self.shows) == 1 and not self.partly_blank else None

    @property
    def partly_blank(self) -> bool:
        """Whether one of the claiming rows names no show."""
        return any(claim.show_id is None for claim in self.claims)

    @property
    def ambiguous(self) -> bool:
        """Whether the deciding level names more than one show, or one show and a row without any."""
        return len(self.shows) > 1 or (len(self.shows) == 1 and self.partly_blank)

    @property
    def session_id(self) -> str | None:
        """The session, where it is unique."""
        sessions = {claim.session_id for claim in self.claims if claim.session_id}
        return next(iter(sessions)) if len(sessions) == 1 else None

    def to_evidence(self) -> dict[str, Any]:
        """Return what the report tells of it."""
        rests_on = "nothing answered" if self.level is None else LEVELS[self.level]
        return {
            "level": self.level,
            "rests_on": f"{rests_on} ({self.told})" if self.told else rests_on,
            "shows": list(self.shows),
            "sessions": sorted({claim.session_id for claim in self.claims if claim.session_id}),
        }


@dataclass(frozen=True, slots=True)
class _Turn:
    """A session's time on a shared channel: from its creation up to, not including, the next one's."""

    start: datetime
    before: datetime | None
    until: datetime
    claim: Claim

    def holds(self, moment: datetime) -> bool:
        if moment < self.start or moment > self.until:
            return False
        return self.before is None or moment < self.before


class Claims:
    """The catalog's sessions and shows, arranged so that a recording's claimants are found at once."""

    def __init__(
        self,
        catalog: Catalog,
        settle: timedelta,
        assigned: Mapping[RecordingKey, Assignment] = MappingProxyType({}),
    ) -> None:
        self._assigned = assigned
        self._own_stage = _Shelf()
        self._composition = _Shelf()
        self._stage = _Shelf()
        self._stage_id = _Shelf()
        self._own_channel = _Shelf()
        for session in catalog.sessions.values():
            self._add_session(session)
        for show in catalog.shows.values():
            claim = Claim(show.show_id, None)
            self._composition.add(claim, (last_part(arn) for arn in (show.composition_arn,) if arn))
            self._add_stages(claim, (show.stage_arn,))
        self._turns = _turns(catalog.sessions.values(), settle)

    def _add_session(self, session: Session) -> None:
        claim = Claim(session.show_id, session.session_id)
        self._own_stage.add(claim, session.own_stages)
        self._composition.add(claim, map(last_part, session.compositions))
        self._add_stages(claim, (*session.own_stages, *session.shared_stages))
        self._own_channel.add(claim, map(last_part, session.own_channels))

    def _add_stages(self, claim: Claim, arns: Iterable[str | None]) -> None:
        stages = [arn for arn in arns if arn]
        self._stage.add(claim, stages)
        self._stage_id.add(claim, map(last_part, stages))

    def attribute(self, recording: Recording, events: Events | None) -> Attribution:
        """Return the claims at the first level that has any; `events` None leaves its levels out."""
        assignment = self._assigned.get(recording.key)
        found = self._by_evidence(recording, events)
        if assignment is None:
            return found
        # What the stores say of that show's sessions still tells its broadcasts apart.
        claims = tuple(claim for claim in found.claims if claim.show_id == assignment.show_id)
        return Attribution(0, claims or (Claim(assignment.show_id, None),), assignment.told)

    def _by_evidence(self, recording: Recording, events: Events | None) -> Attribution:
        for level, claims in self._answers(recording, events):
            if claims:
                return Attribution(level, tuple(sorted(set(claims), key=_order)))
        return Attribution()

    def weighed(self, recording: Recording, events: Events | None) -> Mapping[int, list[Claim]]:
        """Return the claims at every level, also behind the one that decides."""
        decided = self.attribute(recording, events) if recording.key in self._assigned else Attribution()
        return {0: list(decided.claims), **dict(self._answers(recording, events))}

    def _answers(self, recording: Recording, events: Events | None) -> Iterator[tuple[int, list[Claim]]]:
        segments = recording.prefix.split("/")
        stages = [events.stage_arn] if events and events.stage_arn else []
        channels = [recording.channel_id] if recording.channel_id else []
        if events and events.channel_arn:
            channels.append(last_part(events.channel_arn))
        yield 1, self._own_stage.find(stages)
        yield 2, self._composition.find(segments)
        yield 3, self._stage.find(stages) + self._stage_id.find(segments)
        yield 4, self._own_channel.find(channels)
        if events and events.started_at:
            yield 5, self._on_shared_channel(channels, events.started_at)

    def _on_shared_channel(self, channels: Iterable[str], moment: datetime) -> list[Claim]:
        turns = (turn for channel in dict.fromkeys(channels) for turn in self._turns.get(channel, ()))
        return [turn.claim for turn in turns if turn.holds(moment)]


class _Shelf:
    """Claims by the id they rest on."""

    def __init__(self) -> None:
        self._claims: defaultdict[str, list[Claim]] = defaultdict(list)

    def add(self, claim: Claim, ids: Iterable[str]) -> None:
        for name in ids:
            self._claims[name].append(claim)

    def find(self, ids: Iterable[str]) -> list[Claim]:
        return [claim for name in ids for claim in self._claims.get(name, ())]


def _order(claim: Claim) -> tuple[str, str]:
    return (claim.show_id or "", claim.session_id or "")


def _turns(sessions: Iterable[Session], settle: timedelta) -> Mapping[str, list[_Turn]]:
    on_channel: defaultdict[str, list[tuple[datetime, Session]]] = defaultdict(list)
    for session in sessions:
        for arn in session.shared_channels:
            if session.created_at:
                on_channel[last_part(arn)].append((session.created_at, session))
    return {channel: list(_in_turn(held, settle)) for channel, held in on_channel.items()}


def _in_turn(held: list[tuple[datetime, Session]], settle: timedelta) -> Iterator[_Turn]:
    starts = sorted({start for start, _ in held})
    following = dict(pairwise(starts))
    for start, session in held:
        until = start + LONGEST_SESSION
        if session.ended and session.updated_at:
            until = min(until, session.updated_at + settle)
        claim = Claim(session.show_id, session.session_id)
        yield _Turn(start, following.get(start), until, claim)


def last_part(arn: str) -> str:
    """Return the id that an ARN ends in."""
    return arn.rsplit("/", 1)[-1]
