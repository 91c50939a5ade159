"""Arranges each show's recordings: which are kept, deleted by their owner, or recordings of the same time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reconcile.compare.recording.attribution import BY_TIME
from reconcile.compare.recording.broadcasts import Broadcasts
from reconcile.compare.recording.coverage import Member, Placement, Standing, arrange, doubles
from reconcile.compare.recording.expired import Expired
from reconcile.compare.recording.retirement import ProgramTraces, Retirement
from reconcile.compare.recording.view import View, is_outside
from reconcile.model.clock import Interval
from reconcile.model.recording import RecordingKey
from reconcile.model.snapshot import Rules, Snapshot


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What each recording is beside the others of its show.

    `placements` says whether each is kept or covered, and `doubles` names the others whose programs show the
    same broadcast. `retirements` are those whose program existed once and is gone, and `remembered` holds the
    evidence of a former program, also for those that a person wants back.
    """

    placements: Mapping[RecordingKey, Placement]
    doubles: Mapping[RecordingKey, tuple[RecordingKey, ...]]
    retirements: Mapping[RecordingKey, Retirement]
    remembered: Mapping[RecordingKey, tuple[str, ...]]


class Arranger:
    """Arranges recordings by the programs that they have, and by what a snapshot remembers of others."""

    def __init__(
        self, snapshot: Snapshot, rules: Rules, traces: ProgramTraces, broadcasts: Broadcasts
    ) -> None:
        self._snapshot, self._rules = snapshot, rules
        self._traces, self._broadcasts = traces, broadcasts
        self._expired = Expired(snapshot, rules, traces)

    def arrange(self, views: Iterable[View], *, everything: bool = False) -> Arrangement:
        """Arrange recordings; `everything` counts also those outside the window that want a program."""
        timed = [(view, time) for view in views if (time := self._time_of(view))]
        had = {
            view.key: past_program for view, time in timed if (past_program := self._had_program(view, time))
        }
        retirements = {key: past_program for key, past_program in had.items() if not self.restores(key)}
        of_show: defaultdict[str, list[Member]] = defaultdict(list)
        for view, time in timed:
            member = self._member(view, time, retired=view.key in retirements)
            if everything or self._counts(view, member):
                of_show[str(view.show_id)].append(member)
        placements: dict[RecordingKey, Placement] = {}
        twice: dict[RecordingKey, tuple[RecordingKey, ...]] = {}
        for show_id, members in of_show.items():
            arranged = arrange([*members, *self._expired.members(show_id)])
            placements |= {member.key: arranged[member.key] for member in members}
            twice |= doubles(members)
        remembered = {
            key: tuple(trace.what for trace in retirement.traces) for key, retirement in had.items()
        }
        return Arrangement(placements, twice, retirements, remembered)

    def restores(self, key: RecordingKey) -> str:
        """Return the mark of the decision by which a recording wants its program again ("": none does)."""
        decision = self._rules.restored.get(key, "")
        return decision if self._traces.overruled_by(key, decision) else ""

    def _time_of(self, view: View) -> Interval | None:
        """Return when a show's recording was recorded; None where it holds nothing that could be shown."""
        if not view.show_id or not view.has_content:
            return None
        if not view.programs and self._snapshot.manifests.get(view.key):
            return None
        return view.times(self._rules.now)

    def _had_program(self, view: View, time: Interval) -> Retirement | None:
        """Return the evidence of a former program of a recording that has none."""
        show = self._snapshot.catalog.shows.get(view.show_id or "")
        if view.waits or view.programs or show is None or show.producer_id is None:
            return None
        traces = self._traces.of(view.key, show.producer_id, show.show_id, time)
        session = view.attribution.session_id or ""
        if not traces:
            return None
        return Retirement(view.key, show.producer_id, show.show_id, session, time, traces)

    def _member(self, view: View, time: Interval, *, retired: bool) -> Member:
        standing: Standing = "retired" if retired else "program" if view.programs else "wants"
        return Member(
            view.key,
            time,
            length=(view.events.duration if view.events else None) or 0,
            composite=view.recording.kind == "composite",
            session_id=view.attribution.session_id,
            standing="waits" if view.waits else standing,
            assigned=view.key in self._rules.assigned,
            restored=standing == "wants" and not view.waits and bool(self.restores(view.key)),
            torn=self._broadcasts.torn.get(view.key, frozenset()),
            by_time=view.attribution.level == BY_TIME,
            routed=self._broadcasts.routed(view.key),
        )

    def _counts(self, view: View, member: Member) -> bool:
        """Whether it takes part in the arrangement; outside the window only if it blocks others.

        One that only wants a program gets none there, so it may not block another one's.
        """
        return member.standing in ("retired", "waits") or not is_outside(view, self._rules)
