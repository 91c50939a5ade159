"""What became of each recording on its way to search: where it was lost, or that it came through. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from reconcile.compare.configuration.judge import looks
from reconcile.compare.configuration.trigger import manifests_of, unnotified
from reconcile.compare.recording.ownership import faults_of
from reconcile.compare.recording.row_matching import STUCK
from reconcile.compare.recording.view import View
from reconcile.compare.verdicts import Comparison
from reconcile.model.catalog import Program
from reconcile.model.finding import (
    Judgement,
    Subject,
    program_subject,
    record_subject,
    row_subject,
    system_subject,
)
from reconcile.model.recording import RecordingKey

_LEFT_OUT = ("other", "outside-window", "settling", "in-progress")


_WANTS_NONE = ("twin", "retired")


_WITH_PROGRAM = ("agrees", "program-duplicated", "program-misfiled", "program-incomplete")


_NO_MEDIA = ("url-missing", "media-missing", "media-archived", "unreachable")


_URL_FAULTS = {"program_url", "domain"}


_NOT_FOUND = ("record-missing", "record-contested")


_NOT_KNOWN = ("unknown", "unreadable", "settling")


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one thing at a link: the findings that say it is lost, or why it is not known."""

    lost_by: tuple[Judgement, ...] = ()
    why: str = ""

    @property
    def came_through(self) -> bool:
        """Whether it is neither lost nor unknown."""
        return not (self.lost_by or self.why)


THROUGH = Fate()


NOBODY = "nobody looked at its bucket's notifications"


