"""The guards of texts and of what is stored, and what stands in their place where they are neutralised."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jinja2 import Environment, PackageLoader, Template

from reconcile.model.journal import RecordWritten
from reconcile.model.remedy import Remedy
from reconcile.model.search_record import plain
from reconcile.report.render.markup import template
from reconcile.stores.attributes import to_item
from reconcile.stores.journal_items import _sides
from reconcile.stores.ledger_items import ledger_item
from reconcile.stores.state_items import decision_item
from tests.laws import escaping, round_trip
from tests.laws.law import Guard


def _unescaping(name: str, _template: Any = template) -> Template:
    standing: Environment = _template(name).environment
    unescaping = Environment(
        loader=PackageLoader("reconcile.report.render"),
        autoescape=False,
        undefined=standing.undefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    unescaping.filters = standing.filters
    return unescaping.get_template(name)


def _pasted(remedy: Remedy, fields: Mapping[str, str]) -> Remedy:
    return Remedy(
        remedy.step.format_map(dict(fields)),
        tuple(command.format_map(dict(fields)) for command in remedy.commands),
    )


ESCAPING = (
    Guard(
        "reconcile.report.render.markup.template",
        "makes HTML by templates that escape whatever is put into them",
        _unescaping,
        escaping.no_title_becomes_markup_of_the_page,
    ),
    Guard(
        "reconcile.report.render.page_data._ESCAPES",
        "escapes what could end the script element that holds the page's data",
        {},
        escaping.no_title_ends_the_script_that_holds_the_data,
    ),
    Guard(
        "reconcile.report.render.slack.escaped",
        "escapes what Slack would take for a mention, a link or code",
        lambda text, longest=0: text,
        escaping.no_title_marks_or_calls_in_slack,
    ),
    Guard(
        "reconcile.report.render.teams._run",
        "puts texts into runs, in which Teams formats nothing, and breaks what it would replace",
        lambda text, **looks: {"type": "TextRun", "text": text, **looks},
        escaping.no_title_marks_or_calls_in_teams,
    ),
    Guard(
        "reconcile.report.csv.cell_of",
        "puts an apostrophe before what a spreadsheet would run",
        str,
        escaping.no_cell_is_a_formula,
    ),
    Guard(
        "reconcile.model.texts.clean",
        "makes characters visible that would steer a terminal or break a line",
        str,
        escaping.nothing_steers_the_terminal,
    ),
    Guard(
        "reconcile.report.render.webhook.header_value",
        "makes a header one line of printable ASCII",
        str,
        escaping.no_text_begins_a_header_of_its_own,
    ),
    Guard(
        "reconcile.model.texts.apart",
        "sets texts apart that run from right to left",
        str,
        escaping.a_text_that_runs_to_the_left_moves_nothing_beside_it,
    ),
    Guard(
        "reconcile.model.remedy.Remedy.filled",
        "quotes names in the commands that people copy",
        _pasted,
        escaping.a_command_that_is_copied_does_what_it_says,
    ),
    Guard(
        "reconcile.report.message.is_web_address",
        "links only addresses of http and https",
        lambda text: True,
        escaping.what_is_no_web_address_is_no_link,
    ),
)


def plain_sides(written: Any, _sides: Any = _sides) -> dict[str, Any]:
    """Journal what stood in a row as plain values, which tell fewer types apart than the table."""
    if isinstance(written, RecordWritten):
        sides: dict[str, Any] = _sides(written)
        return sides
    images = {"before": written.before, "after": written.after}
    return {
        name: {"M": to_item({key: _jsonable(plain(value)) for key, value in image.items()})}
        for name, image in images.items()
        if image is not None
    }


def _jsonable(value: Any) -> Any:
    return value if isinstance(value, str | int | bool | None) else str(value)


def _without(*names: str, write: Any) -> Any:
    """Return a function that writes an item, as another does, and leaves attributes out."""

    def written(*arguments: Any) -> dict[str, Any]:
        return {name: value for name, value in write(*arguments).items() if name not in names}

    return written


def _by_the_day(value: object) -> str:
    return f"{value:%Y-%m-%d}T00:00:00.000Z" if isinstance(value, datetime) else str(value)


ROUND_TRIP = (
    Guard(
        "reconcile.report.json_text._as_text",
        "writes times to the millisecond, in UTC",
        _by_the_day,
        round_trip.a_report_is_read_back_as_it_was_written,
    ),
    Guard(
        "reconcile.report.csv._plain",
        "takes the apostrophe away again that guards a cell",
        str,
        round_trip.recordings_are_read_back_from_their_csv,
    ),
    Guard(
        "reconcile.stores.journal_items._sides",
        "keeps what stood in a row before and after as the table types it",
        plain_sides,
        round_trip.the_journal_is_read_back_type_by_type,
    ),
    Guard(
        "reconcile.stores.ledger_items.ledger_item",
        "keeps all that the ledger says of a recording",
        _without("start", "end", write=ledger_item),
        round_trip.the_ledger_is_read_back_whole,
    ),
    Guard(
        "reconcile.stores.state_items.decision_item",
        "keeps all that a person decided",
        _without("worse_than", "until", write=decision_item),
        round_trip.decisions_are_read_back_whole,
    ),
    Guard(
        "reconcile.model.facts.version_fields",
        "ties what an events file said to its ETag, size and date",
        lambda version: ["tag", 7, "2026-11-29T02:03:05.567000+00:00"],
        round_trip.facts_are_read_back_while_the_listing_vouches_for_them,
    ),
)
