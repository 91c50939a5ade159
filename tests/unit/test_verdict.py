"""The state and the sentence above all else: which rule applies, and that nothing unchecked is called OK."""

from dataclasses import replace
from typing import Any

import pytest

from reconcile.model.finding import Status
from reconcile.model.run import Receipt
from reconcile.report.data import Report
from reconcile.report.verdict import headline_of
from tests.unit.golden import GOLDEN
from tests.unit.samples import (
    clean_report,
    counts,
    evidence,
    finding,
    recording,
    run_facts,
    source,
    unchecked,
)


def found(*statuses: Status, kind: str = "program-duplicated", **changes: Any) -> Report:
    """Return the report of a run with a finding of each status."""
    findings = tuple(finding(kind, recording(n), evidence(n), status) for n, status in enumerate(statuses))
    return clean_report(findings=findings, **changes)


def unread(*sources: Receipt, **changes: Any) -> Report:
    return clean_report(sources=sources, run=run_facts(exit_code=3), **changes)


S3, GONE = source("s3:b", 3, whole=False, why="403"), source("algolia:p", 0, whole=False, why="403")
AGREEING = {"recording": counts("recording", agrees=180)}


@pytest.mark.parametrize(
    ("report", "state", "headline"),
    [
        (unread(GONE), "incomplete", "Incomplete: Algolia could not be read."),
        (unread(S3), "incomplete", "Incomplete: S3 was read only partly."),
        (
            unread(S3, source("s3:c", 3, whole=False), source("dynamodb:t", 3, whole=False), GONE),
            "incomplete",
            "Incomplete: S3 and DynamoDB were read only partly, Algolia could not be read.",
        ),
        (
            unread(source("algolia:p", 3, doubt="it shrank"), findings=found("new").findings),
            "incomplete",
            "Incomplete: Algolia looks incomplete. 1 new problem: duplicate programs (1).",
        ),
        (
            clean_report(run=run_facts(exit_code=3, cut_short="OUT OF TIME: not everything was read")),
            "incomplete",
            "Incomplete: the run was cut short (OUT OF TIME: not everything was read).",
        ),
        (
            found("awaiting-approval", "open", kind="program-missing"),
            "action",
            "1 broadcast is recorded but cannot be watched: it awaits your approval.",
        ),
        (
            found("awaiting-approval", "awaiting-approval", "new", kind="program-incomplete"),
            "action",
            "2 repairs await your approval. 1 new problem: incomplete program (1).",
        ),
        (
            found("new", "new", "open", kind="program-missing"),
            "action",
            "3 broadcasts are recorded but cannot be watched. 2 new problems: no program (2).",
        ),
        (found("came-back"), "action", "1 problem came back: duplicate programs (1)."),
        (
            found("new", "came-back", "open"),
            "action",
            "1 new problem, 1 came back: duplicate programs (2).",
        ),
        (
            found("failed", "open", "ignored"),
            "action",
            "1 repair failed: duplicate programs (1). 1 known problem, 1 ignored.",
        ),
        (found("open", "partly-repaired"), "known", "Nothing new. 2 known problems."),
        (found("ignored"), "known", "Nothing new. 1 ignored problem."),
        (
            found("open", kind="program-missing"),
            "known",
            "Nothing new. 1 known problem. 1 broadcast is recorded but cannot be watched.",
        ),
        (clean_report(counts=AGREEING), "ok", "All 180 recordings are published and searchable."),
        (
            found("repaired", "repaired", "repaired", counts={"recording": counts("recording", agrees=177)}),
            "ok",
            "All 180 recordings are published and searchable after 3 repairs.",
        ),
        (
            clean_report(counts={"recording": counts("recording", agrees=180, outside_window=74)}),
            "ok",
            "All 180 recordings that were checked are published and searchable. 74 were not checked.",
        ),
        (
            clean_report(counts={"recording": counts("recording", agrees=1, in_progress=1)}),
            "ok",
            "The only recording that was checked is published and searchable. 1 was not checked.",
        ),
        (clean_report(counts={"group": counts("group", agrees=2)}), "ok", "No problem was found."),
        (
            clean_report(counts={}),
            "known",
            "Nothing was found to check. Verify that the settings name the right stores.",
        ),
        (
            clean_report(run=run_facts(only=("record-stale", "failed"))),
            "known",
            "No problem of the kinds asked for: record-stale, failed.",
        ),
        (
            clean_report(counts=AGREEING, not_checked=(unchecked("not set", [recording(1)]),)),
            "known",
            "All 180 recordings are published and searchable. 1 thing could not be checked.",
        ),
    ],
)
def test_the_most_serious_rule_that_applies_says_how_things_are(
    report: Report, state: str, headline: str
) -> None:
    assert (report.state, headline_of(report)) == (state, headline)


def test_severe_kinds_are_named_first_and_three_at_most() -> None:
    kinds = ("failed", "unattributed", "program-duplicated", "unplayable", "program-duplicated")
    findings = (finding(kind, recording(n), evidence(n)) for n, kind in enumerate(kinds))
    report = clean_report(findings=tuple(findings))
    first, *others = headline_of(report).partition(": ")[2].split(", ")
    assert first == "recording does not play (1)"
    assert others[-1] == "1 more."


@pytest.mark.parametrize("name", [name for name in GOLDEN if name != "many"])
def test_a_golden_report_has_the_sentence_of_its_rule(name: str) -> None:
    report = GOLDEN[name]()
    assert report.headline == headline_of(replace(report, headline=""))
    assert report.trend[-1].state == report.state
