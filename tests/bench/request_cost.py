"""What a request to S3 takes of the processor, by the client that the job makes.

`python -m tests.bench.request_cost`. The server is a process of its own on loopback and answers at once, so
that only the client's time is counted. Stores in memory take none of it: who counts requests adds it.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest.mock import patch

from reconcile.stores.aws import Meter, connect
from tests.bench.sheet import Sheet

REQUESTS = 1_000
_WARM_UP = 50
_EVENTS = b'{"version":"v1","recording_status":"RECORDING_ENDED","media":{"hls":{"duration_ms":3600000}}}'
_LISTING = (
    b'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Name>recordings</Name><KeyCount>1</KeyCount>'
    b"<MaxKeys>1</MaxKeys><IsTruncated>false</IsTruncated><Contents><Key>media/hls/720p30/0.ts</Key>"
    b"<LastModified>2026-03-01T02:00:00.000Z</LastModified><Size>1</Size></Contents></ListBucketResult>"
)
_WHERE = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "us-east-1",
    "NO_PROXY": "127.0.0.1",
}


def main() -> int:
    """Print the table."""
    sheet = Sheet("What a request to S3 takes of the client's processor")
    rows = [(name, seconds * 1e3) for name, seconds in seconds_a_request().items()]
    sheet.table(("request", "CPU ms"), rows)
    return sheet.exit_code


def seconds_a_request() -> Mapping[str, float]:
    """Return the seconds of the processor that a GET, a HEAD and a LIST take, each with its answer read."""
    with _serving() as url, patch.dict(os.environ, {**_WHERE, "AWS_ENDPOINT_URL": url}):
        client = connect("s3", Meter())
        place = {"Bucket": "recordings", "Key": "events/recording-ended.json"}
        asked: Mapping[str, Callable[[], object]] = {
            "GET": lambda: client.get_object(**place)["Body"].read(),
            "HEAD": lambda: client.head_object(**place),
            "LIST": lambda: client.list_objects_v2(Bucket="recordings", Prefix="media/", MaxKeys=1),
        }
        try:
            return {name: _seconds(ask) for name, ask in asked.items()}
        finally:
            client.close()


def _seconds(ask: Callable[[], object]) -> float:
    for _ in range(_WARM_UP):
        ask()
    begun = time.process_time()
    for _ in range(REQUESTS):
        ask()
    return (time.process_time() - begun) / REQUESTS


@contextmanager
def _serving() -> Iterator[str]:
    """Run the server in another process; yield its URL."""
    command = [sys.executable, "-m", __spec__.name, "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(running.stdout.readline())}"
        finally:
            running.terminate()


class _Handler(BaseHTTPRequestHandler):
    """Answers as S3 does to whoever reads an events file, looks for it, or lists one segment."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        listing = "list-type=2" in self.path
        self._answer(_LISTING if listing else _EVENTS, "application/xml" if listing else "application/json")

    def do_HEAD(self) -> None:
        self._answer(_EVENTS, "application/json", head=True)

    def _answer(self, body: bytes, kind: str, *, head: bool = False) -> None:
        self.send_response(200)
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("ETag", '"d41d8cd98f00b204e9800998ecf8427e"'),
            ("Last-Modified", "Sun, 01 Mar 2026 02:00:00 GMT"),
        ):
            self.send_header(name, value)
        self.end_headers()
        if not head:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _serve() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        _serve()
    else:
        sys.exit(main())
