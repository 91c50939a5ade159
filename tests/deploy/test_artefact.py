"""What the functions run from: it is whole by itself, pinned, small enough, and the same each time."""

import fcntl
import hashlib
import json
import os
import re
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
from packaging.utils import canonicalize_name

import reconcile
from reconcile.artefact.build import LAMBDA_LIMIT, LIMIT, PINS, ZIP_LIMIT
from reconcile.artefact.lock import read_lock, this_machine
from reconcile.artefact.trim import LENDERS, OTHER_APIS
from reconcile.sandbox.embedded import API_KEY, STATE_TABLE
from reconcile.sandbox.serving import Served, served
from reconcile.stores.aws import SERVICES

SOURCE = Path(reconcile.__file__).parent
LOCK = SOURCE.parent / "requirements.lock"
HERE = f"3.{sys.version_info.minor}"
"""The Python that can run what is built here."""

NEVER_INSIDE = ("docs", "sandbox", "artefact", "cli", "explain", "__pycache__")
SECRET, SENDER, REPORTS = "reconcile/sandbox/reader", "reports@example.net", "reports-of-the-test"
EVENT = {
    "scope": "recent",
    "reason": "nightly",
    "schedule_arn": "arn:aws:scheduler:us-east-1:123456789012:schedule/default/reconcile-nightly-sandbox",
    "scheduled_time": "2026-03-01T03:30:00Z",
}
INVOKED = """
import ast, json, pathlib, sys
sys.path.insert(0, sys.argv[1])
from reconcile.handler import handler
reply = handler(json.loads(sys.argv[2]), None)

def statements(node):
    for one in ast.iter_child_nodes(node):
        if isinstance(one, ast.Import | ast.ImportFrom):
            yield one
        elif not (isinstance(one, ast.If) and ast.unparse(one.test) == "TYPE_CHECKING"):
            yield from statements(one)

imported = 0
for path in sorted(pathlib.Path(sys.argv[1], "reconcile").rglob("*.py")):
    for statement in statements(ast.parse(path.read_bytes())):
        exec(compile(ast.Module([statement], []), path, "exec"), {})
        imported += 1
from botocore.session import get_session
session = get_session()
clients = map(session.create_client, json.loads(sys.argv[3]))
asked = [client.meta.service_model.service_name for client in clients]
files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
print(json.dumps({"reply": reply, "imported": imported, "asked": asked, "path": sys.path,
                  "files": [file for file in files if file]}))
"""
"""What an interpreter runs that knows of the standard library and of the artefact, and of nothing else: the
function, every import that stands anywhere in this package, and a client of each service."""


def built(into: Path, *more: str, **pip: str) -> str:
    """Build an artefact as the README says, but for the Python of this machine; return what was printed.

    `more` are further options, and `pip` options of pip's as it reads them from its environment.
    """
    command = [sys.executable, "-m", "reconcile.artefact", "--python", HERE, "--into", str(into), *more]
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


