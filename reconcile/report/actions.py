"""Says what to do first: at most five steps, in the order of how many people each helps. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from reconcile.compare.causes import WITHOUT_GROUP
from reconcile.compare.verdicts import Examined
from reconcile.model.cause import Cause
from reconcile.model.finding import NEEDS_A_PERSON, Finding
from reconcile.model.verdict_table import verdict_kind
from reconcile.model.verdict_types import Task
from reconcile.repair.planned import Plan
from reconcile.report.action_parts import Situation, Weighed, Weight, ids_of
from reconcile.report.action_repairs import approvals, repairs
from reconcile.report.action_words import about, asked, fix_of, sentence
from reconcile.report.data import Report
from reconcile.report.parts import Action

MOST = 5

_LOSING = ("trigger-misconfigured", "storage-misconfigured")
"""Causes that lose the next recording, whether they explain a finding of this run or not."""


def actions_of(report: Report, plan: Plan, examined: Examined) -> tuple[Action, ...]:
    """Return what to do first, of a report and of the plan that its run made.

    The order is that of the recordings that become watchable, then of the programs that become searchable,
    then of the findings that are cleared. A root cause counts by what it explains, for it goes on losing as
    many. A finding stands in one step, and besides in that of a cause which the other step does not remove.
    What is ignored gives no step.
    """
    situation = Situation(report, plan, examined, {finding.id: finding for finding in report.findings})
    steps = (*approvals(situation), *repairs(situation), *root_causes(situation), *decisions(situation))
    ordered = sorted(steps, key=lambda weighed: weighed.weight, reverse=True)
    return tuple(weighed.action for weighed in ordered[:MOST])


def root_causes(situation: Situation) -> Iterator[Weighed]:
    """Yield the causes, those together that the same commands take away."""
    together: defaultdict[tuple[str, ...], list[Cause]] = defaultdict(list)
    for cause in situation.report.causes:
        if cause.kind != WITHOUT_GROUP:
            together[cause.commands or (cause.kind, cause.what)].append(cause)
    for causes in together.values():
        own = situation.of(cause.finding for cause in causes)
        explained = situation.of(
            (name for cause in causes for name in cause.explains), *NEEDS_A_PERSON, "awaiting-approval"
        )
        if own or explained:
            yield _root_cause(causes, own, explained)


def _root_cause(causes: Sequence[Cause], own: Sequence[Finding], explained: Sequence[Finding]) -> Weighed:
    certain = causes[0].certainty == "certain"
    number = sum(cause.number for cause in causes)
    losing = certain and any(cause.kind in _LOSING for cause in causes)
    weight = Weight(max(number, 1), 0, len(own)) if losing else Weight(0, 0, len(own))
    # What it loses is not brought back by fixing it: that only says where it stands among the others.
    explains = f"root cause of {number:,}" if certain else f"in common to {number:,}"
    commands = causes[0].commands
    if not commands and not certain:
        commands = (f"reconcile explain {explained[0].id}",)
    steps = dict.fromkeys(cause.step for cause in causes)
    why = " ".join(sentence(f"{cause.why} ({cause.what})") for cause in causes)
    action = Action(
        " and ".join(dict.fromkeys(fix_of(cause) for cause in causes)),
        explains if number else f"clears {len(own):,}",
        " ".join((why, *steps)),
        commands,
        tuple(dict.fromkeys(ids_of((*own, *explained)))),
    )
    return Weighed(action, weight)


def decisions(situation: Situation) -> Iterator[Weighed]:
    """Yield, for each kind, what only a person decides, and what only a producer knows."""
    by_kind: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in situation.rest:
        by_kind[finding.subject.type, finding.kind].append(finding)
    for (subject_type, kind), findings in sorted(by_kind.items()):
        task = verdict_kind(subject_type, kind).task
        if task in ("decide", "ask"):
            yield _deciding(subject_type, kind, findings, task)


def _deciding(subject_type: str, kind: str, findings: Sequence[Finding], task: Task) -> Weighed:
    number = len(findings)
    words = about if task == "decide" else asked
    which = "it" if number == 1 else "the first"
    means = verdict_kind(subject_type, kind).means
    step = f"{means} The command shows what is known of {which}, and what to do."
    action = Action(
        words(subject_type, kind, number),
        f"clears {number:,}",
        step,
        (f"reconcile explain {findings[0].id}",),
        ids_of(findings),
    )
    return Weighed(action, Weight(cleared=number))
