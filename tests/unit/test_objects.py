"""Looking for objects from many threads."""

from threading import Event, Thread
from typing import Any

import pytest

from reconcile.model.media import ObjectAddress
from reconcile.model.sighting import THERE, Sighting
from reconcile.stores.aws import Meter
from reconcile.stores.objects import S3Objects

GOOD, BAD = ObjectAddress("uploads", "good.mp4"), ObjectAddress("uploads", "bad.mp4")
BROKEN = Sighting("failed", "no answer")
FAILURES = 50


class Failures(list[Sighting]):
    """Failures that another thread forgets just after they were counted as too many."""

    def __init__(self, too_many: Event, forgotten: Event) -> None:
        super().__init__()
        self.too_many, self.forgotten = too_many, forgotten

    def __len__(self) -> int:
        """Return how many there are, and let the other thread go on where there are too many."""
        number = super().__len__()
        if number >= FAILURES:
            self.too_many.set()
            assert self.forgotten.wait(20)
        return number


def test_an_answer_that_comes_when_a_store_counts_as_down_breaks_no_other_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    too_many, forgotten, begun = Event(), Event(), Event()
    client: Any = None
    reader = S3Objects(client, Meter())

    def look(bucket: str, key: str) -> Sighting:
        if key == BAD.key:
            return BROKEN
        begun.set()
        assert too_many.wait(20)
        return THERE

    def slow_answer() -> None:
        reader.exist([GOOD])
        forgotten.set()

    monkeypatch.setattr(reader, "_look", look)
    monkeypatch.setattr(reader, "_failed", Failures(too_many, forgotten))
    other = Thread(target=slow_answer)
    other.start()
    assert begun.wait(20)
    for _ in range(FAILURES):
        assert reader.exist([BAD]) == {BAD: BROKEN}
    assert reader.exist([BAD]) == {BAD: BROKEN}
    other.join()
    assert reader.exist([GOOD]) == {GOOD: THERE}
