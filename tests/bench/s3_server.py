"""An S3 on loopback that lists a computed key space, and counts what it sends."""

import base64
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from xml.sax.saxutils import escape

from tests.bench.key_space import MOST, KeySpace, Page, list_page

BUCKET = "computed-recordings"
_MODIFIED = "2026-03-01T02:00:00.000Z"


class S3Server(ThreadingHTTPServer):
    """Answers ListObjectsV2 on one bucket; `honours_delimiter` False is a store that never rolls up."""

    daemon_threads = True

    def __init__(self, space: KeySpace, *, honours_delimiter: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.space, self.honours_delimiter = space, honours_delimiter
        self.sent: Counter[str] = Counter()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def page(self, asked: dict[str, str]) -> str:
        """Return the XML of the page that a request's parameters ask for."""
        token = asked.get("continuation-token")
        after = base64.b64decode(token).decode() if token else asked.get("start-after", "")
        delimiter = asked.get("delimiter", "") if self.honours_delimiter else ""
        most = int(asked.get("max-keys", MOST))
        found = list_page(self.space, asked.get("prefix", ""), delimiter, after, most)
        media = sum("/media/" in key for key in found.keys)
        self.sent.update(pages=1, keys=len(found.keys), media=media, folded=len(found.folded))
        return _xml(found, asked)


def _xml(page: Page, asked: dict[str, str]) -> str:
    def told(text: str) -> str:
        return escape(quote(text, safe="/") if asked.get("encoding-type") == "url" else text)

    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
        f"<Name>{BUCKET}</Name><KeyCount>{len(page.keys) + len(page.folded)}</KeyCount>",
        f"<IsTruncated>{'true' if page.last else 'false'}</IsTruncated>",
    ]
    for name in ("encoding-type", "prefix", "delimiter", "start-after", "max-keys"):
        if name in asked:
            tag = "".join(part.capitalize() for part in name.split("-"))
            lines.append(f"<{tag}>{told(asked[name])}</{tag}>")
    if page.last:
        token = base64.b64encode(page.last.encode()).decode()
        lines.append(f"<NextContinuationToken>{token}</NextContinuationToken>")
    rest = f'<LastModified>{_MODIFIED}</LastModified><ETag>"0"</ETag><Size>1</Size>'
    lines += (f"<Contents><Key>{told(key)}</Key>{rest}</Contents>" for key in page.keys)
    lines += (f"<CommonPrefixes><Prefix>{told(fold)}</Prefix></CommonPrefixes>" for fold in page.folded)
    return "".join([*lines, "</ListBucketResult>"])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave together: apart, each answer would wait for a delayed acknowledgement.
    wbufsize = -1
    server: S3Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        listing = parts.path.strip("/") == BUCKET and asked.get("list-type") == "2"
        body = self.server.page(asked).encode() if listing else b"<Error><Code>NotImplemented</Code></Error>"
        self.send_response(200 if listing else 501)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        return


@contextmanager
def serving(space: KeySpace, *, honours_delimiter: bool = True) -> Iterator[S3Server]:
    """Run a server on a free port, and stop it in the end."""
    server = S3Server(space, honours_delimiter=honours_delimiter)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
