"""The mail: two parts that say the same, small whatever was found, safe whatever the texts are."""

import csv
import io
import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings

from reconcile.model.texts import is_clean
from reconcile.report.csv import findings_csv
from reconcile.report.data import Report
from reconcile.report.message import Message
from reconcile.report.render.mail import Mail, compose
from reconcile.report.render.mail_content import MOST_NEW, MOST_STEPS, command_of
from reconcile.report.render.mail_files import MOST_CSV, MOST_PAGE
from reconcile.report.render.mail_subject import LONGEST_SUBJECT
from reconcile.report.render.mail_text import WIDTH, columns
from reconcile.report.view.build import view_of
from reconcile.settings.load import load_settings
from reconcile.wiring import Wiring
from tests.contract.mail_desk import encoded_size
from tests.unit.golden import GOLDEN
from tests.unit.page import Page, poisoned
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
from tests.unit.strategies import hostile_titles

STORED = Path(__file__).parent / "stored" / "mail"
LINK = f"https://reports.example.net/{RUN}/report.html"
MOST = 60_000
"""Bytes of both parts, encoded."""

REPORTS: dict[str, Callable[[], Report]] = {
    **GOLDEN,
    "one finding": lambda: findings_report(1),
    "every section": busy_report,
    "doubted": incomplete_report,
}


@cache
def report_of(name: str) -> Report:
    """Return one of the reports."""
    return REPORTS[name]()


def mailed(report: Report, link: str = LINK, place: str = "", not_kept: str = "") -> Mail:
    """Return the mail of a report with a page."""
    return compose(Message(report, lambda: "the page", link, place, not_kept))


@cache
def mail_of(name: str) -> Mail:
    """Return the mail of one of the reports."""
    return mailed(report_of(name))


def words(text: str) -> list[str]:
    """Return a text's words without what stands between them."""
    return re.findall(r"\w+", text.casefold())


def read(made: Mail) -> str:
    """Return what the HTML part says; the title, and what clients show beside the subject, are left out."""
    return " ".join([text for text in Page(made.html).texts if text.strip()][2:])


# ---- Golden files: python -m tests.unit.test_render_mail writes them anew


def golden_parts() -> dict[str, str]:
    """Return what each golden file holds: the parts, the text after its subject."""
    texts = {f"{name}.txt": f"{mail_of(name).subject}\n\n{mail_of(name).text}" for name in GOLDEN}
    return texts | {f"{name}.html": mail_of(name).html for name in GOLDEN}


def test_each_golden_report_makes_its_golden_mail() -> None:
    parts = golden_parts()
    assert {path.name for path in STORED.iterdir()} == parts.keys()
    for name, part in parts.items():
        assert (STORED / name).read_text(encoding="utf-8") == part, name


def test_each_subject_has_the_most_serious_first_and_the_new_number() -> None:
    assert {name: mail_of(name).subject.removeprefix("[staging] ") for name in GOLDEN} == {
        "all_well": "All well (180 recordings)",
        "only_known": "Nothing new, 37 known",
        "new_problems": "6 new, 43 open",
        "awaiting_approval": "14 to approve, 1 new, 40 open",
        "incomplete": "INCOMPLETE: S3, Algolia not read",
        "many": "80 new, 5,000 open",
    }


# ---- What it says


@pytest.mark.parametrize("name", REPORTS)
def test_both_parts_say_the_same_word_for_word_in_the_same_order(name: str) -> None:
    made = mail_of(name)
    assert words(read(made).replace("(red: new)", "")) == words(made.text.replace(f": {LINK}", ""))


@pytest.mark.parametrize("name", REPORTS)
def test_each_part_says_what_the_view_says_first(name: str) -> None:
    """The verdict, the four numbers, the first steps with a command each, and the first new titles."""
    made, view = mail_of(name), view_of(report_of(name))
    for part in (read(made), made.text):
        held = "".join(words(part))
        told = [view.bar.stage, view.bar.run, view.verdict.words, view.verdict.headline, view.verdict.summary]
        told += [f"{tile.number:,} {tile.label}" for tile in view.tiles]
        told += [f"{step.title} {step.effect}" for step in view.steps[:MOST_STEPS]]
        told += [line.title for line in view.new[:MOST_NEW]]
        assert [text for text in told if "".join(words(text)) not in held] == []


