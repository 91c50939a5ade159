"""The HTTP server of the Algolia look-alike: reads requests, checks keys, and injects scripted faults."""

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
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, unquote

from reconcile.sandbox.faults.algolia_calls import AlgoliaKey, Call, RefusedRequest

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
