"""A cloud on loopback: ministack with a world in its stores, an index beside it, and a mailbox."""

import json
import mailbox
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path
from typing import Any, TypeVar

from reconcile.model.run import Mode
from reconcile.sandbox.algolia import AlgoliaKey, AlgoliaServer
from reconcile.sandbox.embedded import APP_ID, LOOPBACK
from reconcile.sandbox.setup import INDEX
from reconcile.sandbox.world import World
from tests.bench.ministack import client, free_port, installed, make_table, rows_of, serving, upload
from tests.deploy.rights import SECRETS
from tests.deploy.runs import KEYS
from tests.scenario.platform import Key, Row

SMTP = "aiosmtpd==1.4.6"
SENDER, READER = "reports@example.com", "ann@example.com"
TRIES_APART = "60"
"""Seconds between the tries of a failed event: as in AWS, where ministack would wait for one."""

_Found = TypeVar("_Found")


def eventually(what: str, look: Callable[[], _Found], seconds: float) -> _Found:
    """Return what a look finds as soon as it finds something; raises AssertionError after some seconds."""
    until = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < until, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.5)
    return found


@dataclass(frozen=True)
class Cloud:
    """An account of ministack with the stores of the application, and all that stands around it."""

    url: str
    world: World
    algolia: AlgoliaServer
    folder: Path

    def client(self, service: str) -> Any:
        """Return a client of somebody else than the job."""
        return client(service, self.url)

    def rows(self, table: str = "") -> dict[Key, Row]:
        """Return the rows of a table, the application's unless another is named."""
        return rows_of(self.client("dynamodb"), table or self.world.table)

    def records(self) -> dict[str, dict[str, Any]]:
        """Return the search records."""
        return self.algolia.records(self.world.index)

    def mails(self) -> list[Message]:
        """Return the mails that came, the oldest first."""
        box = mailbox.Maildir(self.folder / "mails")
        return [box[name] for name in sorted(box.keys())]

    def log(self, mode: Mode, stage: str = "prod") -> list[dict[str, Any]]:
        """Return the lines that the function of a mode wrote into its log, the oldest first."""
        group = f"/aws/lambda/reconcile-{mode}-{stage}"
        pages = self.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
        texts = [event["message"] for page in pages for event in page["events"]]
        return [json.loads(text) for text in texts if text.startswith("{")]

    def kill(self, mode: Mode, stage: str = "prod") -> int:
        """End the processes that run the function of a mode, as the kernel does for want of memory."""
        listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
        mark = f"{self.folder}/tmp/ministack-lambda-reconcile-{mode}-{stage}-"
        running = [int(line.split()[0]) for line in listed.splitlines() if mark in line]
        for process in running:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        return len(running)


@contextmanager
def cloud(world: World, folder: Path, python: str) -> Iterator[Cloud]:
    """Install ministack for some Python, and run it with a world in its stores; all is stopped in the end.

    Raises RuntimeError where it does not start.
    """
    (folder / "tmp").mkdir()
    command = installed(folder / "environment", python, (SMTP,))
    port = free_port()
    settings = {
        "TMPDIR": str(folder / "tmp"),
        "NO_PROXY": LOOPBACK,
        "no_proxy": LOOPBACK,
        "MINISTACK_HOST": "127.0.0.1",
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(folder / "objects"),
        "SMTP_HOST": f"127.0.0.1:{port}",
        "LAMBDA_ASYNC_RETRY_BASE_SECONDS": TRIES_APART,
        "LAMBDA_ASYNC_RETRY_MAX_SECONDS": TRIES_APART,
    }
    with serving(command, folder, settings) as url:
        upload(world, url)
    _set_back(world, folder / "objects")
    keys = {f"{mode}-key": AlgoliaKey(KEYS[mode], frozenset((world.index,))) for mode in SECRETS}
    with ExitStack() as stack:
        stack.enter_context(_mailbox(folder, port))
        algolia = stack.enter_context(AlgoliaServer(app_id=APP_ID, keys=keys))
        algolia.put(world.index, world.records)
        algolia.set_up(world.index, INDEX)
        filled = Cloud(stack.enter_context(serving(command, folder, settings)), world, algolia, folder)
        _fill(filled)
        yield filled


def _set_back(world: World, folder: Path) -> None:
    """Give each object the time that the world says, in the files that ministack reads when it starts.

    The API would take none, and what was uploaded just now is not judged yet.
    """
    times = {(one.bucket, one.key): one.modified for one in world.objects}
    for path in folder.rglob("*.meta.json"):
        bucket = path.relative_to(folder).parts[1]
        told = json.loads(path.read_text(encoding="utf-8"))
        modified = times[bucket, told["key"]].astimezone(UTC)
        told["last_modified"] = f"{modified:%Y-%m-%dT%H:%M:%S}.000Z"
        path.write_text(json.dumps(told), encoding="utf-8")


def _fill(filled: Cloud) -> None:
    """Make the application's table, and what has to be there before a stack is deployed."""
    dynamodb, secrets = filled.client("dynamodb"), filled.client("secretsmanager")
    make_table(dynamodb, filled.world.table, ("GSI1PK", "GSI1SK"))
    for item in filled.world.items:
        dynamodb.put_item(TableName=filled.world.table, Item=item)
    for mode, name in SECRETS.items():
        secrets.create_secret(Name=name, SecretString=json.dumps({"algolia_api_key": f"{mode}-key"}))
    filled.client("sesv2").create_email_identity(EmailIdentity=SENDER)
    filled.client("sns").create_topic(Name="alarms")


@contextmanager
def _mailbox(folder: Path, port: int) -> Iterator[None]:
    """Take in mails by SMTP while it lasts, each a file of a folder."""
    python, box = folder / "environment" / "bin" / "python", folder / "mails"
    options = ["-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Mailbox", str(box)]
    process = subprocess.Popen([python, "-m", "aiosmtpd", *options], cwd=folder, stdout=sys.stderr)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def moment(at: datetime) -> str:
    """Return a time as EventBridge Scheduler writes it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
