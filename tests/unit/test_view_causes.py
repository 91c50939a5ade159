"""How causes and the configuration are shown: at the findings that they explain, and never twice."""

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from reconcile.model.cause import Cause
from reconcile.model.configuration import Look
from reconcile.model.finding import Finding, system_subject
from reconcile.report.data import Report
from reconcile.report.message import Message
from reconcile.report.render.html import render_html
from reconcile.report.render.terminal import print_report
from reconcile.report.render.webhook import compose as compose_notice
from reconcile.report.view.build import view_of
from tests.unit.page_text import PageText
from tests.unit.samples import BUCKET, NOW, clean_report, evidence, finding, recording

NAME = f"s3://{BUCKET} notifications"
COMMAND = (
    f"aws s3api put-bucket-notification-configuration --bucket {BUCKET} --notification-configuration '{{}}'"
)
NASTY = "<script>x</script>\x1b[31m\u202e"


def system(**told: Any) -> Finding:
    """Return the finding that the cause is."""
    rests_on = {
        "why": "no rule tells it",
        "rules": ["*master.m3u8 -> arn"],
        "remedy": f"Add it.\n{COMMAND}",
    } | told
    return finding("trigger-misconfigured", system_subject(NAME), rests_on, remedy=f"Add it.\n{COMMAND}")


def explained(number: int = 3, beside: int = 1, what: str = NAME, why: str = "no rule tells it") -> Report:
    """Return a report whose one cause explains so many findings, beside others."""
    missing = [finding("program-missing", recording(one), evidence(one)) for one in range(number + beside)]
    own = system()
    cause = Cause(
        kind="trigger-misconfigured",
        certainty="certain",
        what=what,
        why=why,
        explains=tuple(one.id for one in missing[:number]),
        step=own.step,
        commands=own.commands,
        finding=own.id,
    )
    looks = (
        Look(NAME, looked_at=True, found="no rule tells it"),
        Look("composer storage", looked_at=False, why="RECONCILE_X is not set"),
        Look("algolia programs settings", looked_at=True, found="they hold it"),
    )
    return replace(clean_report(findings=(own, *missing)), causes=(cause,), configuration=looks)


def terminal(told: Report, width: int = 80) -> str:
    out = io.StringIO()
    print_report(told, Console(file=out, width=width, force_terminal=False, color_system=None), whole=True)
    return out.getvalue()


def test_a_finding_names_the_cause_that_explains_it_and_no_other_does() -> None:
    """The cause is a finding of its own; the command that removes it stands there alone."""
    view = view_of(explained())
    (own,) = (line for line in view.open if line.kind == "trigger-misconfigured")
    missing = [line for line in view.open if line.kind == "program-missing"]
    assert sorted(line.cause for line in missing) == ["", NAME, NAME, NAME]
    assert own.cause == ""
    (group,) = (
        group
        for shelf in view.shelves
        for group in shelf.groups
        if own in group.lines or group.kind == own.kind
    )
    assert (group.step, group.commands) == ("Add it.", (COMMAND,))


def test_a_likely_cause_is_no_finding_of_its_own() -> None:
    """It counts nothing."""
    report = explained()
    likely = replace(report.causes[0], kind="concentration", certainty="likely", finding="", commands=())
    view = view_of(replace(report, causes=(likely,)))
    assert view.tile("open").number == len(report.findings)


def test_every_rendering_shows_the_cause_once_and_the_configuration() -> None:
    """Page and terminal."""
    told = explained()
    page = PageText(render_html(told)).text
    assert page.count("put-bucket-notification-configuration") == 1
    for words in ("Root cause: ", "RECONCILE_X is not set", "misconfigured"):
        assert words in page
    text = terminal(told)
    assert text.count("put-bucket-notification-configuration") == 1
    for words in ("Root cause", "not checked", "RECONCILE_X is not set", "OK", "misconfigured"):
        assert words in text


def test_a_command_stays_on_one_line_of_a_narrow_terminal() -> None:
    """So that it can be copied."""
    assert COMMAND in [line.strip() for line in terminal(explained(), 40).splitlines()]


@pytest.mark.parametrize("state", [("misconfigured", "high"), ("not checked", "low"), ("OK", "good")])
def test_each_part_of_the_configuration_has_its_state(state: tuple[str, str]) -> None:
    """What was not looked at is neither right nor wrong."""
    assert state in [(line.state, line.tone) for line in view_of(explained()).coverage.setup]


def test_hostile_texts_steer_neither_page_nor_terminal() -> None:
    """A function's name, or a policy's text, is whatever somebody wrote."""
    told = explained(what=NASTY, why=NASTY)
    told = replace(told, configuration=(Look(NASTY, looked_at=True, found=NASTY),))
    page = render_html(told)
    assert "<script>x" not in page
    for text in (page, terminal(told)):
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_thousands_of_explained_findings_still_fit_into_a_notice() -> None:
    told = explained(3000)
    notice = compose_notice(Message(told, lambda: ""), NOW)
    assert len(notice["findings"]) + notice["findings_left_out"] == len(told.findings)
    assert len(json.dumps(notice)) <= 256_000


def test_causes_and_configuration_stand_in_the_json_and_come_back_as_they_were() -> None:
    """A report of an earlier version, which told no configuration, is read as well."""
    told = explained()
    assert Report.from_json(told.to_json()).causes == told.causes
    assert Report.from_json(told.to_json()).configuration == told.configuration
    older = json.loads(told.to_json())
    del older["configuration"]
    assert Report.from_json(json.dumps(older)).configuration == ()
