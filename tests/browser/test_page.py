"""The page of a report as a reader uses it: search, filters, links, keys, copying, printing."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from reconcile.report.run_list import page_of
from tests.browser.conftest import Open, stored
from tests.browser.views import NOW, finding_id, full_view

VIEW = full_view()
OPEN = VIEW.open
CLIPBOARD = ["clipboard-read", "clipboard-write"]
WIDTHS = (390, 768, 1280)


def titles(page: Page, within: str = "#open") -> list[str]:
    """Return the titles of the lines that are shown."""
    return [text for text in page.locator(f"{within} .line > summary b:visible").all_inner_texts() if text]


def hits(page: Page) -> str:
    """Return what the search says that it shows."""
    return " ".join(page.locator("#hits").inner_text().split())


def focused(page: Page) -> str:
    """Return the id of the finding, or of the element, that has the focus."""
    return str(
        page.evaluate("document.activeElement.closest('.line')?.dataset.finding || document.activeElement.id")
    )


def line_of(page: Page, finding: str) -> Locator:
    """Return the line of a finding."""
    return page.locator(f"[data-finding='{finding}']")


def shown_to_reader(page: Page, finding: str) -> bool:
    """Whether a finding is open and within the window."""
    line = line_of(page, finding)
    expect(line).to_have_attribute("open", "")
    expect(line.locator(".evidence")).to_be_visible()
    return bool(
        line.evaluate(
            "e => { const b = e.getBoundingClientRect(); return b.top >= 0 && b.top < innerHeight }"
        )
    )


def test_each_number_is_the_views(full: Path, open_page: Open) -> None:
    """The page shows the view's numbers, in its words."""
    page = open_page(full)
    numbers = [text.split()[0] for text in page.locator(".tile .number").all_inner_texts()]
    assert numbers == [f"{tile.number:,}" for tile in VIEW.tiles]
    assert page.locator("h1").inner_text() == VIEW.verdict.headline
    shelves = page.locator(".shelf > h3 .count").all_inner_texts()
    assert shelves == [str(shelf.number) for shelf in VIEW.shelves]
    groups = page.locator(".shelf h4 > .count").all_inner_texts()
    assert groups == [str(group.number) for shelf in VIEW.shelves for group in shelf.groups]


def test_long_lists_show_their_first_lines_and_more_on_request(full: Path, open_page: Open) -> None:
    """Four lines of each kind stand there at first; a button shows up to 50 more and moves the focus on."""
    page = open_page(full)
    counts = page.locator(".group").filter(has_text="count-drift")
    assert counts.locator(".line").count() == 4
    counts.locator(".more").click()
    assert counts.locator(".line").count() == 28
    fifth = next(
        group for shelf in VIEW.shelves for group in shelf.groups if group.kind == "count-drift"
    ).lines[4]
    assert focused(page) == fifth.id
    assert counts.locator(".more").is_hidden()


@pytest.mark.parametrize(
    "query",
    [
        OPEN[20].id,
        OPEN[20].place,
        OPEN[20].place[30:52],
        OPEN[20].facts[1].values[1],
        OPEN[20].place.upper(),
        f"{OPEN[20].facts[1].values[0]} {OPEN[20].title.split()[0]}",
    ],
)
def test_search_finds_a_finding_by_whatever_names_it(full: Path, open_page: Open, query: str) -> None:
    """By its id, its prefix or a part of it, a program's id, in capitals, and by several words at once."""
    page = open_page(full)
    page.fill("#search", query)
    expect(page.locator("#hits")).to_contain_text(f"1 of {len(OPEN)} shown")
    assert titles(page) == [OPEN[20].title]


def test_search_by_title_finds_every_finding_of_it_wherever_it_is(full: Path, open_page: Open) -> None:
    """Groups without a match go; other sections that hold some are named, and opened."""
    page = open_page(full)
    page.fill("#search", "harbour")
    found = [line for line in OPEN if line.title == "Harbour Lights"]
    expect(page.locator("#hits")).to_contain_text(f"{len(found)} of {len(OPEN)} shown")
    assert titles(page) == ["Harbour Lights"] * len(found)
    waiting = (
        [line for line in VIEW.approval.lines if line.title == "Harbour Lights"] if VIEW.approval else []
    )
    assert f"{len(waiting)} awaiting approval" in hits(page)
    assert titles(page, "#approval") == ["Harbour Lights"] * len(waiting)


