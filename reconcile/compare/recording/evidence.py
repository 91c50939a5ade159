"""Gathers the evidence on each recording: attribution, programs, twins, and former programs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from reconcile.compare.recording.arrangement import Arranger
from reconcile.compare.recording.attribution import Attribution
from reconcile.compare.recording.broadcasts import Broadcasts
from reconcile.compare.recording.judge import RecordingEvidence
from reconcile.compare.recording.lone_programs import tie_lone_programs
from reconcile.compare.recording.ownership import (
    Pointers,
    faults_of,
    programs_by_pointer,
    without_media_by_show,
)
from reconcile.compare.recording.retirement import ProgramTraces, Retirement
from reconcile.compare.recording.row_matching import Provenance
from reconcile.compare.recording.undecided import placement_doubts
from reconcile.compare.recording.unread import Unread
from reconcile.compare.recording.view import View, gather, is_outside, until_the_next, why_unreadable
from reconcile.model.catalog import Catalog, GroupKey, RowKey, Show
from reconcile.model.finding import recording_subject
from reconcile.model.recording import RecordingKey
from reconcile.model.snapshot import Rules, Snapshot

STRONG_LEVELS = (0, 1, 2)


class Dossiers:
    """The evidence on every recording of a snapshot.

    `pointers` finds the recordings that a row leads to, `broadcasts` holds each show's recordings folded into
    broadcasts, and `provenance` matches its recording rows. `views` holds the recordings with their
    programs, and `unread` the recordings whose events are not known. `restores` returns the mark of the
    decision by which a recording wants its program again ("": none does). `following` says when the next
    recording of a channel began, for the snapshot may be a part of a larger one.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        rules: Rules,
        following: Mapping[RecordingKey, datetime] | None = None,
    ) -> None:
        catalog, now = snapshot.catalog, rules.now
        self.snapshot, self.rules = snapshot, rules
        self.pointers = Pointers(snapshot.recordings, rules.media)
        self._lone = without_media_by_show(catalog.programs.values())
        self._traces = ProgramTraces(snapshot, self.pointers, self._lone)
        self.following = until_the_next(snapshot) if following is None else following
        views = gather(snapshot, rules, programs_by_pointer(snapshot, self.pointers), self.following)
        self.broadcasts = Broadcasts(views.values(), now, snapshot.manifests, rules.media)
        arranger = Arranger(snapshot, rules, self._traces, self.broadcasts)
        self._tied = tie_lone_programs(views, self._lone, catalog, self.broadcasts, arranger)
        self.views = self._tied.views
        self.restores = arranger.restores
        self._arrangement = arranger.arrange(self.views.values())
        self._remembered = {**self._tied.remembered, **self._arrangement.remembered}
        self.provenance = Provenance(catalog.rows.values(), self.views, self.broadcasts, self.pointers)
        self.unread = Unread(self.views.values(), snapshot, now)
        self._unreadable_sessions = _unreadable_sessions(self.views.values(), catalog)
        unsure = {**dict(self._never_looked_at()), **snapshot.unread_manifests}
        self._placement_doubts = placement_doubts(unsure, self.views, self.broadcasts, self._lone.keys(), now)

    @property
    def retirements(self) -> Mapping[RecordingKey, Retirement]:
        """The recordings whose program existed and was deleted."""
        return self._arrangement.retirements

    def evidence(self, key: RecordingKey) -> RecordingEvidence:
        """Return the evidence for the verdict on a recording."""
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
            rivals=self._tied.rivals.get(key, ()),
            faults=self._faults(view),
            misfiled=self._misfiled(view, show),
            doubles=self._arrangement.doubles.get(key, ()),
            overlaps=self._overlaps(view),
            remembered=self._remembered.get(key, ()),
            placement=self._arrangement.placements.get(key),
            unplayable=snapshot.manifests.get(key, ""),
            archived=snapshot.archived.get(key),
            unreadable=self._unreadable(view, show) or self._beside_unreadable(view),
            doubt=failure or self._doubt(view),
            index_doubt=snapshot.doubts("algolia"),
            unread=self._beside_unread(view),
            placement_doubt=self._placement_doubts.get(key, ""),
        )

    def ground(self, key: RecordingKey) -> str:
        """Say why the programs of a recording are in doubt; "" if they are not."""
        view, failures = self.views[key], self.snapshot.failures
        return failures.get(recording_subject(key), "") or self._doubt(view) or self._beside_unread(view)

    def candidates(self) -> Mapping[RowKey, list[RecordingKey]]:
        """Return, by program without media, the recordings that it may be of where nothing decides."""
        keys: defaultdict[RowKey, list[RecordingKey]] = defaultdict(list)
        for key, programs in self._tied.rivals.items():
            for program in programs:
                keys[program.key].append(key)
        return keys

    def ground_of_lone_programs(self, show_id: str) -> str:
        """Say why it is in doubt that a show's programs without media belong to no recording."""
        return (
            (self.unread.of_show(show_id) or self.snapshot.doubts("algolia")) if show_id in self._lone else ""
        )

    def _overlaps(self, view: View) -> tuple[RecordingKey, ...]:
        """Return the recordings of its show that block a program of its own."""
        times = view.times(self.rules.now)
        if times is None or self._arrangement.placements.get(view.key) not in (
            *("twin", "overlapping", "unclear", "settling"),
        ):
            return ()
        keys = self.broadcasts.recordings_during(view.show_id or "", times)
        return tuple(sorted(key for key in keys if key != view.key))

    def _faults(self, view: View) -> tuple[str, ...]:
        faults_each = (faults_of(p, view.key, self.rules.media, self.pointers) for p in view.programs)
        return tuple(dict.fromkeys(fault for faults in faults_each for fault in faults))

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
        texts = (f"{name} cannot be read: {fault}" for name, fault in rows if fault)
        return self._unreadable_sessions.get(view.attribution) or next(texts, "")

    def _never_looked_at(self) -> Iterator[tuple[RecordingKey, str]]:
        """Yield the recordings that would want a program, and why they are not checked for playback."""
        index_doubt = self.snapshot.doubts("algolia")
        for key, placement in self._arrangement.placements.items():
            view = self.views[key]
            if placement == "kept" and not view.programs and key not in self.snapshot.manifests:
                why = self.snapshot.why_unread(recording_subject(key))
                why = why or index_doubt or self._beside_unread(view)
                if why:
                    yield key, why

    def _beside_unread(self, view: View) -> str:
        """Say which recording may hold the same time, and with a program may show the same as its own."""
        # By a row's time it has a program that another one of that time may have instead.
        by_itself = bool(view.programs) and view.key not in self._tied.by_row
        return self.unread.beside(view, shown=by_itself)

    def _beside_unreadable(self, view: View) -> str:
        """Say which program may show this recording already, though its own recording's time is unknown."""
        if view.programs or self._arrangement.placements.get(view.key) not in ("kept", "overlapping"):
            return ""
        return self.unread.not_understood_beside(view)

    def _doubt(self, view: View) -> str:
        if view.state == "other":
            return ""
        if view.state == "ended" and view.events is None and not is_outside(view, self.rules):
            return "its events file was not read"
        if view.key in self._tied.by_elimination:
            # What the index remembers, or a file holds that was not read, may leave it another recording's.
            return self.snapshot.doubts("s3", "dynamodb", "algolia") or self.unread.of_show(view.show_id)
        by_listing = view.state in ("in-progress", "settling", "failed", "unfinished")
        return self.snapshot.doubts("s3") if by_listing else self.snapshot.doubts("s3", "dynamodb")


def _unreadable_sessions(views: Iterable[View], catalog: Catalog) -> Mapping[Attribution, str]:
    """Return, by attribution, which of the sessions that it rests on cannot be read."""
    unreadable = {
        session.session_id: session.unreadable for session in catalog.sessions.values() if session.unreadable
    }
    if not unreadable:
        return {}
    by_attribution: dict[Attribution, str] = {}
    for attribution in {view.attribution for view in views}:
        name = next((session for session in attribution.sessions if session in unreadable), None)
        if name is not None:
            by_attribution[attribution] = f"the session {name} cannot be read: {unreadable[name]}"
    return by_attribution
