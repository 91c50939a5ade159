"""A stand-in on loopback for the one question that is asked of IVS: what a storage configuration says."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self


@dataclass
class StorageServer:
    """Answers GetStorageConfiguration, as a context manager; `held` maps ARNs to the buckets recorded into.

    https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference/API_GetStorageConfiguration.html
    """

    held: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._http = _Server(("127.0.0.1", 0), _StorageHandler)
        self._http.owner = self
        self._thread = Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def answer(self, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Return the status and the document for a request."""
        if path != "/GetStorageConfiguration":
            return 404, {"__type": "UnknownOperationException", "exceptionMessage": path}
        arn = str(json.loads(body).get("arn"))
        if arn not in self.held:
            return 404, {"__type": "ResourceNotFoundException", "exceptionMessage": f"{arn} does not exist"}
        return 200, {"storageConfiguration": {"arn": arn, "s3": {"bucketName": self.held[arn]}, "tags": {}}}


class _Server(ThreadingHTTPServer):
    owner: StorageServer


class _StorageHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        """Answer a question after a storage configuration."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, document = self.server.owner.answer(self.path, body)
        payload = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        if "__type" in document:
            self.send_header("x-amzn-ErrorType", document["__type"])
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""
