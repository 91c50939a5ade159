"""Makes the group of a show that names none, and lets the show name it: both at once, or neither."""

from collections.abc import Iterable, Iterator
from typing import Any

from reconcile.model.catalog import RowKey, show_key
from reconcile.model.clock import write_time
from reconcile.model.journal import GROUP_CREATED, SHOW_GROUPED
from reconcile.model.parse_shows import parse_show
from reconcile.model.run import Repair
from reconcile.model.search_record import Image, plain
from reconcile.repair.plan_groups import GroupCreation, group_item
from reconcile.repair.writing import WRITING, Change, RepairPorts, change, failed
from reconcile.stores.write_ports import ABSENT_VALUE, GroupGain, Update

_RESTS_ON = ("groupId", "producerId")


def create_group(creation: GroupCreation, ports: RepairPorts) -> Iterable[Repair]:
    """Make a show's group, if the show still names none; where the group stands already, only name it."""
    key = show_key(creation.show.show_id)
    item = group_item(creation.show, ports.run, ports.clock())
    place = RowKey(item["pk"], item["sk"])
    rows = ports.read_rows([key, place])
    why_not = _hindrance(creation, rows.get(key), rows.get(place))
    if why_not:
        return iter([failed(creation.finding, why_not)])
    if place in rows:
        # Some functions write a show as they read it long before: its groupId may have been lost that way.
        return iter([_name(creation, key, rows[key], place, ports)])
    return _make(creation, key, rows[key], item, ports)


def _hindrance(creation: GroupCreation, show: Image | None, standing: Image | None) -> str:
    if show is None:
        return "the show no longer exists"
    now = parse_show(creation.show.show_id, show)
    if now.group_id is not None or now.producer_id != creation.show.producer_id:
        return "somebody changed the show meanwhile"
    if standing is not None and "S" not in standing.get("groupId", {}):
        return "a row without a groupId is where its group belongs: delete that row by hand"
    return ""


def _name(creation: GroupCreation, key: RowKey, image: Image, place: RowKey, ports: RepairPorts) -> Repair:
    set_to = {"groupId": place.sk.removeprefix("g#"), "updatedAt": write_time(ports.clock())}
    # A group that is not counted up must still be there.
    no_gain = GroupGain(place, countable=False)
    return change(Change(creation.finding, SHOW_GROUPED, key, set_to, _RESTS_ON, image, no_gain), ports)


def _make(
    creation: GroupCreation, key: RowKey, image: Image, item: dict[str, Any], ports: RepairPorts
) -> Iterator[Repair]:
    set_to = {"groupId": item["groupId"], "updatedAt": item["updatedAt"]}
    expected = {name: plain(image[name]) if name in image else ABSENT_VALUE for name in _RESTS_ON}
    before = {name: plain(image[name]) for name in set_to if name in image}
    target, show = {"pk": item["pk"], "sk": item["sk"]}, key._asdict()
    entries = (ports.entry(GROUP_CREATED, target, {}, item), ports.entry(SHOW_GROUPED, show, before, set_to))
    update = Update(key, set_to, expected)
    outcome = ports.faults.ask(WRITING, lambda: ports.rows_writer.create_group(item, update, entries))
    if outcome == "made":
        yield Repair(GROUP_CREATED, creation.finding, target, {}, item, "made", verified=False)
        yield Repair(SHOW_GROUPED, creation.finding, show, before, set_to, "made", verified=False)
        return
    note = "another run created it" if outcome == "already" else "somebody changed the show meanwhile"
    yield Repair("nothing", creation.finding, target, {}, {}, "refused", verified=False, note=note)
