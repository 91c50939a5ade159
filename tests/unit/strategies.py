"""Random inputs shared by the unit tests: DynamoDB items, worlds as snapshots, and damage done to them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from reconcile.collect.ahead import ReadAhead
from reconcile.collect.events import read_events
from reconcile.collect.media import check_media
from reconcile.collect.snapshot import collect
from reconcile.collect.stores import Stores
from reconcile.model.finding import recording_subject
from reconcile.model.media import MediaMap, default_routes
from reconcile.model.parse import PROJECTION, parse_items
from reconcile.model.recording import Unreadable
from reconcile.model.run import Receipt
from reconcile.model.search_record import parse_record
from reconcile.model.snapshot import LedgerEntry, Rules, Snapshot
from reconcile.sandbox.world import World, build
from tests.doubles.memory import MemoryBuckets, MemoryIndex, MemoryTable

NOW = datetime(2026, 5, 20, 3, 0, tzinfo=UTC)
WORLD_SIZE = 130

few = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
"""For whole worlds: the same few every time, and no search for a smaller one, which takes minutes."""

texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from(("", "#", "none", "Recordings", "2026-05-19T03:00:00Z", "2026-05-19", "x/composite/y")),
)
wild_texts = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        (
            "</title></style></td></table><script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "' style='position:fixed' onclick='alert(1)",
            "{{ 7 * 7 }}{% raw %}{# ",
            "<!-- \x00 \x1b[2J \u202e ]]> <![endif]--> &amp; &#60;b&#62;",
            "one\r\nBcc: everybody@example.org\r\n\r\nbody",
            "[/red] [link=http://a.test]x *bold* _slanted_ `code` <!channel> <http://a.test|b> @here",
            "صباح الخير \u2069\u2066 שלום 3,4",
            "\ud800\udfff\ufffe\u2028\u2029\x85",
            "e\u0301" * 20 + "🎷👩\u200d🚀" * 10,
        )
    ),
)
"""What people may write into a title: markup of every kind, controls, texts that run to the left."""

hostile_titles = st.one_of(
    wild_texts,
    st.sampled_from(
        (
            *("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", '"=1","=2"'),
            "\x1b]0;renamed\x07\x1b[31mred\x1b[0m\x9b2J",
            "\x1b]8;;http://a.test\x1b\\a link\x1b]8;;\x1b\\",
            "<!channel> <@U012AB3CD> <http://a.test|b> *bold* ~gone~ :smile: &lt;",
            "[a link](http://a.test) **bold** ${title} {{DATE(2026-01-01T00:00:00Z,SHORT)}} <at>all</at>",
            "prod]\r\nBcc: eve@example.org\r\n\r\n<p>body",
            *(
                part * (10_000 // len(part))
                for part in ("x", "夜", "👩\u200d🚀", "&", "<b>", '"', "שלום ", "word ")
            ),
        )
    ),
)
"""Titles for every rendering: wild ones, formulas, terminal sequences, Slack and card markup, mail headers;
10,000 characters of several scripts, and of what has to be escaped."""

numbers = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=False, allow_infinity=False, width=32).map(repr),
    st.sampled_from(("0", "-0", "1E+125", "1e-130", "123456789012345678901234567890")),
)
scalars = st.one_of(
    st.builds(lambda text: {"S": text}, texts),
    st.builds(lambda number: {"N": number}, numbers),
    st.builds(lambda truth: {"BOOL": truth}, st.booleans()),
    st.just({"NULL": True}),
    st.builds(lambda body: {"B": body}, st.binary(max_size=8)),
    st.builds(lambda held: {"SS": held}, st.lists(texts.filter(bool), min_size=1, max_size=3, unique=True)),
    st.builds(lambda held: {"NS": held}, st.lists(numbers, min_size=1, max_size=3)),
    st.builds(lambda held: {"BS": held}, st.lists(st.binary(max_size=4), min_size=1, max_size=3)),
)
values: st.SearchStrategy[dict[str, Any]] = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.builds(lambda held: {"L": held}, st.lists(inner, max_size=4)),
        st.builds(lambda held: {"M": held}, st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    ),
    max_leaves=6,
)
"""Any attribute value in DynamoDB's JSON."""