def test_search_leads_on_to_the_recordings(full: Path, open_page: Open) -> None:
    """What the search finds among the recordings is one click away."""
    page = open_page(full)
    page.fill("#search", "tide")
    number = sum(row.title == "The Tide Table" for row in VIEW.recordings)
    page.get_by_role("link", name=f"{number} recordings").click()
    expect(page.locator("#rows-found")).to_have_text(f"{number} of {len(VIEW.recordings)} shown")
    assert page.input_value("#lookup") == "tide"


def test_a_search_without_a_match_says_so(full: Path, open_page: Open) -> None:
    """Nothing is shown, and the number is nought."""
    page = open_page(full)
    page.fill("#search", "no such thing")
    expect(page.locator("#hits")).to_have_text(f"0 of {len(OPEN)} shown")
    assert titles(page) == []


def test_chips_filter(full: Path, open_page: Open) -> None:
    """New and High show what they say, All shows everything again; the search stays as it is."""
    page = open_page(full)
    new = [line for line in OPEN if line.age != "known"]
    page.get_by_role("button", name="New", exact=True).click()
    expect(page.locator("#hits")).to_contain_text(f"{len(new)} of {len(OPEN)} shown")
    high = [line for line in OPEN if line.severity == "high"]
    page.get_by_role("button", name="High", exact=True).click()
    expect(page.locator("#hits")).to_contain_text(f"{len(high)} of {len(OPEN)} shown")
    page.fill("#search", "harbour")
    both = [line for line in high if line.title == "Harbour Lights"]
    expect(page.locator("#hits")).to_contain_text(f"{len(both)} of {len(OPEN)} shown")
    page.get_by_role("button", name="All", exact=True).click()
    assert page.input_value("#search") == "harbour"
    page.fill("#search", "")
    expect(page.locator("#hits")).to_be_empty()


def test_tiles_filter(full: Path, open_page: Open) -> None:
    """The tile of the new ones shows them alone; that of the approvals opens their list."""
    page = open_page(full)
    page.locator(".tile", has_text="New since").click()
    new = [line for line in OPEN if line.age != "known"]
    expect(page.locator("#hits")).to_contain_text(f"{len(new)} of {len(OPEN)} shown")
    page.locator(".tile", has_text="Awaiting").click()
    assert VIEW.approval
    assert titles(page, "#approval") == [line.title for line in VIEW.approval.lines]
    page.locator(".tile", has_text="Open").click()
    expect(page.locator("#hits")).to_be_empty()


def test_a_step_shows_its_findings(full: Path, open_page: Open) -> None:
    """What a step is about is shown alone, in whatever section it stands."""
    page = open_page(full)
    page.get_by_role("button", name="Show all 28").first.click()
    expect(page.locator("#hits")).to_contain_text(f"28 of {len(OPEN)} shown")
    page.get_by_role("button", name="All", exact=True).click()
    expect(page.locator("#hits")).to_be_empty()
    page.get_by_role("button", name="Show all 14").first.click()
    expect(page.locator("#hits")).to_contain_text("14 awaiting approval")
    assert page.locator("#approval").evaluate("e => Math.abs(e.getBoundingClientRect().top) < 200")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("place", [0, 30, 40, 59])
def test_a_link_leads_to_its_finding(full: Path, open_page: Open, place: int, width: int) -> None:
    """The finding is open and in sight, whether its line was to be seen at first or not."""
    page = open_page(full, f"#f-{OPEN[place].id}", width)
    assert shown_to_reader(page, OPEN[place].id)


def test_a_link_leads_to_a_finding_of_a_closed_list(full: Path, open_page: Open) -> None:
    """One that awaits approval, one that is resolved, one that was not checked."""
    assert VIEW.approval
    others = (VIEW.approval.lines[9], VIEW.resolved[1], VIEW.coverage.not_checked[0].lines[1])
    for line in others:
        page = open_page(full, f"#f-{line.id}")
        assert shown_to_reader(page, line.id)


def test_a_link_leads_to_a_finding_that_is_filtered_away(full: Path, open_page: Open) -> None:
    """The filter makes way."""
    page = open_page(full)
    page.fill("#search", "no such thing")
    expect(page.locator("#hits")).to_contain_text("0 of")
    page.evaluate(f"location.hash = '#f-{OPEN[33].id}'")
    assert shown_to_reader(page, OPEN[33].id)
    assert page.input_value("#search") == ""


