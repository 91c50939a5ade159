"""Looks, before and after a program is made, whether somebody else made one of the same broadcast meanwhile.

Only the live processor could close the race: it makes programs under ids of its own, and asks nobody.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from reconcile.compare.recording.candidates import candidate_partitions
from reconcile.compare.recording.ownership import MADE_FROM_RECORDINGS
from reconcile.compare.verdicts import Comparison, compare
from reconcile.model.catalog import Program, RowKey
from reconcile.model.errors import SourceError
from reconcile.model.finding import Judgement
from reconcile.model.journal import PROGRAM_CREATED
from reconcile.model.parse import parse_items
from reconcile.model.recording import RecordingKey, program_id_of
from reconcile.model.run import Repair
from reconcile.model.search_record import Image
from reconcile.repair.plan_programs import Creation
from reconcile.repair.planned import Planned
from reconcile.repair.writing import RepairPorts, fault_of


@dataclass(frozen=True, slots=True)
class DuplicateCheck:
    """The repairs, and what was found of broadcasts that have two programs since."""

    repairs: tuple[Repair, ...] = ()
    findings: tuple[Judgement, ...] = ()


def made_meanwhile(creation: Creation, ports: RepairPorts) -> str:
    """Name a program that plays a recording, or may, and did not when it was judged; "" without one.

    Reads every partition that it was confirmed by again, strongly consistent; raises SourceError.
    """
    key, comparison = creation.recording.key, creation.comparison
    for pk in sorted(_partitions(key, comparison)):
        for program in _programs(ports.read_partition(pk)):
            if _may_play(program, key, creation.show.show_id, comparison):
                return f"the program {program.program_id} of the user {program.owner}"
    return ""


def check_duplicates(
    repairs: Sequence[Repair], planned: Iterable[Planned], comparison: Comparison, ports: RepairPorts
) -> DuplicateCheck:
    """Read once more whether what was made stands alone; a double is judged with all that stands there now.

    A creation of which that cannot be read is not verified.
    """
    creations = {
        planned_repair.finding: planned_repair
        for planned_repair in planned
        if isinstance(planned_repair, Creation)
    }
    creations_made = [
        creations[r.finding] for r in repairs if r.what == PROGRAM_CREATED and r.outcome == "made"
    ]
    partitions = {pk for creation in creations_made for pk in _partitions(creation.recording.key, comparison)}
    try:
        read = {pk: _programs(ports.read_partition(pk)) for pk in sorted(partitions)}
    except SourceError as error:
        return DuplicateCheck(tuple(_unsure(repair, error) for repair in repairs))
    own = {RowKey(r.target["pk"], r.target["sk"]) for r in repairs if r.what == PROGRAM_CREATED}
    others = [program for programs in read.values() for program in programs if program.key not in own]
    if not any(
        _may_play(program, creation.recording.key, creation.show.show_id, comparison)
        for creation in creations_made
        for program in others
    ):
        return DuplicateCheck(tuple(repairs))
    return DuplicateCheck(tuple(repairs), _judged_again(read, comparison))


def _unsure(repair: Repair, error: SourceError) -> Repair:
    if repair.what != PROGRAM_CREATED:
        return repair
    note = f"not checked whether somebody else created one as well: {error}"
    return replace(repair, verified=False, note=note, fault=fault_of(error))


def _judged_again(read: Mapping[str, Sequence[Program]], comparison: Comparison) -> tuple[Judgement, ...]:
    """Return the doubles that the programs as they stand now make, and did not make before."""
    snapshot = comparison.snapshot
    unread = {key: program for key, program in snapshot.catalog.programs.items() if key.pk not in read}
    now = {program.key: program for programs in read.values() for program in programs}
    catalog = replace(snapshot.catalog, programs=unread | now)
    after = compare(replace(snapshot, catalog=catalog), comparison.rules, comparison.engine)
    earlier = comparison.judged
    return tuple(
        finding
        for finding in after.findings
        if finding.verdict == "program-duplicated"
        and (finding.subject not in earlier or earlier[finding.subject].verdict != finding.verdict)
    )


def _may_play(program: Program, key: RecordingKey, show_id: str, comparison: Comparison) -> bool:
    """Whether a program plays a recording or one of its time, or points at nothing and may be its.

    What stood there just so when the recording was judged was judged with it.
    """
    before = comparison.snapshot.catalog.programs.get(program.key)
    if before == program:
        return False
    played = comparison.dossiers.pointers.of(program)
    before_keys = comparison.dossiers.pointers.of(before) if before else frozenset[RecordingKey]()
    if key in played or (played - before_keys) & _beside(key, program, comparison):
        return True
    from_recording = program.source_type in MADE_FROM_RECORDINGS or program.source_recording is not None
    return program.without_media and from_recording and program.source_show in (None, show_id)


def _beside(key: RecordingKey, program: Program, comparison: Comparison) -> frozenset[RecordingKey]:
    """Return the other recordings of the same broadcast, but for the one that the job made the program for.

    Of a broadcast's parts that do not cover each other each gets a program, in one and the same run.
    """
    broadcast = comparison.dossiers.broadcasts.of(key)
    keys = broadcast.keys if broadcast else ()
    return frozenset(key for key in keys if program.program_id != program_id_of(key))


def _partitions(key: RecordingKey, comparison: Comparison) -> frozenset[str]:
    return candidate_partitions(comparison.dossiers.views[key], comparison.snapshot.catalog)


def _programs(images: Iterable[Image]) -> tuple[Program, ...]:
    return tuple(parse_items(images).programs.values())
