"""Seven kinds of input, each made from a seed and given to what reads it; outcomes are a few words."""

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from reconcile.compare.verdicts import Comparison, compare
from reconcile.confirm.playable import play
from reconcile.model.archive import ARCHIVES, TIERING
from reconcile.model.errors import UsageError
from reconcile.model.finding import Judgement
from reconcile.model.recording import Events, Kind, Recording, parse_events
from reconcile.model.search_record import canonical, differences, parse_record
from reconcile.runs.order import asks_for_doctor, read_event
from reconcile.sandbox.world import World, build
from reconcile.settings.load import load_settings
from reconcile.settings.settings import setting_names
from tests.doubles.memory import MemoryBuckets
from tests.fuzz.exports import exports
from tests.fuzz.mutations import garbled, mutated, mutated_item, odd, spliced, written
from tests.unit.builders import BUCKET, COMPOSITE, NOW, recording, rules, snapshot
from tests.unit.builders import events as _saying
from tests.unit.hls_grammar import BREAKINGS, MANIFEST, valid

PREFIX = "a/b/c/composite"
_RECORDING = Recording(BUCKET, PREFIX, Kind.COMPOSITE, has_media=True)
_SAYING = Events(None, None, NOW, NOW, 1000, f"media/hls/{MANIFEST}")


def manifests(seed: int) -> str:
    """Make a recording by the grammar of HLS, break it in one way or none, and ask whether it plays."""
    random = Random(seed)
    made = valid(random)
    if random.random() < 0.5:
        made = BREAKINGS[random.choice(list(BREAKINGS))](random, made)
    files = {name: body.encode() for name, body in made.files.items()}
    if random.random() < 0.4:
        name = random.choice(list(files))
        files[name] = garbled(random, files[name])
    held = {(BUCKET, f"{PREFIX}/media/hls/{name}"): (body, NOW) for name, body in files.items()}
    buckets = MemoryBuckets((BUCKET,), held)
    if random.random() < 0.2:
        headers = {"StorageClass": random.choice((*ARCHIVES, TIERING, "GLACIER_IR", "none", ""))}
        headers |= random.choice(({}, {"Restore": spliced(random, 'ongoing-request="false"')}))
        buckets.classes[random.choice(list(held))] = headers
    found = play(_RECORDING, _SAYING, buckets)
    return "media-archived" if found.archived else f"unplayable: {_kind(found.why)}" if found.why else "plays"


_REASONS = (
    "is empty", "no HLS manifest", "does not parse", "is not there", "has no end", "leads out", "is larger",
)  # fmt: skip


def _kind(why: str) -> str:
    return next((reason for reason in _REASONS if reason in why), why[:40])


@cache
def _world() -> World:
    return build(1, now=NOW, recordings=60)


@cache
def _events_files() -> tuple[Any, ...]:
    files = (one for one in _world().objects if "/events/recording-" in one.key)
    found = []
    for one in files:
        try:
            found.append(json.loads(one.body))
        except ValueError:
            continue
    return tuple(found)


def events(seed: int) -> str:
    """Change a real events file, read it, and judge its recording."""
    random = Random(seed)
    body = written(random, mutated(random, random.choice(_events_files())))
    found = parse_events(body)
    one = recording(failed_seen=random.choice((None, NOW - timedelta(hours=9))))
    judged = _of_type(compare(snapshot([one], told={one.key: found}), rules(), None), "recording")
    return f"{type(found).__name__}: {judged[0].verdict}"


