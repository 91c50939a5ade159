"""Makes the group of a show that names none, and lets the show name it: both at once, or neither."""

from collections.abc import Iterable, Iterator
from typing import Any

from reconcile.model.clock import write_time
from reconcile.model.parse import parse_show
from reconcile.model.run import Repair
from reconcile.model.search_record import Image, plain
from reconcile.repair.plan_groups import GroupMaking, group_item
from reconcile.repair.writing import WRITING, Change, Hands, change, failed
from reconcile.stores.ports import RowKey
from reconcile.stores.write_ports import ABSENT_VALUE, GroupGain, Update

GROUPED, NAMED = "group created", "show given its group"
_RESTS_ON = ("groupId", "producerId")


def make_group(making: GroupMaking, hands: Hands) -> Iterable[Repair]:
    """Make a show's group, if the show still names none; where the group stands already, only name it."""
    key = (f"show#{making.show.show_id}", "info")
    item = group_item(making.show, hands.run, hands.clock())
    place = (item["pk"], item["sk"])
    rows = hands.read_rows([key, place])
    why_not = _hindrance(making, rows.get(key), rows.get(place))
    if why_not:
        return iter([failed(making.finding, why_not)])
    if place in rows:
        # Some functions write a show as they read it long before: its groupId may have been lost that way.
        return iter([_name(making, key, rows[key], place, hands)])
    return _make(making, key, rows[key], item, hands)


def _hindrance(making: GroupMaking, show: Image | None, standing: Image | None) -> str:
    if show is None:
        return "the show has gone"
    now = parse_show(making.show.show_id, show)
    if now.group_id is not None or now.producer_id != making.show.producer_id:
        return "somebody changed the show meanwhile"
    if standing is not None and "S" not in standing.get("groupId", {}):
        return "a row without a groupId stands where its group belongs: delete that row by hand"
    return ""


def _name(making: GroupMaking, key: RowKey, image: Image, place: RowKey, hands: Hands) -> Repair:
    set_to = {"groupId": place[1].removeprefix("g#"), "updatedAt": write_time(hands.clock())}
    # A group that is not counted up must still be there.
    held = GroupGain(place, countable=False)
    return change(Change(making.finding, NAMED, key, set_to, _RESTS_ON, image, held), hands)


def _make(
    making: GroupMaking, key: RowKey, image: Image, item: dict[str, Any], hands: Hands
) -> Iterator[Repair]:
    set_to = {"groupId": item["groupId"], "updatedAt": item["updatedAt"]}
    expected = {name: plain(image[name]) if name in image else ABSENT_VALUE for name in _RESTS_ON}
    before = {name: plain(image[name]) for name in set_to if name in image}
    target, show = {"pk": item["pk"], "sk": item["sk"]}, {"pk": key[0], "sk": key[1]}
    entries = (hands.entry(GROUPED, target, {}, item), hands.entry(NAMED, show, before, set_to))
    update = Update(key, set_to, expected)
    outcome = hands.faults.ask(WRITING, lambda: hands.rows_writer.create_group(item, update, entries))
    if outcome == "made":
        yield Repair(GROUPED, making.finding, target, {}, item, "made", verified=False)
        yield Repair(NAMED, making.finding, show, before, set_to, "made", verified=False)
        return
    note = "another run made it" if outcome == "already" else "somebody changed the show meanwhile"
    yield Repair("nothing", making.finding, target, {}, {}, "refused", verified=False, note=note)