def test_a_link_to_a_finding_that_is_gone_says_so(full: Path, open_page: Open) -> None:
    """A link in an old mail to a finding of another report."""
    page = open_page(full, f"#f-{finding_id(999_999)}")
    assert hits(page) == "The finding of this link is not in this report."
    assert open_page(full, "#f-%E0%A4%A").locator("h1").inner_text() == VIEW.verdict.headline


def test_a_finding_shows_its_evidence(full: Path, open_page: Open) -> None:
    """Candidates side by side with what differs marked, facts, commands, and links that lead away safely."""
    page = open_page(full, f"#f-{OPEN[4].id}")
    evidence = line_of(page, OPEN[4].id).locator(".evidence")
    assert evidence.locator("thead th").all_inner_texts() == ["A", "B"]
    marked = evidence.locator("tr.differs th").all_inner_texts()
    assert marked == ["Created by", "Stored at"]
    assert evidence.locator("dt").all_inner_texts() == [fact.label for fact in OPEN[4].facts]
    assert evidence.locator(".command code").inner_text() == OPEN[4].commands[0]
    links = evidence.locator("a[target]")
    assert [link.get_attribute("href") for link in links.all()] == [link.url for link in OPEN[4].links]
    assert {link.get_attribute("rel") for link in links.all()} == {"noopener noreferrer"}


def test_a_repair_marks_what_differs_alone(full: Path, open_page: Open) -> None:
    """Of a URL whose domain changed only the domain is marked; a tolerated difference is not marked."""
    repaired = VIEW.repaired[0].lines[0]
    page = open_page(full, f"#f-{repaired.id}")
    line = line_of(page, repaired.id)
    assert line.locator("summary del").inner_text() == "old-"
    assert line.locator("td del").all_inner_texts() == ["old-", "Recordings"]
    assert line.locator("tr.tolerated del, tr.tolerated ins").count() == 0
    assert line.locator("tr").nth(1).locator("td").all_inner_texts() == [
        repaired.comparisons[0].rows[0].left,
        repaired.comparisons[0].rows[0].right,
    ]


def test_recordings_are_looked_up(full: Path, open_page: Open) -> None:
    """By prefix, by program, by title and day; one with a finding leads to it."""
    page = open_page(full)
    published = next(row for row in VIEW.recordings if row.program_id)
    for query in (published.prefix, published.program_id, f"s3://{published.bucket}/{published.prefix}/"):
        page.fill("#lookup", query)
        expect(page.locator("#rows-found")).to_have_text(f"1 of {len(VIEW.recordings)} shown")
        assert page.locator("#rows td").first.inner_text() == published.title
    page.fill("#lookup", OPEN[2].place[24:])
    page.locator("#rows a").click()
    assert shown_to_reader(page, OPEN[2].id)


def test_times_are_the_readers(full: Path, open_page: Open) -> None:
    """Five hours before UTC in New York; the time in UTC is in the title."""
    page = open_page(full)
    run = page.locator("header time").first
    assert run.inner_text() == "Sun, 29 Nov 2026, 01:52"
    assert run.get_attribute("title") == "2026-11-29 06:52 UTC"
    assert NOW.isoformat()[:16] in str(run.get_attribute("datetime"))
    assert "America/New_York" in page.locator("#zone").inner_text()
    assert re.fullmatch(r"\d{1,2} \w{3,4}(, | )\d\d:\d\d", page.locator("#rows time").first.inner_text())


@pytest.mark.parametrize("permissions", [CLIPBOARD, []])
def test_commands_are_copied(full: Path, open_page: Open, permissions: list[str]) -> None:
    """With the clipboard's own interface, and without it as in an old browser."""
    page = open_page(full, permissions=permissions)
    if not permissions:
        page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.evaluate("document.addEventListener('copy', () => { window.copied = getSelection().toString() })")
    button = page.locator("#first .copy").first
    button.click()
    expect(button).to_have_text("Copied")
    expect(page.locator("#status")).to_have_text("Copied.")
    text = page.evaluate("navigator.clipboard.readText()" if permissions else "window.copied")
    assert text == VIEW.steps[0].commands[0]
    expect(button).to_have_text("Copy", timeout=5000)


def test_where_nothing_can_be_copied_the_command_is_selected(full: Path, open_page: Open) -> None:
    """The reader is told to press the keys himself."""
    page = open_page(full)
    page.evaluate(
        "Object.defineProperty(navigator, 'clipboard', {value: undefined});document.execCommand = () => false"
    )
    page.locator("#first .copy").first.click()
    expect(page.locator("#status")).to_have_text("Selected: copy it with Ctrl+C.")
    assert page.evaluate("getSelection().toString()") == VIEW.steps[0].commands[0]


