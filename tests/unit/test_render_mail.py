"""The mail: two parts that say the same, small whatever was found, safe whatever the texts are."""

import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from html import escape

import pytest
from hypothesis import given, settings

from reconcile.model.run import Interrupted
from reconcile.report.data import Report
from reconcile.report.formatting import clean
from reconcile.report.message import Message
from reconcile.report.render.html import render_html
from reconcile.report.render.mail import LONGEST_SUBJECT, MOST_ATTACHED, Mail, compose
from reconcile.report.sections import sections
from reconcile.report.summary import glance, looked_at, run_line, source_lines, tallies
from reconcile.settings import load_settings
from reconcile.wiring import Wiring
from tests.unit.page import VOID, Page, poisoned
from tests.unit.samples import (
    NOW,
    RUN,
    busy_report,
    clean_report,
    evidence,
    finding,
    findings_report,
    ids_of,
    incomplete_report,
    recording,
    run_facts,
    source,
)
from tests.unit.strategies import wild_texts

LINK = f"https://reports.example.net/{RUN}/report.html"
MOST = 90_000
NUMBERS = (0, 1, 50, 5_000)


def mailed(report: Report, link: str = LINK, place: str = "", not_kept: str = "") -> Mail:
    """Return the mail of a report with its page."""
    return compose(Message(report, render_html(report), link, place, not_kept))


def size(made: Mail) -> int:
    """Return the bytes of both parts."""
    return len(made.html.encode()) + len(made.text.encode())


def words(text: str) -> list[str]:
    """Return a text's words without what stands between them; the text part tells an id by itself."""
    return re.findall(r"\w+", re.sub(r"\bfinding (?=[0-9a-f]{12}\b)", "", text).casefold())


@dataclass(frozen=True)
class Words:
    """The words of the HTML part and of the text part: of the head, and of all that follows it."""

    heads: tuple[list[str], list[str]]
    bodies: tuple[list[str], list[str]]


def read(made: Mail, report: Report) -> Words:
    """Read both parts; the window's title, and what clients show beside the subject, are left out."""
    page = Page(made.html)
    told = [text.strip() for text in page.texts if text.strip()][2:]
    links = [value for _, name, value in page.attributes if name == "href"]
    end = told.index(looked_at(report.run)) + 1
    lines = made.text.splitlines()
    last = max(place for place, line in enumerate(lines) if line.startswith("The page is "))
    return Words(
        (words(" ".join([*told[:end], *links])), words("\n".join(lines[: last + 1]))),
        (words(" ".join(told[end:])), words("\n".join(lines[last + 1 :]))),
    )


IGNORED = tuple(replace(one, status="ignored") for one in busy_report().findings)
KILLED = (Interrupted("earlier", "repair", NOW, 3), Interrupted("before", "check", NOW, 0))
REPORTS = {
    **{f"{number:,} findings": findings_report(number) for number in NUMBERS},
    "every section": busy_report(),
    "unread": incomplete_report(),
    "ignored": clean_report(findings=IGNORED),
    "would withhold": clean_report(
        findings=(finding("program-missing", recording(1), evidence(1)),),
        would_need_approval=dict.fromkeys(ids_of(busy_report().findings[:2]), "it is too much"),
    ),
    "killed": clean_report(
        run=run_facts(interrupted=KILLED, cut_short="its time was over", only=("failed",), window_start=None)
    ),
}


@cache
def mail_of(name: str) -> Mail:
    """Return the mail of one of the reports."""
    return mailed(REPORTS[name])


@pytest.mark.parametrize("name", REPORTS)
def test_both_parts_say_the_same_word_for_word(name: str) -> None:
    """The heads hold the same words in another order; all that follows is the same from end to end."""
    told = read(mail_of(name), REPORTS[name])
    assert Counter(told.heads[0]) == Counter(told.heads[1])
    assert told.bodies[0] == told.bodies[1]


@pytest.mark.parametrize("name", REPORTS)
def test_each_part_tells_the_report(name: str) -> None:
    """Headline, numbers, notes, groups, steps, commands and sources; items may be left out."""
    made, report = mail_of(name), REPORTS[name]
    for part in (Page(made.html).text, made.text):
        held = "".join(words(part))
        seen = glance(report)
        told = [report.headline, seen.words, *seen.notes, *run_line(report.run)]
        told += [f"{tally.number:,} {tally.label}" for tally in tallies(report)]
        told += [f"{one.name} {one.state}" for one in source_lines(report)]
        told += [one.why for one in source_lines(report)]
        for section in sections(report):
            told.append(f"{section.title} {section.number:,} {section.means}")
            told += [f"{one.name} {one.about} {one.slug} {one.means}" for one in section.groups]
            told += [line for one in section.groups for line in (one.step, *one.commands)]
        assert [text for text in told if "".join(words(text)) not in held] == []