_names = st.sampled_from(sorted({name.split(".")[0] for name in PROJECTION} - {"pk", "sk"} | {"ivs", "else"}))
_ids = st.one_of(st.sampled_from(("a", "b", "", "x#y", "programs")), st.text(max_size=6))
_keys = st.one_of(
    st.builds(lambda i: (f"session#{i}", "info"), _ids),
    st.builds(lambda i: (f"show#{i}", "info"), _ids),
    st.builds(lambda i, j: (f"show#{i}", f"recording#2026-05-19T03:00:00Z#{j}"), _ids, _ids),
    st.builds(lambda i, j: (f"u#{i}#programs", f"p#{j}"), _ids, _ids),
    st.builds(lambda i, j: (f"u#{i}#programs", f"program#{j}"), _ids, _ids),
    st.builds(lambda i, j: (f"u#{i}#groups", f"g#{j}"), _ids, _ids),
    st.builds(lambda i, j: (f"n#{i}#programs", f"p#{j}"), _ids, _ids),
    st.builds(lambda i, j: (f"n#{i}#ch#1#pl#2", f"p#{j}"), _ids, _ids),
    st.builds(lambda i, j: (f"tracklist#{i}", f"program#00000#{j}"), _ids, _ids),
    st.tuples(st.text(max_size=10), st.text(max_size=10)),
)
_ivs_names = st.sampled_from(sorted(n.removeprefix("ivs.") for n in PROJECTION if n.startswith("ivs.")))
_ivs = st.one_of(values, st.builds(lambda held: {"M": held}, st.dictionaries(_ivs_names, values, max_size=5)))


@st.composite
def items(draw: st.DrawFn) -> dict[str, Any]:
    """Return any item that the table could hold, with a key of any shape."""
    pk, sk = draw(_keys)
    attributes = draw(st.dictionaries(_names, values, max_size=8))
    if draw(st.booleans()):
        attributes["ivs"] = draw(_ivs)
    return {**attributes, "pk": {"S": pk}, "sk": {"S": sk}}


@dataclass(frozen=True)
class Seen:
    """A world as a run would have read it, and the rules that go with it."""

    world: World
    snapshot: Snapshot
    rules: Rules
    damage: str = ""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Tell a failing test's reader which world it was, and not its megabytes."""
        printer.text(f"the world {self.world.seed} since {self.rules.window_start}{self.damage}")


@lru_cache(maxsize=16)
def seen(seed: int, days: float | None = None) -> Seen:
    """Return a world read whole, through a window of so many days or without one."""
    world = build(seed, now=NOW, recordings=WORLD_SIZE)
    start = NOW - timedelta(days=days) if days is not None else None
    media = MediaMap(world.playback_domain, world.old_domains, default_routes(world.buckets[0]))
    rules = Rules(NOW, media, window_start=start)
    stores = stores_of(world)
    found = collect(stores, {}, {}, lambda *_: None, ReadAhead(rules, stores))
    found = read_events(found, rules, stores.recordings, lambda *_: None)
    return Seen(world, check_media(found, rules, stores, lambda *_: None), rules)


def stores_of(world: World) -> Stores:
    """Return the world's stores in memory."""
    objects = {(one.bucket, one.key): (one.body, one.modified) for one in world.objects}
    rows = {(image["pk"]["S"], image["sk"]["S"]): dict(image) for image in world.items}
    classes = {(one.bucket, one.key): one.headers for one in world.objects if one.headers}
    buckets = MemoryBuckets(world.buckets, objects, classes=classes)
    return Stores(
        buckets,
        MemoryTable(world.table, rows),
        MemoryIndex(world.index, {record["objectID"]: dict(record) for record in world.records}),
        buckets,
    )


worlds = st.builds(seen, st.integers(1, 3), st.sampled_from((None, 3.0, 20.0)))
"""Worlds as read, with and without a window."""


def _drop_recordings(one: Seen, random: Random) -> Snapshot:
    kept = {key: value for key, value in one.snapshot.recordings.items() if random.random() > 0.2}
    return replace(one.snapshot, recordings=kept)


def _drop_rows(one: Seen, random: Random) -> Snapshot:
    kept = [image for image in one.world.items if random.random() > 0.15]
    return replace(one.snapshot, catalog=parse_items(kept))


