"""Stand-ins for all that a run talks to, filled with a world, behind one server that can be told to fail."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import quote, urlencode

from moto.backends import get_backend
from werkzeug.test import EnvironBuilder, run_wsgi_app

from reconcile.sandbox.algolia import AlgoliaServer
from reconcile.sandbox.aws import application
from reconcile.sandbox.embedded import STATE_TABLE, Embedded, embedded
from reconcile.sandbox.faults.algolia_calls import Call, RefusedRequest
from reconcile.sandbox.ivs_storage import StorageServer
from reconcile.sandbox.setup import ACCOUNT, REGION, Setup, storage_arn
from reconcile.sandbox.world.copies import copied
from tests.contract.loopback import Answer, Asked, Loopback, json_answer
from tests.scenario.every_repair import LOST, every_repair
from tests.scenario.small import BUCKET

ARCHIVE = "archive-of-reports"
SETUP = Setup(storages={storage_arn("current"): BUCKET})
PAGE = {"max-keys": 12, "Scan": 9, "Query": 2, "browse": 9}
"""How much a page holds, so that everything that is paged has several."""

_KEPT = ("content-type", "etag", "last-modified", "x-amz", "content-range", "accept-ranges")
_PATCHED = {"RECONCILE_PLAYBACK_CHECK": "true", "RECONCILE_NOTIFY": "always",
            "RECONCILE_EMAIL_FROM": "reconcile@example.net", "RECONCILE_EMAIL_TO": "ops@example.net",
            "RECONCILE_WEBHOOK_SECRET": "a-secret", "RECONCILE_REPORTS": f"s3://{ARCHIVE}/of"}  # fmt: skip

Rows = dict[tuple[str, str], dict[str, Any]]
Records = dict[str, dict[str, Any]]


@dataclass
class World:
    """All stores behind one address; `server.answer` is what is said there, by default the truth.

    `posted` are the paths of the messages that channels took since the stores were restored.
    """

    stores: Embedded
    server: Loopback
    storage: StorageServer
    posted: list[str] = field(default_factory=list)
    _tokens: dict[str, Answer] = field(default_factory=dict)
    _tables: dict[str, Any] = field(default_factory=dict)
    _records: dict[str, dict[str, Any]] = field(default_factory=dict)

    def truth(self, asked: Asked) -> Answer:
        """Answer as every store does that is well, a small page at a time."""
        asked = in_small_pages(asked)
        if asked.path.startswith("/1/"):
            return _algolia(self.stores.algolia, asked)
        if asked.path.startswith("/play/"):
            return Answer(206, b"x", {"Content-Type": "application/vnd.apple.mpegurl"})
        if asked.path in ("/slack", "/hook", "/v2/email/outbound-emails"):
            self.posted.append(asked.path)
            return json_answer({"MessageId": "1"}) if asked.path.startswith("/v2") else Answer(200, b"ok")
        if asked.path == "/GetStorageConfiguration":
            status, document = self.storage.answer(asked.path, asked.body)
            return json_answer(document, status)
        return self._transacted(asked) if asked.operation == "TransactWriteItems" else _aws(asked)

    def _transacted(self, asked: Asked) -> Answer:
        """Answer a transaction that is repeated under its token as DynamoDB does: it is done once.

        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
        """
        token = asked.document.get("ClientRequestToken", "")
        if token in self._tokens:
            return self._tokens[token]
        answer = _aws(asked)
        if token and answer.status == 200:
            self._tokens[token] = answer
        return answer

    def keep(self) -> None:
        """Remember how the stores stand now."""
        tables = _dynamodb().tables
        self._tables = {name: deepcopy(tables[name].items) for name in self._names}
        self._records = copied(self.stores.algolia.records(self.stores.world.index))

    def restore(self) -> None:
        """Bring the stores back to how they stood."""
        for name in self._names:
            _dynamodb().tables[name].items = deepcopy(self._tables[name])
        index = self.stores.world.index
        for name in self.stores.algolia.records(index).keys() - self._records.keys():
            self.stores.algolia.remove(index, name)
        self.stores.algolia.put(index, self._records.values())
        kept = _s3().buckets[ARCHIVE].keys
        for key in list(kept.keys()):
            kept.pop(key)
        self.posted.clear()

    @property
    def _names(self) -> tuple[str, str]:
        return self.stores.world.table, STATE_TABLE

    def rows(self) -> Rows:
        """Return the rows of the application's table."""
        held = _dynamodb().tables[self.stores.world.table].items
        return {(pk, sk): item.to_json()["Attributes"] for pk, part in _plain(held) for sk, item in part}

    def records(self) -> Records:
        """Return the search records."""
        return self.stores.algolia.records(self.stores.world.index)


