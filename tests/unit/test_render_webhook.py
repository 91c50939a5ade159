"""The webhook's JSON: bounded, what needs a person first, nothing left out uncounted."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconcile.model.finding import NEEDS_A_PERSON, NEW, Finding
from reconcile.report.data import Report
from reconcile.report.message import Message
from reconcile.report.parts import TrendRun
from reconcile.report.render.webhook import MOST_BYTES, compose, compose_test, encode, header_value, labels
from tests.unit.samples import (
    RUN,
    busy_report,
    clean_report,
    evidence,
    finding,
    findings_report,
    incomplete_report,
    recording,
    run_facts,
)

NOW = datetime(2026, 3, 4, 5, 7, tzinfo=UTC)


@cache
def many() -> Report:
    """Return a report of more findings than a notice lists, made once and only where it is needed."""
    return findings_report(5_000)


REPORTS: dict[str, Callable[[], Report]] = {
    "busy": busy_report,
    "many": many,
    "incomplete": incomplete_report,
}


def sent(report: Report, **more: Any) -> dict[str, Any]:
    """Return a report's notice as a receiver reads it; it is never larger than promised."""
    body = encode(compose(Message(report, lambda: "<html>", **more), NOW))
    assert len(body) <= MOST_BYTES
    notice: dict[str, Any] = json.loads(body)
    return notice


def with_evidence(number: int, told: Mapping[str, Any]) -> Report:
    """Return a report of so many findings that rest on this."""
    findings = tuple(finding("ambiguous", recording(place), told) for place in range(number))
    return clean_report(findings=findings)


def test_a_notice_tells_the_run_and_where_its_report_is() -> None:
    report = busy_report()
    notice = sent(report, link="https://reports.example/run", place="s3://bucket/run")
    assert list(notice)[:4] == ["schema", "event", "stage", "run"]
    assert (notice["schema"], notice["event"], notice["stage"]) == ("2.0", "report", "staging")
    whole = json.loads(report.to_json())
    for name in ("run", "state", "headline", "numbers", "actions", "chain", "counts"):
        assert notice[name] == whole[name], name
    assert (notice["run"]["id"], notice["run"]["exit_code"]) == (RUN, 5)
    assert notice["numbers"]["awaiting_approval"] == 60
    assert (notice["report"], notice["not_kept"]) == ("https://reports.example/run", "")
    assert notice["sent_at"] == "2026-03-04T05:07:00.000Z"


def test_the_place_is_told_where_there_is_no_link_and_why_there_is_none() -> None:
    assert sent(clean_report(), place="s3://bucket/run")["report"] == "s3://bucket/run"
    notice = sent(clean_report(), not_kept="no space is left")
    assert (notice["report"], notice["not_kept"]) == ("", "no space is left")


@pytest.mark.parametrize("report", [clean_report(), busy_report(withheld=20), incomplete_report(3)])
def test_findings_are_told_as_in_the_report(report: Report) -> None:
    """All of them, where there are few; in another order, and each with its place on the page."""
    told, whole = sent(report)["findings"], json.loads(report.to_json())["findings"]
    whole = [{**finding, "url": ""} for finding in whole]

    def by_id(one: Mapping[str, Any]) -> str:
        return str(one["id"])

    assert sorted(told, key=by_id) == sorted(whole, key=by_id)


@pytest.mark.parametrize("name", REPORTS)
def test_what_is_new_comes_first_and_is_listed_as_what_was_resolved_is(name: str) -> None:
    report = REPORTS[name]()
    notice = sent(report)
    new = [one["status"] in NEW for one in notice["findings"]]
    assert new == sorted(new, reverse=True)
    assert [one["id"] for one in notice["new"]][:100] == [
        one["id"] for one in notice["findings"] if one["status"] in NEW
    ]
    assert len(notice["new"]) == min(200, notice["numbers"]["new"])
    titles = {finding.id: finding.title for finding in (*report.findings, *report.resolved)}
    assert [(one["id"], one["title"]) for one in notice["resolved"]] == [
        (finding.id, finding.title) for finding in report.resolved
    ]
    assert all(one["title"] == titles[one["id"]] for one in (*notice["new"], *notice["findings"]))


@pytest.mark.parametrize(
    ("link", "served", "url"),
    [
        ("https://reports.example/run/report.html", True, "https://reports.example/run/report.html#f-{}"),
        ("https://console.example/s3/object", False, ""),
        (f"https://reports.example/{'x' * 1_000}", True, ""),
        ("javascript:alert(1)", True, ""),
        ("", True, ""),
    ],
)
def test_each_finding_has_its_address_where_the_page_has_one(link: str, served: bool, url: str) -> None:
    """A console shows the page, and no finding on it."""
    notice = sent(busy_report(), link=link, served=served)
    for line in (*notice["findings"], *notice["new"]):
        assert line["url"] == url.format(line["id"])


