"""Ties programs that point at no media to recordings: by recording rows, then by elimination."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from reconcile.compare.recording.arrangement import Arrangement, Arranger
from reconcile.compare.recording.broadcasts import Broadcast, Broadcasts
from reconcile.compare.recording.elimination import ANY_TIME, BroadcastWithoutProgram, eliminate
from reconcile.compare.recording.ownership import programs_by_row
from reconcile.compare.recording.view import View, add_programs
from reconcile.model.catalog import Catalog, Program, RecordingRow
from reconcile.model.recording import RecordingKey

Views = dict[RecordingKey, View]


@dataclass(frozen=True, slots=True)
class ProgramTies:
    """The recordings with the programs that were tied to them, and how.

    `rivals` holds, by recording, the programs that may be its own where nothing decides. `remembered` says
    what remembers a program of a recording, as it was before one was tied to it.
    """

    views: Views
    by_row: AbstractSet[RecordingKey]
    by_elimination: AbstractSet[RecordingKey] = frozenset()
    rivals: Mapping[RecordingKey, tuple[Program, ...]] = field(default_factory=dict)
    remembered: Mapping[RecordingKey, tuple[str, ...]] = field(default_factory=dict)


def tie_lone_programs(
    views: Views,
    lone: Mapping[str, Collection[Program]],
    catalog: Catalog,
    broadcasts: Broadcasts,
    arranger: Arranger,
) -> ProgramTies:
    """Tie programs without media to recordings; `lone` holds, by show, those made from recordings.

    By a recording row a program is tied to the recording that the row is of; by elimination to its show's
    one broadcast without a program, where it can be no other's.
    """
    by_row = _by_rows(views, catalog, broadcasts)
    tied = ProgramTies(add_programs(views, by_row), by_row.keys())
    return _eliminated(tied, lone, broadcasts, arranger) if lone else tied


def _by_rows(views: Views, catalog: Catalog, broadcasts: Broadcasts) -> Mapping[RecordingKey, list[Program]]:
    def recording_of(row: RecordingRow) -> RecordingKey | None:
        return broadcasts.recording_of(row, views)

    blank = [program for program in catalog.programs.values() if program.without_media]
    return programs_by_row(blank, catalog, recording_of)


def _eliminated(
    tied: ProgramTies, lone: Mapping[str, Collection[Program]], broadcasts: Broadcasts, arranger: Arranger
) -> ProgramTies:
    known = {program.key for view in tied.views.values() for program in view.programs}
    of_lone_shows = [view for view in tied.views.values() if view.show_id in lone]
    arrangement = arranger.arrange(of_lone_shows, everything=True)
    wanting = _wanting(tied.views, of_lone_shows, lone.keys(), broadcasts, arrangement)
    given: dict[RecordingKey, list[Program]] = {}
    rivals: dict[RecordingKey, tuple[Program, ...]] = {}
    for show_id, programs in lone.items():
        left = [program for program in programs if program.key not in known]
        result = eliminate(left, wanting.get(show_id, ()))
        given |= {key: [program] for key, program in result.given.items()}
        rivals |= result.rivals
    views = add_programs(tied.views, given)
    return ProgramTies(views, tied.by_row, given.keys(), rivals, arrangement.remembered)


def _wanting(
    views: Views,
    of_lone_shows: Iterable[View],
    shows: Iterable[str],
    broadcasts: Broadcasts,
    arrangement: Arrangement,
) -> Mapping[str, list[BroadcastWithoutProgram]]:
    """Return, by show, the broadcasts without a program."""
    by_show: defaultdict[str, list[BroadcastWithoutProgram]] = defaultdict(list)
    for show_id in shows:
        candidates = (
            _wants(broadcast, views, broadcasts, arrangement) for broadcast in broadcasts.of_show(show_id)
        )
        by_show[show_id] += [candidate for candidate in candidates if candidate]
    for view in of_lone_shows:
        if view.state == "unreadable" and not view.programs:
            # It is unknown when it was recorded: any program may be its own.
            by_show[str(view.show_id)].append(
                BroadcastWithoutProgram(ANY_TIME, view.key, (view.key,), ready=False)
            )
    return by_show


def _wants(
    broadcast: Broadcast, views: Views, broadcasts: Broadcasts, arrangement: Arrangement
) -> BroadcastWithoutProgram | None:
    """Return what a broadcast wants; None where it has a program, or none of its recordings wants one."""
    placements = arrangement.placements
    wanting = [key for key in broadcast.keys if placements.get(key, "twin") not in ("twin", "retired")]
    if not wanting or any(views[key].programs for key in broadcast.keys):
        return None
    keys_kept = [key for key in wanting if placements[key] == "kept"]
    first = broadcasts.first_of(keys_kept or wanting, views)
    ready = not any(placements[key] == "settling" for key in wanting)
    return BroadcastWithoutProgram(broadcast.start, first, broadcast.keys, ready)
