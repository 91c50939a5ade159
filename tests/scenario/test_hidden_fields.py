"""An index that hides a field: nothing is claimed of it or rewritten for it, the rest is compared."""

from dataclasses import replace

from reconcile.sandbox.world.actors import owner
from reconcile.sandbox.world.builder import WorldBuilder
from tests.scenario.cycle import Cycle
from tests.scenario.defects.acts import AT, empty_stage


def cycle_of(builder: WorldBuilder) -> Cycle:
    """Return a cycle over a world whose index hides prices."""
    cycle = Cycle.of(builder.world())
    return replace(cycle, index=replace(cycle.index, hides=frozenset(("price",))))


def test_a_hidden_price_is_neither_stale_nor_rewritten_and_the_receipt_tells() -> None:
    builder = empty_stage()
    owner.upload(builder, AT, price=5)
    cycle = cycle_of(builder)
    report = cycle.repair().report
    assert report.counts["record"]["record-stale"] == 0
    assert [one for one in report.repairs if one.what == "record written"] == []
    (receipt,) = (one for one in report.sources if one.source.startswith("algolia"))
    assert receipt.detail["not_compared"] == ["price"]


def test_beside_a_hidden_price_another_field_is_stale_once_and_its_repair_is_verified() -> None:
    builder = empty_stage()
    program = owner.upload(builder, AT, price=5)
    owner.rename(builder, program, "Renamed behind the index", AT, synced=False)
    cycle = cycle_of(builder)
    first = cycle.repair().report
    (finding,) = (one for one in first.findings if one.kind == "record-stale")
    assert set(finding.evidence["fields"]) == {"title"}
    (written,) = (one for one in first.repairs if one.what == "record written")
    assert (written.outcome, written.verified) == ("made", True)
    held = cycle.index.hits[str(builder.rows[program]["programId"])]
    assert (held["title"], held["price"]) == ("Renamed behind the index", 5)
    assert cycle.check().report.counts["record"]["record-stale"] == 0


def test_a_hidden_price_that_differs_is_not_said_to_agree_silently() -> None:
    """Nobody can tell: the record agrees in what can be read, and the receipt says what cannot."""
    builder = empty_stage()
    program = owner.upload(builder, AT, price=5)
    builder.records[str(builder.rows[program]["programId"])]["price"] = 7
    report = cycle_of(builder).check().report
    assert report.counts["record"]["record-stale"] == 0
    assert any(one.detail.get("not_compared") == ["price"] for one in report.sources)
