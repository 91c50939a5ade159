"""Exports of a table with something changed in one of their objects, and what reading them comes to."""

import gzip
import json
from datetime import timedelta
from random import Random
from typing import Any

from reconcile.model.parse import parse_items
from reconcile.stores.exports import ExportedRows, ExportedTable
from tests.doubles.exports import REGION, ExportBucket, changes, checksum
from tests.doubles.memory import MemoryTable
from tests.fuzz.mutations import garbled, mutated, written
from tests.unit.builders import NOW

_WHYS = (
    "has no manifest", "is no JSON object", "in the format", "is of ", "cannot be understood",
    "is incomplete", "no full export", "no export covers", "of another table", "is not there",
    "is no gzip file", "is cut off", "MD5", "manifest counts", "is no row",
)  # fmt: skip


def exports(seed: int) -> str:
    """Change an object of a chain of two exports, and read the chain as a scan."""
    random = Random(seed)
    bucket = ExportBucket("app")
    before, after = ({(pk, "info"): _row(pk) for pk in names} for names in ("abcd", "bcde"))
    addresses = (
        bucket.full(before.values(), NOW - timedelta(hours=2)),
        bucket.incremental(changes(before, after, NOW), NOW - timedelta(hours=2), NOW),
    )
    key = random.choice(sorted(bucket.objects))
    damaged = _damaged(random, bucket, key)
    exported = ExportedTable("app", REGION, addresses)
    pages, receipt = ExportedRows(exported, bucket, MemoryTable("app"), lambda: NOW).scan(parse_items)
    assert "secret" not in str(receipt)
    assert not (damaged and receipt.whole), key
    if not receipt.whole:
        return next((why for why in _WHYS if why in receipt.why), receipt.why[:60])
    return f"whole: {sum(page.others for page in pages)} rows"


def _row(pk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": "info"}, "streamKey": {"S": "secret"}, "showId": {"S": pk}}


def _damaged(random: Random, bucket: ExportBucket, key: str) -> bool:
    """Change an object; return whether that may not go unnoticed: the bytes of a data file changed."""
    body = bucket.objects[key]
    if not key.endswith(".gz"):
        lines = body.splitlines()
        place = random.randrange(len(lines))
        lines[place] = written(random, mutated(random, json.loads(lines[place])))
        bucket.objects[key] = garbled(random, body) if random.random() < 0.3 else b"\n".join(lines)
        return False
    if not body or random.random() < 0.3:
        bucket.objects[key] = garbled(random, body)
        return bucket.objects[key] != body
    lines = gzip.decompress(body).splitlines()
    place = random.randrange(len(lines))
    lines[place] = written(random, mutated(random, json.loads(lines[place]))).replace(b"\n", b" ")
    changed = gzip.compress(b"\n".join(lines), mtime=0)
    bucket.objects[key] = changed
    folder = key.rpartition("/data/")[0]
    manifest = f"{folder}/manifest-files.json"
    told = bucket.objects[manifest].replace(checksum(body).encode(), checksum(changed).encode())
    bucket.objects[manifest] = told
    return False
