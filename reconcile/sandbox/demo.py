"""The demo: embedded stores, a labelled world, and the real commands run against them."""

import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from threading import Event

from rich.console import Console

from reconcile.closing import Outcome
from reconcile.job import check, repair
from reconcile.model.run import Order
from reconcile.sandbox.serving import served
from reconcile.settings import load_settings
from reconcile.wiring import Wiring, new_run_id, now

RECORDINGS = 200


def run_demo(console: Console, *, seed: int, reports: Path, serve: bool) -> int:
    """Show a check, a withheld repair, its approval and a last check; or keep the stores up (`serve`)."""
    # A folder of its own: the reports of another demo's world are no history of this one.
    place = reports.resolve() / f"demo-{now():%Y%m%dT%H%M%S}"
    with served(seed, RECORDINGS, place) as stores:
        console.print(
            f"Embedded stores on loopback: {stores.objects:,} objects, {stores.rows:,} rows, "
            f"{stores.records:,} search records (world {seed}).",
            highlight=False,
        )
        if serve:
            return _serve(console, stores.environ)
        os.environ.update(stores.environ)
        return _play(console)


def _serve(console: Console, environ: Mapping[str, str]) -> int:
    console.print("They stay up until you press Ctrl-C. In another shell:\n", highlight=False)
    for name, value in environ.items():
        console.print(f"export {name}='{value}'", markup=False, highlight=False, soft_wrap=True)
    console.print("\nreconcile check", highlight=False)
    try:
        Event().wait()
    except KeyboardInterrupt:
        console.print("Stopped.")
    return 0


def _play(console: Console) -> int:
    _step(console, "reconcile check", Order("check"))
    first = Order("repair", reason="the first night")
    withheld = _step(console, "reconcile repair", first).report.run.id
    approval = Order("repair", approve=withheld, reason="approved in the demo")
    _step(console, f"reconcile repair --approve {withheld}", approval)
    last = _step(console, "reconcile check", Order("check"))
    left = Counter(finding.kind for finding in last.report.findings)
    console.print(
        "What remains needs a person: " + ", ".join(f"{n} {kind}" for kind, n in left.most_common()) + ".",
        highlight=False,
    )
    if last.place:
        console.print(f"\nThe report as a page: {last.place}/report.html", soft_wrap=True, highlight=False)
        console.print(f"The report as data:   {last.place}/report.json", soft_wrap=True, highlight=False)
    return 0


def _step(console: Console, command: str, order: Order) -> Outcome:
    """Run one command as the command line would, and tell its verdict."""
    wiring = Wiring(load_settings())
    run = new_run_id(now())
    console.print(f"\n$ {command}", style="bold", markup=False, highlight=False)
    ports = wiring.ports(run)
    outcome = check(order, ports) if order.mode == "check" else repair(order, ports, wiring.tools(run))
    console.print(outcome.report.headline, markup=False, highlight=False)
    code = outcome.exit_code
    console.print(f"exit code {int(code)} ({code.name.lower()})", style="dim", highlight=False)
    return outcome
