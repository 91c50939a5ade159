"""What to do about a finding: a step in words, and commands that can be pasted, in every rendering alike."""

import io
import json
import re
import shlex
from html import unescape

import pytest
import typer.main
from hypothesis import given
from rich.console import Console

from reconcile.cli.app import app
from reconcile.explain.from_report import explain_stored
from reconcile.explain.render import print_verdicts
from reconcile.model.finding import Judgement
from reconcile.model.media import MediaMap
from reconcile.model.remedy import UNWRITABLE, Remedy, written
from reconcile.model.texts import is_clean
from reconcile.model.verdict_table import VERDICTS
from reconcile.model.verdict_types import VerdictKind
from reconcile.report.data import Report
from reconcile.report.message import Message
from reconcile.report.render.html import render_html
from reconcile.report.render.slack import compose as compose_slack
from reconcile.report.render.teams import compose as compose_teams
from reconcile.report.render.terminal import print_report
from reconcile.report.render.webhook import compose as compose_notice
from reconcile.report.render.webhook import encode
from tests.contract.teams_desk import elements
from tests.unit.golden import GOLDEN
from tests.unit.page_text import PageText
from tests.unit.samples import NOW, busy_report, every_kind_report, findings_report, subject_of
from tests.unit.strategies import wild_texts

COMMANDS = typer.main.get_group(app).commands
REPORTS = {
    "every kind": every_kind_report(),
    "names to quote": every_kind_report("it's a $(name) & more"),
    "busy": busy_report(),
    "many": findings_report(60),
}
TOLD = [kind for kind in VERDICTS if kind.response != "count"]
TOOLS = ("reconcile ", "aws ", "curl ")


def assert_runs(command: str) -> None:
    """A command is one line that a shell takes, and one of ours is taken by the command line."""
    assert is_clean(command), command
    words = shlex.split(command)
    if words[0] == "reconcile":
        name, *arguments = words[1:]
        assert COMMANDS[name].make_context(name, list(arguments)).command is COMMANDS[name]


def text_commands(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip().startswith(TOOLS)]


def printed(report: Report) -> str:
    out = io.StringIO()
    console = Console(file=out, width=80, force_terminal=False, color_system=None)
    print_report(report, console, whole=True)
    return out.getvalue()


def renderings(report: Report) -> dict[str, list[str]]:
    """Return the commands that each rendering shows."""
    page = render_html(report)
    notice = json.loads(encode(compose_notice(Message(report, lambda: ""), NOW)))
    stored = json.loads(report.to_json())
    return {
        "page": PageText(page).commands,
        "terminal": text_commands(printed(report)),
        "webhook": [one for finding in notice["findings"] for one in finding["commands"]],
        "json": [one for finding in stored["findings"] for one in finding["commands"]],
    }


@pytest.mark.parametrize("name", REPORTS)
def test_every_command_of_every_rendering_can_be_pasted(name: str) -> None:
    """It is one line, quoted for the shell, and ours are known to the command line with their options."""
    report = REPORTS[name]
    said = {one for finding in report.findings for one in finding.commands}
    for place, commands in renderings(report).items():
        assert commands, place
        for command in commands:
            assert_runs(command)
            ours = command.startswith("reconcile ") and "--approve" not in command
            assert not ours or command in said, (place, command)


@pytest.mark.parametrize("name", REPORTS)
def test_page_and_terminal_show_the_commands_of_all_that_needs_somebody(name: str) -> None:
    report = REPORTS[name]
    needing = [one for one in report.findings if one.status in ("new", "open", "failed")]
    wanted = {one for finding in needing for one in finding.commands}
    shown = renderings(report)
    assert wanted <= set(shown["page"])
    assert wanted <= set(shown["terminal"])


def test_explain_shows_each_command_on_a_line_of_its_own() -> None:
    report = every_kind_report()
    for finding in report.findings:
        out = io.StringIO()
        told = explain_stored(finding.id, report, MediaMap("play.test", (), ()))
        print_verdicts(told, Console(file=out, width=80, color_system=None))
        assert text_commands(out.getvalue()) == list(finding.commands)
        assert told[0].to_json()["commands"] == list(finding.commands)
        assert "\\n" not in out.getvalue()


@pytest.mark.parametrize("name", GOLDEN)
def test_every_command_of_a_chat_message_can_be_pasted(name: str) -> None:
    """Slack and Teams show the commands of what to do first, or the one that explains it."""
    report = GOLDEN[name]()
    message = Message(report, lambda: "")
    slack = json.dumps(compose_slack(message), ensure_ascii=False)
    commands = [unescape(one.replace('\\"', '"')) for one in re.findall(r"`(reconcile [^`]*)`", slack)]
    runs = [one for one in elements(compose_teams(message), "TextRun") if one.get("fontType")]
    assert [one["text"].removeprefix(" · ") for one in runs] == commands
    assert bool(commands) is (name in ("new_problems", "awaiting_approval", "many"))
    for command in commands:
        assert_runs(command)


def test_a_command_that_a_notice_cannot_hold_whole_is_left_out_and_that_is_said() -> None:
    report = every_kind_report("n" * 5_000)
    notice = compose_notice(Message(report, lambda: ""), NOW)
    assert len(encode(notice)) <= 256_000
    left_out = [one for one in notice["findings"] if one["kind"] == "unattributed"]
    assert [(one["commands"], "too long for a notice" in one["step"]) for one in left_out] == [([], True)]


@given(name=wild_texts.filter(bool))
def test_whatever_a_subject_is_called_its_commands_can_be_pasted_or_are_left_out(name: str) -> None:
    for kind in TOLD:
        remedy = Judgement(subject_of(kind.subject, name), kind.name).remedy
        for command in remedy.commands:
            assert_runs(command)
        left_out = len(remedy.commands) < len(kind.commands)
        assert left_out is (UNWRITABLE in remedy.step)
        assert is_clean(remedy.step)


@pytest.mark.parametrize("kind", TOLD, ids=lambda kind: f"{kind.subject}-{kind.name}")
def test_a_word_in_a_command_that_the_reader_must_replace_is_named_by_the_step(kind: VerdictKind) -> None:
    """So that nothing is taken for a real value."""
    remedy = Judgement(subject_of(kind.subject, "name"), kind.name).remedy
    for command in remedy.commands:
        for word in shlex.split(command):
            assert not re.fullmatch(r"[A-Z_]{2,}", word) or f"in place of {word}" in remedy.step
    assert "{" not in str(remedy)


def test_a_report_of_the_first_version_is_read_with_its_commands() -> None:
    """It had step and commands in one text."""
    report = every_kind_report()
    stored = {**json.loads(report.to_json()), "schema": "1.0"}
    for finding in stored["findings"]:
        finding["remedy"] = "\n".join((finding["step"], *finding["commands"]))
        for name in ("step", "commands", "repaired", "left"):
            del finding[name]
    read = Report.from_json(json.dumps(stored)).findings
    assert [(one.step, one.commands) for one in read] == [(one.step, one.commands) for one in report.findings]


def test_a_remedy_without_a_writable_command_says_so() -> None:
    assert written("Do it.", ("reconcile explain 'a\nb'", "reconcile check")) == Remedy(
        f"Do it. {UNWRITABLE}", ("reconcile check",)
    )
