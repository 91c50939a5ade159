"""Makes planned repairs: each write is conditional, can be repeated, and has its journal entry."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal

from reconcile.compare.recording.evidence import Dossiers
from reconcile.compare.recording.row_matching import tells
from reconcile.model.clock import write_time
from reconcile.model.errors import LeaseLost, SourceError
from reconcile.model.run import Repair
from reconcile.model.search_record import plain
from reconcile.model.snapshot import LedgerEntry
from reconcile.repair.apply_groups import make_group
from reconcile.repair.apply_records import TOGETHER, Owed, write_records
from reconcile.repair.apply_rows import link, recount
from reconcile.repair.duplicates import CREATED, made_meanwhile
from reconcile.repair.plan import Creation, Mend, Plan, Planned
from reconcile.repair.plan_groups import GroupMaking
from reconcile.repair.plan_rows import Recount, RowLink, told_to_row
from reconcile.repair.program_item import Media, group_keys, program_item
from reconcile.repair.writing import WRITING, Change, Hands, change, failed, faulty, gain, refusal


def apply(plan: Plan, dossiers: Dossiers, hands: Hands) -> list[Repair]:
    """Make the repairs in order, and tell what became of each.

    A lost lease ends the work; when time runs out, what was begun is finished and nothing more is begun.
    """
    done, owed = list[Repair](), list[Owed]()
    for number, planned in enumerate(plan.repairs, 1):
        if hands.out_of_time():
            break
        try:
            for made in _make(planned, dossiers, hands):
                # What was done before a failure must be told.
                (owed if isinstance(made, Owed) else done).append(made)  # type: ignore[arg-type]
        except LeaseLost as error:
            done.append(failed(planned.finding, str(error)))
            break
        except SourceError as error:
            done.append(faulty(planned.finding, error))
        if len(owed) >= TOGETHER:
            done += write_records(owed, hands)
            owed.clear()
        hands.progress("repairing", number, len(plan.repairs))
    return done + write_records(owed, hands)


def _make(planned: Planned, dossiers: Dossiers, hands: Hands) -> Iterable[Repair | Owed]:
    if isinstance(planned, Creation):
        return _create(planned, dossiers, hands)
    if isinstance(planned, Mend):
        return _mend(planned, hands)
    if isinstance(planned, RowLink):
        return [link(planned, hands)]
    if isinstance(planned, GroupMaking):
        return make_group(planned, hands)
    if isinstance(planned, Recount):
        return [recount(planned, hands)]
    return [Owed(planned.finding, planned.row)]


def _create(creation: Creation, dossiers: Dossiers, hands: Hands) -> Iterable[Repair | Owed]:
    key = creation.recording.key
    listing = hands.faults.ask("listing media", lambda: hands.recordings.list_media(key))
    media = Media(listing.size, listing.thumbnail)
    item = program_item(creation, media, hands.media, hands.run, hands.clock())
    target = {"pk": item["pk"], "sk": item["sk"]}
    owner, program_id = str(item["ownerId"]), str(item["programId"])
    expected = dossiers.snapshot.ledger.get(creation.recording.key)
    ledger = _ledger_of(creation, expected, owner, program_id)
    rival = made_meanwhile(creation, dossiers, hands)
    if rival:
        yield refusal(creation.finding, target, f"{rival} stands there since: it may be this recording's")
        return
    entry, group = hands.entry(CREATED, target, {}, item), gain(creation.group)
    outcome = hands.faults.ask(
        WRITING, lambda: hands.rows_writer.create_program(item, group, ledger, expected, entry)
    )
    if outcome != "made":
        note = {"already": "another run made it, or made it and its owner deleted it"}
        yield refusal(creation.finding, target, note.get(outcome, "the group has gone"))
        return
    repair = Repair(CREATED, creation.finding, target, {}, item, "made", verified=False)
    uncounted = "" if creation.group.countable else "the group's programsCount is no number: left alone"
    yield replace(repair, note=uncounted)
    yield Owed(creation.finding, (item["pk"], item["sk"]))
    yield from _link_rows(creation, item, dossiers, hands)


def _ledger_of(creation: Creation, expected: LedgerEntry | None, owner: str, program_id: str) -> LedgerEntry:
    """Return what to remember of a creation; a restore is carried out once, so its mark stays."""
    known = expected or LedgerEntry(creation.recording.key, {}, "made")
    how: Literal["restored", "made"] = "restored" if creation.restored else "made"
    programs = {**known.programs, owner: program_id}
    return replace(known, programs=programs, how=how, restored=creation.restored or known.restored)


def _link_rows(
    creation: Creation, item: Mapping[str, Any], dossiers: Dossiers, hands: Hands
) -> Iterable[Repair]:
    """Tell the show's recording rows that are this recording's of its program."""
    key, program = creation.recording.key, (item["pk"], item["sk"])
    told = told_to_row(creation.recording, creation.events, item["program_url"], item["programId"])
    for row in dossiers.provenance.rows_to_tell(key):
        if not tells(row, item["programId"]):
            linked = link(RowLink(creation.finding, row, program, told, key), hands)
            # Whoever changed the row meanwhile knows better: the program stands either way.
            if linked.outcome == "made":
                yield linked


def _mend(mend: Mend, hands: Hands) -> Iterable[Repair | Owed]:
    program = mend.program
    image = hands.read_rows([program.key]).get(program.key)
    if image is None:
        yield failed(mend.finding, "the program has gone")
        return
    read = {"program_url": program.url, "groupId": program.group_id}
    if any((plain(image.get(name, {"NULL": True})) or None) != read[name] for name in mend.set_to):
        yield failed(mend.finding, "somebody changed the program meanwhile")
        return
    set_to = {**mend.set_to, "updatedAt": write_time(hands.clock())}
    more = None
    if mend.group and program.sk.startswith("p#"):
        # Rows of the old shape are listed in no group: the Media Manager could not edit them.
        set_to |= group_keys(program.owner, mend.group.group_id, program.program_id)
        more = gain(mend.group)
    guarded = tuple(mend.set_to)
    yield change(Change(mend.finding, "program mended", program.key, set_to, guarded, image, more), hands)
    if mend.indexed:
        yield Owed(mend.finding, program.key)