@cache
def _items() -> tuple[dict[str, Any], ...]:
    """Return rows of every kind that a world has."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    for item in _world().items:
        pk, sk = item["pk"]["S"], item["sk"]["S"]
        kinds.setdefault(f"{pk.split('#')[0]} {pk.rpartition('#')[2][:8]} {sk.split('#')[0]}", []).append(
            item
        )
    return tuple(item for held in kinds.values() for item in held[:6])


def rows(seed: int) -> str:
    """Change some rows of a world, parse them, and judge all that they speak of."""
    random = Random(seed)
    items = [mutated_item(random, random.choice(_items())) for _ in range(random.randint(1, 4))]
    records = [canonical(item) for item in items if "#programs" in item["pk"]["S"]]
    held = [recording(COMPOSITE)] if random.random() < 0.5 else []
    told = {one.key: _saying() for one in held}
    seen = snapshot(held, items, told=told, records=records if random.random() < 0.5 else [])
    return _worst(compare(seen, rules(), None))


def records(seed: int) -> str:
    """Change a search record, parse it, compare it with its row, and judge it."""
    random = Random(seed)
    programs = [item for item in _items() if "#programs" in item["pk"]["S"]]
    item = random.choice(programs)
    hit = mutated(random, canonical(item))
    if not isinstance(hit, dict) or "objectID" not in hit:
        hit = {"objectID": canonical(item)["objectID"], "title": odd(random)}
    parsed = parse_record(hit)
    found = differences(canonical(item), hit)
    seen = snapshot([], [item], records=[hit], differing={parsed.object_id: found})
    judged = _of_type(compare(seen, rules(), None), "record")
    return ", ".join(sorted({one.verdict for one in judged}))


_REAL_SETTINGS: Mapping[str, str] = {
    "RECONCILE_STAGE": "prod",
    "RECONCILE_BUCKET": "videos,more-videos",
    "RECONCILE_TABLE": "application",
    "RECONCILE_STATE_TABLE": "reconcile-state",
    "RECONCILE_PLAYBACK_DOMAIN": "media.example",
    "RECONCILE_OLD_DOMAINS": "old.example,older.example",
    "RECONCILE_MEDIA_ROUTES": '{"ivs/*": "videos", "*": "uploads/public/"}',
    "RECONCILE_ALGOLIA_APP_ID": "APP",
    "RECONCILE_ALGOLIA_API_KEY": "secretsmanager:algolia#key",
    "RECONCILE_ALGOLIA_INDEX": "programs",
    "RECONCILE_REPORTS": "s3://reports/here",
    "RECONCILE_EMAIL_FROM": "Night <night@example.net>",
    "RECONCILE_EMAIL_TO": "a@example.net,b@example.net",
    "RECONCILE_MEDIA_RECHECK": "28d",
    "RECONCILE_READ_UNITS": "200",
    "RECONCILE_PRICES": '{"s3_get_per_1000": 0.00043, "as_of": "2026-12-01"}',
}


def settings(seed: int) -> str:
    """Change settings in the environment or in a TOML file, and load them."""
    random = Random(seed)
    names = sorted(setting_names())
    told: dict[str, str] = dict(_REAL_SETTINGS)
    for _ in range(random.randint(1, 3)):
        name = random.choice((*names, *_REAL_SETTINGS, spliced(random, random.choice(names))))
        value = spliced(random, told.get(name, "x")) if random.random() < 0.5 else str(odd(random))
        told[name] = value
    # The environment of a process holds no NUL, and no half of a character.
    clean = {_shown(name) or "X": _shown(value) for name, value in told.items()}
    environ = {name.replace("=", ""): value for name, value in clean.items() if name.replace("=", "")}
    with tempfile.TemporaryDirectory() as folder:
        path = None
        if random.random() < 0.4:
            path = Path(folder) / "reconcile.toml"
            path.write_bytes(_toml(random, names))
        with patch.dict(os.environ, environ, clear=True):
            try:
                load_settings(path)
            except UsageError as error:
                return f"64: {str(error)[:24]}"
    return "loaded"


def _toml(random: Random, names: list[str]) -> bytes:
    lines = []
    for _ in range(random.randint(1, 3)):
        name = random.choice(names).removeprefix("RECONCILE_").lower()
        value = json.dumps(odd(random)).replace("null", '""')
        lines.append(random.choice((f"{name} = {value}", f"[{name}]\nx = {value}", name, f"{name} =")))
    body = "\n".join(lines).encode("utf-8", "replace")
    return garbled(random, body) if random.random() < 0.2 else body


def _shown(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()


_REAL_EVENT = {
    "scope": "recent",
    "lookback": "3d",
    "only": ["program-missing"],
    "approve": None,
    "reason": "nightly",
    "repair": ["count-drift"],
    "schedule_arn": "arn:aws:scheduler:us-east-1:111122223333:schedule/default/nightly",
    "scheduled_time": "2026-03-01T04:00:00Z",
}


def lambda_events(seed: int) -> str:
    """Change an event of a schedule or of a hand, and read what it asks for."""
    random = Random(seed)
    kept = {name: value for name, value in _REAL_EVENT.items() if random.random() < 0.7}
    event = mutated(random, random.choice((kept, {"doctor": True}, [kept], kept)))
    if asks_for_doctor(event):
        return "doctor"
    try:
        request = read_event(event, random.choice(("check", "repair")), "prod")
    except UsageError as error:
        return f"64: {str(error)[:24]}"
    return f"{request.order.mode}, {'once' if request.run_key else 'at any time'}"


def _of_type(comparison: Comparison, kind: str) -> list[Judgement]:
    return [one for one in comparison.judged.values() if one.subject.type == kind]


def _worst(comparison: Comparison) -> str:
    """Return the types with the verdicts that are findings, without how often."""
    found = {f"{one.subject.type} {one.verdict}" for one in comparison.findings}
    counts = comparison.counts()
    for kind, counted in counts.items():
        assert (
            sum(number for name, number in counted.items() if name != "population") == counted["population"]
        ), kind
    return ", ".join(sorted(found)) or "agrees"


TARGETS: Mapping[str, Callable[[int], str]] = {
    "manifests": manifests,
    "events": events,
    "rows": rows,
    "records": records,
    "settings": settings,
    "lambda events": lambda_events,
    "exports": exports,
}
"""By the kind of input: what makes one from a seed, has it read, and tells the outcome."""
