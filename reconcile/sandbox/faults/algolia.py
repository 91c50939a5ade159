"""The door of the Algolia-compatible server: HTTP requests read, keys checked, scripted faults struck."""

import json
import math
import socket
import struct
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, NoReturn, Self
from urllib.parse import parse_qsl, unquote

PAGE = 1000  # records of a browse at most

FaultKind = Literal["throttle", "unavailable", "slow", "truncate", "reset"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with the next `count` requests to `endpoint` ("*": any endpoint).

    throttle: status 429, Retry-After is `seconds` rounded up. unavailable: status 503.
    slow: answered after `seconds`; with 0 a request passes unharmed before a later fault.
    truncate: carried out, but the answer is cut in its middle and the connection closed.
    reset: not carried out, the connection is reset without an answer.
    """

    kind: FaultKind
    endpoint: str = "*"
    count: int = 1
    seconds: float = 0.0


class RefusedRequest(Exception):
    """An answer in Algolia's error shape: `message`, `status` and whatever `more` names."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"message": message, "status": status, **more}


@dataclass(frozen=True, slots=True)
class AlgoliaKey:
    """An API key: what it may do (`acl`), and on which indexes (None: on all)."""

    acl: frozenset[str]
    indexes: frozenset[str] | None = None

    def allow(self, right: str, index: str | None = None) -> None:
        """Raises Refused (403), naming the right or the index that the key lacks."""
        if right not in self.acl:
            raise RefusedRequest(403, f"Not enough rights: this key lacks {right}")
        if index is not None and self.indexes is not None and index not in self.indexes:
            raise RefusedRequest(403, f"Not enough rights: this key is not for index {index}")


@dataclass(frozen=True, slots=True)
class Call:
    """One request: `target` is its path as sent; in `path` each segment is percent-decoded."""

    method: str
    target: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def document(self) -> dict[str, Any]:
        """The body's JSON object, empty without a body; Refused (400) for anything else, NaN included."""
        try:
            parsed = json.loads(self.body or b"{}", parse_constant=_not_json)
        except ValueError as error:
            raise RefusedRequest(400, f"Invalid JSON: {error}") from error
        if not isinstance(parsed, dict):
            raise RefusedRequest(400, "Invalid JSON: an object is expected")
        return parsed

    def requests(self) -> list[dict[str, Any]]:
        """The JSON objects listed under `requests`; Refused (400) for any other shape."""
        listed = self.document().get("requests")
        if not isinstance(listed, list) or not all(isinstance(request, dict) for request in listed):
            raise RefusedRequest(400, "A list of objects is expected in requests")
        return listed


class FaultyServer(ABC):
    """A JSON server on loopback with keys, whose requests scripted faults may strike; a context manager.

    `requests` lists each request that came as (method, endpoint), also those that were refused or struck.
    """

    endpoints: tuple[str, ...]

    def __init__(self, app_id: str, keys: Mapping[str, AlgoliaKey]) -> None:
        self.app_id = app_id
        self.keys = dict(keys)
        self.requests: list[tuple[str, str]] = []
        self._lock = threading.RLock()
        self._faults: list[Fault] = []
        self._http: _Loopback | None = None

    @abstractmethod
    def endpoint(self, call: Call) -> str:
        """The name of the endpoint that the request is for, one of `endpoints`."""

    @abstractmethod
    def answer(self, endpoint: str, call: Call) -> dict[str, Any]:
        """The answer's JSON object; raises Refused for an error answer."""

    def key_of(self, call: Call) -> AlgoliaKey:
        """The key that headers or query name; Refused (403) unless it belongs to the application."""
        given = {name.lower(): text for name, text in call.query.items()} | dict(call.headers)
        key = self.keys.get(given.get("x-algolia-api-key", ""))
        if key is None or given.get("x-algolia-application-id") != self.app_id:
            raise RefusedRequest(403, "Invalid Application-ID or API key")
        return key

    def start(self) -> Self:
        """Listens on a free port of 127.0.0.1; RuntimeError if it does already."""
        if self._http is not None:
            raise RuntimeError("the server is running already")
        self._http = _Loopback(self)
        self._http.start()
        return self

    def stop(self) -> None:
        """Hangs up and frees the port; the records stay. Does nothing if it is not running."""
        http, self._http = self._http, None
        if http is not None:
            http.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it listens, `http://127.0.0.1:<port>`; RuntimeError if it is not running."""
        if self._http is None:
            raise RuntimeError("the server is not running")
        return f"http://127.0.0.1:{self._http.server_port}"

    def fail(self, *faults: Fault) -> None:
        """Scripts faults: a request is struck by the first one left for its endpoint."""
        for fault in faults:
            if fault.endpoint not in (*self.endpoints, "*"):
                raise ValueError(f"no endpoint is called {fault.endpoint}: {', '.join(self.endpoints)}")
        with self._lock:
            self._faults += [fault for fault in faults for _ in range(fault.count)]

    def arrived(self, call: Call) -> tuple[str, Fault | None]:
        """Notes a request; returns its endpoint's name and the fault that strikes it."""
        endpoint = self.endpoint(call)
        with self._lock:
            self.requests.append((call.method, endpoint))
            for position, fault in enumerate(self._faults):
                if fault.endpoint in ("*", endpoint):
                    return endpoint, self._faults.pop(position)
        return endpoint, None


class _Loopback(ThreadingHTTPServer):
    """An HTTP server on a free port of 127.0.0.1 that is wholly gone once stopped."""

    daemon_threads = False  # so that server_close waits for every connection's thread
    request_queue_size = 64

    def __init__(self, service: FaultyServer) -> None:
        super().__init__(("127.0.0.1", 0), _ProxyHandler)
        self.service = service
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._loop = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    def start(self) -> None:
        """Serves in a thread of its own."""
        self._loop.start()

    def stop(self) -> None:
        """Ends the loop, hangs up on every client that keeps its connection, and frees the port."""
        self.stopping.set()
        self.shutdown()
        self._loop.join()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._lock:
            self._connections.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Quiet about a client that hung up; a defect of the server is still printed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _ProxyHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes: Nagle would hold the second for 40 ms
    timeout = 30.0
    server: _Loopback

    def _serve(self) -> None:
        call = self._read()
        endpoint, fault = self.server.service.arrived(call)
        kind = fault.kind if fault else None
        stopped = fault is not None and kind == "slow" and self.server.stopping.wait(fault.seconds)
        if kind == "reset" or stopped:
            self._reset()
            return
        try:
            if fault and kind in ("throttle", "unavailable"):
                raise RefusedRequest(429 if kind == "throttle" else 503, f"Scripted: {kind}")
            status, body = 200, self.server.service.answer(endpoint, call)
        except RefusedRequest as refused:
            status, body = refused.status, refused.body
        wait = math.ceil(fault.seconds) if fault and kind == "throttle" else None
        self._send(status, body, wait, cut=kind == "truncate")

    do_GET = do_POST = do_PUT = do_DELETE = _serve

    def _read(self) -> Call:
        path, _, query = self.path.partition("?")
        return Call(
            method=self.command,
            target=path,
            path=tuple(unquote(segment) for segment in path.split("/")[1:]),
            query=dict(parse_qsl(query)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
        )

    def _send(self, status: int, body: dict[str, Any], wait: int | None, cut: bool) -> None:
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(payload)))
        if wait is not None:
            self.send_header("Retry-After", str(wait))
        self.end_headers()
        self.wfile.write(payload[: len(payload) // 2] if cut else payload)
        self.close_connection = self.close_connection or cut

    def _reset(self) -> None:
        # Closed with no time to linger, the kernel sends a reset instead of an orderly end.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def attributes(asked: Any) -> list[str] | None:
    """The names in an attributesToRetrieve, a list or (in a query) a text with commas; None for None."""
    if isinstance(asked, str):
        return asked.split(",")
    if asked is None or (isinstance(asked, list) and all(isinstance(name, str) for name in asked)):
        return asked
    raise RefusedRequest(400, "A list of texts is expected in attributesToRetrieve")


def hidden(settings: Mapping[str, Any], key: AlgoliaKey) -> frozenset[str]:
    """The attributes that an index keeps from a key."""
    if "seeUnretrievableAttributes" in key.acl:
        return frozenset()
    return frozenset(settings.get("unretrievableAttributes") or ())


def shown(
    record: dict[str, Any], names: list[str] | None, always: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """The record with its objectID and the named attributes, all for None or "*", but those that are kept."""
    shows_all = names is None or "*" in names
    return {
        name: value
        for name, value in record.items()
        if name == "objectID" or ((shows_all or name in (names or ())) and name not in always)
    }


def page_size(asked: Any) -> int:
    """A hitsPerPage as a number, 1 to PAGE; Refused (400) for anything else."""
    if type(asked) in (int, str) and str(asked).isdecimal() and 1 <= int(asked) <= PAGE:
        return int(asked)
    raise RefusedRequest(400, f"hitsPerPage must be from 1 to {PAGE}")
