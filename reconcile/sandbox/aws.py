"""AWS on loopback: moto's server."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Thread
from typing import Any

from reconcile.sandbox.moto_shortcuts import take_shortcuts

HOST = "127.0.0.1"
_POLL_SECONDS = 0.02
"""moto's own ThreadedMotoServer takes half a second to notice that it is to stop."""


@contextmanager
def aws_server() -> Iterator[str]:
    """Run moto's server on a free port; yields its URL."""
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server(HOST, 0, application(), threaded=True, request_handler=_handler())
    thread = Thread(target=server.serve_forever, args=(_POLL_SECONDS,), daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


@cache
def _handler() -> Any:
    """Return the handler of requests: moto's, but a client keeps its connection and its thread."""
    from moto.server import MotoRequestHandler

    return type("KeepAlive", (MotoRequestHandler,), {"protocol_version": "HTTP/1.1"})


@cache
def application() -> Any:
    """Return the application, one for all servers: the stores behind it are the process's own."""
    from moto.server import DomainDispatcherApplication, create_backend_app

    take_shortcuts()
    return DomainDispatcherApplication(create_backend_app)
