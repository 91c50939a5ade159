"""A fault of the configuration is confirmed by looking once more, and no look keeps a run from its end."""

from dataclasses import dataclass, replace
from functools import cache

from reconcile.job import check
from reconcile.model.configuration import Configuration, Notifications, Storage
from reconcile.model.errors import UsageError
from reconcile.model.run import Order
from reconcile.runs.finish import Outcome
from reconcile.sandbox.world import World, build
from reconcile.settings.load import load_settings
from reconcile.stores.algolia import AlgoliaRecords
from reconcile.stores.configuration import LiveConfiguration
from reconcile.wiring import Wiring
from tests.contract.conftest import environ
from tests.scenario.cycle import Cycle
from tests.unit.builders import BUCKET, NOW
from tests.unit.setups import MASTER, SOUND, STORAGE, allowing, notifications, policy, rule


@dataclass
class Answers:
    """A port that gives one answer after the other, and the last one for ever."""

    answers: list[Configuration]
    reads: int = 0

    def read(self) -> Configuration:
        """Return the next answer."""
        self.reads += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@cache
def world() -> World:
    return build(7, now=NOW, recordings=20)


def set_up(told: Notifications | None = None) -> Configuration:
    """Return the configuration of the world's bucket, sound unless its notifications are told."""
    (bucket,) = world().buckets
    return replace(
        SOUND,
        buckets=(bucket,),
        notifications={bucket: told or SOUND.notifications[BUCKET]},
        policies={bucket: policy(allowing(Resource="*"))},
        storage=Storage(STORAGE, bucket),
    )


def checked(port: Answers) -> Outcome:
    ports = Cycle.of(world()).ports()
    stores = replace(ports.stores, configuration=port)
    return check(Order("check", lookback=None), replace(ports, stores=stores))


def system(outcome: Outcome) -> list[str]:
    return [finding.kind for finding in outcome.report.findings if finding.subject.type == "system"]


def test_a_fault_that_somebody_mended_meanwhile_is_no_finding() -> None:
    """And explains nothing."""
    outcome = checked(Answers([set_up(notifications(rule(MASTER))), set_up()]))
    assert system(outcome) == []
    assert outcome.report.counts["system"]["agrees"] == 4
    assert not [cause for cause in outcome.report.causes if cause.certainty == "certain" and cause.finding]


def test_a_fault_that_stays_is_looked_at_twice_and_a_sound_system_once() -> None:
    """However many rounds other findings take."""
    wrong, sound = Answers([set_up(notifications(rule(MASTER)))]), Answers([set_up()])
    assert system(checked(wrong)) == ["trigger-misconfigured"]
    assert system(checked(sound)) == []
    assert (wrong.reads, sound.reads) == (2, 1)


def test_a_client_that_cannot_be_made_is_no_reason_to_end_a_run() -> None:
    """As where an endpoint's address is none."""

    def broken() -> object:
        raise UsageError("the AWS client cannot be made: Invalid endpoint")

    with environ("http://127.0.0.1:9"):
        wiring = Wiring(load_settings())
        records = AlgoliaRecords(
            "APP", "key", "programs", wiring.meter, "http://127.0.0.1:9", lambda _: None, tries=1
        )
        reader = LiveConfiguration(
            (), "us-east-1", wiring.s3, broken, broken, records, "processor", "composer"
        )
    assert "cannot be made" in getattr(reader.read().storage, "why", "")
