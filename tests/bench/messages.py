"""How large the mail, the messages to Slack and Teams and the notice are for 0, 1, 50 and 5,000 findings."""

import sys
import time
from typing import Any

from reconcile.report.message import Message
from reconcile.report.render import mail, slack, teams, webhook
from reconcile.report.render.html import render_html
from tests.bench.sheet import Sheet
from tests.contract import slack_desk, teams_desk
from tests.contract.mail_desk import encoded_size
from tests.unit.samples import NOW, RUN, findings_report

NUMBERS = (0, 1, 50, 5_000)
MOST_MAIL, MOST_TABLE, MOST_NOTICE = 60.0, 1_000.0, 262.144
"""In kilobytes (of 1,000 bytes)."""
MOST_SECONDS = 10.0
LINK = f"https://reports.example.net/{RUN}/report.html"

Blocks = dict[str, Any]


def main() -> int:
    """Print the figures; 1 when a message is larger than it may be, or takes too long."""
    sheet = Sheet("Messages for reports of any number of findings")
    messages = {number: _message(number) for number in NUMBERS}
    mails, seconds = {}, {}
    for number, message in messages.items():
        started = time.perf_counter()
        mails[number] = mail.compose(message)
        seconds[number] = time.perf_counter() - started
    tell_mails(sheet, mails, seconds)
    tell_slack(sheet, {number: slack.compose(message) for number, message in messages.items()})
    tell_teams(sheet, {number: teams.compose(message) for number, message in messages.items()})
    sizes = {number: kilo(webhook.encode(webhook.compose(one, NOW))) for number, one in messages.items()}
    sheet.table(("notice of findings", "kB"), list(sizes.items()))
    sheet.hold("largest notice", max(sizes.values()), MOST_NOTICE, " kB")
    return sheet.exit_code


def tell_mails(sheet: Sheet, mails: dict[int, mail.Mail], seconds: dict[int, float]) -> None:
    """Print the parts of the mails, and hold both together, encoded, and the table that is attached."""
    parts = {number: (kilo(made.html.encode()), kilo(made.text.encode())) for number, made in mails.items()}
    both = {number: encoded_size(made) / 1000 for number, made in mails.items()}
    attached = {number: sum(kilo(file.body) for file in made.files) for number, made in mails.items()}
    rows = [(number, *parts[number], both[number], attached[number], seconds[number]) for number in mails]
    heads = ("mail of findings", "HTML, kB", "text, kB", "both encoded, kB", "attached, kB", "composed in, s")
    sheet.table(heads, rows)
    sheet.hold("largest mail, both parts", max(both.values()), MOST_MAIL, " kB")
    sheet.hold("largest table attached", max(attached.values()), MOST_TABLE, " kB")
    sheet.law("each with findings has them attached", sum(bool(n) != bool(attached[n]) for n in mails))
    sheet.hold("composing the slowest mail", max(seconds.values()), MOST_SECONDS, " s")
    print(flush=True)


def tell_slack(sheet: Sheet, messages: dict[int, Blocks]) -> None:
    """Print the messages to Slack, and hold them against what was promised and what Slack takes."""
    sizes = {number: kilo(slack.encode(message)) for number, message in messages.items()}
    rows = [(number, len(message["blocks"]), sizes[number]) for number, message in messages.items()]
    sheet.table(("Slack message of findings", "blocks", "kB"), rows)
    sheet.hold("most blocks", max(row[1] for row in rows), slack.MOST_BLOCKS)
    sheet.hold("largest message to Slack", max(sizes.values()), slack.MOST_BYTES / 1000, " kB")
    sheet.law(
        "each keeps every limit of Slack", sum(bool(slack_desk.faults(one)) for one in messages.values())
    )
    print(flush=True)


def tell_teams(sheet: Sheet, messages: dict[int, Blocks]) -> None:
    """Print the messages to Teams, and hold them against what was promised and what Teams takes."""
    sizes = {number: kilo(teams.encode(message)) for number, message in messages.items()}
    sheet.table(("Teams card of findings", "kB"), list(sizes.items()))
    sheet.hold("largest message to Teams", max(sizes.values()), teams.MOST_BYTES / 1000, " kB")
    sheet.law(
        "each keeps every rule of Teams", sum(bool(teams_desk.faults(one)) for one in messages.values())
    )
    print(flush=True)


def kilo(body: bytes) -> float:
    """Return the size of a message in kilobytes."""
    return len(body) / 1000


def _message(number: int) -> Message:
    report = findings_report(number)
    return Message(report, lambda: render_html(report), LINK, f"s3://reports/{RUN}")


if __name__ == "__main__":
    sys.exit(main())
