"""The steps that a command takes: approve, repair, create groups, correct counts. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from reconcile.model.finding import Finding
from reconcile.report.action_parts import Situation, Weighed, Weight, ids_of
from reconcile.report.action_words import WRITTEN, listed, need_approval, sentence
from reconcile.report.data import approve_command
from reconcile.report.formatting import plural
from reconcile.report.outcomes import AGAIN, MAKE_GROUPS
from reconcile.report.parts import Action

COUNT = "reconcile repair --repair count-drift"
NO_NUMBER = "not a number"
"""What a group's evidence says of a count that is none."""

_MAY_BE_PARTIAL = ("group-missing", "program-incomplete")
"""What a repair may leave something of: it is not said to be cleared before it is."""


def approvals(situation: Situation) -> Iterator[Weighed]:
    """Yield the step that approves what awaits approval; a check leaves that to the repair after it."""
    waiting = situation.awaiting
    if not situation.repairing or not waiting:
        return
    cleared = sum(finding.kind not in _MAY_BE_PARTIAL for finding in waiting)
    weight = Weight(_created(waiting), _indexed(waiting), cleared)
    step = f"{_why_waiting(situation)} Review what awaits approval, then approve it."
    yield Weighed(
        Action(
            f"Approve {_listed(situation, waiting)}",
            weight.effect or f"repairs {len(waiting):,} in part",
            step,
            (approve_command(situation.report.run.id),),
            ids_of(waiting),
        ),
        weight,
    )


def _why_waiting(situation: Situation) -> str:
    counted = Counter(situation.reasons[finding.id] for finding in situation.awaiting)
    (first, _), *others = counted.most_common()
    more = f" {plural(len(others), 'other reason')} beside it." if others else ""
    return f"{sentence(first)}{more}"


def repairs(situation: Situation) -> Iterator[Weighed]:
    """Yield the repairs that one command makes."""
    rest = situation.rest
    if situation.repairing:
        yield from _again([finding for finding in rest if finding.commands == (AGAIN,)])
    else:
        yield from _first_repair(situation)
    yield from _grouping(
        situation,
        [finding for finding in rest if finding.id in situation.grouped and MAKE_GROUPS in finding.commands],
    )
    # A count that is no number is a person's to correct.
    yield from _counting(
        situation,
        [
            finding
            for finding in rest
            if COUNT in finding.commands and finding.evidence.get("programsCount") != NO_NUMBER
        ],
    )


def _first_repair(situation: Situation) -> Iterator[Weighed]:
    """Yield the repair that a check shows the plan of: what it makes, and what it leaves for approval."""
    planned, waiting = situation.planned, situation.awaiting
    if not planned and not waiting:
        return
    cleared = sum(finding.id not in situation.plan.partial for finding in planned)
    brings = Weight(_created(planned) + _completed(situation, planned), _indexed(planned), cleared)
    effects, steps = list[str](), list[str]()
    if planned:
        title = f"Run a repair: {_listed(situation, planned)}"
        effects.append(brings.effect or f"repairs {len(planned):,} in part")
        steps.append("A repair makes these, after checking each again.")
    else:
        title = f"Run a repair, then approve {_listed(situation, waiting)}"
    if waiting:
        effects.append(need_approval(len(waiting)))
        steps.append(f"Then approve {_listed(situation, waiting)}: {_why_waiting(situation)}")
    action = Action(title, " · ".join(effects), " ".join(steps), (AGAIN,), ids_of((*planned, *waiting)))
    # What it leaves for approval is on its way: it counts for the order, and not for the effect.
    after = Weight(_created(waiting), _indexed(waiting), len(waiting))
    weight = brings.plus(after)
    yield Weighed(action, weight)


def _again(findings: Sequence[Finding]) -> Iterator[Weighed]:
    """Yield the repair that a repair leaves to the next one."""
    if not findings:
        return
    failed = sum(finding.status == "failed" for finding in findings)
    cleared = len(findings) - failed
    weight = Weight(
        _created(findings) + sum(finding.kind == "group-missing" for finding in findings), 0, cleared
    )
    yield Weighed(
        Action(
            f"Run the repair again for {plural(len(findings), 'finding')}",
            f"clears {cleared:,}" if cleared else f"retries {failed:,}",
            " ".join(dict.fromkeys(finding.step for finding in findings[:2])),
            (AGAIN,),
            ids_of(findings),
        ),
        weight,
    )


def _grouping(situation: Situation, findings: Sequence[Finding]) -> Iterator[Weighed]:
    if not findings:
        return
    shows = situation.shows(findings)
    over = situation.exceeds("group-missing", shows)
    # The finding goes with the group; the program that the next repair makes may still await approval.
    weight = Weight(watchable=len(findings), cleared=len(findings))
    action = Action(
        f"Create groups for {plural(shows, 'show')}",
        need_approval(shows) if over else f"clears {len(findings):,}",
        f"{'It names' if shows == 1 else 'They name'} no group, so no program can be filed. "
        "The first command creates one for each; the second files the programs.",
        (MAKE_GROUPS, AGAIN),
        ids_of(findings),
    )
    yield Weighed(action, weight)


def _counting(situation: Situation, findings: Sequence[Finding]) -> Iterator[Weighed]:
    if not findings:
        return
    number = len(findings)
    over = situation.exceeds("count-drift", number)
    action = Action(
        f"Correct {plural(number, 'program count')}",
        need_approval(number) if over else f"clears {number:,}",
        "Only the number shown beside a group is wrong. Safe to run at any time.",
        (COUNT,),
        ids_of(findings),
    )
    yield Weighed(action, Weight(cleared=number))


def _listed(situation: Situation, findings: Collection[Finding]) -> str:
    """Name what repairs write for findings: `14 new programs and 3 search records`."""
    counted = Counter(finding.kind for finding in findings)
    if counted.get("group-missing"):
        counted["group-missing"] = situation.shows(
            finding for finding in findings if finding.kind == "group-missing"
        )
    return listed(plural(counted[kind], WRITTEN[kind]) for kind in WRITTEN if counted[kind])


def _created(findings: Iterable[Finding]) -> int:
    return sum(finding.kind == "program-missing" for finding in findings)


def _completed(situation: Situation, findings: Iterable[Finding]) -> int:
    """Count the programs that get a URL that plays, or the right one."""
    left = {repair.finding: repair.not_repaired for repair in situation.plan.repairs}
    wanted = {"program_url", "domain"}
    lacks = (
        wanted & set(finding.evidence.get("lacks", ())) - set(left.get(finding.id, ()))
        for finding in findings
        if finding.kind == "program-incomplete"
    )
    return sum(bool(missing) for missing in lacks)


def _indexed(findings: Iterable[Finding]) -> int:
    return sum(finding.kind == "record-missing" for finding in findings)
