"""What the functions run from: it is whole by itself, pinned, small enough, and the same each time."""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
import pytest
from packaging.markers import default_environment
from packaging.utils import canonicalize_name

import reconcile
from reconcile.artefact import LIMIT, PINS, read_lock
from reconcile.sandbox.embedded import API_KEY, STATE_TABLE
from reconcile.sandbox.serving import Served, served

SOURCE = Path(reconcile.__file__).parent
LOCK = SOURCE.parent / "requirements.lock"
HERE = f"3.{sys.version_info.minor}"
"""The Python that can run what is built here."""

NEVER_INSIDE = {"docs", "sandbox", "artefact.py", "__pycache__", "tests"}
SECRET, SENDER, REPORTS = "reconcile/sandbox/reader", "reports@example.net", "reports-of-the-test"
EVENT = {
    "scope": "recent",
    "reason": "nightly",
    "schedule_arn": "arn:aws:scheduler:us-east-1:123456789012:schedule/default/reconcile-nightly-sandbox",
    "scheduled_time": "2026-03-01T03:30:00Z",
}
INVOKED = """
import json, sys
sys.path.insert(0, sys.argv[1])
from reconcile.handler import handler
reply = handler(json.loads(sys.argv[2]), None)
files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
print(json.dumps({"reply": reply, "path": sys.path, "files": [file for file in files if file]}))
"""
"""What an interpreter runs that knows of the standard library and of the artefact, and of nothing else."""


def built(into: Path, **pip: str) -> str:
    """Build an artefact as the README says, but for the Python of this machine; return what was printed.

    `pip` holds options of pip's, as it reads them from its environment.
    """
    command = [sys.executable, "-m", "reconcile.artefact", "--python", HERE, "--into", str(into)]
    given = {**os.environ, **pip}
    return subprocess.run(
        command, env=given, stdout=subprocess.PIPE, text=True, check=True, timeout=300
    ).stdout


def report_beside(artefact: Path) -> Path:
    """Return where pip says from where it took what is in an artefact."""
    return artefact.with_name("artefact-report.json")


def taken_from(artefact: Path) -> str:
    """Return a page of links to the wheels that an artefact was made of."""
    report = json.loads(report_beside(artefact).read_text(encoding="utf-8"))
    addresses = (installed["download_info"]["url"] for installed in report["install"])
    return "".join(f'<a href="{escape(address)}">{escape(address)}</a>' for address in addresses)