def _plain(held: Any) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    for pk, part in held.items():
        yield pk.value, [(sk.value, item) for sk, item in part.items()]


@contextmanager
def world() -> Iterator[World]:
    """Run the stores, filled with a world that calls for every repair, and point the settings at them."""
    with ExitStack() as stack:
        small = every_repair()
        for number in range(4):
            # An owner's partition has several pages too.
            small.index(small.upload(LOST, f"extra-{number}"))
        small.items[f"u#{LOST}#groups", "g#uploads"]["programsCount"] = {"N": "4"}
        stores = stack.enter_context(embedded(small.world(), SETUP))
        _s3().create_bucket(ARCHIVE, REGION)
        server = stack.enter_context(Loopback())
        made = World(stores, server, StorageServer(SETUP.storages))
        server.answer = made.truth
        stack.enter_context(patch.dict(os.environ, _environ(made)))
        made.keep()
        yield made


def _environ(made: World) -> Mapping[str, str]:
    url = made.server.url
    return {
        **made.stores.environ(Path("unused")),
        **_PATCHED,
        "AWS_ENDPOINT_URL": url,
        "AWS_ENDPOINT_URL_IVS_REALTIME": url,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "RECONCILE_ALGOLIA_HOST": url,
        "RECONCILE_SLACK_WEBHOOK": f"{url}/slack",
        "RECONCILE_WEBHOOK": f"{url}/hook",
    }


def in_small_pages(asked: Asked) -> Asked:
    """Return a request with a smaller page asked for."""
    if "list-type" in asked.query:
        return replace(asked, query={**asked.query, "max-keys": str(PAGE["max-keys"])})
    if asked.operation in ("Scan", "Query"):
        body = {**asked.document, "Limit": PAGE[asked.operation]}
        return replace(asked, body=json.dumps(body).encode())
    if asked.path.endswith("/browse"):
        body = {**(asked.document if asked.body else {}), "hitsPerPage": PAGE["browse"]}
        return replace(asked, body=json.dumps(body).encode())
    return asked


def _algolia(server: AlgoliaServer, asked: Asked) -> Answer:
    target = quote(asked.path, safe="/*")
    call = Call(
        asked.method, target, tuple(asked.path.split("/")[1:]), asked.query, asked.headers, asked.body
    )
    try:
        return json_answer(server.answer(server.endpoint(call), call))
    except RefusedRequest as refused:
        return json_answer(refused.body, refused.status)


def _aws(asked: Asked) -> Answer:
    builder = EnvironBuilder(
        path=asked.path,
        method=asked.method,
        query_string=urlencode(asked.query),
        headers=list(asked.headers.items()),
        data=asked.body,
        base_url=f"http://{asked.headers['host']}",
    )
    parts, status, headers = run_wsgi_app(application(), builder.get_environ(), buffered=True)
    kept = {name: value for name, value in headers.items() if name.lower().startswith(_KEPT)}
    body = b"".join(parts)
    if asked.method == "HEAD":
        # What a HEAD tells of is as long as that: the server sends its length, and nothing of it.
        body = bytes(int(headers.get("Content-Length", 0)))
    return Answer(int(status.split()[0]), body, kept)


def _dynamodb() -> Any:
    backends: Any = get_backend("dynamodb")
    return backends[ACCOUNT][REGION]


def _s3() -> Any:
    backends: Any = get_backend("s3")
    return backends[ACCOUNT]["aws"]
