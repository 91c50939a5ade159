"""Makes the group of a show that names none, and lets the show name it: both at once, or neither."""

from collections.abc import Iterable, Iterator
from typing import Any

from reconcile.model.catalog import RowKey, show_key
from reconcile.model.clock import write_time
from reconcile.model.journal import GROUP_CREATED, SHOW_GROUPED, RowWritten
from reconcile.model.parse_shows import parse_show
from reconcile.model.run import Repair
from reconcile.model.search_record import Image
from reconcile.repair.plan_groups import GroupCreation, group_item
from reconcile.repair.writing import Change, RepairPorts, change, failed, made
from reconcile.stores.attributes import typed

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
    return change(
        Change(
            creation.finding,
            SHOW_GROUPED,
            key,
            set_to,
            _RESTS_ON,
            image,
            group=place,
            also=creation.also,
        ),
        ports,
    )


def _make(
    creation: GroupCreation, key: RowKey, image: Image, item: dict[str, Any], ports: RepairPorts
) -> Iterator[Repair]:
    set_to = {"groupId": item["groupId"], "updatedAt": item["updatedAt"]}
    naming = Change(creation.finding, SHOW_GROUPED, key, set_to, _RESTS_ON, image)
    group, place = typed(item), RowKey(item["pk"], item["sk"])
    entries = (
        ports.entry(GROUP_CREATED, creation.findings, RowWritten(place, None, group)),
        ports.entry(SHOW_GROUPED, creation.findings, naming.written(None)),
    )
    outcome = ports.transact(entries, lambda: ports.rows_writer.create_group(group, naming.update(), entries))
    target = place._asdict()
    if outcome == "made":
        yield Repair(GROUP_CREATED, creation.finding, target, {}, item, "made", verified=False)
        yield made(naming)
        return
    note = "another run created it" if outcome == "already" else "somebody changed the show meanwhile"
    yield Repair("nothing", creation.finding, target, {}, {}, "refused", verified=False, note=note)
