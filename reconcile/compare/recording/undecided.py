"""Finds the recordings whose place among those of their show may change with whether another one plays."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from reconcile.compare.recording.broadcasts import Broadcasts
from reconcile.compare.recording.view import View
from reconcile.model.recording import RecordingKey


def placement_doubts(
    unread: Mapping[RecordingKey, str],
    views: Mapping[RecordingKey, View],
    broadcasts: Broadcasts,
    open_shows: Collection[str],
    now: datetime,
) -> dict[RecordingKey, str]:
    """Return by recording why its place is not known: of another one nobody knows whether it plays.

    `unread` says so of recordings, and why. Concerned are those without a program that hold the same time,
    directly or through others of these; in the shows of `open_shows`, which have programs that point at no
    media, all without a program. One with a program keeps its place whatever plays.
    """
    whys: dict[RecordingKey, str] = {}
    for key, why in sorted(unread.items()):
        view = views.get(key)
        if view is None or view.programs or not view.show_id:
            continue
        why_unsure = f"{key.address} matters, and {why}"
        beside = (
            _of_show(view.show_id, broadcasts)
            if view.show_id in open_shows
            else _connected(view, views, broadcasts, now)
        )
        for other in beside:
            if other != key and not views[other].programs:
                whys.setdefault(other, why_unsure)
    return whys


def _of_show(show_id: str, broadcasts: Broadcasts) -> Iterable[RecordingKey]:
    return [key for broadcast in broadcasts.of_show(show_id) for key in broadcast.keys]


def _connected(
    view: View, views: Mapping[RecordingKey, View], broadcasts: Broadcasts, now: datetime
) -> Iterable[RecordingKey]:
    """Return the recordings without a program that overlap this one, or one that does."""
    keys, queue = {view.key}, [view]
    while queue:
        current = queue.pop()
        times = current.times(now)
        for key in broadcasts.recordings_during(view.show_id or "", times) if times else ():
            if key not in keys and not views[key].programs:
                keys.add(key)
                queue.append(views[key])
    return keys