def test_keys_alone_are_enough(full: Path, open_page: Open) -> None:
    """`/` begins a search, the arrows move between lines, Enter opens, Esc closes and clears."""
    page = open_page(full)
    page.keyboard.press("/")
    assert focused(page) == "search"
    page.keyboard.type("tide?/")
    found = [line for line in OPEN if line.title == "The Tide Table"]
    expect(page.locator("#hits")).to_contain_text("0 of")
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    expect(page.locator("#hits")).to_contain_text(f"{len(found)} of {len(OPEN)} shown")
    page.keyboard.press("ArrowDown")
    assert focused(page) == found[0].id
    page.keyboard.press("ArrowDown")
    assert focused(page) == found[1].id
    page.keyboard.press("Enter")
    expect(line_of(page, found[1].id).locator(".evidence")).to_be_visible()
    page.keyboard.press("Escape")
    expect(line_of(page, found[1].id).locator(".evidence")).to_be_hidden()
    page.keyboard.press("ArrowUp")
    assert focused(page) == found[0].id
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    expect(page.locator("#hits")).to_be_empty()
    assert page.input_value("#search") == ""


def test_the_focus_is_seen(full: Path, open_page: Open) -> None:
    """Each thing that the Tab key reaches is outlined."""
    page = open_page(full)
    for _ in range(12):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", focused(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_runs_out_of_the_page(full: Path, quiet: Path, open_page: Open, width: int) -> None:
    """No page scrolls sideways, also with every finding open."""
    for file in (full, quiet):
        page = open_page(file, width=width)
        page.evaluate("for (const line of document.querySelectorAll('details')) line.open = true")
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_print_opens_the_first_of_each_kind_and_hides_what_nobody_can_press(
    full: Path, open_page: Open
) -> None:
    """Afterwards the page is as it was."""
    page = open_page(full)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    group = page.locator(".group").filter(has_text="count-drift")
    assert group.locator(".evidence:visible").count() == 4
    assert page.locator("button:visible, input:visible").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".evidence:visible").count() == 0
    document = page.pdf()
    assert 5 <= pages_of(document) <= 22


def pages_of(document: bytes) -> int:
    """Return how many pages a PDF has."""
    return len(re.findall(rb"/Type\s*/Page\b", document))


def test_without_script_everything_important_is_there(full: Path, open_page: Open) -> None:
    """Numbers, steps, the first findings of each kind, the first recordings; nothing that needs a script."""
    page = open_page(full, java_script_enabled=False)
    assert page.locator(".scripted:visible").count() == 0
    assert page.locator("h1").inner_text() == VIEW.verdict.headline
    assert page.locator(".plain:visible").count() >= len(OPEN)
    assert page.locator("table.recordings:visible tbody tr").count() == 50
    assert "The first 50 of 157 are shown" in page.locator("#recordings").inner_text()
    assert page.locator("header time").first.inner_text() == "29 Nov 2026 06:52 UTC"
    assert page.locator("#zone").inner_text() == "Times are UTC."


def test_a_quiet_run_says_so(quiet: Path, open_page: Open) -> None:
    """No list, no chart of one run, and numbers that lead nowhere."""
    page = open_page(quiet)
    assert page.locator("#open .card").inner_text() == "No open problems."
    assert page.locator("a.tile, .trend, #first, #approval, #repaired").count() == 0
    assert page.locator("nav[aria-label=Reports] a").all_inner_texts() == ["All reports"]


def test_links_to_other_reports_stand_only_where_it_is_stored_beside_them(
    full: Path, open_page: Open
) -> None:
    """A page that was written elsewhere leads to nothing that may not be there."""
    page = open_page(full)
    relative = [link.get_attribute("href") for link in page.locator("a:not([href^='#']):not([target])").all()]
    assert relative == [
        f"../{VIEW.bar.previous}/report.html",
        f"../{page_of(VIEW.bar.stage)}",
        "recordings.csv",
        "report.json",
        "findings.csv",
        "recordings.csv",
    ]


def test_a_longest_stage_name_leaves_room(tmp_path: Path, open_page: Open) -> None:
    """A name of 200 characters is cut in sight, and whole on hover."""
    view = replace(VIEW, bar=replace(VIEW.bar, stage="s" * 200))
    page = open_page(stored(tmp_path, view), width=390)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.locator(".stage").get_attribute("title") == "s" * 200