@pytest.mark.parametrize("number", NUMBERS)
def test_what_is_shown_and_what_is_left_out_add_up(number: int) -> None:
    made, report = mail_of(f"{number:,} findings"), REPORTS[f"{number:,} findings"]
    for part in (Page(made.html).text, " ".join(made.text.split())):
        shown = [one.id for one in report.findings if one.id in part]
        left = [int(found.replace(",", "")) for found in re.findall(r"and ([\d,]+) more \(see", part)]
        assert len(shown) + sum(left) == number
    assert bool(left) == (number >= 50)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_mail_is_small_whatever_was_found(number: int) -> None:
    made = mail_of(f"{number:,} findings")
    assert size(made) < MOST
    assert Page(made.html).text.count("“") >= min(number, 30)


def test_a_mail_of_endless_texts_is_small_and_still_says_the_same() -> None:
    """Each finding with as many facts, each as long, as a finding can have; many of every other list."""
    long = "wörd " * 150
    told = {f"fact{number}": [long] * 10 for number in range(30)}
    pair = {f"field{number}": {"row": long, "record": long + "!"} for number in range(30)}
    kinds = ("group-missing", "unplayable", "ambiguous", "failed", "unattributed", "overlapping")
    endless = clean_report(
        headline=long,
        run=run_facts(stage=long, reason=long, cut_short="its time was over", interrupted=KILLED * 200),
        findings=tuple(
            finding(kinds[n % 6], recording(n), evidence(n, long, fields=pair, **told), remedy=f"{n}{long}")
            for n in range(120)
        ),
        sources=tuple(source(f"{n}{long}", n, doubt=long, detail=told) for n in range(100)),
        usage={"requests": {f"kind {n}": n for n in range(1, 900)}},
    )
    made = mailed(endless, place=f"s3://{long}", not_kept=long)
    assert size(made) < MOST
    assert len(made.subject) <= LONGEST_SUBJECT
    assert "Action needed (120)\n" in made.text
    told_by = read(made, endless)
    assert told_by.bodies[0] == told_by.bodies[1]


@pytest.mark.parametrize("over", [-1, 0])
def test_the_page_is_attached_under_3_megabytes_and_linked_above(over: int) -> None:
    page = "ü" + "x" * (MOST_ATTACHED - 2 + over)
    made = compose(Message(busy_report(), page, LINK))
    for part in (Page(made.html).text, made.text):
        assert ("The page is attached: report-" in part) == (over < 0)
        assert ("The page is too large to attach (3.0 MB)." in part) == (over == 0)
        assert "more (see the whole report)" in part
    assert made.attachment == (page.encode() if over < 0 else None)
    assert f'href="{LINK}"' in made.html
    assert f"\nRead the whole report: {LINK}\n" in made.text


def test_the_attachment_is_the_whole_page_under_the_run_s_name() -> None:
    report = replace(busy_report(), run=run_facts(id='a"/../\r\nb'))
    made = mailed(report)
    assert made.attachment == render_html(report).encode()
    assert made.attachment_name == "report-a--..---b.html"


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
    assert links == ([link] if link else [])
    assert (f"Read the whole report: {link}" in made.text) == bool(link)
    assert (f"The whole report is at {place}" in made.text) == (not link)
    assert "X-Amz-" not in made.html + made.text


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "//a.test/x", "https:/x", "http://[x"]
)
def test_what_is_no_web_address_is_no_link(link: str) -> None:
    made = mailed(busy_report(), link, "/var/reports")
    assert "href" not in made.html
    assert link not in made.text
    assert "The whole report is at /var/reports" in made.text


def test_a_report_that_is_nowhere_says_so_first_and_how_to_have_it() -> None:
    made = compose(Message(busy_report(), "x" * MOST_ATTACHED, not_kept="no space is left"))
    assert made.text.startswith("! The report was not archived: no space is left\n")
    page = Page(made.html).text
    assert page.index("was not archived") < page.index("12 open findings (7 new), ", 400)
    for part in (page, made.text):
        assert "For the whole report, run the check again with --html FILE." in part
        assert "and 48 more (not shown here, and not archived)" in part


def test_what_is_only_attached_is_looked_for_there() -> None:
    assert "and 48 more (see the attached page)" in mailed(busy_report(), link="").text


def test_the_subject_begins_with_the_stage_and_is_one_line() -> None:
    assert mailed(busy_report()).subject == f"[staging] {busy_report().headline}"
    wild = replace(busy_report(), run=run_facts(stage="a\r\nBcc: x@example.org"), headline="b\u2028\nc" * 200)
    subject = mailed(wild).subject
    assert subject.startswith(r"[a\r\nBcc: x@example.org] b\u2028\nc")
    assert subject.isprintable()
    assert subject.endswith("…")


def test_a_name_that_runs_to_the_left_moves_nothing_beside_it() -> None:
    """It is isolated, and what a title holds of such marks is shown instead of obeyed."""
    found = finding("group-missing", recording(1), evidence(1, "שלום 3\u2069"))
    made = mailed(clean_report(findings=(found,)))
    for part in (Page(made.html).text, made.text):
        assert "\u2068“שלום 3\\u2069”\u2069, 3 Mar 2026 09:05 UTC, 1 h 2 min" in part
        assert part.count("\u2069") == 1


