"""The law that a text which anybody may have written stays a text, wherever it is shown."""

import csv
import io
import json
import re
import shlex
from dataclasses import replace

from rich.console import Console

from reconcile.model.remedy import Remedy
from reconcile.model.texts import is_clean
from reconcile.report.csv import findings_csv
from reconcile.report.message import Message
from reconcile.report.render.html import render_html
from reconcile.report.render.mail import Mail
from reconcile.report.render.mail import compose as mail_of
from reconcile.report.render.slack import compose as slack_of
from reconcile.report.render.teams import compose as teams_of
from reconcile.report.render.terminal import print_report
from reconcile.report.render.webhook import labels
from tests.contract.slack_desk import escapes
from tests.contract.teams_desk import marked
from tests.unit.page import Page
from tests.unit.samples import busy_report, run_facts

TITLES = (
    "</title></script></style></td></table><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\x1b]0;renamed\x07\x1b[2J\x9b31mred",
    "<!channel> <@U012AB3CD> <http://a.test|b> *bold* `code` &lt;",
    "[a link](http://a.test) **bold** {{DATE(2026-01-01T00:00:00Z,SHORT)}}",
    "one\r\nBcc: everybody@example.org\r\n\r\nbody",
    "[/red][link=http://a.test]x",
    "{{ 7 * 7 }}{% raw %}{#",
)
"""Markup of every kind, formulas, controls, mentions, and lines that would begin a header of their own."""
TO_THE_LEFT = "שלום 3"
FORMULA = re.compile(r"[=+\-@\t\r]")


def message(title: str, link: str = "https://reports.test/report.html") -> Message:
    """Return a message about a report whose shows have this title, and whose stage as well."""
    report = busy_report(title)
    return Message(replace(report, run=run_facts(stage=title)), lambda: "the page", link)


def no_title_becomes_markup_of_the_page() -> None:
    """The page of a report has the same elements whatever the titles are."""
    plain = Page(render_html(busy_report("x"))).shape
    for title in TITLES:
        assert Page(render_html(busy_report(title))).shape == plain, title


def no_title_ends_the_script_that_holds_the_data() -> None:
    """Nothing in the page's data can end its element or begin a comment."""
    for title in TITLES:
        html = render_html(busy_report(title))
        for data in re.findall(r"<script[^>]*application/json[^>]*>(.*?)</script>", html, re.DOTALL):
            assert not re.search(r"[<>\u2028\u2029]", data), title


def no_title_becomes_markup_of_the_mail() -> None:
    """The mail's HTML has the same elements whatever the titles are."""
    plain = Page(mailed("x").html).shape
    for title in TITLES:
        assert Page(mailed(title).html).shape == plain, title


def mailed(title: str) -> Mail:
    """Return the mail of a report."""
    return mail_of(message(title))


def no_text_begins_a_header_of_its_own() -> None:
    """Subject and headers are one line each, and headers are ASCII."""
    for title in TITLES:
        assert len(mailed(title).subject.splitlines()) == 1
        for value in labels(title, title).values():
            assert value.isascii()
            assert value.isprintable()


def no_title_marks_or_calls_in_slack() -> None:
    """Nothing in a message is a mention, a link or an entity but the program's own."""
    for title in TITLES:
        assert escapes(slack_of(message(title))) == [], title


def no_title_marks_or_calls_in_teams() -> None:
    """Nothing in a card is Markdown, a mention or a function."""
    for title in TITLES:
        assert marked(teams_of(message(title))) == [], title


def no_cell_is_a_formula() -> None:
    """No cell of a CSV begins what a spreadsheet would run, and each row has all columns."""
    for title in TITLES:
        for row in csv.reader(io.StringIO(findings_csv(busy_report(title)), newline=""), strict=True):
            assert len(row) == 18
            assert not [cell for cell in row if FORMULA.match(cell)], title


def nothing_steers_the_terminal() -> None:
    """A report prints no control character but the ends of lines, on one screen or whole."""
    for number, title in enumerate(TITLES):
        for whole in (False, number == 4):
            out = io.StringIO()
            print_report(busy_report(title), Console(file=out, width=100), whole=whole)
            lines = re.sub("[\u2068\u2069]", "", out.getvalue()).split("\n")
            assert [line for line in lines if not is_clean(line)] == []


def a_text_that_runs_to_the_left_moves_nothing_beside_it() -> None:
    """It is set apart wherever it stands in a line."""
    asked = Message(busy_report(TO_THE_LEFT), lambda: "the page")
    for text in (mail_of(asked).text, json.dumps(slack_of(asked), ensure_ascii=False)):
        assert TO_THE_LEFT in text
        for place in re.finditer(TO_THE_LEFT, text):
            before = text[: place.start()]
            assert before.count("\u2068") == before.count("\u2069") + 1, text


def a_command_that_is_copied_does_what_it_says() -> None:
    """A name in a command is one word of it, and a command that cannot be pasted is not shown."""
    for name in (*TITLES, "a; rm -rf ~", "$(reboot)", "it's `here`"):
        remedy = Remedy("Look.", ("reconcile explain {name}",)).filled({"name": name})
        assert is_clean(remedy.step)
        if remedy.commands:
            assert _words(remedy.commands[0]) == ["reconcile", "explain", name]
        assert bool(remedy.commands) == is_clean(name)


def _words(command: str) -> list[str]:
    """Return a command's words as a shell takes them; none where it would wait for more."""
    try:
        return shlex.split(command)
    except ValueError:
        return []


def what_is_no_web_address_is_no_link() -> None:
    """A place that a browser would run, or cannot reach, is told as text."""
    for link in ("javascript:alert(1)", "data:text/html,x", "//a.test/x", "https:/x"):
        asked = message("x", link)
        assert "href" not in mail_of(asked).html
        assert link not in json.dumps(slack_of(asked)) + json.dumps(teams_of(asked))
