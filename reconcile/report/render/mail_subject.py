"""The subject of a report's mail: the stage, and the most serious numbers in at most 60 characters. Pure."""

from reconcile.report.formatting import plural
from reconcile.report.view.model import ReportView

LONGEST_SUBJECT = 60
_LONGEST_WORDS = 48


def subject_of(view: ReportView) -> str:
    """Return one line, such as `[prod] 14 to approve, 8 new, 89 open`; the numbers always fit."""
    words = _cut(_words(view), _LONGEST_WORDS)
    return f"[{_cut(view.bar.stage, LONGEST_SUBJECT - len(words) - 3)}] {words}"


def _words(view: ReportView) -> str:
    number = {tile.key: tile.number for tile in view.tiles}
    new = [f"{number['new']:,} new"] if number["new"] else []
    if view.verdict.state == "incomplete":
        return ", ".join([f"INCOMPLETE: {_unread(view)}", *new])
    if view.verdict.state == "action":
        approve = [f"{number['approval']:,} to approve"] if number["approval"] else []
        return ", ".join([*approve, *(new or ["nothing new"]), f"{number['open']:,} open"])
    if view.verdict.state == "known":
        ignored = f"{len(view.ignored):,} ignored" if view.ignored else "none open"
        return f"Nothing new, {number['open']:,} known" if number["open"] else f"Nothing new, {ignored}"
    if number["repaired"]:
        return f"All well, {number['repaired']:,} repaired"
    recordings = _recordings(view)
    return f"All well ({plural(recordings, 'recording')})" if recordings else "All well"


def _unread(view: ReportView) -> str:
    """Say which sources were not read, `Algolia not read`; else how much was not checked."""
    missing = [source for source in view.coverage.sources if source.tone != "good"]
    if not missing:
        number = sum(reason.number for reason in view.coverage.not_checked)
        return f"{number:,} not checked" if number else "not all was done"
    names = ", ".join(dict.fromkeys(_short(source.name) for source in missing))
    states = {source.state if source.items else "not read" for source in missing}
    return f"{names} {states.pop() if len(states) == 1 else 'not read'}"


def _short(name: str) -> str:
    """Return `Algolia` for `Algolia index “programs”`."""
    kind = name.partition(" “")[0]
    return kind.rpartition(" ")[0] if kind.endswith((" index", " table", " bucket")) else kind


def _recordings(view: ReportView) -> int:
    """Return how many recordings are OK."""
    tables = (table for table in view.coverage.tables if table.title == "recordings")
    return next((number for table in tables for label, number in table.rows if label == "OK"), 0)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
