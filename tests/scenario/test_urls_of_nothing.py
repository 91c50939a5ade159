"""A URL that names no object, such as `undefined` or only the domain, is no media, and is told."""

import pytest

from tests.scenario.cycle import Cycle
from tests.scenario.small import DOMAIN, agreeing
from tests.scenario.test_twins import Studio

NOTHING = ("undefined", " ", "null", ".", "/", "https://", f"https://{DOMAIN}", f"https://{DOMAIN}/")


def _plays(cycle: Cycle, key: tuple[str, str]) -> bool:
    return str(cycle.table.items[key]["program_url"].get("S", "")).endswith("/multivariant.m3u8")


@pytest.mark.parametrize("url", NOTHING)
def test_an_export_whose_url_names_nothing_gets_no_second_program_beside_it(url: str) -> None:
    """It is its recording's program; what it says there is not overwritten, and told."""
    studio = Studio()
    studio.populate(12)
    studio.producer("alpha")
    key = studio.export("alpha", 1, studio.broadcast("alpha", 1))
    studio.items[key]["program_url"] = {"S": url}
    studio.index(key)
    cycle = Cycle.of(studio.world())
    cycle.repair()
    withheld = cycle.repair()
    if withheld.report.approvals:
        withheld = cycle.repair(approve=withheld.report.run.id)
    assert [one for one in cycle.table.items if one[0] == "u#owner-alpha#programs"] == [key]
    assert cycle.table.items[key]["program_url"] == {"S": url}
    assert [(one.kind, one.severity) for one in withheld.report.findings] == [("url-missing", "high")]
    (found,) = withheld.report.findings
    assert ("null" in found.step, found.commands) == (True, ("reconcile explain -- alpha-program1",))
    cycle.table.items[key]["program_url"] = {"NULL": True}
    cycle.repair()
    assert _plays(cycle, key)


@pytest.mark.parametrize("url", NOTHING)
def test_a_key_that_leads_to_media_does_not_excuse_a_url_that_names_nothing(url: str) -> None:
    small = agreeing()
    key = ("u#ann#programs", "p#program-of-show1")
    small.items[key]["program_url"] = {"S": url}
    small.index(key)
    found = Cycle.of(small.world()).check().report.findings
    assert [(one.kind, one.subject["sk"]) for one in found] == [("url-missing", key[1])]
