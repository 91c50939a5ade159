"""A title that runs from right to left leaves what stands beside it where it is, in every rendering."""

import io
import re
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from rich.console import Console

from reconcile.explain.from_report import explain_stored
from reconcile.explain.render import print_verdicts
from reconcile.model.cause import Cause
from reconcile.model.media import MediaMap
from reconcile.model.texts import apart, clean, is_clean
from reconcile.report.data import Report
from reconcile.report.formatting import line_of, titled
from reconcile.report.message import Message
from reconcile.report.render.html import render_html
from reconcile.report.render.mail import compose as compose_mail
from reconcile.report.render.slack import compose as compose_slack
from reconcile.report.render.terminal import print_report
from tests.unit.samples import busy_report, every_kind_report
from tests.unit.strategies import wild_texts

TITLES = ("صباح الخير 7", "שלום, עולם", "Radio \u200f(1)", "\u202etxt.exe", "\u2067abc")
FIRST, LAST = "\u2068", "\u2069"
LEFTWARD = re.compile("[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc]")


def candidates(title: str) -> tuple[dict[str, Any], ...]:
    row = {"what": "program", "pk": f"u#{title}#programs", "sk": "p#1", "title": title, "owner": title}
    return (row, {**row, "sk": "p#2", "group": title, "made_by": title, "copies": 1})


def reports(title: str) -> list[Report]:
    """Return reports whose every title, user, group and reason is this text."""
    from dataclasses import replace

    told = every_kind_report(title=title)
    chosen = tuple(replace(one, candidates=candidates(title)) for one in told.findings)
    explains = (chosen[0].id,)
    cause = Cause("concentration", "likely", f"owner {title}", title, explains, f"Look at {title}.")
    return [
        replace(told, findings=chosen, causes=(cause,)),
        busy_report(title),
    ]


def renderings(report: Report) -> dict[str, str]:
    out, told = io.StringIO(), io.StringIO()
    print_report(report, Console(file=out, width=400, color_system=None), whole=True)
    for finding in report.findings[:30]:
        console = Console(file=told, width=400, color_system=None)
        print_verdicts(explain_stored(finding.id, report, MediaMap("play.test", (), ())), console)
    page = render_html(report)
    mail = compose_mail(Message(report, lambda: page))
    slack = "\n".join(
        one["text"]["text"] for one in compose_slack(Message(report, lambda: ""))["blocks"] if "text" in one
    )
    told_pages = {"page": page, "mail": mail.html}
    texts = {"terminal": out.getvalue(), "mail text": mail.text, "slack": slack, "explain": told.getvalue()}
    return texts | {name: unescape(html) for name, html in told_pages.items()}


@pytest.mark.parametrize("title", TITLES, ids=ascii)
def test_a_title_that_runs_to_the_left_is_set_apart_wherever_it_stands(title: str) -> None:
    """Shows, programs, groups, notes, users, causes, candidates: nothing of it stands outside an isolate."""
    for report in reports(title):
        for place, text in renderings(report).items():
            outside = re.sub(f"{FIRST}[^{FIRST}{LAST}]*{LAST}", "", text)
            found = LEFTWARD.search(outside)
            assert found is None, (place, outside[max(0, found.start() - 80) : found.start() + 40])
            assert text.count(FIRST) == text.count(LAST)
            assert "\u202e" not in text
            assert "\u2067" not in text


@given(title=wild_texts)
def test_what_is_shown_of_any_title_is_clean_and_balanced(title: str) -> None:
    for told in (titled(title), line_of(title)):
        inner = told.removeprefix(FIRST).removesuffix(LAST)
        assert is_clean(inner)
        assert (told != inner) is bool(apart(inner) != inner)
        assert clean(inner) == inner