@pytest.fixture(scope="module")
def artefact(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Give tests an artefact: one, also where several processes run them."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    folder = shared / "artefact"
    with (shared / "artefact.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not folder.exists():
            built(folder, PIP_REPORT=str(report_beside(folder)))
    return folder


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give tests embedded stores in another process, with what a stack needs in them."""
    with served(seed=1, recordings=40, reports=tmp_path_factory.mktemp("reports")) as running:
        with client(running, "s3") as s3:
            s3.create_bucket(Bucket=REPORTS)
        with client(running, "secretsmanager") as secrets:
            secrets.create_secret(Name=SECRET, SecretString=json.dumps({"algolia_api_key": API_KEY}))
        with client(running, "sesv2") as ses:
            ses.create_email_identity(EmailIdentity=SENDER)
        yield running


@contextmanager
def client(stores: Served, service: str) -> Iterator[Any]:
    """Give a client of the embedded stores."""
    given, session = stores.environ, boto3.Session()
    make: Any = session.client
    made = make(
        service,
        endpoint_url=given["AWS_ENDPOINT_URL"],
        region_name=given["AWS_DEFAULT_REGION"],
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
    )
    yield made
    made.close()


def environment(stores: Served) -> dict[str, str]:
    """Return the environment that the function gets: the stores, and the places that a stack names."""
    return {
        **stores.environ,
        "RECONCILE_MODE": "check",
        "RECONCILE_ALGOLIA_API_KEY": f"secretsmanager:{SECRET}#algolia_api_key",
        "RECONCILE_REPORTS": f"s3://{REPORTS}/reports",
        "RECONCILE_EMAIL_FROM": SENDER,
        "RECONCILE_EMAIL_TO": "ann@example.net",
    }


def invoked(artefact: Path, stores: Served, folder: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Handle the event where the artefact is alone; return the lines of the log, and how it went."""
    # -B: the function cannot write into the artefact either.
    command = [sys.executable, "-I", "-S", "-B", "-c", INVOKED, str(artefact), json.dumps(EVENT)]
    given = environment(stores)
    done = subprocess.run(
        command, env=given, cwd=folder, stdout=subprocess.PIPE, text=True, check=True, timeout=120
    )
    *printed, ended = map(json.loads, done.stdout.splitlines())
    return printed, ended


def test_the_function_checks_the_stores_with_the_artefact_alone(
    artefact: Path, stores: Served, tmp_path: Path
) -> None:
    """It replies and writes metrics; its report is kept and mailed, and its run key is closed."""
    printed, ended = invoked(artefact, stores, tmp_path)
    library = Path(sysconfig.get_path("stdlib"))
    assert ended["path"][0] == str(artefact)
    assert [path for path in ended["path"] if "site-packages" in path] == []
    elsewhere = [file for file in map(Path, ended["files"]) if not file.is_relative_to(artefact)]
    assert [file for file in elsewhere if not file.is_relative_to(library)] == []

    reply = ended["reply"]
    assert reply["exit_code"] == 2
    assert reply["counts"]["record"]["population"] >= stores.records
    assert [one["Heartbeat"] for one in printed if "Heartbeat" in one] == [[1]]
    (deliveries,) = (one["deliveries"] for one in printed if "deliveries" in one)
    assert [(channel, told.split()[0]) for channel, told in deliveries.items()] == [("email", "sent")]
    with client(stores, "s3") as s3:
        kept = {
            name: s3.get_object(Bucket=REPORTS, Key=f"reports/{reply['run']}/{name}")["Body"].read().decode()
            for name in ("report.json", "report.html")
        }
    report = json.loads(kept["report.json"])
    assert (report["run"]["id"], report["headline"]) == (reply["run"], reply["headline"])
    assert report["counts"] == reply["counts"]
    assert report["run"]["mode"] == "check"
    assert reply["run"] in kept["report.html"]
    with client(stores, "dynamodb") as dynamodb:
        key = {"pk": {"S": "claim"}, "sk": {"S": f"{EVENT['schedule_arn']} {EVENT['scheduled_time']}"}}
        claim = dynamodb.get_item(TableName=STATE_TABLE, Key=key)["Item"]
    assert (claim["run"]["S"], claim["exit_code"]["N"]) == (reply["run"], "2")


def test_what_is_inside_is_what_the_lock_pins_and_nothing_that_only_tests_or_the_demo_need(
    artefact: Path,
) -> None:
    """Its list of what was installed holds the versions and hashes of the lock."""
    pins = read_lock((artefact / PINS).read_text(encoding="utf-8"), {})
    here = {name: str(value) for name, value in default_environment().items()}
    locked = read_lock(LOCK.read_text(encoding="utf-8"), here)
    inside = {
        canonicalize_name(one.name): one.version for one in metadata.distributions(path=[str(artefact)])
    }
    assert inside == {name: pin.version for name, pin in pins.items()}
    assert pins == {name: locked[name] for name in pins}
    assert {"boto3", "pandas", "algoliasearch", "aws-lambda-powertools"} < set(inside)
    assert {"moto", "flask", "boto3-stubs", "mypy", "pytest", "cfn-lint", "packaging"} & set(inside) == set()
    assert {"duckdb", "pyspark", "pyarrow"} & set(inside) == set()
    assert set(locked) - set(inside) >= {"moto", "flask", "boto3-stubs", "mypy", "pytest", "cfn-lint"}


def test_of_this_package_everything_is_inside_but_guides_sandbox_and_builder(
    artefact: Path,
) -> None:
    """Templates included; of no package are there tests, or files compiled for the builder's Python."""
    ours = {path.relative_to(SOURCE) for path in SOURCE.rglob("*") if path.is_file()}
    wanted = {path for path in ours if not NEVER_INSIDE & set(path.parts)}
    there = artefact / SOURCE.name
    assert {path.relative_to(there) for path in there.rglob("*") if path.is_file()} == wanted
    assert Path("report/render/templates/mail.html.j2") in wanted
    assert [path for path in artefact.rglob("*") if path.name in ("__pycache__", "tests", "moto")] == []


def test_a_second_build_is_equal_to_the_last_byte_and_far_below_what_lambda_takes(artefact: Path) -> None:
    """In names, rights, times and bytes, wherever it lies: so an unchanged artefact is deployed once."""
    with TemporaryDirectory() as folder:
        again, wheels = Path(folder) / "again", Path(folder) / "wheels.html"
        # From the same wheels: to read the index pages of all packages again takes two thirds of a build.
        wheels.write_text(taken_from(artefact), encoding="utf-8")
        told = built(again, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(wheels))
        assert digests(again) == digests(artefact)
    print(told)
    size = sum(path.stat().st_size for path in artefact.rglob("*") if path.is_file())
    assert f"{size:,} bytes unzipped of 250,000,000" in told
    assert size < 200_000_000 < LIMIT == 250_000_000


def digests(folder: Path) -> dict[str, tuple[int, float, str]]:
    """Return the rights, the time and the digest of each file and folder in a folder."""
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mode,
            path.stat().st_mtime,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in folder.rglob("*")
    }
