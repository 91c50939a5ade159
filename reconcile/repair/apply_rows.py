"""Sets right what stands beside programs: a show's note of a recording, and a group's count."""

from collections.abc import Iterable
from dataclasses import replace

from reconcile.model.catalog import Group
from reconcile.model.clock import write_time
from reconcile.model.errors import SourceError
from reconcile.model.journal import PROGRAMS_COUNTED, ROW_LINKED
from reconcile.model.parse import parse_group, parse_items, parse_recording_row
from reconcile.model.run import Repair
from reconcile.model.search_record import Image, plain
from reconcile.repair.plan_rows import Recount, RowLink
from reconcile.repair.writing import Change, RepairPorts, change, failed


def link_row(wanted: RowLink, ports: RepairPorts) -> Iterable[Repair]:
    """Link a stale recording row to its recording's program."""
    return [link(wanted, ports)]


def link(wanted: RowLink, ports: RepairPorts) -> Repair:
    """Tell a show's recording row of its program, if both still are what they were judged by."""
    row = wanted.row
    image = ports.read_rows([row.key]).get(row.key)
    if image is None:
        return failed(wanted.finding, "the recording row no longer exists")
    now = parse_recording_row(row.show_id, image)
    if (now.status, now.program_id, now.start, now.end) != (row.status, row.program_id, row.start, row.end):
        return failed(wanted.finding, "somebody changed the recording row meanwhile")
    set_to = {**wanted.set_to, **_size(wanted, image, ports), "updatedAt": write_time(ports.clock())}
    guarded, beside = tuple(name for name in set_to if name != "updatedAt"), (wanted.program,)
    return change(Change(wanted.finding, ROW_LINKED, row.key, set_to, guarded, image, beside=beside), ports)


def _size(wanted: RowLink, image: Image, ports: RepairPorts) -> dict[str, int]:
    """Return the size of the recording's media in bytes for a row that tells none, or that of other media."""
    told = plain(image.get("size", {"NULL": True}))
    if told and wanted.row.s3_key == wanted.set_to.get("s3Key"):
        return {}
    size = ports.recordings.list_media(wanted.recording).size
    return {} if size is None else {"size": size}


def recount_group(wanted: Recount, ports: RepairPorts) -> Iterable[Repair]:
    """Count the programs of a group whose count drifted."""
    return [_recount(wanted, ports)]


def _recount(wanted: Recount, ports: RepairPorts) -> Repair:
    """Tell a group how many programs it has, counted once more, if its count is still what was read."""
    group = wanted.group
    image = ports.read_rows([group.key]).get(group.key)
    if image is None:
        return failed(wanted.finding, "the group no longer exists")
    now = parse_group(group.owner, image)
    if (now.count, now.counted) != (group.count, group.counted):
        return failed(wanted.finding, "somebody changed the group's count meanwhile")
    programs = parse_items(ports.read_partition(f"u#{group.owner}#programs")).programs.values()
    number = sum(program.listed_under == group.lists for program in programs)
    if number == now.count:
        return failed(wanted.finding, "its programs changed meanwhile, and the count is right")
    set_to = {"programsCount": number, "updatedAt": write_time(ports.clock())}
    made = change(
        Change(wanted.finding, PROGRAMS_COUNTED, group.key, set_to, ("programsCount",), image), ports
    )
    return _read_back(made, group, ports) if made.outcome == "made" else made


def _read_back(made: Repair, group: Group, ports: RepairPorts) -> Repair:
    """Read a count back at once: the programs that the run makes are added to it."""
    try:
        image = ports.read_rows([group.key]).get(group.key, {})
    except SourceError:
        return made
    now = plain(image.get("programsCount", {"NULL": True}))
    return replace(made, verified=now == made.after["programsCount"])
