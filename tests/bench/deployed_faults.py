"""The bad nights of a deployed job: a store gone, two runs at once, a wrong setting, too little time."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from reconcile.sandbox.algolia import Fault
from tests.bench.deployed_nights import FIRED, Nights
from tests.deploy.cloud import Cloud, eventually
from tests.deploy.standing import Standing

TRIED_AGAIN = 480.0
"""Seconds until an event has failed for good, on a busy machine."""
WITHOUT_TRY = 75.0
"""Seconds after which an event would have been tried again."""


@dataclass
class BadNights:
    """What goes wrong with a deployed stack, in order, and what an operator sees and does then."""

    nights: Nights

    @property
    def cloud(self) -> Cloud:
        """Where the stack is."""
        return self.nights.cloud

    @property
    def stack(self) -> Standing:
        """The stack."""
        return self.nights.stack

    def queued(self) -> list[dict[str, Any]]:
        """Return the messages in the queue of failed runs."""
        return list(self.stack.failed_events())

    def stop_schedules(self) -> Iterator[str]:
        """Stop them by the stack's parameter, so that each night that follows is one of these."""
        status = self.stack.deploy(SchedulesEnabled="false")
        assert status == "UPDATE_COMPLETE", (status, self.stack.failures())
        scheduler = self.cloud.client("scheduler")
        for name in ("nightly", "weekly"):
            state = scheduler.get_schedule(Name=f"reconcile-{name}-prod")["State"]
            assert state == "DISABLED", (name, state)
        yield status

    def lose_index(self) -> Iterator[str]:
        """Stop the index, and give Lambda the event of a night."""
        before = set(self.stack.kept())
        event = self.stack.event("nightly", datetime.now(UTC))
        self.cloud.algolia.stop()
        self.stack.send("repair", event)
        (message,) = eventually("the event in the queue", self.queued, TRIED_AGAIN)
        runs = sorted(set(self.stack.kept()) - before)
        for run in runs:
            report = self.stack.report(run)
            yield f"{run}: exit code {report['run']['exit_code']}: {report['headline']}"
            assert report["run"]["exit_code"] == 3
        assert len(runs) == 2, runs
        assert message["requestPayload"] == event
        reply = json.loads(message["responsePayload"]["errorMessage"])
        assert (reply["run"], reply["exit_code"]) == (runs[-1], 3)
        yield f"FailedRuns holds {json.dumps(message['requestPayload'])}"
        yield f"and the reply of {reply['run']}; {message['requestContext']['condition']}"

    def mend_index(self) -> Iterator[str]:
        """Do what the guide says under *Run again what did not run*."""
        self.cloud.algolia.start()
        self.stack.point_at_index()
        before = self.nights.contents()
        reply = self.stack.invoke("repair", {"scope": "full", "reason": "again, by hand"})
        yield f"{reply['run']}: exit code {reply['exit_code']}: {reply['headline']}"
        assert reply["exit_code"] == 0
        assert self.nights.contents() == before
        self.cloud.client("sqs").purge_queue(QueueUrl=self.stack.outputs["FailedRuns"])
        assert not self.queued()

    def at_once(self) -> Iterator[str]:
        """Give Lambda the events of both schedules in one moment, while the index is slow to answer."""
        self.cloud.algolia.fail(Fault("slow", "browse", seconds=20))
        now, before = datetime.now(UTC), set(self.stack.kept())
        running = len(self.nights.ends("repair", "already-running"))
        for event in [self.stack.event(name, now) for name in ("nightly", "weekly")]:
            self.stack.send("repair", event)
        report = self.nights.new_run(before, "repair")
        yield f"{report['run']['id']}: exit code {report['run']['exit_code']}: {report['headline']}"
        told = eventually(
            "the other's end", lambda: self.nights.ends("repair", "already-running")[running:], FIRED
        )
        yield f"the other: exit code {told[0]['exit_code']}: {told[0]['headline']}"
        assert not self.queued()

    def refuse_setting(self) -> Iterator[str]:
        """Set what is no number, and give Lambda the event of a night."""
        refused = len(self.nights.ends("repair", "refused"))
        self.stack.configure("repair", RECONCILE_READ_UNITS="many")
        try:
            self.stack.send("repair", self.stack.event("nightly", datetime.now(UTC)))
            (line, *_) = eventually(
                "a refusal", lambda: self.nights.ends("repair", "refused")[refused:], FIRED
            )
            yield f"{line['level']} {line['message']}, exit code {line['exit_code']}: {line['headline']}"
            assert line["exit_code"] == 64
            time.sleep(WITHOUT_TRY)
            assert not self.queued()
        finally:
            self.stack.configure("repair", RECONCILE_READ_UNITS="100000")
        yield "the queue is empty: nothing would change by a second try; the alarm for Failed tells of it"

    def run_out_of_time(self) -> Iterator[str]:
        """Give the function 20 seconds, of which it keeps what it takes to report."""
        before = self.nights.contents()
        self.stack.configure("repair", timeout=20)
        try:
            answer = self.stack.invoke("repair", {"scope": "full", "reason": "in a hurry"})
        finally:
            self.stack.configure("repair")
        reply = json.loads(answer["errorMessage"])
        yield f"{reply['run']}: exit code {reply['exit_code']}: {reply['headline']}"
        assert reply["exit_code"] == 3
        assert "OUT OF TIME" in json.dumps(self.stack.report(reply["run"])), reply
        assert self.nights.contents() == before

    def delete(self) -> Iterator[str]:
        """Delete the stack, and create it again on the memory of the old one.

        The world grows older meanwhile: what has become due since it was marked as known is marked first.
        """
        checked = self.stack.shell("check", "check", "--full")
        assert checked.returncode in (0, 2), checked.stdout + checked.stderr
        yield self.nights.baseline("check", "became due")
        state, reports = self.stack.outputs["StateTable"], self.stack.kept()
        remembered = self.cloud.rows(state)
        yield self.stack.delete()
        assert self.cloud.rows(state) == remembered
        assert self.stack.kept() == reports
        yield f"{state} and {len(reports)} archived runs are still there"
        status = self.stack.deploy(StateTableName=state)
        assert status == "CREATE_COMPLETE", (status, self.stack.failures())
        reply = self.stack.invoke("check", {"scope": "full", "reason": "after the move"})
        report = self.stack.report(reply["run"])
        yield f"{reply['run']}: exit code {reply['exit_code']}: {reply['headline']}"
        assert (report["numbers"]["new"], report["numbers"]["open"]) == (0, 0), report["numbers"]
