"""Headline, view and messages say the same numbers, whatever a report holds."""

import json
import re
from collections import Counter
from dataclasses import asdict, replace
from html import unescape
from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.metrics import figures
from reconcile.model.cause import Cause
from reconcile.model.finding import NEEDS_A_PERSON, NOT_JUDGED, UNTOUCHED, Finding, Status
from reconcile.model.run import Repair
from reconcile.model.verdict_table import TYPES, VERDICTS, verdicts_of
from reconcile.report.data import Report
from reconcile.report.message import Message
from reconcile.report.render.html import render_html
from reconcile.report.render.mail import compose as compose_mail
from reconcile.report.render.webhook import compose as compose_notice
from reconcile.report.verdict import headline_of
from reconcile.report.view.build import view_of
from reconcile.runs.finish import Outcome
from tests.unit.page_text import PageText
from tests.unit.samples import NOW, clean_report, evidence, finding, run_facts, subject_of

KINDS = [kind for kind in VERDICTS if kind.response not in ("count", "not-checked")]
STATUSES = get_args(Status)
few = settings(max_examples=20, deadline=None)
IN_A_HEADLINE = {
    "new": r"([\d,]+) new problem",
    "came-back": r"([\d,]+)(?: problems?)? came back",
    "known": r"([\d,]+) known problem",
    "ignored": r"([\d,]+) ignored",
    "failed": r"([\d,]+) repairs? failed",
    "repaired": r"after ([\d,]+) repair",
}
"""How a headline counts findings, by what became of them; `known` are those open before that did not fail."""


