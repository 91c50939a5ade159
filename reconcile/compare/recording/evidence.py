"""Puts the evidence on each recording together: attribution, programs, twins, and what is remembered."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from reconcile.compare import set_rules
from reconcile.compare.recording.attribution import BY_TIME, Attribution
from reconcile.compare.recording.broadcasts import Broadcasts
from reconcile.compare.recording.coverage import Coverage, Member, Standing, arrange, doubles
from reconcile.compare.recording.elimination import ANY_TIME, Wanting, eliminate
from reconcile.compare.recording.expired import Expired
from reconcile.compare.recording.judge import RecordingEvidence
from reconcile.compare.recording.ownership import Pointers, faults_of, programs_by_row, without_media_by_show
from reconcile.compare.recording.retirement import ProgramTraces, Retirement
from reconcile.compare.recording.row_matching import Provenance
from reconcile.compare.recording.undecided import shaken
from reconcile.compare.recording.unread import Spots, not_read, not_understood
from reconcile.compare.recording.view import (
    CLOCKS_DIFFER,
    View,
    add_programs,
    gather,
    is_outside,
    why_unreadable,
)
from reconcile.model.catalog import GroupKey, Program, RecordingRow, RowKey, Show
from reconcile.model.clock import Interval
from reconcile.model.finding import recording_key, recording_subject
from reconcile.model.recording import RecordingKey
from reconcile.model.snapshot import Rules, Snapshot

STRONG_LEVELS = (0, 1, 2)


class Dossiers:
    """The evidence on every recording of a snapshot.

    `pointers` finds the recordings that a row leads to, `broadcasts` holds each show's recordings folded into
    broadcasts, and `provenance` tells whose its recording rows are.
    `unread` says why some recording could not be attributed; "" when every events file that matters was read.
    """

    def __init__(self, snapshot: Snapshot, rules: Rules) -> None:
        self.snapshot, self.rules = snapshot, rules
        self.pointers = Pointers(snapshot.recordings, rules.media)
        self._lone = without_media_by_show(snapshot.catalog.programs.values())
        self._memory = ProgramTraces(snapshot, self.pointers, self._lone)
        self._expired = Expired(snapshot, rules, self._memory)
        self.views = gather(snapshot, rules, self.pointers)
        self.broadcasts = Broadcasts(self.views.values(), rules.now, snapshot.manifests, rules.media)
        self._give_by_rows()
        self._rivals: dict[RecordingKey, tuple[Program, ...]] = {}
        self._remembered: dict[RecordingKey, tuple[str, ...]] = {}
        self.retirements: dict[RecordingKey, Retirement] = {}
        self._by_elimination: set[RecordingKey] = set()
        self._session_faults: dict[Attribution, str] = {}
        self._settle_lone_programs()
        self._places, self._doubles = self._arrange(self.views.values(), everything=False)
        self.provenance = Provenance(
            snapshot.catalog.rows.values(), self.views, self.broadcasts, self.pointers
        )
        unread = not_read(self.views.values(), snapshot)
        self.unread = unread[0].why if unread else ""
        self._unread_of = {spot.view.show_id: spot.why for spot in reversed(unread)}
        self._unread_until = sorted(
            ((times.end, spot.why) for spot in unread if (times := spot.view.times_by_listing(rules.now))),
            reverse=True,
        )
        self._not_read = Spots(unread, rules.now)
        self._not_read_shown = Spots((spot for spot in unread if spot.view.programs), rules.now)
        self._not_understood = Spots(not_understood(self.views.values(), snapshot), rules.now)
        unsure = {**dict(self._never_looked_at()), **snapshot.unread_manifests}
        self._shaken = shaken(unsure, self.views, self.broadcasts, self._lone.keys(), rules.now)

    def evidence(self, key: RecordingKey) -> RecordingEvidence:
        """Return all that the verdict on a recording rests on."""
        view, snapshot = self.views[key], self.snapshot
        show = snapshot.catalog.shows.get(view.show_id or "")
        owner = show.producer_id if show else None
        failure = snapshot.why_unread(recording_subject(key))
        return RecordingEvidence(
            recording=view.recording,
            events=view.events,
            state=view.state,
            outside=is_outside(view, self.rules) and view.state != "other",
            judged_fully=self.rules.window_start is None or key in self.rules.unresolved,
            attribution=view.attribution,
            show=show,
            group=snapshot.catalog.groups.get(GroupKey(owner or "", self.rules.group_id(key, show) or "")),
            programs=view.programs,
            rivals=self._rivals.get(key, ()),
            faults=self._faults(view),
            misfiled=self._misfiled(view, show),
            doubles=self._doubles.get(key, ()),
            overlaps=self._overlaps(view),
            remembered=self._remembered.get(key, ()),
            place=self._places.get(key),
            unplayable=snapshot.manifests.get(key, ""),
            archived=snapshot.archived.get(key),
            unreadable=self._unreadable(view, show) or self._beside_unreadable(view),
            doubt=failure or self._doubt(view),
            index_doubt=snapshot.doubts("algolia"),
            unread=self._beside_unread(view),
            shaken=self._shaken.get(key, ""),
        )

    def ground(self, key: RecordingKey) -> str:
        """Say what shakes that a recording has the programs that it has; "" where nothing does."""
        view, failures = self.views[key], self.snapshot.failures
        return failures.get(recording_subject(key), "") or self._doubt(view) or self._beside_unread(view)

    def candidates(self) -> Mapping[RowKey, list[RecordingKey]]:
        """Return, by program without media, the recordings that it may be of where nothing decides."""
        found: defaultdict[RowKey, list[RecordingKey]] = defaultdict(list)
        for key, programs in self._rivals.items():
            for program in programs:
                found[program.key].append(key)
        return found

    def ground_of_lone_programs(self, show_id: str) -> str:
        """Say what shakes that the programs without media of a show belong to no recording."""
        return (self.unread_of(show_id) or self.snapshot.doubts("algolia")) if show_id in self._lone else ""

    def unread_of(self, show_id: str | None) -> str:
        """Say which recording, whose events could not be read, may be a show's; None: any show's."""
        if show_id is None:
            return self.unread
        return self._unread_of.get(show_id) or self._unread_of.get(None, "")

    def unread_since(self, moment: datetime | None) -> str:
        """Say which recording, whose events could not be read, may have been made since a moment."""
        latest = next(iter(self._unread_until), None)
        return latest[1] if latest and moment and latest[0] >= moment - CLOCKS_DIFFER else ""

    def unread_during(self, show_id: str, time: Interval) -> str:
        """Say which recording, whose events could not be read, may be a show's at that time."""
        return next((spot.why for spot in self._not_read.during(show_id, time)), "")

    def restores(self, key: RecordingKey) -> str:
        """Return the mark of the decision by which a recording wants its program again ("": none does)."""
        decision = self.rules.restored.get(key, "")
        return decision if self._memory.overruled_by(key, decision) else ""

    def traced(self) -> frozenset[RecordingKey]:
        """Return the recordings of which not the ledger, but something else tells that a program existed."""
        known = self.snapshot.ledger.keys()
        return frozenset(
            key
            for key in self._memory.traced()
            if key in self.views and key not in known and not self.views[key].programs
        )

    def suspects(self) -> set[RecordingKey]:
        """Return the recordings that need a close look; the others have one sound program and agree."""
        snapshot = self.snapshot
        if snapshot.doubts("s3", "dynamodb") or snapshot.failures:
            return set(self.views)
        import pandas as pd

        recordings = [
            (*key, view.state == "ended" and view.events is not None, view.show_id)
            for key, view in self.views.items()
        ]
        sound = {key: self._sound(view) for key, view in self.views.items() if view.programs}
        programs = [(*key, sound[key]) for key, view in self.views.items() for _ in view.programs]
        frame = pd.DataFrame(recordings, columns=["bucket", "prefix", "ended", "show"])
        held = pd.DataFrame(programs, columns=["bucket", "prefix", "sound"]).astype({"sound": "bool"})
        frame = frame.astype({"bucket": "object", "prefix": "object", "show": "object", "ended": "bool"})
        held = held.astype({"bucket": "object", "prefix": "object"})
        unsure = {recording_key(one) for one in snapshot.unconfirmed if one.type == "recording"}
        found = set_rules.recordings_without_one_sound_program(frame, held)
        return found | set_rules.recordings_to_look_at(frame) | (unsure & self.views.keys())

    def sessions_with_recordings(self) -> set[str]:
        """Return the sessions that some recording is attributed to."""
        attributions = {view.attribution for view in self.views.values()}
        return {session for attribution in attributions for session in attribution.sessions}

    def _sound(self, view: View) -> bool:
        show = self.snapshot.catalog.shows.get(view.show_id or "")
        return not (self._faults(view) or self._misfiled(view, show) or self._unreadable(view, show))

    def _overlaps(self, view: View) -> tuple[RecordingKey, ...]:
        """Return the recordings of its show that keep it from a program of its own."""
        times = view.times(self.rules.now)
        if times is None or self._places.get(view.key) not in (
            *("twin", "overlapping", "unclear", "settling"),
        ):
            return ()
        held = self.broadcasts.recordings_during(view.show_id or "", times)
        return tuple(sorted(key for key in held if key != view.key))

    def _faults(self, view: View) -> tuple[str, ...]:
        found = (faults_of(p, view.key, self.rules.media, self.pointers) for p in view.programs)
        return tuple(dict.fromkeys(fault for faults in found for fault in faults))

    def _misfiled(self, view: View, show: Show | None) -> str:
        attribution = view.attribution
        if attribution.level not in STRONG_LEVELS or attribution.show_id is None:
            return ""
        for program in view.programs:
            if program.source_show and program.source_show != attribution.show_id:
                return f"show {program.source_show}"
            if not program.source_show and show and show.producer_id not in (None, program.owner):
                return f"user {program.owner}"
        return ""

    def _unreadable(self, view: View, show: Show | None) -> str:
        if view.state == "unreadable" and (
            view.recording.kind == "unknown" or not is_outside(view, self.rules)
        ):
            return why_unreadable(view.recording, self.snapshot.events.get(view.key))
        if view.state in ("other", "eventless") or is_outside(view, self.rules):
            return ""
        rows = [(f"the program {program.program_id}", program.unreadable) for program in view.programs]
        if show:
            rows.append((f"the show {show.show_id}", show.unreadable))
        told = (f"{name} cannot be read: {fault}" for name, fault in rows if fault)
        return self._unreadable_session(view.attribution) or next(told, "")

    def _unreadable_session(self, attribution: Attribution) -> str:
        """Say which session that claims a recording cannot be read."""
        if attribution not in self._session_faults:
            named = (self.snapshot.catalog.sessions.get(name) for name in attribution.sessions)
            faulty = ((one.session_id, one.unreadable) for one in named if one and one.unreadable)
            told = (f"the session {name} cannot be read: {fault}" for name, fault in faulty)
            self._session_faults[attribution] = next(told, "")
        return self._session_faults[attribution]

    def _never_looked_at(self) -> Iterator[tuple[RecordingKey, str]]:
        """Yield the recordings that would want a program, and why nobody looks whether they play."""
        index_doubt = self.snapshot.doubts("algolia")
        for key, place in self._places.items():
            view = self.views[key]
            if place == "kept" and not view.programs and key not in self.snapshot.manifests:
                why = self.snapshot.why_unread(recording_subject(key))
                why = why or index_doubt or self._beside_unread(view)
                if why:
                    yield key, why

    def _beside_unread(self, view: View) -> str:
        """Say which recording may hold the same time, and with a program may show the same as its own."""
        # By a row's time it has a program that another one of that time may have instead.
        by_itself = view.programs and view.key not in self._by_row
        spots = self._not_read_shown if by_itself else self._not_read
        return next((spot.why for spot in spots.beside(view)), "")

    def _beside_unreadable(self, view: View) -> str:
        """Say which program may show this recording already, though its own recording's time is unknown."""
        if view.programs or self._places.get(view.key) not in ("kept", "overlapping"):
            return ""
        return next((s.why for s in self._not_understood.beside(view)), "")

    def _doubt(self, view: View) -> str:
        if view.state == "other":
            return ""
        if view.state == "ended" and view.events is None and not is_outside(view, self.rules):
            return "its events file was not read"
        if view.key in self._by_elimination:
            # What the index remembers, or a file holds that was not read, may leave it another recording's.
            return self.snapshot.doubts("s3", "dynamodb", "algolia") or self.unread_of(view.show_id)
        by_listing = view.state in ("in-progress", "settling", "failed", "unfinished")
        return self.snapshot.doubts("s3") if by_listing else self.snapshot.doubts("s3", "dynamodb")

    def _give_by_rows(self) -> None:
        """Give the programs without media to the recordings whose recording rows they name."""
        catalog = self.snapshot.catalog
        lone = [program for program in catalog.programs.values() if program.without_media]

        def recording_of(row: RecordingRow) -> RecordingKey | None:
            return self.broadcasts.recording_of(row, self.views)

        found = programs_by_row(lone, catalog, recording_of)
        self.views = add_programs(self.views, found)
        self._by_row = found.keys()

    def _settle_lone_programs(self) -> None:
        """Give a show's program without media to its one broadcast without a program; no other may be its."""
        if not self._lone:
            return
        tied = {program.key for view in self.views.values() for program in view.programs}
        wanting = self._wanting()
        given: dict[RecordingKey, list[Program]] = {}
        for show_id, programs in self._lone.items():
            left = [program for program in programs if program.key not in tied]
            found = eliminate(left, wanting.get(show_id, ()))
            given |= {key: [program] for key, program in found.given.items()}
            self._rivals |= found.rivals
        self.views = add_programs(self.views, given)
        self._by_elimination |= given.keys()

    def _wanting(self) -> Mapping[str, list[Wanting]]:
        """Return the broadcasts without a program of the shows that have programs without media."""
        views = [view for view in self.views.values() if view.show_id in self._lone]
        places, _ = self._arrange(views, everything=True)
        found: defaultdict[str, list[Wanting]] = defaultdict(list)
        for show_id in self._lone:
            for broadcast in self.broadcasts.of_show(show_id):
                shown = any(self.views[key].programs for key in broadcast.keys)
                held = [key for key in broadcast.keys if places.get(key, "twin") not in ("twin", "retired")]
                if held and not shown:
                    kept = [key for key in held if places[key] == "kept"]
                    first = self.broadcasts.first_of(kept or held, self.views)
                    ready = not any(places[key] == "settling" for key in held)
                    found[show_id].append(Wanting(broadcast.start, first, broadcast.keys, ready))
        for view in views:
            if view.state == "unreadable" and not view.programs:
                # Nothing tells when it was recorded: any program may be its own.
                found[str(view.show_id)].append(Wanting(ANY_TIME, view.key, (view.key,), ready=False))
        return found

    def _arrange(
        self, views: Iterable[View], *, everything: bool
    ) -> tuple[dict[RecordingKey, Coverage], dict[RecordingKey, tuple[RecordingKey, ...]]]:
        by_show: defaultdict[str, list[Member]] = defaultdict(list)
        for view in views:
            member = self._member(view) if view.show_id else None
            if member and view.show_id and (everything or self._counts(view, member)):
                by_show[view.show_id].append(member)
        places: dict[RecordingKey, Coverage] = {}
        twice: dict[RecordingKey, tuple[RecordingKey, ...]] = {}
        for show_id, members in by_show.items():
            found = arrange([*members, *self._expired.members(show_id)])
            places |= {member.key: found[member.key] for member in members}
            twice |= doubles(members)
        return places, twice

    def _counts(self, view: View, member: Member) -> bool:
        """Whether it stands among its show's recordings; outside the window only what it stops others from.

        One that merely wants a program gets none there, so it may not keep another one from its own.
        """
        return member.standing in ("retired", "waits") or not is_outside(view, self.rules)

    def _member(self, view: View) -> Member | None:
        times = view.times(self.rules.now)
        waits = view.state in ("settling", "in-progress")
        if times is None or not (waits or view.state == "ended"):
            return None
        if not view.programs and self.snapshot.manifests.get(view.key):
            return None
        standing: Standing = "waits" if waits else "program" if view.programs else self._standing(view)
        length = view.events.duration if view.events else None
        return Member(
            view.key,
            times,
            length=length or 0,
            composite=view.recording.kind == "composite",
            session_id=view.attribution.session_id,
            standing=standing,
            assigned=view.key in self.rules.assigned,
            restored=standing == "wants" and bool(self.restores(view.key)),
            torn=self.broadcasts.torn.get(view.key, frozenset()),
            by_time=view.attribution.level == BY_TIME,
            routed=self.broadcasts.routed(view.key),
        )

    def _standing(self, view: View) -> Standing:
        show = self.snapshot.catalog.shows.get(view.show_id or "")
        times = view.times(self.rules.now)
        if show is None or show.producer_id is None or times is None:
            return "wants"
        told = self._memory.of(view.key, show.producer_id, show.show_id, times)
        self._remembered[view.key] = tuple(trace.what for trace in told)
        if not told or self.restores(view.key):
            return "wants"
        session = view.attribution.session_id or ""
        self.retirements[view.key] = Retirement(
            view.key, show.producer_id, show.show_id, session, times, told
        )
        return "retired"