@pytest.fixture(scope="module")
def invoked(
    artefact: Path, stores: Served, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Handle the event where the artefact is alone; give the lines of the log, and how it went."""
    given = (str(artefact), json.dumps(EVENT), json.dumps((*SERVICES, *LENDERS)))
    # -B: the function cannot write into the artefact either.
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", INVOKED, *given],
        env=environment(stores),
        cwd=tmp_path_factory.mktemp("alone"),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=300,
    )
    *printed, ended = map(json.loads, done.stdout.splitlines())
    return printed, ended


def test_the_function_checks_the_stores_with_the_artefact_alone(
    artefact: Path, stores: Served, invoked: tuple[list[dict[str, Any]], dict[str, Any]]
) -> None:
    """It replies and writes metrics; its report is kept and mailed, and its run key is closed."""
    printed, ended = invoked
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


def test_whatever_the_function_may_import_or_ask_of_aws_is_inside(
    invoked: tuple[list[dict[str, Any]], dict[str, Any]],
) -> None:
    """Also what only a rare night comes to, and the services that lend credentials."""
    _, ended = invoked
    assert ended["imported"] > 1_000
    assert ended["asked"] == [*SERVICES, *LENDERS]


def test_what_is_inside_is_what_the_lock_pins_and_nothing_that_only_a_person_or_a_test_needs(
    artefact: Path,
) -> None:
    """Its list of what was installed holds the versions of the lock, each with the hash of the file taken."""
    pins = read_lock((artefact / PINS).read_text(encoding="utf-8"), {})
    locked = read_lock(LOCK.read_text(encoding="utf-8"), this_machine())
    inside = {
        canonicalize_name(one.name): one.version for one in metadata.distributions(path=[str(artefact)])
    }
    assert inside == {name: pin.version for name, pin in pins.items()}
    assert inside == {name: locked[name].version for name in pins}
    assert [name for name, pin in pins.items() if not set(pin.hashes) < set(locked[name].hashes)] == []
    assert {len(pin.hashes) for pin in pins.values()} == {1}
    assert {"boto3", "pandas", "algoliasearch", "aws-lambda-powertools"} < set(inside)
    assert {"typer", "rich", "pygments", "markdown-it-py", "shellingham"} & set(inside) == set()
    assert {"moto", "flask", "boto3-stubs", "mypy", "pytest", "cfn-lint", "packaging"} & set(inside) == set()
    assert {"duckdb", "pyspark", "pyarrow"} & set(inside) == set()


def test_of_this_package_there_are_the_modules_of_the_function_its_templates_and_the_licence(
    artefact: Path,
) -> None:
    """No guides, no command line, no sandbox and no builder."""
    there = artefact / SOURCE.name
    files = {path.relative_to(there) for path in there.rglob("*") if path.is_file()}
    ours = {path.relative_to(SOURCE) for path in SOURCE.rglob("*") if path.is_file()}
    assert files - ours == {Path("LICENSE")}
    assert {part for path in files for part in path.parts} & set(NEVER_INSIDE) == set()
    assert {path for path in ours if "templates" in path.parts} < files
    assert {Path("handler.py"), Path("doctor/examine.py"), Path("repair/apply.py")} < files


def test_of_the_packages_there_are_the_licences_and_nothing_that_no_function_reads(artefact: Path) -> None:
    """No tests, no files for compilers or compiled for the builder's Python, no services never asked."""
    paths = [path.relative_to(artefact) for path in artefact.rglob("*")]
    assert [path for path in paths if path.name in ("__pycache__", "tests", "bin")] == []
    assert [path for path in paths if path.suffix in (".pyi", ".h", ".pxd", ".a", ".pyc")] == []
    described = {path.name for path in (artefact / "botocore/data").iterdir() if path.is_dir()}
    assert described == {*SERVICES, *LENDERS}
    licensed = {path.parts[0] for path in paths if "licen" in path.name.lower() or path.name == "COPYING"}
    assert [path for path in paths if path.suffix == ".dist-info" and str(path) not in licensed] == []


def test_nothing_that_stays_imports_the_apis_of_algolia_that_are_left_out(artefact: Path) -> None:
    """Not even when it is called."""
    named = re.compile(rf"(?:from|import) +algoliasearch\.(?:{'|'.join(OTHER_APIS)})\b")
    files = list((artefact / "algoliasearch").rglob("*.py"))
    assert [path for path in files if named.search(path.read_text(encoding="utf-8"))] == []
    assert len(files) > 100


def test_a_second_build_is_equal_to_the_last_byte_and_smaller_than_the_project_allows(artefact: Path) -> None:
    """In names, rights, times and bytes, wherever it lies: so an unchanged artefact is deployed once."""
    with TemporaryDirectory() as folder:
        again, wheels = Path(folder) / "again", Path(folder) / "wheels.html"
        archive = Path(folder) / "again.zip"
        # From the same wheels: to read the index pages of all packages again takes two thirds of a build.
        wheels.write_text(taken_from(artefact), encoding="utf-8")
        told = built(again, "--zip", str(archive), PIP_NO_INDEX="1", PIP_FIND_LINKS=str(wheels))
        assert digests(again) == digests(artefact)
        assert bill_beside(again).read_bytes() == bill_beside(artefact).read_bytes()
        zipped = archive.stat().st_size
    print(told)
    size = sum(path.stat().st_size for path in artefact.rglob("*") if path.is_file())
    assert f"{size:,} bytes unzipped of 120,000,000 (Lambda takes 250,000,000)" in told
    assert f"{zipped:,} bytes zipped of 40,000,000" in told
    assert size < LIMIT == 120_000_000 < LAMBDA_LIMIT == 250_000_000
    assert zipped < ZIP_LIMIT == 40_000_000


def test_the_bill_of_materials_names_each_package_inside_with_a_licence_and_the_hash_that_was_checked(
    artefact: Path,
) -> None:
    """As CycloneDX 1.6 has it."""
    text = bill_beside(artefact).read_text(encoding="utf-8")
    pins = read_lock((artefact / PINS).read_text(encoding="utf-8"), {})
    listed = {one["name"]: one for one in json.loads(text)["components"]}
    assert {name: one["version"] for name, one in listed.items()} == {
        name: pin.version for name, pin in pins.items()
    }
    hashes = {name: f"sha256:{one['hashes'][0]['content']}" for name, one in listed.items()}
    assert hashes == {name: pin.hashes[0] for name, pin in pins.items()}
    assert [name for name, one in listed.items() if not one["licenses"]] == []
    assert "://" not in text
    schema = pytest.importorskip("cyclonedx.schema", reason="install requirements.lock again").SchemaVersion
    validation = pytest.importorskip("cyclonedx.validation.json")
    assert validation.JsonStrictValidator(schema.V1_6).validate_str(text) is None


def bill_beside(artefact: Path) -> Path:
    """Return where the bill of materials of an artefact lies."""
    return artefact.with_name(f"{artefact.name}.cdx.json")


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
