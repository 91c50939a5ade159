"""The README covers everything that a user can type, set or meet, and its links lead somewhere."""

import re
from pathlib import Path

import pytest
import typer.main

from reconcile.cli.app import app
from reconcile.model.errors import Exit
from reconcile.model.verdict_table import TYPES, VERDICTS, noun_of, verdicts_of
from reconcile.settings.settings import Settings, setting_names

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LONGEST = 250
GROUP = typer.main.get_group(app)


def table_rows(heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading, without its head."""
    section = README.split(f"\n{heading}\n", 1)[1].split("\n#", 1)[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def names(rows: list[list[str]], column: int = 0) -> list[str]:
    return [re.sub(r"[`*]", "", row[column]) for row in rows]


def options_of(command: str) -> set[str]:
    parameters = GROUP.commands[command].params
    return {name for parameter in parameters for name in parameter.opts if name.startswith("--")} - {"--help"}


@pytest.mark.parametrize("command", sorted(GROUP.commands))
def test_every_command_stands_in_the_table_of_commands(command: str) -> None:
    """Each command has its line."""
    assert any(name.startswith(f"reconcile {command}") for name in names(table_rows("## Use it")))


def test_every_command_and_option_has_help() -> None:
    """`--help` explains each command and each of its options."""
    for name, command in GROUP.commands.items():
        assert command.help, name
        assert all(getattr(parameter, "help", "") for parameter in command.params), name


@pytest.mark.parametrize("command", sorted(GROUP.commands))
def test_every_option_stands_in_the_table_with_the_commands_that_have_it(command: str) -> None:
    """An option's line names exactly the commands that take it."""
    told = {
        name.split()[0]
        for name, row in zip(names(table_rows("### Options")), table_rows("### Options"), strict=True)
        if command in row[1].split(", ")
    }
    assert told == options_of(command)


def test_every_setting_stands_in_the_table_and_no_other() -> None:
    """The table of settings has a line for each setting, with its meaning."""
    rows = table_rows("## Settings")
    assert {row[0].strip("`"): row[1] for row in rows} == setting_names()


def test_the_table_tells_which_settings_must_be_set() -> None:
    """A setting without a default is marked."""
    told = {row[0].strip("`") for row in table_rows("## Settings") if row[2] == "must be set"}
    fields = Settings.model_fields.items()
    assert told == {f"RECONCILE_{name.upper()}" for name, field in fields if field.is_required()}


def test_every_verdict_stands_in_the_table_with_its_meaning() -> None:
    """Each verdict of each type has a line with its label and what it means."""
    told = {
        (subject, row[2].strip("`")): (row[1], row[3])
        for row in table_rows("## Verdicts")
        for subject in row[0].split(", ")
    }
    assert told == {(noun_of(kind.subject), kind.name): (kind.label, kind.means) for kind in VERDICTS}


@pytest.mark.parametrize("subject", TYPES)
def test_the_verdicts_of_a_type_stand_in_order_of_precedence(subject: str) -> None:
    """The table's order is the order in which verdicts hold."""
    rows = table_rows("## Verdicts")
    told = [row[2].strip("`") for row in rows if noun_of(subject) in row[0].split(", ")]
    assert told == list(verdicts_of(subject))


def test_every_exit_code_stands_in_the_table() -> None:
    """Each exit code has a line with its number and name."""
    rows = table_rows("### Exit codes")
    assert {int(row[0]): row[1] for row in rows} == {
        int(code): code.name.lower().replace("_", " ") for code in Exit
    }


def test_the_readme_is_short_enough_to_be_read() -> None:
    """What operates the job has a guide of its own."""
    assert len(README.splitlines()) <= LONGEST


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "reconcile/docs/deployed.md",
        "reconcile/docs/faults.md",
        "reconcile/docs/laws.md",
        "reconcile/docs/operations.md",
        "reconcile/docs/run/README.md",
        "reconcile/docs/scale.md",
        "reconcile/docs/verdicts.md",
    ],
)
def test_every_link_leads_to_a_file_and_a_heading(page: str) -> None:
    """Within the project; a heading's anchor is its text in lower case with hyphens, as GitHub makes it."""
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    assert links
    for link in (one for one in links if "://" not in one):
        path, _, anchor = link.partition("#")
        target = ((ROOT / page).parent / path if path else ROOT / page).resolve()
        assert target.is_file(), link
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), link


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}