def test_the_trend_holds_the_last_seven_runs() -> None:
    runs = tuple(TrendRun(f"run-{n}", NOW, "check", "known", n, n, 0, 0) for n in range(30))
    trend = sent(clean_report(trend=runs))["trend"]
    assert [run["run"] for run in trend] == [f"run-{n}" for n in range(23, 30)]


@pytest.mark.parametrize("name", REPORTS)
def test_what_needs_a_person_comes_first(name: str) -> None:
    report = REPORTS[name]()
    needing = [one["status"] in NEEDS_A_PERSON for one in sent(report)["findings"]]
    assert needing == sorted(needing, reverse=True)
    assert sum(needing) == min(len(needing), report.numbers.open)


def test_among_5000_that_need_nobody_the_one_that_does_is_told() -> None:
    report = many()
    ignored: tuple[Finding, ...] = tuple(replace(one, status="ignored") for one in report.findings)
    last = replace(ignored[-1], status="open")
    assert sent(replace(report, findings=(*ignored[:-1], last)))["findings"][0]["id"] == last.id


LONG = evidence(1, "A title 😀 " * 400, why="w" * 9_000, programs=[{"pk": "p" * 90, "sk": "s" * 90}] * 300)


@pytest.mark.parametrize("number", [0, 1, 50, 5_000])
@pytest.mark.parametrize(
    "told", [evidence(1), LONG, {f"{'n' * 90}{place}": "v" * 900 for place in range(300)}]
)
def test_it_is_bounded_and_what_is_left_out_is_counted(number: int, told: Mapping[str, Any]) -> None:
    """However many findings there are, and however long they are."""
    notice = sent(with_evidence(number, told))
    assert len(notice["findings"]) + notice["findings_left_out"] == number
    assert notice["numbers"]["open"] == number
    assert len(notice["findings"]) <= 100
    assert (number == 0) == (notice["findings"] == [])


def test_as_many_findings_are_told_as_fit() -> None:
    assert len(sent(many())["findings"]) == 100
    longer = sent(with_evidence(5_000, LONG))
    assert 3 <= len(longer["findings"]) < 100


def test_everything_else_is_bounded_too() -> None:
    """A stage, a reason, a headline and counts of any size."""
    run = run_facts(
        stage="s" * 99_000, reason="r" * 99_000, only=("o" * 9_000,) * 900, cut_short="c" * 99_000
    )
    counts = {f"{'t' * 99}{one}": {f"{'v' * 99}{other}": 1 for other in range(99)} for one in range(99)}
    report = clean_report(run=run, headline="h" * 99_000, counts=counts)
    assert sent(report, link="l" * 99_000, not_kept="n" * 99_000)["findings"] == []


def test_the_same_report_gives_the_same_bytes() -> None:
    messages = [Message(findings_report(500), lambda: "<html>") for _ in range(2)]
    assert len({encode(compose(message, NOW)) for message in messages}) == 1


anything: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=30)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text(max_size=9), anything, max_size=5), st.text(max_size=30))
@example({"why": "\x00\x1b[2J\u202e\ud800"}, "\ud800")
@example({"commands": None}, "")
@example({"commands": ["x", 1], "step": "y"}, "")
def test_no_evidence_breaks_the_json(told: Mapping[str, Any], stage: str) -> None:
    report = replace(with_evidence(2, told), run=run_facts(stage=stage))
    notice = sent(report)
    assert len(notice["findings"]) == 2
    text = json.dumps(notice, ensure_ascii=False)
    assert not {"\x1b", "\u202e", "\ud800"} & set(text)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
@example("prod\r\nX-Evil: 1")
def test_a_header_is_one_line_of_printable_ascii(text: str) -> None:
    value = header_value(text)
    assert value.isascii()
    assert value == "" or value.isprintable()
    assert value == value.strip()


def test_the_headers_name_stage_and_run_where_there_are_any() -> None:
    assert labels("prod", RUN) == {"X-Reconcile-Stage": "prod", "X-Reconcile-Run": RUN}
    assert labels("prod") == {"X-Reconcile-Stage": "prod"}


def test_a_test_says_that_it_is_one_and_has_no_report() -> None:
    notice = compose_test("prod", NOW)
    assert (notice["event"], notice["stage"], notice["sent_at"]) == (
        "test",
        "prod",
        "2026-03-04T05:07:00.000Z",
    )
    assert "nothing is wrong" in notice["message"]
    assert not {"run", "findings", "counts"} & set(notice)
