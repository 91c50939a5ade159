"""The template and the artefact deployed on ministack: good nights and bad ones, step by step.

CloudFormation's API makes the stack, EventBridge Scheduler fires the functions, reports lie in S3, and mails
go by SMTP. `--page FILE` keeps the transcript as a page of the guide.
"""

import argparse
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from reconcile.artefact.build import PYTHON, build
from reconcile.sandbox.embedded import LOOPBACK
from reconcile.sandbox.world import build as build_world
from tests.bench.deployed_faults import BadNights
from tests.bench.deployed_nights import Nights
from tests.bench.ministack import PINNED
from tests.bench.sheet import machine
from tests.bench.transcript import Transcript
from tests.deploy.cloud import cloud
from tests.deploy.standing import Standing

SEED, RECORDINGS = 2, 60
WIDE = 150
PAGE = """# Deployed on a stand-in

What `python -m tests.bench.deployed` does and sees: it builds the artefact, transforms `schedule.yaml` by
SAM's own translator, deploys it by CloudFormation's API on a stand-in for AWS on loopback (the package
`ministack`), and lets nights pass there, which the stand-in's EventBridge Scheduler starts. It also made this
page. All that it starts is stopped in the end. How a stack is run, and what to do on such nights, stands in
[Operations](operations.md).

Where the stand-in is not AWS:

- Its Scheduler hands over `<aws.scheduler.scheduled-time>` and the schedule's ARN as they stand in the event.
  The function refuses that with 64. Before each night the run puts both in, as Scheduler would.
- Its Scheduler starts a function past Lambda's own queue, so that what fails is not tried again. Nights that
  are to fail are handed to Lambda as Scheduler does it, by Invoke with the type Event: there, tries and the
  queue of failed events are as the template says.
- It makes no metrics of what functions print. That the lines are there is seen; that alarms ring is not.
  It turns no point-in-time recovery on, which the template asks for.
- It holds nobody to policies of IAM, and takes for an address what SES would refuse. `tests/deploy/` holds
  each run to the rights of its role.
- Its mails are relayed with their texts, without what is attached.
- The template has no parameter for the address of an index that is not Algolia's: after each deployment both
  functions get one more variable, `RECONCILE_ALGOLIA_HOST`.
- The objects' times are set back in its files before it starts: S3 gives each the time of its upload.

```text
{lines}
```
"""


def steps(good: Nights) -> Sequence[tuple[str, Callable[[], Iterable[str]]]]:
    """Return what is done, in order, in words."""
    bad = BadNights(good)
    return (
        ("CloudFormation makes the stack from the transformed template", good.deploy),
        ("doctor, within the function, finds nothing failed", good.examine),
        (
            "an event whose placeholders nobody filled in is refused, and makes no report",
            good.refuse_placeholders,
        ),
        ("the Scheduler fires the check, and its report lies in the bucket", good.check),
        ("the report counts what the world knows", good.compare),
        ("its mail has arrived", good.receive),
        (
            "the same event again is answered with what is kept: no second report, no second mail",
            good.redeliver,
        ),
        ("from a shell, what is known is marked, as in the guide's first week", good.first_week),
        (
            "the stack is updated to make repairs, and the schedules start the other function",
            good.enable_repairs,
        ),
        ("the first repair makes no program: they await approval", good.first_repair),
        ("the approved repair is killed, tried again, and each lost recording has its program", good.approve),
        ("what is left to a person is marked: the next night is OK and writes nothing", good.next_night),
        ("the schedules are stopped by a parameter", bad.stop_schedules),
        ("the index is gone: a night is incomplete, tried again, and its event kept", bad.lose_index),
        ("the index is back: a run by hand is OK, and the queue is emptied", bad.mend_index),
        ("both schedules at the same moment: one repairs, the other finds it running", bad.at_once),
        ("a setting that nobody can read is refused with 64, and not tried again", bad.refuse_setting),
        ("in too little time the run ends by itself, and says so", bad.run_out_of_time),
        ("the stack is deleted: memory and reports stay, and the next stack goes on with them", bad.delete),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the transcript; 1 when a step did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    told = f"the Python that runs ministack and the functions (default: python{PYTHON}, or else this one)"
    parser.add_argument("--python", default="", metavar="COMMAND", help=told)
    parser.add_argument("--page", type=Path, metavar="FILE", help="where the transcript is kept as a page")
    asked = parser.parse_args(arguments)
    # Whoever ends the bench ends ministack too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    transcript = Transcript()
    loopback = dict.fromkeys(("NO_PROXY", "no_proxy"), LOOPBACK)
    with TemporaryDirectory() as name, patch.dict("os.environ", loopback):
        play(transcript, Path(name), asked.python)
    transcript.tell(f"\n{transcript.sum}")
    if asked.page:
        asked.page.write_text(page(transcript.lines), encoding="utf-8")
    return int(transcript.broken > 0)


def page(lines: Iterable[str]) -> str:
    """Return the page of the guide that shows these lines, none of them too long to be read."""
    return PAGE.format(lines="\n".join(line if len(line) <= WIDE else f"{line[:WIDE]}…" for line in lines))


def play(transcript: Transcript, folder: Path, python: str) -> None:
    """Build the artefact, start the cloud with a world, and take every step."""
    command, version = python_of(python)
    now = datetime.now(UTC)
    transcript.tell(f"{now:%Y-%m-%d %H:%M} UTC, {machine()}, {PINNED}, functions on Python {version}")
    artefact = folder / "artefact.zip"
    built = build(version, folder / "artefact", artefact)
    world = build_world(SEED, now=datetime.now(UTC), recordings=RECORDINGS)
    filled = (
        f"{len(world.objects):,} objects, {len(world.items):,} rows, {len(world.records):,} search records"
    )
    transcript.tell(f"an artefact of {built.size:,} bytes, zipped {built.zipped:,}; a world of {filled}")
    with cloud(world, folder, command) as running:
        for what, step in steps(Nights(running, Standing(running), artefact)):
            transcript.take(what, step)


def python_of(command: str) -> tuple[str, str]:
    """Return a Python that runs, by the command given or else Lambda's or this one, and its version.

    ministack runs functions on the Python that it runs on itself.
    """
    name = f"python{PYTHON}"
    installed = map(str, Path.home().glob(f".pyenv/versions/*/bin/{name}"))
    for one in (command,) if command else (name, *installed, sys.executable):
        if found := shutil.which(one):
            asked = [found, "-c", "import sys; print(*sys.version_info[:2], sep='.')"]
            told = subprocess.run(asked, capture_output=True, text=True, check=False)
            if not told.returncode:
                return found, told.stdout.strip()
    raise SystemExit(f"{command} does not run: name another with --python")


if __name__ == "__main__":
    sys.exit(main())
