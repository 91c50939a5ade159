"""Whose the state table is, is asked before anything is written there and again of what stands afterwards."""

from dataclasses import dataclass, field, replace

import pytest

from reconcile.model.errors import UsageError
from reconcile.runs.environment import bind
from reconcile.stores.ports import Environment
from tests.doubles.memory_state import MemoryState

OURS = Environment("dev", "programs-dev", "index-dev", ("videos-dev",))
THEIRS = Environment("prod", "programs-prod", "index-prod", ("videos-prod",))


@dataclass
class SlowToTell(MemoryState):
    """A memory whose first look finds nothing: another run settles it a moment later, or the answer lied."""

    looks: list[Environment | None] = field(default_factory=list)

    def environment(self) -> Environment | None:
        return self.looks.pop(0) if self.looks else self.settled


def test_an_environment_that_another_stage_settled_meanwhile_is_refused_and_left_alone() -> None:
    state = SlowToTell(settled=THEIRS, looks=[None])
    with pytest.raises(UsageError, match="RECONCILE_STAGE=prod, and dev is set now"):
        bind(OURS, state)
    assert state.settled == THEIRS


def test_buckets_are_added_to_the_own_environment_alone() -> None:
    state = MemoryState(settled=OURS)
    assert bind(replace(OURS, buckets=("videos-dev", "more")), state).buckets == ("more", "videos-dev")
    with pytest.raises(UsageError):
        bind(THEIRS, state)
    assert state.settled is not None
    assert state.settled.buckets == ("more", "videos-dev")