@pytest.mark.parametrize("name", REPORTS)
def test_the_numbers_are_the_report_s(name: str) -> None:
    """Each stands in both parts and in the header's line; what is left out adds up."""
    made, numbers = mail_of(name), report_of(name).numbers
    for number, label in ((numbers.new, "new"), (numbers.open, "open"), (numbers.repaired, "repaired")):
        for part in (read(made), made.text, made.numbers):
            assert re.search(rf"(?<![\d,]){number:,} {label}", part, re.IGNORECASE)
    more = [int(one.replace(",", "")) for one in re.findall(r"^([\d,]+) more", made.text, re.MULTILINE)]
    assert more == [numbers.new - MOST_NEW] * (numbers.new > MOST_NEW)
    known = [
        int(one.replace(",", "")) for one in re.findall(r"([\d,]+) known\s+problems?\s+in\s+the", made.text)
    ]
    assert known == [numbers.known] * (numbers.known > 0)


@pytest.mark.parametrize("name", REPORTS)
def test_a_mail_is_small_whatever_was_found(name: str) -> None:
    assert encoded_size(mail_of(name)) < MOST


@pytest.mark.parametrize("name", REPORTS)
def test_the_text_is_wrapped_and_each_command_stands_on_a_line_of_its_own(name: str) -> None:
    lines = mail_of(name).text.splitlines()
    assert [line for line in lines if columns(line) > WIDTH and LINK not in line] == []
    steps = view_of(report_of(name)).steps[:MOST_STEPS]
    assert [line for step in steps if (line := command_of(step)) and f"   {line}" not in lines] == []


@pytest.mark.parametrize(
    ("over", "page"), [(0, True), (1, False)], ids=["the largest page that fits", "one byte more"]
)
def test_the_page_is_attached_where_no_link_leads_to_it(over: int, page: bool) -> None:
    body = "ü" + "x" * (MOST_PAGE - 3 + over)
    made = compose(Message(busy_report(), lambda: body))
    files = {file.name: file.body for file in made.files}
    assert set(files) == {"findings.csv", *([f"report-{RUN}.html"] if page else [])}
    for part in (read(made), made.text):
        assert (f"report-{RUN}.html (the whole report)" in " ".join(part.split())) == page
    assert files.get(f"report-{RUN}.html", body.encode()) == body.encode()
    assert [file.name for file in mailed(busy_report()).files] == ["findings.csv"]


def test_the_findings_are_attached_as_csv() -> None:
    made = mailed(busy_report())
    (table,) = made.files
    assert table.body.decode() == findings_csv(busy_report())
    assert (table.kind, len(table.body) < MOST_CSV) == ("text/csv", True)
    assert f"Attached: findings.csv ({len(busy_report().findings)} findings)." in made.text
    assert mailed(clean_report()).files == ()


def test_the_csv_leads_to_findings_only_on_a_page_that_is_served() -> None:
    """A console that offers the page for download knows no place in it."""
    report = busy_report()
    for served, address in ((True, LINK), (False, "")):
        (table,) = compose(Message(report, lambda: "the page", LINK, served=served)).files
        assert table.body.decode() == findings_csv(report, address)


def test_of_a_large_table_the_first_rows_are_attached_and_the_mail_says_so() -> None:
    findings = [
        finding("unattributed", recording(n), evidence(n, f"Title {n} {'x' * 100}")) for n in range(5_000)
    ]
    report = replace(findings_report(0), findings=tuple(findings))
    made = mailed(report)
    (table,) = made.files
    every, shown = findings_csv(report), table.body.decode()
    assert MOST_CSV - 2_000 < len(table.body) <= MOST_CSV < len(every.encode())
    assert every.startswith(shown)
    rows = len(list(csv.reader(io.StringIO(shown)))) - 1
    told = f"findings.csv (the first {rows:,} of 5,000 findings; the report has all of them)"
    assert told in " ".join(made.text.split())
    assert told in read(made)


