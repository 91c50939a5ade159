"""Decides how a row that a run wrote gets back what it said, if it still says what the run left. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from reconcile.model.attributes import Value, count_of, counted_on, differing, same_value
from reconcile.model.catalog import RowKey
from reconcile.model.clock import write_time
from reconcile.model.finding import finding_id, row_subject
from reconcile.model.journal import ROW_LINKED, Counted, LedgerWritten
from reconcile.model.reversal import RowEdit
from reconcile.model.search_record import Image
from reconcile.model.snapshot import LedgerEntry
from reconcile.undo.fold import TOUCHED, RowTarget
from reconcile.undo.reversals import Reversal, changed_since
from reconcile.undo.stored import StoredNow

_COUNT = "programsCount"
_OF_THE_GROUP = frozenset({_COUNT, TOUCHED})
_SHOWN = 3
STALE_ROW = "recording-row-stale"


def decide_row(target: RowTarget, show: RowTarget | None, stored: StoredNow, at: datetime) -> Reversal:
    """Decide on a row; `show` is the one that a created group was given to, and `at` the time of undo."""
    if target.settled:
        return Reversal(target, "done", target.settled)
    if target.doubt:
        return Reversal(target, "left", target.doubt)
    now = stored.rows.get(target.key)
    if target.is_group:
        return _created_group(target, show, now, stored, at)
    if target.was is None:
        return _created_program(target, now, stored, at)
    return _changed(target, now, stored, at)


def _created_program(target: RowTarget, now: Image | None, stored: StoredNow, at: datetime) -> Reversal:
    entry = stored.ledger.get(target.ledger.after.key) if target.ledger else None
    if now is None:
        taken = entry is not None and entry.how == "undone"
        why = "it was taken back before" if taken else "its owner deleted it since, and it stays deleted"
        return Reversal(target, "done", why)
    changed = differing(now, target.left)
    if changed:
        return Reversal(target, "left", changed_since(changed))
    counts, rest = _counted_down(target.counted, stored, at)
    ledger = _forgotten(target, entry) if target.ledger else None
    return _taking(target, (_deletion(target.key, now), *counts), rest, ledger)


def _deletion(key: RowKey, now: Image) -> RowEdit:
    expected = {name: value for name, value in now.items() if name not in ("pk", "sk")}
    return RowEdit(key, expected, {}, deletes=True)


def _forgotten(target: RowTarget, entry: LedgerEntry | None) -> LedgerWritten | None:
    """Return what the ledger says of a program that is taken back: what it said before, and `undone`."""
    if target.ledger is None:
        return None
    before, after = target.ledger.before, target.ledger.after
    kept = entry or LedgerEntry(after.key, {}, "undone")
    earlier = before.programs if before else {}
    made = {owner: name for owner, name in after.programs.items() if earlier.get(owner) != name}
    # What another run has entered since stays.
    gone = {owner for owner, name in made.items() if kept.programs.get(owner) == name}
    programs = {owner: name for owner, name in kept.programs.items() if owner not in gone}
    programs |= {owner: earlier[owner] for owner in gone if owner in earlier}
    # A decision to restore counts again, once its repair is approved.
    mark = (before.restored if before else "") if kept.restored == after.restored else kept.restored
    return LedgerWritten(entry, replace(kept, programs=programs, how="undone", restored=mark))


def _created_group(
    target: RowTarget, show: RowTarget | None, now: Image | None, stored: StoredNow, at: datetime
) -> Reversal:
    shown, rest = _ungrouped(show, stored, at)
    if now is None:
        gone = Reversal(target, "done", "it no longer exists")
        return _taking(target, shown, "") if shown else gone
    changed = differing(now, target.left, _OF_THE_GROUP)
    if changed:
        return Reversal(target, "left", changed_since(changed))
    if not shown and _is_named(target, show, stored):
        return Reversal(target, "left", f"its show goes on naming it: {show.doubt if show else ''}")
    members = stored.members.get(target.key, ())
    if members:
        more = f" and {len(members) - _SHOWN:,} more" if len(members) > _SHOWN else ""
        return Reversal(target, "left", f"programs lie in it: {', '.join(members[:_SHOWN])}{more}")
    return _taking(target, (_deletion(target.key, now), *shown), rest)


def _is_named(group: RowTarget, show: RowTarget | None, stored: StoredNow) -> bool:
    """Whether the show that a group was made for names it."""
    named = stored.rows.get(show.key, {}).get("groupId") if show else None
    return named is not None and same_value(named, group.left.get("groupId"))


def _ungrouped(show: RowTarget | None, stored: StoredNow, at: datetime) -> tuple[tuple[RowEdit, ...], str]:
    """Return how a show loses the group that it was given, and what stays of that."""
    now = stored.rows.get(show.key) if show else None
    if show is None or now is None:
        return (), ""
    if show.doubt:
        return (), f"its show: {show.doubt}"
    reversal = _changed(show, now, stored, at)
    return reversal.edits, f"its show: {reversal.why}" if reversal.fate == "left" else ""


def _changed(target: RowTarget, now: Image | None, stored: StoredNow, at: datetime) -> Reversal:
    if now is None or target.was is None:
        return Reversal(target, "done", "it no longer exists")
    was, left = target.was, target.left
    if all(same_value(now.get(name), was[name]) for name in target.names):
        return Reversal(target, "done", "it says what it said before")
    changed = tuple(name for name in target.names if not same_value(now.get(name), left[name]))
    if changed:
        return Reversal(target, "left", changed_since(changed))
    expected = {name: left[name] for name in target.names}
    set_to: dict[str, Value | None] = {name: was[name] for name in target.names}
    edit = RowEdit(target.key, expected, set_to | {TOUCHED: {"S": write_time(at)}})
    counts, rest = _counted_down(target.counted, stored, at)
    return _taking(target, (edit, *counts), rest)


def _taking(
    target: RowTarget, edits: tuple[RowEdit, ...], rest: str, ledger: LedgerWritten | None = None
) -> Reversal:
    return Reversal(target, "take", "", rest, edits, ledger, reopens=_reopened(target))


def _reopened(target: RowTarget) -> frozenset[str]:
    """Return the findings that stand again: of a recording row its own, whatever it was written for."""
    own = {finding_id(STALE_ROW, row_subject(target.key))} if target.what == ROW_LINKED else set[str]()
    return frozenset(own) | frozenset(target.findings)


def _counted_down(
    raised: Iterable[Counted], stored: StoredNow, at: datetime
) -> tuple[tuple[RowEdit, ...], str]:
    """Return how groups get their counts back, and what stays of that."""
    edits, rest = dict[RowKey, RowEdit](), list[str]()
    for counted in raised:
        group = stored.after(edits.values()).rows.get(counted.group)
        if group is None or "groupId" not in group:
            # Nobody counts what is in it any more.
            continue
        fewer = _one_fewer(counted, group.get(_COUNT))
        if isinstance(fewer, str):
            rest.append(fewer)
            continue
        read = stored.rows[counted.group]
        expected = {_COUNT: read.get(_COUNT), "groupId": read.get("groupId")}
        set_to: dict[str, Value | None] = {_COUNT: fewer[0], TOUCHED: {"S": write_time(at)}}
        edits[counted.group] = RowEdit(counted.group, expected, set_to)
    return tuple(edits.values()), "; ".join(rest)


def _one_fewer(counted: Counted, now: Value | None) -> tuple[Value | None] | str:
    """Return what a count says with the program gone, or why it stays.

    Where it still says what the run left, it says again exactly what it said before, or nothing.
    """
    if counted.after is not None and same_value(now, counted.after):
        return (counted.before,)
    number, fewer = count_of(now), counted_on(now, -1)
    if number is None or fewer is None:
        return "its group's count is no number by now, and stays as it is"
    if number < 1:
        return "its group counts no program by now, and its count stays as it is"
    return (fewer,)
