"""Sends botocore's requests to moto in this process as WSGI calls, not over sockets.

A request takes less than half of the processor's time. What the clients write, sign and parse stays as it is;
HTTP itself is what the contract tests of S3, and those with scripted servers, go through.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from typing import Any
from unittest.mock import patch

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session
from urllib3 import HTTPHeaderDict, HTTPResponse
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from reconcile.sandbox.aws import application

_OVER_HTTP = URLLib3Session.send


@contextmanager
def in_process(url: str) -> Iterator[None]:
    """Answer each request to this URL, which moto's server in this process has."""

    def send(session: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
        if not request.url.startswith(f"{url}/"):
            return _OVER_HTTP(session, request)
        return _answer(request)

    with patch.object(URLLib3Session, "send", send):
        yield


def _answer(request: AWSPreparedRequest) -> AWSResponse:
    body, status, headers = _called(request)
    raw = HTTPResponse(
        io.BytesIO(body),
        # A server says what time it is.
        HTTPHeaderDict({"Date": formatdate(usegmt=True)} | headers),
        status,
        preload_content=False,
        request_method=request.method,
    )
    given: Any = raw.headers
    response = AWSResponse(request.url, raw.status, given, raw)
    if not request.stream_output:
        # As botocore does: a body that nobody streams is read at once.
        _ = response.content
    return response


def _called(request: AWSPreparedRequest) -> tuple[bytes, int, dict[str, str]]:
    """Return body, status and headers of moto's answer; status 500 where it stumbles, as of a server."""
    given: Any = request.body
    data = given.read() if hasattr(given, "read") else given
    headers = Headers([(name, _text(value)) for name, value in request.headers.items()])
    told = EnvironBuilder(method=request.method, path=request.url, data=data or None, headers=headers)
    try:
        chunks, status, answered = run_wsgi_app(application(), told.get_environ(), buffered=True)
    except Exception:
        return b"", 500, {}
    finally:
        told.close()
    return b"".join(chunks), int(status.split()[0]), dict(answered.items())


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
