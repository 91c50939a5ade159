"""A small HTTP server on loopback whose answers a test scripts."""

import json
import socket
import struct
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qsl, unquote


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; the path is percent-decoded, the headers' names are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def operation(self) -> str:
        """The name of an operation of AWS's JSON protocol."""
        return self.headers.get("x-amz-target", "").rpartition(".")[2]

    @property
    def document(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back. `cut`: only half of the body comes; `lost`: the connection is reset instead."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    lost: bool = False


def json_answer(document: Any, status: int = 200) -> Answer:
    """Return an answer of AWS's JSON protocol."""
    return Answer(status, json.dumps(document).encode(), {"Content-Type": "application/x-amz-json-1.0"})


def refusal(code: str, message: str = "scripted", status: int = 400, **more: Any) -> Answer:
    """Return DynamoDB's way of saying no."""
    kind = f"com.amazonaws.dynamodb.v20120810#{code}"
    return json_answer({"__type": kind, "message": message, **more}, status)


def unscripted(asked: Asked) -> Answer:
    """Answer what no test asked for."""
    return Answer(418, f"nobody scripted {asked.method} {asked.path}".encode())


class Loopback:
    """The server, a context manager; `answer` may be changed from test to test."""

    def __init__(self, answer: Callable[[Asked], Answer] = unscripted) -> None:
        self.answer = answer
        self._http = _Server(("127.0.0.1", 0), _Handler)
        self._http.owner = self
        self._thread = Thread(target=self._http.serve_forever, args=(0.02,))

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


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 64
    owner: Loopback

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print what went wrong, unless it is that nobody waited for the answer."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # who sends a body asks first whether it may, and waits for the answer
    server: _Server

    def _serve(self) -> None:
        self.close_connection = True
        path, _, query = self.path.partition("?")
        asked = Asked(
            self.command,
            unquote(path),
            dict(parse_qsl(query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(int(self.headers.get("Content-Length") or 0)),
        )
        answer = self.server.owner.answer(asked)
        if answer.lost:
            # Closed with no time to linger, the kernel sends a reset instead of an orderly end.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body[: len(answer.body) // 2] if answer.cut else answer.body)

    do_GET = do_HEAD = do_POST = do_PUT = _serve

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""
