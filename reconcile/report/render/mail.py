"""Composes a report's mail: a page for mail clients, the same facts as text, and the whole page attached."""

import io
import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, replace

from reconcile.report.data import Report
from reconcile.report.formatting import Caps, clean, shorten
from reconcile.report.message import HAVE_IT, Message
from reconcile.report.render.html import shown, template
from reconcile.report.sections import LONGEST_REASON, Section, kinds_of

MOST_BYTES = 85_000
"""What both parts may hold together; Gmail clips a message at about 102 KB, and transport adds to it.

https://github.com/hteumeuleu/email-bugs/issues/41
"""
MOST_ATTACHED = 3_000_000
LONGEST_SUBJECT = 250
WIDTH = 78

_LONGEST_STAGE = 60
# Items of a group and lines of any other list; the last shows numbers only, so that it always fits.
_CAPS = ((12, 40), (6, 40), (3, 40), (1, 40), (0, 40), (3, 8), (1, 8), (0, 8), (0, 0))


@dataclass(frozen=True, slots=True)
class Mail:
    """A message without its addresses; `attachment` is the page as UTF-8, or None where it is too large."""

    subject: str
    html: str
    text: str
    attachment: bytes | None
    attachment_name: str


@dataclass(frozen=True, slots=True)
class ReportLinks:
    """Where the whole report is: a link to follow, other lines, and what to say of all that is left out."""

    link: str
    warning: str
    lines: tuple[str, ...]
    rest: str


def compose(message: Message) -> Mail:
    """Return a report's mail; of each group it shows as many items as let both parts fit into MOST_BYTES."""
    report = _bounded(message.report)
    page = message.page.encode("utf-8", "backslashreplace")
    attached = len(page) < MOST_ATTACHED
    name = f"report-{re.sub('[^A-Za-z0-9._-]', '-', report.run.id)}.html"
    html, text = _parts(report, whereabouts(message, name if attached else "", len(page)))
    return Mail(subject_of(report), html, text, page if attached else None, name)


def subject_of(report: Report) -> str:
    """Return the subject: the stage and the headline in one line of at most LONGEST_SUBJECT characters."""
    return shorten(f"[{clean(report.run.stage)}] {clean(report.headline)}", LONGEST_SUBJECT)


def whereabouts(message: Message, attachment: str, size: int) -> ReportLinks:
    """Say where the whole report is; `attachment` is its page's name ("" if too large), `size` its bytes."""
    link, place, lines = message.followed, shorten(message.place, LONGEST_REASON), []
    if place and not link:
        lines.append(f"The whole report is at {place}")
    if attachment:
        lines.append(f"The page is attached: {attachment}")
    else:
        lines.append(f"The page is too large to attach ({size / 1e6:,.1f} MB).")
    if not (link or place or attachment):
        lines.append(HAVE_IT)
    rest = message.rest if link or place or not attachment else "(see the attached page)"
    return ReportLinks(link, message.warning, tuple(lines), rest)


def _bounded(report: Report) -> Report:
    """Return the report with those of its words cut short that have no bound of their own."""
    run = replace(report.run, stage=shorten(report.run.stage, _LONGEST_STAGE))
    return replace(report, run=run, headline=shorten(report.headline, LONGEST_REASON))


def _parts(report: Report, about: ReportLinks) -> tuple[str, str]:
    """Return the HTML part and the text part, both of the first caps with which they fit."""
    page, told = template("mail.html.j2"), {**shown(report), "about": about, "subject": subject_of(report)}
    told["kinds"] = kinds = _kinds(told["sections"])
    html = text = ""
    for items, lines in _CAPS:
        caps = Caps(items, lines, about.rest)
        html = page.render(told, caps=caps)
        room = MOST_BYTES - len(html.encode())
        # To wrap a text takes long, so none is made where the HTML leaves it no room.
        text = _text(report, about, caps, kinds) if room > 0 else ""
        if text and len(text.encode()) <= room:
            break
    return html, text


def _kinds(every: Iterable[Section]) -> str:
    """Return what needs action, as `Action needed: No program (8), Show unknown (5)`; "" if nothing does."""
    for section in every:
        if section.key == "needs":
            return f"{section.title}: {kinds_of(section)}"
    return ""


def _text(report: Report, about: ReportLinks, caps: Caps, kinds: str) -> str:
    """Return the text part: what a terminal would show, and where the whole report is."""
    # A function loads what draws on a terminal only when it has a mail to write.
    from rich.console import Console

    from reconcile.report.render.mail_plain import print_report

    out = io.StringIO()
    if about.warning:
        out.write(f"{_wrapped(f'! {about.warning}')}\n\n")
    lines = [_wrapped(kinds)] if kinds else []
    lines += [f"Read the whole report: {about.link}"] if about.link else []
    lines += map(_wrapped, about.lines)
    console = Console(file=out, width=WIDTH, force_terminal=False, color_system=None)
    print_report(report, console, caps, beside=lines)
    return out.getvalue()


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)