@st.composite
def told_findings(draw: st.DrawFn, most: int = 12) -> tuple[Finding, ...]:
    """Return findings of any kinds and statuses, each about a subject of its own."""
    chosen = draw(
        st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(STATUSES), st.booleans()), max_size=most)
    )
    made = []
    for place, (kind, status, partly) in enumerate(chosen):
        one = finding(kind.name, subject_of(kind.subject, f"n{place}"), evidence(place), status)
        half = status == "partly-repaired" or (partly and status == "failed")
        made.append(replace(one, repaired=("program_url",), left=("groupId",)) if half else one)
    return tuple(made)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Return a report whose parts fit together as those of a run do; its headline is made of it."""
    findings, repairing = draw(told_findings()), draw(st.booleans())
    if not repairing:
        findings = tuple(one for one in findings if one.status in (*UNTOUCHED, "ignored"))
    held = [one.id for one in findings if one.status == "awaiting-approval"]
    would = [one.id for one in findings if one.status in UNTOUCHED and draw(st.booleans())]
    reasons = st.sampled_from(("it is too much", "it ended before repairs were first made here"))
    tally: dict[str, Any] = {}
    for subject in TYPES:
        counted = {name: draw(st.integers(0, 3)) for name in verdicts_of(subject)}
        tally[subject] = {**counted, "population": sum(counted.values())}
    causes = [_cause(draw, place, findings) for place in range(draw(st.integers(0, 3)))]
    own = [_own_cause(one) for one in findings if one.subject.type == "system" and one.status != "ignored"]
    report = clean_report(
        run=run_facts(mode="repair" if repairing else "check", exit_code=2 if findings else 0),
        findings=findings,
        counts=tally,
        approvals={name: draw(reasons) for name in held} if repairing else {},
        would_need_approval={} if repairing else {name: draw(reasons) for name in would},
        repairs=tuple(_repair(one) for one in findings if one.status == "repaired" or one.repaired),
        resolved=draw(told_findings(3)),
        carried=draw(told_findings(3)),
        causes=(*own, *causes),
    )
    return replace(report, headline=headline_of(report))


def _cause(draw: st.DrawFn, place: int, findings: tuple[Finding, ...]) -> Cause:
    some = tuple(one.id for one in findings if draw(st.booleans()))
    kind = draw(st.sampled_from(("show-without-group", "concentration")))
    return Cause(kind, "likely", f"owner {place}", "so it is", some, "Look.")


def _own_cause(own: Finding) -> Cause:
    return Cause(own.kind, "certain", own.subject["name"], "so it is", (), own.step, finding=own.id)


def _repair(one: Finding) -> Repair:
    target, after = {"pk": "u#a#programs", "sk": f"p#{one.id}"}, {"program_url": "https://play.test/x"}
    return Repair("program mended", one.id, target, {}, after, "made", verified=True)


def plain(html: str) -> str:
    body = re.sub(r"<(style|script)[^>]*>.*?</\1>", " ", html, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", body)).replace("\xa0", " ")


def folded(text: str) -> str:
    """Return text without its white space, which wrapping changes."""
    return "".join(text.split())


@few
@given(report=reports())
def test_the_headline_and_the_view_say_the_numbers_of_the_report(report: Report) -> None:
    numbers, view = report.numbers, view_of(report)
    assert (view.tile("new").number, len(view.new)) == (numbers.new, numbers.new)
    assert (view.tile("open").number, len(view.open)) == (numbers.open, numbers.open)
    assert view.tile("repaired").number == sum(group.number for group in view.repaired) == numbers.repaired
    assert view.tile("approval").number == len(report.approvals or report.would_need_approval)
    assert (len(view.ignored), len(view.resolved)) == (numbers.ignored, numbers.resolved)
    assert len(view.not_rechecked) == len(report.carried)
    statuses = Counter[str](one.status for one in report.findings)
    counted: dict[str, int] = {**statuses, "known": numbers.known - statuses["failed"]}
    matches = {name: re.search(pattern, report.headline) for name, pattern in IN_A_HEADLINE.items()}
    said = {name: int(match[1].replace(",", "")) for name, match in matches.items() if match}
    assert said == {name: counted.get(name, 0) for name in said}
    assert bool(numbers.new) is bool(said.keys() & {"new", "came-back"})
    assert "\n" not in report.headline
    assert report.headline.endswith(".")


@few
@given(report=reports())
def test_every_finding_stands_in_one_place_of_its_status(report: Report) -> None:
    """What a run repaired in part stands where it needs somebody, and in no list of what was repaired."""
    view = view_of(replace(report, would_need_approval={}))
    awaiting = view.approval.lines if view.approval else ()
    places = {
        **{line.id: "open" for line in view.open},
        **{line.id: "awaiting-approval" for line in awaiting},
        **{line.id: "repaired" for group in view.repaired for line in group.lines},
        **{entry.id: "ignored" for entry in view.ignored},
    }
    wanted = {one.id: "open" if one.status in NEEDS_A_PERSON else one.status for one in report.findings}
    assert places == wanted


@few
@given(report=reports())
def test_no_line_of_kinds_names_one_twice_or_tells_a_nought(report: Report) -> None:
    page = render_html(report)
    mail = compose_mail(Message(report, lambda: page))
    for line in mail.text.splitlines():
        if line.startswith("Action needed: "):
            counted = re.findall(r"(\d[\d,]*) ([\w-]+)", line.partition(": ")[2])
            names = [name for _, name in counted]
            assert len(names) == len(set(names)), line
            assert "0" not in [number for number, _ in counted], line
    assert " 0 show-without-group" not in " ".join((plain(page) + plain(mail.html) + mail.text).split())


@few
@given(report=reports())
def test_every_rendering_tells_the_numbers_of_the_report(report: Report) -> None:
    numbers, page = report.numbers, render_html(report)
    mail = compose_mail(Message(report, lambda: page))
    view, lines = view_of(report), PageText(page).lines
    for shown in view.tiles:
        assert any(line.startswith(f"{shown.number:,} ") and shown.label in line for line in lines), shown
    for counted in view.coverage.tables:
        assert f"{counted.checked:,} checked, total {counted.total:,}" in lines, counted
    assert f"# {' '.join(view.verdict.headline.split())}" in lines
    for text in (plain(mail.html), mail.text):
        for shown in view.tiles:
            assert folded(f"{shown.number:,} {shown.label}").lower() in folded(text).lower()
        assert folded(report.headline) in folded(text)
    notice = compose_notice(Message(report, lambda: ""), NOW)
    assert notice["numbers"] == asdict(numbers)
    assert notice["findings_left_out"] + len(notice["findings"]) == len(report.findings)
    sent = figures(Outcome(report, None), scheduled=True)
    assert (sent["OpenFindings"], sent["Repaired"]) == (numbers.open, numbers.repaired)


@few
@given(report=reports())
def test_what_was_looked_at_and_what_was_not_add_up_to_what_there_is(report: Report) -> None:
    tables = view_of(report).coverage.tables
    for table in tables:
        assert table.total == sum(number for _, number in table.rows)
    assert sorted(table.total for table in tables) == sorted(t["population"] for t in report.counts.values())
    rest = sum(tally.get(name, 0) for tally in report.counts.values() for name in NOT_JUDGED)
    assert report.numbers.not_checked == rest == sum(table.total - table.checked for table in tables)
    assert json.loads(report.to_json())["headline"] == report.headline


@few
@given(report=reports())
def test_every_report_survives_its_json(report: Report) -> None:
    text = report.to_json()
    assert Report.from_json(text) == report
    assert Report.from_json(text).to_json() == text