def test_the_name_of_the_attached_page_is_safe() -> None:
    report = replace(busy_report(), run=run_facts(id='a"/../\r\nb'))
    assert [file.name for file in mailed(report, "").files][1:] == ["report-a--..---b.html"]


def wired(monkeypatch: pytest.MonkeyPatch, **values: str) -> Wiring:
    usual = {"BUCKET": "my-recordings", "TABLE": "my-table", "PLAYBACK_DOMAIN": "play.test"}
    usual |= {"ALGOLIA_APP_ID": "APP", "ALGOLIA_API_KEY": "unused"}
    for name, value in {**usual, **values}.items():
        monkeypatch.setenv(f"RECONCILE_{name}", value)
    for name, value in {
        "DEFAULT_REGION": "eu-west-1",
        "ACCESS_KEY_ID": "a",
        "SECRET_ACCESS_KEY": "b",
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    return Wiring(load_settings())


PLACE = f"s3://reports/night ly/{RUN}"


@pytest.mark.parametrize(
    ("report_url", "place", "link"),
    [
        ("https://reports.example.net/", PLACE, LINK),
        ("https://reports.example.net", "/var/reports", LINK),
        (
            "",
            PLACE,
            "https://eu-west-1.console.aws.amazon.com/s3/object/reports?region=eu-west-1"
            f"&prefix=night%20ly/{RUN}/report.html",
        ),
        ("", "/var/reports", ""),
    ],
)
def test_the_report_is_linked_as_set_else_in_the_console_and_never_pre_signed(
    monkeypatch: pytest.MonkeyPatch, report_url: str, place: str, link: str
) -> None:
    wiring = wired(monkeypatch, REPORT_URL=report_url)
    made = mailed(busy_report(), wiring.delivery.link(RUN, place), place)
    wiring.s3.close()
    links = [value for _, name, value in Page(made.html).attributes if name == "href"]
    assert set(links) == ({link} if link else set())
    assert (f"Open the report: {link}" in made.text) == bool(link)
    assert (f"The report is archived at {place}" in made.text) == (not link)
    assert "X-Amz-" not in made.html + made.text


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "//a.test/x", "https:/x", "http://[x"]
)
def test_what_is_no_web_address_is_no_link(link: str) -> None:
    made = mailed(busy_report(), link, "/var/reports")
    assert "href" not in made.html
    assert link not in made.text
    assert "The report is archived at /var/reports" in made.text


def test_a_report_that_is_nowhere_says_so_first_and_how_to_have_it() -> None:
    made = compose(Message(busy_report(), lambda: "x" * MOST_PAGE, not_kept="no space is left"))
    assert made.text.startswith("! The report was not archived: no space is left\n")
    assert read(made).strip().startswith("The report was not archived: no space is left")
    assert "For the whole report, run the check again with --html FILE." in made.text


def test_the_mail_says_why_it_comes_and_who_can_change_it() -> None:
    told = " ".join(mailed(busy_report()).text.split())
    assert "RECONCILE_EMAIL_TO of the stage staging holds your address" in told
    assert "RECONCILE_NOTIFY says which reports are sent" in told
    assert "Whoever deploys reconcile can change both." in told


def test_a_name_that_runs_to_the_left_moves_nothing_beside_it() -> None:
    """It is isolated, and what a title holds of such marks is shown instead of obeyed."""
    found = finding("unattributed", recording(1), evidence(1, "שלום 3\u2069"))
    made = mailed(clean_report(findings=(found,)))
    for part in (read(made), made.text):
        assert "\u2068שלום 3\\u2069\u2069" in part
        assert part.count("\u2069") == part.count("\u2068")


