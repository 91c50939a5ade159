"""The stores that are read, and how progress is shown."""

from collections.abc import Callable
from dataclasses import dataclass

from reconcile.stores.ports import (
    ConfigurationReader,
    ObjectsReader,
    PlaybackReader,
    RecordingsReader,
    RecordsReader,
    RowsReader,
)

Progress = Callable[[str, int, int], None]
"""Called with the name of a step, how much of it is done, and how much there is (0: not known)."""


def silent(step: str, done: int, total: int) -> None:
    """Show no progress."""


@dataclass(frozen=True, slots=True)
class Stores:
    """The three stores, reading; media one by one, and how the live system is set up.

    None of it: nobody asks for playback URLs, or looks at the configuration.
    """

    recordings: RecordingsReader
    rows: RowsReader
    records: RecordsReader
    objects: ObjectsReader
    playback: PlaybackReader | None = None
    configuration: ConfigurationReader | None = None