def test_the_same_report_makes_the_same_bytes() -> None:
    read_back = Report.from_json(busy_report().to_json())
    assert mailed(read_back) == mailed(busy_report())


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_is_fetched_and_nothing_runs(name: str) -> None:
    page = Page(mail_of(name).html)
    assert {part.rpartition("/")[2] for part in page.shape} <= {
        *("html", "head", "meta", "title", "style", "body"),
        *("table", "tr", "td", "div", "span", "b", "code", "br", "a"),
    }
    names = {"role", "width", "cellpadding", "cellspacing", "border", "bgcolor", "align", "valign", "style"}
    names |= {"lang", "charset", "name", "content", "href"}
    assert {name for _, name, _ in page.attributes} <= names
    assert not [value for _, _, value in page.attributes if "url(" in value or "@import" in value]


PLAIN = Page(mailed(busy_report("x", withheld=2)).html)


@settings(max_examples=60, deadline=None)
@given(wild_texts)
def test_no_title_changes_the_tree(text: str) -> None:
    title = f"T{text}T"
    report = busy_report(title, withheld=2)
    made = mailed(report)
    assert Page(made.html).shape == PLAIN.shape
    assert f"“{clean(title)}”" in "".join(Page(made.html).texts)
    assert escape(title) == title or title not in made.html
    made.text.encode()


@settings(max_examples=40, deadline=None)
@given(wild_texts)
def test_no_other_text_changes_the_tree_either(text: str) -> None:
    """Stage, headline, reason, place, and why a report could not be kept."""

    def made(told: str) -> Mail:
        run = run_facts(stage=told, reason=told, mode="repair", cut_short=told, only=(told,))
        told_report = replace(busy_report(withheld=2), run=run, headline=f"{told}; {told}")
        return mailed(told_report, "", f"s3://{told}", told)

    wild = made(f"T{text}T")
    assert Page(wild.html).shape == Page(made("x").html).shape
    assert wild.subject.startswith("[T")
    assert "\n" not in wild.subject
    assert wild.subject.encode().decode().isprintable() or any(ord(char) > 127 for char in text)


@pytest.mark.parametrize("report", [clean_report(), busy_report(withheld=2), incomplete_report(3)])
def test_no_text_of_a_report_becomes_markup(report: Report) -> None:
    hostile = Report.from_json(json.dumps(poisoned(json.loads(report.to_json()))))
    page = Page(mailed(hostile).html)
    assert not [part for part in page.shape if part.endswith("/i")]
    assert page.text.count("<i>&\"'") > 15
    assert mailed(hostile).text.count("<i>&\"'") > 15


STYLE = re.compile(r'\[style\*="([^"]+)"\]\{([a-z-]+):(#\w{6})!important\}')


class Painted(Page):
    """Finds the colour of each text and of the ground below it, by day or by the style sheet's night."""

    def __init__(self, html: str, *, night: bool) -> None:
        self._rules = STYLE.findall(html) if night else []
        self._paint: list[tuple[str, str]] = [("#000000", "#ffffff")]
        self.painted: set[tuple[str, str]] = set()
        super().__init__(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the colours that an element sets; a later rule wins over an earlier one."""
        super().handle_starttag(tag, attrs)
        style = dict(attrs).get("style") or ""
        ink, ground = self._paint[-1]
        # What is hidden is read by no eye.
        ground = "#ffffff" if "display:none" in style else ground
        for name, value in re.findall(r"(?:^|;)(color|background):(#\w{6})", style):
            ink, ground = (value, ground) if name == "color" else (ink, value)
        for found, name, value in self._rules:
            if found in style and name in ("color", "background"):
                ink, ground = (value, ground) if name == "color" else (ink, value)
        if tag not in VOID:
            self._paint.append((ink, ground))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        super().handle_endtag(tag)
        if tag not in VOID:
            self._paint.pop()

    def handle_data(self, data: str) -> None:
        """Note the colours of a text."""
        super().handle_data(data)
        if data.strip() and "body" in self._open:
            self.painted.add(self._paint[-1])


def contrast(ink: str, ground: str) -> float:
    """Return how well a text can be told from its ground: https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio."""

    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, bright = sorted((light(ink), light(ground)))
    return (bright + 0.05) / (dark + 0.05)


NOT_KEPT = mailed(busy_report(), not_kept="no space is left")


@pytest.mark.parametrize("night", [False, True])
@pytest.mark.parametrize("made", [*map(mail_of, REPORTS), NOT_KEPT], ids=[*REPORTS, "not kept"])
def test_every_text_can_be_read_by_day_and_by_night(made: Mail, night: bool) -> None:
    """Also where a client knows no style sheet: each colour stands where it is used."""
    painted = Painted(made.html, night=night).painted
    assert len(painted) > 3
    assert {pair for pair in painted if contrast(*pair) < 4.5} == set()


def test_the_style_sheet_is_for_the_night_alone() -> None:
    html = mailed(busy_report()).html
    sheet = html[html.index("<style>") + 7 : html.index("</style>")].strip()
    assert sheet.startswith("@media (prefers-color-scheme:dark){")
    assert re.sub(STYLE, "", sheet.partition("{")[2]).split() == ["}"]
