"""Groups findings by kind, and the open ones by what a person does about them. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from reconcile.model.finding import Finding
from reconcile.model.verdict_table import VERDICTS, label_of
from reconcile.model.verdict_types import Severity, Task, VerdictKind
from reconcile.report.formatting import clean
from reconcile.report.view.lines import Beside, finding_line
from reconcile.report.view.model import FindingGroup, FindingLine, Shelf

SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low", "none")

_KINDS: Mapping[tuple[str, str], VerdictKind] = {(kind.subject, kind.name): kind for kind in VERDICTS}
_PLACE = {key: place for place, key in enumerate(_KINDS)}
_SHELVES: Mapping[Task, str] = {
    "decide": "Decide",
    "ask": "Ask the producer",
    "fix": "Fix with a command",
    "inspect": "Inspect",
}


def shelves(findings: Iterable[Finding], beside: Beside) -> tuple[Shelf, ...]:
    """Return the findings by what a person does about them; a shelf without any is left out."""
    by_task: defaultdict[Task, list[Finding]] = defaultdict(list)
    for finding in findings:
        kind = _KINDS.get((finding.subject.type, finding.kind))
        by_task[kind.task if kind else "inspect"].append(finding)
    return tuple(
        Shelf(task, title, len(by_task[task]), grouped(by_task[task], beside))
        for task, title in _SHELVES.items()
        if by_task[task]
    )


def grouped(findings: Iterable[Finding], beside: Beside, *, short: bool = False) -> tuple[FindingGroup, ...]:
    """Group findings by kind: the severe first, then as in the verdict table; new lines first in each.

    One label is one group, though its findings are on subjects of several types.
    """
    by_label: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        by_label[finding.kind, label_of(finding.subject.type, finding.kind)].append(finding)

    def order(key: tuple[str, str]) -> tuple[int, int, tuple[str, str]]:
        places = [_PLACE.get((finding.subject.type, finding.kind), len(_PLACE)) for finding in by_label[key]]
        return (_most_severe(by_label[key]), min(places), key)

    return tuple(_group(key, by_label[key], beside, short=short) for key in sorted(by_label, key=order))


def _most_severe(findings: Iterable[Finding]) -> int:
    return min(SEVERITIES.index(finding.severity) for finding in findings)


def _group(key: tuple[str, str], findings: list[Finding], beside: Beside, *, short: bool) -> FindingGroup:
    kind = _KINDS.get((findings[0].subject.type, findings[0].kind))
    lines = sorted((finding_line(finding, beside, short=short) for finding in findings), key=in_reading_order)
    step, commands = _shared(lines)
    return FindingGroup(
        kind=clean(key[0]),
        label=clean(key[1]),
        means=kind.means if kind else "",
        severity=SEVERITIES[_most_severe(findings)],
        number=len(lines),
        new=sum(line.age != "known" for line in lines),
        lines=tuple(
            replace(line, step="" if step else line.step, commands=() if commands else line.commands)
            for line in lines
        ),
        step=step,
        commands=commands,
    )


def _shared(lines: list[FindingLine]) -> tuple[str, tuple[str, ...]]:
    """Return the step, and then the commands, that are the same for all lines."""
    steps, commands = {line.step for line in lines}, {line.commands for line in lines}
    if len(steps) > 1:
        return "", ()
    return steps.pop(), commands.pop() if len(commands) == 1 else ()


def in_reading_order(line: FindingLine) -> tuple[bool, int, float, str]:
    """Sort new lines first, then the severe ones, then the newest recordings."""
    recorded = line.recorded_at.timestamp() if line.recorded_at else 0.0
    return (line.age == "known", SEVERITIES.index(line.severity), -recorded, line.id)
