"""LIST requests and keys for 100, 1,000 and 10,000 one-hour recordings: rolled up, skip scan, flat."""

import math
import sys
import time
from dataclasses import dataclass
from random import Random

from reconcile.stores.aws import Meter, client_config
from reconcile.stores.s3 import S3Recordings
from tests.bench.key_space import MOST, KeySpace, list_page
from tests.bench.s3_server import BUCKET, serving
from tests.bench.sheet import Sheet

SIZES = (100, 1_000, 10_000)
SEGMENTS = 1_800
COUNTED_FLAT = 1_000
DOLLARS_A_LIST = 0.005 / 1000
HEADS = ("recordings", "way", "LISTs", "keys", "of them media", "rolled up", "found", "seconds", "dollars")
FILES = tuple(
    sorted(
        [
            "events/recording-ended.json",
            "events/recording-started.json",
            "media/hls/multivariant.m3u8",
            "media/hls/720p30/playlist.m3u8",
            *(f"media/hls/720p30/{number}.ts" for number in range(SEGMENTS)),
        ]
    )
)
FOLDER = tuple(f"{number:07d}.ts" for number in range(250_000))


@dataclass(frozen=True)
class Listed:
    """What one way of listing took; `found` is the number of recordings that came out."""

    way: str
    lists: int
    keys: int
    media: int
    folded: int
    found: int
    seconds: float

    def row(self, size: int) -> tuple[object, ...]:
        """Return a line of the table."""
        counts = (self.lists, self.keys, self.media, self.folded, self.found)
        return (f"{size:,}", self.way, *counts, self.seconds, f"{self.lists * DOLLARS_A_LIST:.6f}")


def main() -> int:
    """Print the figures; 1 when the rolled-up way asks too often, sees media, or misses a recording."""
    sheet = Sheet(f"Listing one-hour composite recordings of {SEGMENTS:,} segments, {len(FILES):,} keys each")
    rows, rolled = [], {}
    for size in SIZES:
        space = composites(size)
        rolled[size] = by_adapter(space, "rolled up")
        ways = (rolled[size], by_adapter(space, "skip scan"), flat(space))
        rows += [one.row(size) for one in ways]
        if size == 1_000:
            roots = by_adapter(with_folders(space), "rolled up")
            rows.append((f"{size:,} beside {2 * len(FOLDER):,} keys in two roots", *roots.row(size)[1:]))
            sheet.hold("LISTs for 1,000 recordings, rolled up", rolled[size].lists, 5, least=3)
            sheet.hold("LISTs for 1,000 recordings, flat", ways[2].lists, 1_804, least=1_804)
        sheet.law(f"{size:,}: not one media key comes back rolled up", rolled[size].media)
        sheet.law(f"{size:,}: every recording is found, either way", 2 * size - ways[0].found - ways[1].found)
    print()
    sheet.table(HEADS, rows)
    sheet.tell(
        "Rolled up and skip scan: the job's own adapter, over HTTP, on pages computed as S3 makes them;"
    )
    sheet.tell(
        f"flat: a plain loop over the same pages, no HTTP; above {COUNTED_FLAT:,} recordings keys / {MOST:,}."
    )
    return sheet.exit_code


def composites(size: int) -> KeySpace:
    """Return a bucket of composite recordings, under unlike stages, compositions and ids."""
    chance = Random(size)
    names = [f"{chance.getrandbits(180):045x}" for _ in range(size)]
    bases = sorted(f"{name[:12]}/{name[12:24]}/{name[24:36]}/composite/" for name in names)
    return KeySpace([(base, FILES) for base in bases])


def with_folders(space: KeySpace) -> KeySpace:
    """Return the bucket with two of MediaLive's folders in it, which have no /media/ that could fold."""
    folders = [(f"{root}/studio-1/run-1/", FOLDER) for root in ("recordings", "sessions")]
    return KeySpace(sorted([*space.blocks, *folders]))


def by_adapter(space: KeySpace, way: str) -> Listed:
    """List with the job's own adapter; for the skip scan the store does not honour the delimiter."""
    import boto3

    meter = Meter()
    with serving(space, honours_delimiter=way == "rolled up") as server:
        config = client_config(retries=1)
        client = boto3.client(
            "s3",
            endpoint_url=server.url,
            region_name="us-east-1",
            aws_access_key_id="bench",
            aws_secret_access_key="bench",
            config=config.merge(type(config)(s3={"addressing_style": "path"})),
        )
        meter.watch(client, "s3")
        started = time.perf_counter()
        found, (receipt,) = S3Recordings(
            client, [BUCKET], ("sessions", "recordings"), meter
        ).list_recordings()
        seconds = time.perf_counter() - started
        client.close()
    if not receipt.whole or server.sent["pages"] != receipt.requests:
        raise RuntimeError(f"the listing is not whole: {receipt}")
    whole = sum(one.has_media and one.ended_seen is not None for one in found)
    sent = server.sent
    return Listed(way, sent["pages"], sent["keys"], sent["media"], sent["folded"], whole, seconds)


def flat(space: KeySpace) -> Listed:
    """Page through every key, counting; a space too large for that is computed from its size."""
    recordings = len(space.blocks)
    events = 2 * recordings
    if recordings > COUNTED_FLAT:
        lists = math.ceil(len(space) / MOST)
        return Listed("flat, computed", lists, len(space), len(space) - events, 0, recordings, math.nan)
    lists = keys = media = 0
    last: str | None = ""
    while last is not None:
        page = list_page(space, after=last)
        lists, keys, last = lists + 1, keys + len(page.keys), page.last
        media += sum("/media/" in key for key in page.keys)
    return Listed("flat", lists, keys, media, 0, recordings, math.nan)


if __name__ == "__main__":
    sys.exit(main())
