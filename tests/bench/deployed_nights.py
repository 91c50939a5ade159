"""The nights of a deployed job: each step does one thing in the cloud, and yields what it saw."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path
from typing import Any

from reconcile.model.run import Mode
from reconcile.sandbox.world import World
from tests.deploy.cloud import READER, Cloud, eventually
from tests.deploy.standing import Standing, left_out, put_code
from tests.scenario.cycle import Cycle
from tests.scenario.laws import LAWS, Life, expectations, hold_creations, touched, truths_of

FIRED = 240.0
"""Seconds until a schedule of every minute has fired, and its run has ended, on a busy machine."""
FILES = {"report.json", "report.html", "summary.json", "findings.csv", "recordings.csv"}


@dataclass
class Nights:
    """What is done with a deployed stack, in order; later steps go by what earlier ones saw."""

    cloud: Cloud
    stack: Standing
    artefact: Path
    checked: str = ""
    withheld: str = ""
    event: dict[str, Any] = field(default_factory=dict)

    @property
    def world(self) -> World:
        """The world in the stores."""
        return self.cloud.world

    # ---- What steps share

    def ends(self, mode: Mode, *words: str) -> list[dict[str, Any]]:
        """Return the last lines of a function's invocations that end with one of these words."""
        return [line for line in self.cloud.log(mode) if line.get("message") in words]

    def new_run(self, before: set[str], mode: Mode) -> dict[str, Any]:
        """Wait for a run that was not there before, and has ended; return its report."""

        def ended() -> str:
            new = [
                line["run"] for line in self.ends(mode, "finished", "sent again") if line["run"] not in before
            ]
            return new[-1] if new else ""

        run = eventually("the end of a run", ended, FIRED)
        assert self.stack.kept()[run] == FILES, self.stack.kept()[run]
        return self.stack.report(run)

    def night(self, schedule: str, mode: Mode) -> dict[str, Any]:
        """Fill a schedule's input in, wait until it has fired, and return the report of its run."""
        before = set(self.stack.kept())
        self.event = self.stack.fill(schedule, datetime.now(UTC))
        return self.new_run(before, mode)

    def mails(self) -> list[Message]:
        """Return the mails that came for the reader."""
        return [mail for mail in self.cloud.mails() if mail["To"] == READER]

    def contents(self) -> tuple[Any, Any]:
        """Return the rows of the application's table, and the search records."""
        return self.cloud.rows(), self.cloud.records()

    # ---- The first nights: a check

    def deploy(self) -> Iterator[str]:
        """Put the code, and create the stack."""
        put_code(self.cloud, self.artefact)
        for name, why in left_out().items():
            yield f"left out: {name}, because {why}"
        status = self.stack.deploy(Nightly="rate(1 minute)", AlgoliaIndex=self.world.index)
        assert status == "CREATE_COMPLETE", (status, self.stack.failures())
        made = Counter(kind.removeprefix("AWS::") for kind in self.stack.made().values())
        kinds = ", ".join(f"{made[kind]} {kind}" for kind in sorted(made))
        yield f"{status}: {made.total()} resources: {kinds}"
        tries = self.cloud.client("lambda").get_function_event_invoke_config(
            FunctionName="reconcile-check-prod", Qualifier="$LATEST"
        )
        assert tries["MaximumRetryAttempts"] == 1
        kept = tries["DestinationConfig"]["OnFailure"]["Destination"]
        yield f"a failed event is tried once more, then kept in {kept.rpartition(':')[2]}"

    def examine(self) -> Iterator[str]:
        """Ask doctor, under the function."""
        reply = self.stack.invoke("check", {"doctor": True})
        yield reply["headline"]
        yield from (
            f"{one['state']}: {one['what']}: {one['found']}" for one in reply["lines"] if one["state"] != "ok"
        )
        assert "failed" not in {one["state"] for one in reply["lines"]}

    def refuse_placeholders(self) -> Iterator[str]:
        """Wait for the Scheduler's first event, which it leaves as it stands in the template."""
        (line, *_) = eventually("a refusal", lambda: self.ends("check", "refused"), FIRED)
        assert line["exit_code"] == 64
        assert not self.stack.kept()
        yield line["headline"]

    def check(self) -> Iterator[str]:
        """Let the nightly schedule fire."""
        report = self.night("nightly", "check")
        self.checked = report["run"]["id"]
        yield f"{self.checked}: {report['headline']}"
        yield f"exit code {report['run']['exit_code']}; kept: {', '.join(sorted(FILES))}"
        (beat,) = (line for line in self.cloud.log("check") if "Heartbeat" in line)
        named = [metric["Name"] for metric in beat["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
        yield f"metrics of {beat['Stage']}, {beat['Mode']}: {', '.join(named)}"
        page = self.stack.read(self.checked, "report.html").decode()
        assert report["headline"].split(".")[0] in page, report["headline"]

    def compare(self) -> Iterator[str]:
        """Hold the counts against the world's truth; how the stores are set up is not in it."""
        report = self.stack.report(self.checked)
        told = {
            (kind, verdict): number
            for kind, tally in report["counts"].items()
            for verdict, number in tally.items()
            if number and verdict != "population" and kind != "system"
        }
        window = self.world.now - timedelta(days=3)
        wanted = Counter((one.type, verdict) for one, verdict in expectations(self.world, window).items())
        yield f"{wanted.total()} subjects of {len(wanted)} verdicts, {len(report['findings'])} findings"
        assert told == wanted, set(told.items()) ^ set(wanted.items())

    def receive(self) -> Iterator[str]:
        """Read the mail of the check."""
        (mail,) = eventually("a mail", self.mails, 30)
        report = self.stack.report(self.checked)
        yield f"from {mail['From']} to {mail['To']}: {mail['Subject']}"
        assert str(mail["Subject"]).startswith("[prod] "), mail["Subject"]
        assert f"{report['numbers']['new']} new" in mail["Subject"], report["numbers"]
        texts = [part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart()]
        assert any(self.checked in text.decode() for text in texts if isinstance(text, bytes))

    def redeliver(self) -> Iterator[str]:
        """Let the Scheduler fire the same event a minute later, and a person send it too."""
        before, mails = self.stack.kept(), len(self.mails())
        (line, *_) = eventually("the same event again", lambda: self.ends("check", "told again"), FIRED)
        reply = self.stack.invoke("check", self.event)
        assert line["run"] == reply["run"] == self.checked
        assert (self.stack.kept(), len(self.mails())) == (before, mails)
        yield f"{line['message']}: {line['headline']}"

    def first_week(self) -> Iterator[str]:
        """Check everything from a shell with the function's settings, and mark what is known."""
        checked = self.stack.shell("check", "check", "--full")
        assert checked.returncode == 2, checked.stdout + checked.stderr
        assert "ncomplete" not in checked.stdout.splitlines()[0], checked.stdout
        yield self.baseline("check", "as it was")
        yield from self.stack.shell("check", "runs").stdout.strip().splitlines()[:3]

    def baseline(self, mode: Mode, reason: str) -> str:
        """Mark what is open as known; return what is said of it."""
        done = self.stack.shell(mode, "baseline", "--reason", reason)
        assert done.returncode == 0, done.stdout + done.stderr
        return " ".join(done.stdout.split())[:100]

    # ---- The nights that repair

    def enable_repairs(self) -> Iterator[str]:
        """Update the stack."""
        status = self.stack.deploy(RepairEnabled="true", Weekly="rate(1 minute)")
        assert status == "UPDATE_COMPLETE", (status, self.stack.failures())
        scheduler = self.cloud.client("scheduler")
        for name in ("nightly", "weekly"):
            target = scheduler.get_schedule(Name=f"reconcile-{name}-prod")["Target"]["Arn"]
            assert target.endswith("function:reconcile-repair-prod"), target
        assert self.stack.environment("repair")["RECONCILE_MODE"] == "repair"
        # Of a night that has run: until another one is filled in, that is told again each minute.
        self.stack.fill("nightly", datetime.fromisoformat(self.event["scheduled_time"]))
        yield status

    def first_repair(self) -> Iterator[str]:
        """Let the weekly schedule fire, for a repair of everything."""
        report = self.night("weekly", "repair")
        self.withheld = report["run"]["id"]
        numbers = report["numbers"]
        yield f"{self.withheld}: {report['headline']}"
        told = f"repaired {numbers['repaired']}, awaiting approval {numbers['awaiting_approval']}"
        yield f"exit code {report['run']['exit_code']}; {told}"
        assert report["run"]["exit_code"] == 5
        assert numbers["repaired"] > 0
        assert not self.made(), "programs were made"

    def made(self) -> dict[tuple[str, str], Any]:
        """Return the programs that the job made."""
        return {key: row for key, row in self.cloud.rows().items() if "reconcileRunId" in row}

    def approve(self) -> Iterator[str]:
        """Approve by an event, kill the function once it has begun to write, and wait for its second try."""
        before = set(self.stack.kept())
        self.stack.send("repair", {"approve": self.withheld, "scope": "full", "reason": "reviewed"})
        eventually("the first program", self.made, FIRED)
        assert self.cloud.kill("repair") > 0
        left = len(self.made())
        yield f"killed when {left} programs were made"
        report = self.new_run(before, "repair")
        yield f"{report['run']['id']}: {report['headline']}"
        life = self.held()
        yield f"{life.created} programs made for {self.wanted} recordings that want one"
        assert life.created == self.wanted > left > 0

    @property
    def wanted(self) -> int:
        """How many recordings want a program."""
        return sum(truth.wanted for truth in self.world.truth.recordings.values())

    def held(self) -> Life:
        """Hold the laws of repairing over what the stores say now."""
        life, cycle = Life(self.world), Cycle.of(self.world)
        first = cycle.contents()
        cycle.table.items = self.cloud.rows()
        hold_creations(life, cycle)
        life.breaks(7, touched(first, cycle, truths_of(self.world)))
        assert not any(life.broken.values()), {law: life.broken[law] for law in LAWS if life.broken[law]}
        return life

    def next_night(self) -> Iterator[str]:
        """Mark what the repair left to a person, and let the nightly schedule fire once more."""
        yield self.baseline("repair", "reviewed")
        before = self.contents()
        report = self.night("nightly", "repair")
        yield f"{report['run']['id']}: {report['headline']}"
        assert report["run"]["exit_code"] == 0, report["numbers"]
        assert self.contents() == before, "rows or records have changed"