class Chain:
    """What was compared, link by link; `unseen` says by bucket why its notifications were not looked at."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison, self._judged = comparison, comparison.judged
        self._snapshot, self._dossiers = comparison.snapshot, comparison.dossiers
        seen = {look.what: look.why for look in looks(self._snapshot)}
        buckets = sorted(self._snapshot.buckets)
        whys = {bucket: seen.get(_notifications(bucket)["name"], NOBODY) for bucket in buckets}
        self.unseen = {bucket: why for bucket, why in whys.items() if why}

    def ended(self) -> list[tuple[View | None, Fate]]:
        """Return the recordings that are checked, and, without a recording, the sessions that left none."""
        fates = list[tuple[View | None, Fate]]()
        for key in self._snapshot.recordings:
            if self._comparison.verdict_on(key) not in _LEFT_OUT:
                view = self._comparison.view(key)
                fates.append((view, self._end_of(view, self._comparison.judgement_on(key))))
        missing = (
            judgement for judgement in self._judged.values() if judgement.verdict == "recording-missing"
        )
        return [*fates, *((None, Fate((judgement,))) for judgement in missing)]

    def _end_of(self, view: View, judgement: Judgement | None) -> Fate:
        if judgement is None:
            return THROUGH
        if judgement.verdict in ("failed", "unfinished"):
            return Fate((judgement,))
        if judgement.verdict not in _NOT_KNOWN:
            return THROUGH
        known = view.state == "ended" and view.events is not None and not self._snapshot.doubts("s3")
        return THROUGH if known else Fate(why=_why(judgement))

    def triggers(self, there: Iterable[tuple[View, Fate]]) -> list[Fate]:
        """Return for each recording whether a notification of its bucket invokes the processor."""
        by_bucket: defaultdict[str, list[RecordingKey]] = defaultdict(list)
        for view, fate in there:
            if fate.came_through:
                by_bucket[view.key.bucket].append(view.key)
        before = [fate for _, fate in there if not fate.came_through]
        return before + [
            fate for bucket, keys in by_bucket.items() for fate in self._triggers_of(bucket, keys)
        ]

    def _triggers_of(self, bucket: str, keys: Collection[RecordingKey]) -> list[Fate]:
        judgement = self._of(_notifications(bucket))
        if judgement is None:
            return [Fate(why=self.unseen.get(bucket, NOBODY)) for _ in keys]
        if judgement.verdict != "trigger-misconfigured":
            return [THROUGH for _ in keys]
        missed = self._missed(bucket, keys)
        return [Fate((judgement,)) if key in missed else THROUGH for key in keys]

    def _missed(self, bucket: str, keys: Collection[RecordingKey]) -> Collection[RecordingKey]:
        """Return the recordings that invoke nothing: all of them where the processor itself is gone."""
        configuration = self._snapshot.configuration
        if configuration is None or (configuration.processor and configuration.processor.gone):
            return keys
        return unnotified(configuration, bucket, manifests_of(self._snapshot, bucket))

    def misconfigured(self) -> list[Judgement]:
        """Return the findings on the buckets' notifications."""
        judgements = (self._of(_notifications(bucket)) for bucket in sorted(self._snapshot.buckets))
        return [judgement for judgement in judgements if judgement and judgement.is_finding]

    def programs(self, there: Iterable[tuple[View, Fate]]) -> list[tuple[View, Fate]]:
        """Return the recordings that are to have a program, and whether each has one."""
        fates = list[tuple[View, Fate]]()
        for view, fate in there:
            judgement = self._comparison.judgement_on(view.key)
            verdict = judgement.verdict if judgement else "agrees"
            if fate.why:
                fates.append((view, fate))
            elif judgement is None or verdict in _WITH_PROGRAM:
                fates.append((view, THROUGH))
            elif verdict in _NOT_KNOWN:
                fates.append((view, Fate(why=_why(judgement))))
            elif verdict not in _WANTS_NONE:
                fates.append((view, Fate((judgement,))))
        return fates

    def media(self, view: View) -> Fate:
        """Return whether a program of a recording has a URL that leads to media."""
        return _best([self._media_of(program, view) for program in view.programs])

    def _media_of(self, program: Program, view: View) -> Fate:
        recording = self._comparison.judgement_on(view.key)
        if recording and recording.is_finding:
            faults = faults_of(program, view.key, self._dossiers.rules.media, self._dossiers.pointers)
            if _URL_FAULTS & set(faults):
                return Fate((recording,))
        return self._fate(program_subject(program.key, program.program_id), _NO_MEDIA)

    def rows(self) -> Iterator[Fate]:
        """Yield what became of each recording row that names a program, or should."""
        for key, row in self._snapshot.catalog.rows.items():
            subject = row_subject(key)
            fate = self._fate(subject, ("recording-row-stale",))
            judgement = self._of(subject)
            changing = judgement is not None and judgement.verdict == "settling"
            names = bool(row.program_id) and row.status not in STUCK
            if not changing and (names or not fate.came_through):
                yield fate

    def searches(self, shown: Iterable[tuple[View, Fate]]) -> list[Fate]:
        """Return, for the recordings of which a program is to be found, whether one is."""
        searches = list[Fate]()
        for view, fate in shown:
            names = (program.object_id for program in view.programs if program.object_id)
            fates = [self._fate(record_subject(name), _NOT_FOUND) for name in names]
            if fate.why or fates:
                searches.append(fate if fate.why else _best(fates))
        return searches

    def _fate(self, subject: Subject, losing: Collection[str]) -> Fate:
        """Return what became of a subject, which is lost by some verdicts."""
        judgement = self._of(subject)
        if judgement and judgement.verdict in losing:
            return Fate((judgement,))
        return Fate(why=_why(judgement)) if judgement and judgement.verdict in _NOT_KNOWN else THROUGH

    def _of(self, subject: Subject) -> Judgement | None:
        """Return what a subject was judged as; None where nothing was suspected of it."""
        return self._judged.get(subject)


def _best(fates: Collection[Fate]) -> Fate:
    """Return what became of a thing of which one of several is enough."""
    if any(fate.came_through for fate in fates):
        return THROUGH
    doubt = next((fate for fate in fates if fate.why), None)
    return doubt or Fate(tuple(judgement for fate in fates for judgement in fate.lost_by))


def _why(judgement: Judgement) -> str:
    usual = "it changed moments ago" if judgement.verdict == "settling" else "it cannot be read"
    return str(judgement.evidence.get("why") or usual)


def _notifications(bucket: str) -> Subject:
    return system_subject(f"s3://{bucket} notifications")
