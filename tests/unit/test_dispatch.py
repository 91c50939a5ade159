"""When a report is sent, through which channels, and what became of it on each."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from reconcile.deliver.dispatch import DeliverySettings, Notify, deliver, has_something_to_report
from reconcile.model.errors import DeliveryError, Exit
from reconcile.model.run import Delivery, Interrupted
from reconcile.report.data import Report
from reconcile.report.message import Message
from tests.unit.samples import busy_report, clean_report

NOW = clean_report().run.started_at


@dataclass
class Box:
    """A channel that keeps what arrives, or refuses everything."""

    name: str = "box"
    refuses: str = ""
    arrived: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> str:
        if self.refuses:
            raise DeliveryError(self.refuses)
        self.arrived.append(message)
        return f"message {len(self.arrived)}"

    def test(self, stage: str) -> str:
        return stage


def sent_ago(days: float, channel: str = "box", outcome: str = "sent") -> dict[str, Any]:
    at = (NOW - timedelta(days=days)).isoformat()
    return {"deliveries": [{"channel": channel, "outcome": outcome, "at": at, "detail": ""}]}


def clock() -> datetime:
    return NOW


def outcomes(
    report: Report, *runs: dict[str, Any], notify: Notify = "needed", box: Box | None = None
) -> list[str]:
    settings = DeliverySettings((box or Box(),), notify=notify)
    return [one.outcome for one in deliver(Message(report, lambda: "<html>"), settings, runs, clock)]


def test_a_report_with_findings_is_sent_every_time() -> None:
    box = Box()
    assert outcomes(busy_report(), sent_ago(0.1), box=box) == ["sent"]
    assert [message.report for message in box.arrived] == [busy_report()]


def test_a_report_without_news_is_quiet_within_a_week() -> None:
    box = Box()
    assert outcomes(clean_report(), sent_ago(6), box=box) == ["quiet"]
    assert box.arrived == []


@pytest.mark.parametrize("days", [6.99, 7, 30])
def test_a_report_without_news_is_sent_once_a_week_as_proof_of_life(days: float) -> None:
    """Also when the weekly run starts some minutes earlier than a week ago's."""
    assert outcomes(clean_report(), sent_ago(days)) == ["sent"]


def test_the_week_is_counted_from_the_last_message_that_arrived_on_that_channel() -> None:
    """Failed, quiet and other channels' messages prove nothing."""
    others = (sent_ago(1, outcome="failed"), sent_ago(2, outcome="quiet"), sent_ago(3, channel="other"))
    assert outcomes(clean_report(), *others, sent_ago(8)) == ["sent"]
    assert outcomes(clean_report(), *others, sent_ago(4)) == ["quiet"]
    assert outcomes(clean_report(), *others) == ["sent"]


def test_quiet_runs_are_sent_too_when_asked_for() -> None:
    assert outcomes(clean_report(), sent_ago(0.1), notify="always") == ["sent"]


@pytest.mark.parametrize("result", [Exit.INCOMPLETE, Exit.CRASHED])
def test_a_run_that_did_not_see_everything_is_has_something_to_report(result: Exit) -> None:
    """No news of an incomplete run is not good news."""
    report = clean_report()
    assert not has_something_to_report(report)
    assert has_something_to_report(replace(report, run=replace(report.run, result=int(result))))


def test_a_run_that_was_killed_is_has_something_to_report() -> None:
    report = clean_report()
    killed = (Interrupted("earlier", "repair", NOW, 3),)
    assert has_something_to_report(replace(report, run=replace(report.run, interrupted=killed)))


def test_ignored_findings_alone_are_not_has_something_to_report() -> None:
    report = busy_report()
    ignored = tuple(replace(finding, status="ignored") for finding in report.findings)
    assert not has_something_to_report(replace(report, findings=ignored, approvals={}, repairs=()))


def test_a_report_that_could_not_be_kept_is_sent_whatever_it_says() -> None:
    settings = DeliverySettings((Box(),))
    message = Message(clean_report(), lambda: "<html>", not_kept="the bucket is gone")
    assert [one.outcome for one in deliver(message, settings, [sent_ago(1)], clock)] == ["sent"]


def test_a_channel_that_fails_keeps_no_other_from_being_used() -> None:
    broken, sound = Box("broken", refuses="nobody home"), Box("sound")
    done = deliver(Message(busy_report(), lambda: "<html>"), DeliverySettings((broken, sound)), [], clock)
    assert done == (
        Delivery("broken", "failed", NOW, "nobody home"),
        Delivery("sound", "sent", NOW, "message 1"),
    )


def test_an_undelivered_report_ends_with_4_unless_something_graver_happened() -> None:
    failed = (Delivery("box", "failed", NOW, "nobody home"),)
    codes = {
        result: replace(busy_report(), run=replace(busy_report().run, result=result))
        .with_deliveries(failed)
        .run.exit_code
        for result in (0, 2, 3, 5)
    }
    assert codes == {0: 4, 2: 4, 3: 3, 5: 4}


def test_a_report_that_was_sent_in_the_end_ends_as_its_work_did() -> None:
    report = replace(busy_report(), run=replace(busy_report().run, result=5, exit_code=4))
    assert report.with_deliveries((Delivery("box", "sent", NOW),)).run.exit_code == 5


def test_the_same_known_findings_are_sent_once_where_only_news_is_asked_for() -> None:
    """Five runs on demand that see what is known send nothing; by default each of them does."""
    known = tuple(
        replace(finding, status="open")
        for finding in busy_report().findings
        if finding.status in ("new", "open")
    )
    report = replace(busy_report(), findings=known, approvals={}, repairs=())
    report = replace(report, run=replace(report.run, result=2, interrupted=()))
    assert outcomes(report, sent_ago(0.1), notify="new") == ["quiet"]
    assert outcomes(report, sent_ago(0.1)) == ["sent"]
    assert outcomes(report, sent_ago(7), notify="new") == ["sent"]
    assert outcomes(report, notify="new") == ["sent"]


@pytest.mark.parametrize(
    "news",
    ["new", "came-back", "awaiting-approval", "partly-repaired", "repairs", "incomplete", "interrupted"],
)
def test_news_is_sent_at_once(news: str) -> None:
    quiet = replace(clean_report(), run=replace(clean_report().run, interrupted=()))
    (one, *_) = busy_report().findings
    report = {
        "new": replace(quiet, findings=(replace(one, status="new"),)),
        "came-back": replace(quiet, findings=(replace(one, status="came-back"),)),
        "awaiting-approval": replace(quiet, findings=(replace(one, status="awaiting-approval"),)),
        "partly-repaired": replace(
            quiet,
            findings=(replace(one, status="partly-repaired"),),
            repairs=(replace(busy_report().repairs[0], finding=one.id),),
        ),
        "repairs": replace(quiet, repairs=busy_report().repairs[:1]),
        "incomplete": replace(quiet, run=replace(quiet.run, result=3)),
        "interrupted": replace(
            quiet, run=replace(quiet.run, interrupted=(Interrupted("earlier", "repair", NOW, 3),))
        ),
    }[news]
    assert outcomes(report, sent_ago(0.1), notify="new") == ["sent"]