def test_the_same_report_makes_the_same_bytes() -> None:
    read_back = Report.from_json(busy_report().to_json())
    assert mailed(read_back) == mailed(busy_report())


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_is_fetched_and_nothing_runs(name: str) -> None:
    page = Page(mail_of(name).html)
    assert {part.rpartition("/")[2] for part in page.shape} <= {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "p"),
        *("table", "tbody", "tr", "td", "div", "span", "b", "br", "a"),
    }
    names = {"role", "width", "height", "cellpadding", "cellspacing", "border", "align", "style", "class"}
    names |= {"lang", "charset", "name", "content", "href", "aria-hidden"}
    assert {name for _, name, _ in page.attributes} <= names
    assert not [value for _, _, value in page.attributes if "url(" in value or "@import" in value]
    assert {value for _, name, value in page.attributes if name == "href"} <= {LINK}
    tables = page.shape.count("html/body/table") + sum(part.endswith("/table") for part in page.shape[1:])
    assert tables - page.shape.count("html/body/table") == sum(
        (tag, name, value) == ("table", "role", "presentation") for tag, name, value in page.attributes
    )


def test_styles_stand_at_their_elements_and_the_dark_mode_in_a_style_sheet() -> None:
    html = mailed(busy_report()).html
    sheet = html[html.index("<style>") + 7 : html.index("</style>")]
    rules = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^}]*\})*\s*\}", "", sheet)
    assert rules.split() == []
    assert "prefers-color-scheme: dark" in sheet or "prefers-color-scheme:dark" in sheet
    unstyled = [tag for tag in re.findall(r'<[a-z0-9]+ [^>]*class="[^>]*>', html) if " style=" not in tag]
    assert unstyled == []


@settings(max_examples=60, deadline=None)
@given(hostile_titles)
def test_no_title_breaks_the_mail(text: str) -> None:
    """Its tree is the same, its subject one line, its numbers the report's, its size bounded."""
    report, plain = busy_report(f"T{text}T"), busy_report("x")
    made, simple = mailed(report), mailed(plain)
    assert Page(made.html).shape == Page(simple.html).shape
    assert (made.subject, made.numbers) == (simple.subject, simple.numbers)
    assert encoded_size(made) < MOST
    assert [line for line in re.sub("[\u2068\u2069]", "", made.text).splitlines() if not is_clean(line)] == []


@settings(max_examples=60, deadline=None)
@given(hostile_titles)
def test_no_stage_and_no_other_text_breaks_the_mail(text: str) -> None:
    """Stage, reason, mode, why it was cut short, place, and why a report could not be archived."""

    def made(told: str) -> Mail:
        run = run_facts(stage=told, reason=told, mode="repair", cut_short=told, only=(told,))
        return mailed(replace(busy_report(), run=run), "", f"s3://{told}", told)

    wild = made(f"T{text}T")
    assert Page(wild.html).shape == Page(made("x").html).shape
    assert encoded_size(wild) < MOST
    assert len(wild.subject) <= LONGEST_SUBJECT
    assert wild.subject.startswith("[T")
    assert wild.subject.endswith(made("x").subject.removeprefix("[x]"))
    assert len(wild.subject.splitlines()) == 1


@pytest.mark.parametrize("report", [clean_report(), busy_report(withheld=2), incomplete_report(3)])
def test_no_text_of_a_report_becomes_markup(report: Report) -> None:
    hostile = Report.from_json(json.dumps(poisoned(json.loads(report.to_json()))))
    made = mailed(hostile)
    page = Page(made.html)
    assert not [part for part in page.shape if part.endswith("/i")]
    assert page.text.count("<i>&\"'") > 3
    assert made.text.count("<i>&\"'") > 3


if __name__ == "__main__":
    STORED.mkdir(exist_ok=True)
    for file, content in golden_parts().items():
        (STORED / file).write_text(content, encoding="utf-8")
        sys.stdout.write(f"{file}: {len(content.encode()):,} bytes\n")
