"""Finds the show and session of a recording: the first level of evidence with an answer decides.

0. a person decided;  1. its stage is a session's own stage;  2. its path holds a composition's id;
3. its stage, or its path, is a stage that a show's sessions share;  4. its channel is a session's own, or a
show's own;  5. its channel is shared, and it began inside one session's time on that channel.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from reconcile.compare.recording.claims import (
    Claim,
    ClaimIndex,
    ClaimSet,
    SharedChannels,
    last_part,
    show_channels,
)
from reconcile.model.catalog import Catalog, Session
from reconcile.model.recording import Events, Recording, RecordingKey
from reconcile.model.snapshot import Assignment

LEVELS = {
    0: "a person's decision",
    1: "a session's own stage",
    2: "a composition's id in the path",
    3: "a shared stage",
    4: "a session's or a show's own channel",
    5: "a shared channel at that time",
}

BY_A_PERSON = 0
"""The level that goes before all evidence."""

BY_PATH = 2
"""The first level that the listing alone can answer."""

BY_TIME = 5
"""The level that finds the session by start time: the recording may run into the next session."""

_MOST_TOLD = 20


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """The first level with an answer (None: none) and its claims; `decided_by` says who decided, and why.

    `shows` and `sessions` are those claimed, in order; `partly_blank`: one of the rows names no show.
    Recordings with the same claims share one, which is known by identity.
    """

    level: int | None = None
    claims: tuple[Claim, ...] = ()
    decided_by: str = ""
    shows: tuple[str, ...] = field(init=False)
    sessions: tuple[str, ...] = field(init=False)
    partly_blank: bool = field(init=False)

    def __post_init__(self) -> None:
        """Work out once what every recording with the same claims asks for."""
        shows = sorted({claim.show_id for claim in self.claims if claim.show_id})
        sessions = sorted({claim.session_id for claim in self.claims if claim.session_id})
        object.__setattr__(self, "shows", tuple(shows))
        object.__setattr__(self, "sessions", tuple(sessions))
        object.__setattr__(self, "partly_blank", any(claim.show_id is None for claim in self.claims))

    @property
    def show_id(self) -> str | None:
        """The one show, or None where there is none or more than one."""
        return self.shows[0] if len(self.shows) == 1 and not self.partly_blank else None

    @property
    def ambiguous(self) -> bool:
        """Whether the deciding level names more than one show, or one show and a row without any."""
        return len(self.shows) > 1 or (len(self.shows) == 1 and self.partly_blank)

    @property
    def session_id(self) -> str | None:
        """The session, where it is unique."""
        return self.sessions[0] if len(self.sessions) == 1 else None

    def to_evidence(self) -> dict[str, Any]:
        """Return it as evidence; of very many shows or sessions the first, and their number."""
        rests_on = "nothing answered" if self.level is None else LEVELS[self.level]
        facts: dict[str, Any] = {
            "level": self.level,
            "rests_on": f"{rests_on} ({self.decided_by})" if self.decided_by else rests_on,
            "shows": list(self.shows[:_MOST_TOLD]),
            "sessions": list(self.sessions[:_MOST_TOLD]),
        }
        for name, names in (("shows", self.shows), ("sessions", self.sessions)):
            if len(names) > _MOST_TOLD:
                facts[f"{name}_in_all"] = len(names)
        return facts


NOBODYS = Attribution()
"""Nothing answered."""


class Claims:
    """The catalog's sessions and shows, arranged so that a recording's claimants are found at once."""

    def __init__(
        self,
        catalog: Catalog,
        settle: timedelta,
        assigned: Mapping[RecordingKey, Assignment] = MappingProxyType({}),
    ) -> None:
        self._assigned = assigned
        self._own_ivs_stage = ClaimIndex()
        self._composition = ClaimIndex()
        self._ivs_stage = ClaimIndex()
        self._ivs_stage_id = ClaimIndex()
        self._own_channel = ClaimIndex()
        for session in catalog.sessions.values():
            self._add_session(session)
        for show in catalog.shows.values():
            claim = Claim(show.show_id, None)
            self._composition.add(claim, (last_part(arn) for arn in (show.composition_arn,) if arn))
            self._add_ivs_stages(claim, (show.stage_arn,))
        self._show_channel = show_channels(catalog)
        self._shared_channel = SharedChannels(catalog.sessions.values(), settle)
        self._attributions: dict[tuple[int, tuple[ClaimSet, ...]], Attribution] = {}

    def _add_session(self, session: Session) -> None:
        claim = Claim(session.show_id, session.session_id)
        self._own_ivs_stage.add(claim, session.own_ivs_stages)
        self._composition.add(claim, map(last_part, session.compositions))
        self._add_ivs_stages(claim, (*session.own_ivs_stages, *session.shared_ivs_stages))
        self._own_channel.add(claim, map(last_part, session.own_channels))

    def _add_ivs_stages(self, claim: Claim, arns: Iterable[str | None]) -> None:
        ivs_stages = [arn for arn in arns if arn]
        self._ivs_stage.add(claim, ivs_stages)
        self._ivs_stage_id.add(claim, map(last_part, ivs_stages))

    def attribute(self, recording: Recording, events: Events | None) -> Attribution:
        """Return the claims at the first level that has any; `events` None leaves its levels out."""
        assignment = self._assigned.get(recording.key)
        attribution = self._by_evidence(recording, events)
        if assignment is None:
            return attribution
        # The sessions of that show still distinguish its broadcasts.
        claims = tuple(claim for claim in attribution.claims if claim.show_id == assignment.show_id)
        return Attribution(0, claims or (Claim(assignment.show_id, None),), assignment.decided_by)

    def _by_evidence(self, recording: Recording, events: Events | None) -> Attribution:
        for level, entries in self._answers(recording, events):
            if entries:
                return self._attribution_at(level, tuple(dict.fromkeys(entries)))
        return NOBODYS

    def _attribution_at(self, level: int, entries: tuple[ClaimSet, ...]) -> Attribution:
        # All recordings of an IVS stage that a thousand sessions share have one attribution between them.
        if (level, entries) not in self._attributions:
            claims = {claim for entry in entries for claim in entry.claims}
            self._attributions[level, entries] = Attribution(level, tuple(sorted(claims, key=_order)))
        return self._attributions[level, entries]

    def weighed(self, recording: Recording, events: Events | None) -> Mapping[int, list[Claim]]:
        """Return the claims at every level, also behind the one that decides."""
        decided = self.attribute(recording, events) if recording.key in self._assigned else Attribution()
        answers = self._answers(recording, events)
        return {
            0: list(decided.claims),
            **{level: [claim for entry in entries for claim in entry.claims] for level, entries in answers},
        }

    def _answers(self, recording: Recording, events: Events | None) -> Iterator[tuple[int, list[ClaimSet]]]:
        segments = recording.prefix.split("/")
        ivs_stages = [events.stage_arn] if events and events.stage_arn else []
        channels = [recording.channel_id] if recording.channel_id else []
        if events and events.channel_arn:
            channels.append(last_part(events.channel_arn))
        yield 1, self._own_ivs_stage.find(ivs_stages)
        yield 2, self._composition.find(segments)
        yield 3, self._ivs_stage.find(ivs_stages) + self._ivs_stage_id.find(segments)
        began = events.started_at if events else None
        at_that_time = self._shared_channel.find(channels, began) if began else []
        of_shows = self._on_a_show_s_channel(channels, began) if began else []
        # A show's own channel does not go before a session that was on the air there at that time.
        yield 4, self._own_channel.find(channels) + (of_shows + at_that_time if of_shows else [])
        yield 5, at_that_time

    def _on_a_show_s_channel(self, channels: Iterable[str], moment: datetime) -> list[ClaimSet]:
        """Return the shows whose own channel it is, and which were there already."""
        claims = (self._show_channel[channel] for channel in channels if channel in self._show_channel)
        return [entry for created, entry in claims if moment > created]


def _order(claim: Claim) -> tuple[str, str]:
    return (claim.show_id or "", claim.session_id or "")
