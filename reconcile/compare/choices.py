"""Lists the candidates of a decision side by side: who created each row, when, and what depends on it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from reconcile.compare.records import calls_by_object
from reconcile.compare.verdicts import Comparison
from reconcile.model.catalog import Copy, GroupKey, Program, RowKey, Show
from reconcile.model.clock import write_time
from reconcile.model.documents import Candidate, Evidence
from reconcile.model.finding import Judgement, recording_key, row_key
from reconcile.model.recording import program_id_of

BETWEEN = ("program-duplicated", "program-misfiled", "ambiguous", "record-contested", "media-missing")
"""The verdicts that need a choice between candidates, or the dependents of a program."""

THE_JOB = "this job"
_MADE_BY: Mapping[str, str] = {
    "ivs-recording": "recording processor",
    "recording-export": "export of a show's recording",
}


def candidates_of(comparison: Comparison) -> Mapping[str, tuple[Candidate, ...]]:
    """Return the candidates of each finding that has any, by its id."""
    wanted = [judged for judged in comparison.findings if judged.verdict in BETWEEN]
    candidates = Candidates(comparison) if wanted else None
    candidates_by_id = {judged.id: candidates.of(judged) for judged in wanted} if candidates else {}
    return {name: several for name, several in candidates_by_id.items() if several}


class Candidates:
    """Finds candidates among the rows of a snapshot."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison, self._dossiers = comparison, comparison.dossiers
        self._snapshot = comparison.snapshot
        self._unread = bool(self._snapshot.doubts("algolia"))
        self._calls = calls_by_object(self._snapshot)
        self._made = {program_id_of(key) for key in self._snapshot.recordings}
        self._copies: defaultdict[str, list[Copy]] = defaultdict(list)
        for copy in self._snapshot.catalog.copies.values():
            self._copies[copy.program_id or ""].append(copy)

    def of(self, judged: Judgement) -> tuple[Candidate, ...]:
        """Return the candidates of a decision, sorted by key."""
        rows = sorted({row.key: row for row in self._rows(judged)}.values(), key=lambda row: row.key)
        shows = self._shows(judged) if judged.verdict == "ambiguous" else []
        return (*map(self._row, rows), *map(self._show, shows))

    def _rows(self, judged: Judgement) -> Iterable[Program | Copy]:
        catalog, subject = self._snapshot.catalog, judged.subject
        if subject.type == "recording":
            evidence = self._dossiers.evidence(recording_key(subject))
            views = self._dossiers.views
            twice = [program for key in evidence.doubles for program in views[key].programs]
            return (*evidence.programs, *evidence.rivals, *twice)
        if subject.type == "program":
            program = catalog.programs.get(row_key(subject))
            return (program,) if program else ()
        keys = [RowKey(row["pk"], row["sk"]) for row in judged.evidence.get("rows", ())]
        rows = (catalog.programs.get(key) or catalog.copies.get(key) for key in keys)
        return tuple(row for row in rows if row)

    def _shows(self, judged: Judgement) -> list[Show]:
        shows = self._snapshot.catalog.shows
        named = judged.evidence.get("attribution", {}).get("shows", ())
        return [shows[name] for name in named if name in shows] if len(named) > 1 else []

    def _row(self, row: Program | Copy) -> Candidate:
        copies = [copy for copy in self._copies.get(row.program_id or "", ()) if copy.key != row.key]
        lists = [copy for copy in copies if "#pr#" in copy.pk or copy.pk.startswith("tracklist#")]
        facts: dict[str, Any] = {
            "what": "program" if isinstance(row, Program) else "copy",
            "pk": row.pk,
            "sk": row.sk,
            "programId": row.program_id,
            "title": row.title if isinstance(row, Program) else None,
            "owner": row.owner,
            "in_search": self._in_search(row),
            "copies": len(copies) - len(lists),
            "playlists": len(lists),
            "program_url": row.url,
        }
        more = self._of_program(row) if isinstance(row, Program) else {"made_by": "copied into a list"}
        return _known({**facts, **more})

    def _of_program(self, row: Program) -> Candidate:
        group = self._snapshot.catalog.groups.get(GroupKey(row.owner, row.group_id or ""))
        # A client stores only a program's date, if that.
        made = row.created_at or row.dated_at
        return {
            "made_by": self._maker(row),
            "run": row.made_by_run,
            "created": write_time(made) if made else None,
            "duration_s": row.duration,
            "groupId": row.group_id,
            "group": group.name if group else None,
            "showId": row.source_show,
        }

    def _maker(self, row: Program) -> str:
        """Return who created a row, by its marks; a row without a mark was created by a client."""
        if row.made_by_run or row.program_id in self._made:
            return THE_JOB
        return _MADE_BY.get(row.source_type or "", row.source_type or "upload by a client")

    def _in_search(self, row: Program | Copy) -> bool | None:
        """Whether its search record is this row's; None if unknown."""
        record = self._snapshot.records.get(row.object_id or "")
        if self._unread:
            return None
        alone = len(self._calls.get(row.object_id or "", ())) == 1
        return record is not None and (alone or record.digest == row.digest)

    def _show(self, show: Show) -> Candidate:
        group = self._snapshot.catalog.groups.get(GroupKey(show.producer_id or "", show.group_id or ""))
        recordings = sum(view.show_id == show.show_id for view in self._comparison.views())
        facts = {
            "what": "show",
            "showId": show.show_id,
            "title": show.title,
            "owner": show.producer_id,
            "groupId": show.group_id,
            "group": group.name if group else None,
            "recordings": recordings,
        }
        return _known(facts)


def _known(facts: Evidence) -> Candidate:
    return {name: value for name, value in facts.items() if value is not None}
