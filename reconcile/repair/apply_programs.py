"""Creates the programs of recordings, and completes incomplete ones."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from reconcile.compare.recording.row_matching import names_program
from reconcile.model.catalog import RowKey
from reconcile.model.clock import write_time
from reconcile.model.documents import Attributes
from reconcile.model.journal import PROGRAM_COMPLETED, PROGRAM_CREATED, LedgerWritten, RowWritten
from reconcile.model.run import Repair
from reconcile.model.search_record import plain
from reconcile.model.snapshot import LedgerEntry
from reconcile.repair.apply_records import Owed
from reconcile.repair.apply_rows import link
from reconcile.repair.duplicates import made_meanwhile
from reconcile.repair.plan_programs import Completion, Creation
from reconcile.repair.plan_rows import RowLink, row_attributes
from reconcile.repair.program_item import ProgramMedia, group_keys, program_item
from reconcile.repair.writing import (
    COUNTED_TOO_OFTEN,
    Change,
    GroupOutcome,
    RepairPorts,
    change,
    failed,
    refusal,
)
from reconcile.stores.attributes import typed
from reconcile.stores.write_ports import GroupGain, WriteOutcome


def create_program(creation: Creation, ports: RepairPorts) -> Iterable[Repair | Owed]:
    """Create a recording's program, unless somebody made one since, and link the recording rows to it."""
    key = creation.recording.key
    listing = ports.faults.ask("listing media", lambda: ports.recordings.list_media(key))
    media = ProgramMedia(listing.size, listing.thumbnail)
    item = program_item(creation, media, ports.media, ports.run, ports.clock())
    target = {"pk": item["pk"], "sk": item["sk"]}
    owner, program_id = str(item["ownerId"]), str(item["programId"])
    expected = creation.comparison.snapshot.ledger.get(key)
    ledger = _ledger_of(creation, expected, owner, program_id)
    created = _Created(creation, item, ledger, expected)
    outcome = ports.counting(creation.group, lambda group: created.write(group, ports))
    if outcome != "made":
        yield refusal(creation.finding, target, created.why_not(outcome))
        return
    repair = Repair(PROGRAM_CREATED, creation.finding, target, {}, item, "made", verified=False)
    uncounted = "" if created.counted else "the group's programsCount is not a number: left as it is"
    yield replace(repair, note=uncounted)
    yield Owed(creation.finding, RowKey(item["pk"], item["sk"]))
    yield from _link_rows(creation, item, ports)


@dataclass(slots=True)
class _Created:
    """A program on its way into the table.

    `counted` says whether its group's count was raised with it, `rival` names one that was made meanwhile.
    """

    creation: Creation
    item: Attributes
    ledger: LedgerEntry
    expected: LedgerEntry | None
    counted: bool = False
    rival: str = ""

    def write(self, group: GroupGain, ports: RepairPorts) -> WriteOutcome:
        """Write it, unless somebody made one since; raises LeaseLost, SourceError."""
        self.rival = made_meanwhile(self.creation, ports)
        if self.rival:
            return "already"
        image, key = typed(self.item), RowKey(self.item["pk"], self.item["sk"])
        remembered = LedgerWritten(self.expected, self.ledger)
        written = RowWritten(key, None, image, group.counted, remembered)
        entry = ports.entry(PROGRAM_CREATED, (self.creation.finding,), written)
        self.counted = group.counted is not None
        return ports.transact(
            [entry],
            lambda: ports.rows_writer.create_program(image, group, self.ledger, self.expected, entry),
        )

    def why_not(self, outcome: GroupOutcome) -> str:
        """Say why it was not written."""
        if self.rival:
            return f"{self.rival} was created meanwhile: it may be this recording's"
        why = {"group-gone": "the group no longer exists", "group-changed": COUNTED_TOO_OFTEN}
        return why.get(outcome, "another run created it, or created it and its owner deleted it")


def _ledger_of(creation: Creation, expected: LedgerEntry | None, owner: str, program_id: str) -> LedgerEntry:
    """Return what to remember of a creation; a restore is carried out once, so its mark stays."""
    entry = expected or LedgerEntry(creation.recording.key, {}, "made")
    how: Literal["restored", "made"] = "restored" if creation.restored else "made"
    programs = {**entry.programs, owner: program_id}
    return replace(entry, programs=programs, how=how, restored=creation.restored or entry.restored)


def _link_rows(creation: Creation, item: Attributes, ports: RepairPorts) -> Iterable[Repair]:
    """Link the show's recording rows of this recording to its program."""
    key, program = creation.recording.key, RowKey(item["pk"], item["sk"])
    attributes = row_attributes(creation.recording, creation.events, item["program_url"], item["programId"])
    for row in creation.comparison.dossiers.provenance.rows_to_link(key):
        if not names_program(row, item["programId"]):
            linked = link(RowLink(creation.finding, row, program, attributes, key), ports)
            # A row that somebody changed meanwhile is left alone; the program exists either way.
            if linked.outcome == "made":
                yield linked


def complete_program(completion: Completion, ports: RepairPorts) -> Iterable[Repair | Owed]:
    """Set the missing attributes of a program, if they are still missing."""
    program = completion.program
    image = ports.read_rows([program.key]).get(program.key)
    if image is None:
        yield failed(completion.finding, "the program no longer exists")
        return
    read = {"program_url": program.url, "groupId": program.group_id}
    if any((plain(image.get(name, {"NULL": True})) or None) != read[name] for name in completion.set_to):
        yield failed(completion.finding, "somebody changed the program meanwhile")
        return
    set_to = {**completion.set_to, "updatedAt": write_time(ports.clock())}
    more = None
    if completion.group and program.sk.startswith("p#"):
        # Rows of the old shape are listed in no group: the Media Manager could not edit them.
        set_to |= group_keys(program.owner, completion.group.group_id, program.program_id)
        more = completion.group
    guarded, what = tuple(completion.set_to), PROGRAM_COMPLETED
    yield change(Change(completion.finding, what, program.key, set_to, guarded, image, more), ports)
    if completion.indexed:
        yield Owed(completion.finding, program.key)
