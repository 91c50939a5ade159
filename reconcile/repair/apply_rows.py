"""Repairs the rows beside programs: a show's recording row, and a group's count."""

from collections.abc import Iterable
from dataclasses import replace

from reconcile.model.catalog import Group
from reconcile.model.clock import write_time
from reconcile.model.errors import SourceError
from reconcile.model.journal import PROGRAMS_COUNTED, ROW_LINKED
from reconcile.model.parse import parse_items
from reconcile.model.parse_shows import parse_group, parse_recording_row
from reconcile.model.run import Repair
from reconcile.model.search_record import Image, plain
from reconcile.repair.plan_rows import Recount, RowLink
from reconcile.repair.writing import Change, RepairPorts, change, failed


def link_row(row_link: RowLink, ports: RepairPorts) -> Iterable[Repair]:
    """Link a stale recording row to its recording's program."""
    return [link(row_link, ports)]


def link(row_link: RowLink, ports: RepairPorts) -> Repair:
    """Link a show's recording row to its program, if both are unchanged since they were judged."""
    row = row_link.row
    image = ports.read_rows([row.key]).get(row.key)
    if image is None:
        return failed(row_link.finding, "the recording row no longer exists")
    now = parse_recording_row(row.show_id, image)
    if (now.status, now.program_id, now.start, now.end) != (row.status, row.program_id, row.start, row.end):
        return failed(row_link.finding, "somebody changed the recording row meanwhile")
    set_to = {**row_link.set_to, **_size(row_link, image, ports), "updatedAt": write_time(ports.clock())}
    beside = (row_link.program,)
    return change(Change(row_link.finding, ROW_LINKED, row.key, set_to, (), image, beside=beside), ports)


def _size(row_link: RowLink, image: Image, ports: RepairPorts) -> dict[str, int]:
    """Return the size of the recording's media in bytes for a row without it, or with another."""
    stored = plain(image.get("size", {"NULL": True}))
    if stored and row_link.row.s3_key == row_link.set_to.get("s3Key"):
        return {}
    size = ports.recordings.list_media(row_link.recording).size
    return {} if size is None else {"size": size}


def recount_group(recount: Recount, ports: RepairPorts) -> Iterable[Repair]:
    """Count the programs of a group whose count drifted."""
    return [_recount(recount, ports)]


def _recount(recount: Recount, ports: RepairPorts) -> Repair:
    """Set a group's program count, counted once more, if it is still the count that was read."""
    group = recount.group
    image = ports.read_rows([group.key]).get(group.key)
    if image is None:
        return failed(recount.finding, "the group no longer exists")
    now = parse_group(group.owner, image)
    if (now.count, now.counted) != (group.count, group.counted):
        return failed(recount.finding, "somebody changed the group's count meanwhile")
    programs = parse_items(ports.read_partition(f"u#{group.owner}#programs")).programs.values()
    number = sum(program.listed_under == group.lists for program in programs)
    if number == now.count:
        return failed(recount.finding, "its programs changed meanwhile, and the count is right")
    set_to = {"programsCount": number, "updatedAt": write_time(ports.clock())}
    written = change(
        Change(recount.finding, PROGRAMS_COUNTED, group.key, set_to, ("programsCount",), image), ports
    )
    return _read_back(written, group, ports) if written.outcome == "made" else written


def _read_back(written: Repair, group: Group, ports: RepairPorts) -> Repair:
    """Read a count back at once: the programs that the run makes are added to it."""
    try:
        image = ports.read_rows([group.key]).get(group.key, {})
    except SourceError:
        return written
    now = plain(image.get("programsCount", {"NULL": True}))
    return replace(written, verified=now == written.after["programsCount"])
