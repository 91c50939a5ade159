"""Whether the index's settings let the application find, filter and show what it needs."""

import json
import shlex
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.compare.configuration.assessment import Opinion
from reconcile.compare.configuration.index import FACETS, RETRIEVED, SEARCHABLE
from reconcile.model.configuration import IndexSettings, NotSeen
from tests.unit.setups import SETTINGS, SOUND, opinion_on, told_by


def on(told: Any) -> Opinion:
    """Return the opinion on an index that says this of its settings."""
    assert isinstance(SOUND.settings, IndexSettings)
    return opinion_on("settings", told_by(settings=replace(SOUND.settings, values=told)))


def changed(**told: Any) -> dict[str, Any]:
    return {**SETTINGS, **told}


def test_what_the_application_needs_may_be_written_in_many_ways() -> None:
    """Unordered, joined, searchable, in any order, with more behind it."""
    assert (on(SETTINGS).verdict, on(SETTINGS).unseen) == ("", "")


@pytest.mark.parametrize(
    ("name", "value", "lacking"),
    [
        ("searchableAttributes", ["title", "tags"], "description, groupName"),
        ("attributesForFaceting", None, "filterOnly(userId)"),
        ("attributesForFaceting", [], "premium"),
        ("attributesForFaceting", [*FACETS][1:], "filterOnly(userId)"),
        ("attributesForFaceting", [f"filterOnly({name})" for name in FACETS], "groupName, groupId"),
        ("customRanking", None, "desc(created_timestamp)"),
        ("customRanking", ["asc(title)", "desc(created_timestamp)"], "desc(created_timestamp)"),
        ("customRanking", ["asc(created_timestamp)"], "desc(created_timestamp)"),
        ("attributesToRetrieve", ["title"], "programId, description"),
        ("attributesToRetrieve", ["*", "-userId"], "userId"),
    ],
)
def test_a_setting_that_lacks_something_has_drifted(name: str, value: Any, lacking: str) -> None:
    """And the report says what lacks."""
    found = on(changed(**{name: value}))
    assert found.verdict == "index-settings-drift"
    assert found.evidence["why"].startswith(f"{name} is missing ")
    assert lacking in found.evidence["why"]
    assert list(found.evidence["settings"]) == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("searchableAttributes", None),
        ("searchableAttributes", []),
        ("searchableAttributes", ["extra", *SEARCHABLE]),
        ("attributesForFaceting", [f"searchable({name})" for name in FACETS]),
        ("attributesToRetrieve", ["*"]),
        ("attributesToRetrieve", []),
        ("attributesToRetrieve", [name for name in RETRIEVED if name != "objectID"]),
        ("attributesToRetrieve", [*RETRIEVED, "duration"]),
    ],
)
def test_nothing_lacks_where_everything_is_meant_or_more_is_given(name: str, value: Any) -> None:
    """An index that names nothing searches and shows everything; objectID is in every answer."""
    assert on(changed(**{name: value})).verdict == ""


def test_a_setting_that_is_not_told_is_not_judged() -> None:
    """Stand-ins tell some or none; of a shape that it cannot have, nothing is claimed either."""
    assert on({}).unseen
    assert on({"hitsPerPage": 20}).unseen
    assert on({"customRanking": "desc(created_timestamp)"}).unseen
    found = on({"searchableAttributes": ["title"], "customRanking": 7})
    assert found.evidence["not_told"] == ["attributesForFaceting", "customRanking", "attributesToRetrieve"]
    assert "searchableAttributes is missing" in found.evidence["why"]


def test_attributes_that_no_answer_holds_are_a_drift() -> None:
    """They are named; what is none of the record's fields is nobody's business here, and stays hidden."""
    found = on(changed(unretrievableAttributes=["internal", "price", "mediaFiles"]))
    assert found.verdict == "index-settings-drift"
    assert found.evidence["why"].startswith("unretrievableAttributes hides mediaFiles, price: ")
    assert found.evidence["not_compared"] == ["mediaFiles", "price"]
    (command,) = found.remedy.commands
    words = shlex.split(command)
    assert json.loads(words[words.index("-d") + 1]) == {"unretrievableAttributes": ["internal"]}
    for harmless in (None, [], ["internal"], "price"):
        assert on(changed(unretrievableAttributes=harmless)).verdict == ""


def test_what_the_key_may_not_read_is_not_looked_at() -> None:
    """And the reason is told."""
    found = opinion_on("settings", told_by(settings=NotSeen("it lacks the right")))
    assert (found.verdict, found.unseen) == ("", "it lacks the right")


names = st.sampled_from([*SEARCHABLE, *FACETS, *RETRIEVED[:3], "duration", "*", "-title", "a,b"])
shapes = st.sampled_from(["{}", "filterOnly({})", "searchable({})", "unordered({})", "desc({})"])
declared = st.builds(str.format, shapes, names)
settings = st.dictionaries(
    st.sampled_from(sorted(SETTINGS)), st.none() | st.lists(declared, max_size=8), min_size=1
)


@given(settings)
def test_what_the_command_sets_ends_the_drift_and_takes_nothing_away(told: dict[str, Any]) -> None:
    """Whatever the settings are; the key itself never stands in it."""
    found = on(told)
    if not found.verdict:
        return
    (command,) = found.remedy.commands
    words = shlex.split(command)
    body = json.loads(words[words.index("-d") + 1])
    assert on({**told, **body}).verdict == ""
    assert set(body) == set(found.evidence["settings"])
    assert "$ALGOLIA_ADMIN_KEY" in command
    for name, value in body.items():
        bare = {one.split("(")[-1].rstrip(")") for one in value}
        kept = {one.split("(")[-1].rstrip(")") for one in told[name] or [] if not one.startswith("-")}
        assert kept <= bare