def _alter_rows(one: Seen, random: Random) -> Snapshot:
    images = [_altered(image, random) if random.random() < 0.3 else image for image in one.world.items]
    return replace(one.snapshot, catalog=parse_items(images))


def _altered(image: dict[str, Any], random: Random) -> dict[str, Any]:
    names = sorted(image.keys() - {"pk", "sk"})
    if not names:
        return image
    odd: list[dict[str, Any]] = [
        {"NULL": True},
        {"S": ""},
        {"N": "7"},
        {"S": "2026-05-20T02:59:00Z"},
        {"L": []},
    ]
    return {**image, random.choice(names): random.choice(odd)}


def _double_rows(one: Seen, random: Random) -> Snapshot:
    programs = [image for image in one.world.items if image["pk"]["S"].endswith("#programs")]
    again = random.choices(programs, k=25)
    copies = [{**image, "sk": {"S": f"{image['sk']['S']}-{n}"}} for n, image in enumerate(again)]
    return replace(one.snapshot, catalog=parse_items([*one.world.items, *copies]))


def _damage_records(one: Seen, random: Random) -> Snapshot:
    hits = [record for record in one.world.records if random.random() > 0.2]
    hits = [{**hit, "title": "Another"} if random.random() < 0.2 else hit for hit in hits]
    records = [parse_record(hit) for hit in hits]
    return replace(one.snapshot, records={record.object_id: record for record in records})


def _damage_events(one: Seen, random: Random) -> Snapshot:
    damaged = {
        key: Unreadable("the events file is not JSON") if random.random() < 0.15 else found
        for key, found in one.snapshot.events.items()
    }
    return replace(one.snapshot, events=damaged)


def lose_events(one: Seen, random: Random) -> Snapshot:
    """Return the snapshot of a run that could not read some of the events files."""
    lost = [key for key in sorted(one.snapshot.events) if random.random() < 0.15]
    kept = {key: found for key, found in one.snapshot.events.items() if key not in lost}
    failures = {recording_subject(key): "its events could not be read" for key in lost}
    return replace(one.snapshot, events=kept, failures=failures)


def _spoil_manifests(one: Seen, random: Random) -> Snapshot:
    keys = [key for key in sorted(one.snapshot.recordings) if random.random() < 0.3]
    return replace(one.snapshot, manifests={key: random.choice(("", "it is not there")) for key in keys})


def _remember(one: Seen, random: Random) -> Snapshot:
    keys = [key for key in sorted(one.snapshot.recordings) if random.random() < 0.2]
    owners = [show.producer_id for show in one.snapshot.catalog.shows.values() if show.producer_id]
    entries = {key: LedgerEntry(key, {random.choice(owners): "a program"}, "seen") for key in keys}
    return replace(one.snapshot, ledger=entries)


_DAMAGE: tuple[Callable[[Seen, Random], Snapshot], ...] = (
    _drop_recordings, _drop_rows, _alter_rows, _double_rows, _damage_records, _damage_events,
    lose_events, _spoil_manifests, _remember,
)  # fmt: skip


def damaged(one: Seen, number: int) -> Seen:
    """Return a world with three kinds of damage done to it, the same for the same number."""
    random = Random(number)
    for damage in random.sample(_DAMAGE, 3):
        one = replace(one, snapshot=damage(one, random), damage=f"{one.damage} {damage.__name__}")
    return replace(one, damage=f"{one.damage} {number}")


@st.composite
def damaged_worlds(draw: st.DrawFn) -> Seen:
    """Return a world in which rows, recordings, records or events were dropped, doubled or altered."""
    one = draw(worlds)
    number = draw(st.integers(0, 10**6))
    random = Random(number)
    for damage in draw(st.lists(st.sampled_from(_DAMAGE), min_size=1, max_size=3, unique=True)):
        told = f"{one.damage} {damage.__name__}"
        one = replace(one, snapshot=damage(one, random), damage=told)
    return replace(one, damage=f"{one.damage} {number}")


def doubting(snapshot: Snapshot, kind: str) -> Snapshot:
    """Return a snapshot whose sources of one kind were not read whole."""
    return replace(
        snapshot,
        receipts=tuple(
            Receipt(receipt.source, whole=False, why="it broke off", items=receipt.items)
            if receipt.source.startswith(kind)
            else receipt
            for receipt in snapshot.receipts
        ),
    )
