"""The demo: embedded stores, a labelled world, and the real commands run against them."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from rich.console import Console

from reconcile.model.attributes import same_image
from reconcile.model.catalog import RowKey
from reconcile.model.documents import Attributes
from reconcile.model.run import Order
from reconcile.model.search_record import Image
from reconcile.model.verdict_table import label_of
from reconcile.report.view.numbers import EXIT_WORDS
from reconcile.runs.finish import Outcome
from reconcile.runs.run_id import new_run_id, now
from reconcile.sandbox.serving import served
from reconcile.settings.load import load_settings
from reconcile.settings.settings import PREFIX, setting_names
from reconcile.stores.dynamodb import key_of
from reconcile.undo.request import UndoOrder
from reconcile.undo.undo import take_back
from reconcile.wiring import Wiring
from reconcile.wiring_writes import carry_out, undo_stores, undo_tools

RECORDINGS = 200
_AWS_NAMES = (
    "AWS_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_ENDPOINT_URL_LAMBDA",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    "AWS_ENDPOINT_URL_SESV2",
)


def run_demo(console: Console, *, seed: int, reports: Path, serve: bool) -> int:
    """Show a check, a withheld repair, its approval, a check and an undo; or keep the stores up (`serve`)."""
    # A folder of its own: the reports of another demo's world are no history of this one.
    place = reports.resolve() / f"demo-{now():%Y%m%dT%H%M%S}"
    with served(seed, RECORDINGS, place) as stores:
        console.print(
            f"Local stand-ins for the stores: {stores.objects:,} objects, {stores.rows:,} rows, "
            f"{stores.records:,} search records (sample world {seed}).",
            highlight=False,
        )
        if serve:
            return _serve(console, stores.environ)
        with only(stores.environ):
            return _play(console)


@contextmanager
def only(environ: Mapping[str, str]) -> Iterator[None]:
    """Let this environment be the only one that tells of stores and channels, and put the shell's back."""
    before = dict(os.environ)
    for name in _in_the_way(before, environ):
        del os.environ[name]
    os.environ.update(environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _in_the_way(names: Iterable[str], environ: Mapping[str, str]) -> list[str]:
    """Return what would lead the demo elsewhere: other settings, and what boto3 hears in AWS's variables."""
    elsewhere = (name for name in names if name.upper().startswith((PREFIX, "AWS_")))
    return sorted(name for name in elsewhere if name not in environ)


def _serve(console: Console, environ: Mapping[str, str]) -> int:
    console.print("They run until you press Ctrl-C. In another shell:\n", highlight=False)
    # The other shell may have settings that this one has not.
    for name in _in_the_way({*os.environ, *setting_names(), *_AWS_NAMES}, environ):
        console.print(f"unset {name}", markup=False, highlight=False, soft_wrap=True)
    for name, value in environ.items():
        escaped = value.replace("'", "'\\''")
        console.print(f"export {name}='{escaped}'", markup=False, highlight=False, soft_wrap=True)
    try:
        console.print("\nreconcile check", highlight=False)
        Event().wait()
    except KeyboardInterrupt:
        console.print("Stopped.")
    return 0


def _play(console: Console) -> int:
    _step(console, "reconcile check", Order("check"))
    first = Order("repair", reason="the first night")
    withheld = _step(console, "reconcile repair", first).report.run.id
    approval = Order("repair", approve=withheld, reason="approved in the demo")
    before = _contents()
    approved = _step(console, f"reconcile repair --approve {withheld}", approval).report.run.id
    last = _step(console, "reconcile check", Order("check"))
    open_findings = Counter(label_of(finding.subject.type, finding.kind) for finding in last.report.findings)
    console.print(
        "Action needed: " + ", ".join(f"{label} ({n})" for label, n in open_findings.most_common()) + ".",
        highlight=False,
    )
    if last.place:
        console.print(f"\nThe report as a page: {last.place}/report.html", soft_wrap=True, highlight=False)
        console.print(f"The report as data:   {last.place}/report.json", soft_wrap=True, highlight=False)
    _undo(console, approved, before)
    return 0


_Contents = tuple[Mapping[RowKey, Image], Mapping[str, Attributes]]


def _undo(console: Console, run: str, before: _Contents) -> None:
    """Take a repair back, and say whether table and index are as they were before it."""
    reason = "shown in the demo"
    console.print(f'\n$ reconcile undo {run} --reason "{reason}" --yes', style="bold", highlight=False)
    wiring = Wiring(load_settings())
    outcome = take_back(UndoOrder(run, reason), undo_stores(wiring), undo_tools(wiring, new_run_id(now())))
    console.print(f"{outcome.headline}.", markup=False, highlight=False)
    (rows, records), (old_rows, old_records) = _contents(), before
    apart = [key for key in {*rows, *old_rows} if _differs(rows.get(key, {}), old_rows.get(key, {}))]
    others = [name for name in {*records, *old_records} if records.get(name) != old_records.get(name)]
    as_before = f"All {len(rows):,} rows and {len(records):,} records are as before that repair."
    differing_now = f"{len(apart) + len(others):,} rows and records differ from before that repair."
    console.print(differing_now if apart or others else as_before, highlight=False)
    console.print(f"exit code {int(outcome.exit_code)}", style="dim", highlight=False)


def _differs(one: Image, other: Image) -> bool:
    """Whether two rows differ in more than when they were last changed."""
    return not same_image(one, other, frozenset({"updatedAt"}))


def _contents() -> _Contents:
    """Return all rows and search records, whole."""
    wiring = Wiring(load_settings())
    pages, _ = wiring.rows.scan(lambda images: [key_of(image) for image in images])
    rows = wiring.rows.whole_rows([key for page in pages for key in page])
    listed, _ = wiring.stores.records.browse()
    return rows, wiring.stores.records.whole_records([record.object_id for record in listed])


def _step(console: Console, command: str, order: Order) -> Outcome:
    """Run one command as the command line would, and tell its verdict."""
    wiring = Wiring(load_settings())
    run = new_run_id(now())
    console.print(f"\n$ {command}", style="bold", markup=False, highlight=False)
    outcome = carry_out(order, wiring, run)
    console.print(outcome.report.headline, markup=False, highlight=False)
    code = outcome.exit_code
    console.print(f"exit code {int(code)} ({EXIT_WORDS[code]})", style="dim", highlight=False)
    return outcome
