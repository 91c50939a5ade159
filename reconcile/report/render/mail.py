"""Composes a report's mail: the subject, a page for mail clients, the same as text, and files."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from reconcile.report.csv import findings_csv
from reconcile.report.message import Message
from reconcile.report.render.mail_content import Content, content_of
from reconcile.report.render.mail_files import Attachment, files_of
from reconcile.report.render.mail_subject import subject_of
from reconcile.report.render.mail_text import text_of
from reconcile.report.render.markup import template
from reconcile.report.view.build import view_of

if TYPE_CHECKING:
    from css_inline import CSSInliner


@dataclass(frozen=True, slots=True)
class Mail:
    """A message without its addresses; `numbers` are the report's in a line, for a header."""

    subject: str
    html: str
    text: str
    numbers: str
    files: tuple[Attachment, ...] = ()


def compose(message: Message) -> Mail:
    """Return a report's mail."""
    view, files = (
        view_of(message.report),
        files_of(message, findings_csv(message.report, message.followed if message.served else "")),
    )
    content, subject = content_of(view, message, files), subject_of(view)
    numbers = ", ".join(f"{tile.number:,} {tile.label.lower()}" for tile in view.tiles)
    return Mail(subject, html_of(content, subject), text_of(content), numbers, files)


def html_of(content: Content, subject: str) -> str:
    """Return the HTML part: styles stand at their elements, dark mode in the one style sheet that is kept."""
    return _inliner().inline(template("mail.html.j2").render(mail=content, subject=subject))


@cache
def _inliner() -> "CSSInliner":
    """Return what moves styles to their elements: many clients know no style sheet."""
    from css_inline import CSSInliner

    return CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
