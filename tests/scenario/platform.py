"""The rest of the live platform beside the job's runs: who else writes to the stores, one step at a time.

The processor makes programs under ids of its own; owners edit, move and delete them, and delete groups; the
stream sync writes each change of a program to the index, late and in order. A move is what the live function
does: it deletes the row and puts it elsewhere, and anything can happen in between.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from reconcile.model.clock import write_time
from reconcile.model.search_record import canonical
from reconcile.sandbox.world.copies import copied
from tests.scenario.cycle import Cycle
from tests.scenario.small import DOMAIN

Key = tuple[str, str]
Row = dict[str, Any]


def text(row: Row, name: str) -> str:
    """Return a text attribute of a row, "" without."""
    return str(row.get(name, {}).get("S", ""))


@dataclass
class Platform:
    """Who else writes; `edited` holds what owners last said of rows that stand, `deleted` what they deleted.

    `late` are the changes that the stream sync has not written to the index yet, and `moving` the rows that a
    move took out and has not put back.
    """

    cycle: Cycle
    random: Random
    recordings: dict[str, Key]
    """By prefix, the owner and the show of each recording."""
    edited: dict[Key, str] = field(default_factory=dict)
    deleted: set[Key] = field(default_factory=set)
    late: deque[tuple[str, Row | None]] = field(default_factory=deque)
    moving: deque[Row] = field(default_factory=deque)
    steps: Counter[str] = field(default_factory=Counter)
    made: int = 0

    def step(self) -> None:
        """Let somebody do something, if there is something to do."""
        does = self.random.choice(STEPS)
        if does(self):
            self.steps[does.__name__] += 1

    def settle(self) -> None:
        """End what was begun: rows that are moved are put back, and the stream sync has caught up."""
        while self.put_back():
            pass
        while self.sync():
            pass

    @property
    def items(self) -> dict[Key, Row]:
        """The application's table."""
        return self.cycle.table.items

    def programs(self) -> list[Key]:
        """Return the rows of programs of recordings, in order."""
        return sorted(
            key for key, row in self.items.items() if key[1].startswith("p#") and text(row, "sourceShowId")
        )

    def _one_of(self, keys: list[Key]) -> Key | None:
        return self.random.choice(keys) if keys else None

    def _moment(self) -> str:
        return write_time(self.cycle.now)

    def _counts(self, owner: str, group: str, by: int) -> None:
        row = self.items.get((f"u#{owner}#groups", f"g#{group}"))
        if row is not None:
            row["programsCount"] = {"N": str(int(row["programsCount"]["N"]) + by)}

    def process(self) -> bool:
        """Make some recording's program as the live processor does: it does not look whether there is one."""
        self.process_one(self.random.choice(sorted(self.recordings)))
        return True

    def process_one(self, prefix: str) -> None:
        """Make a recording's program as the live processor does."""
        owner, show_id = self.recordings[prefix]
        show = self.items[f"show#{show_id}", "info"]
        group, self.made = text(show, "groupId"), self.made + 1
        program_id, key = f"live-{self.made}-{show_id}", f"{prefix}/media/hls/multivariant.m3u8"
        values = {
            "pk": f"u#{owner}#programs",
            "sk": f"p#{program_id}",
            "entityType": "program",
            "programId": program_id,
            "title": "Made live",
            "program_url": f"https://{DOMAIN}/{key}",
            "groupId": group,
            "s3Bucket": self.cycle.world.buckets[0],
            "s3Key": key,
            "sourceShowId": show_id,
            "sourceType": "ivs-recording",
            "created_date": self._moment(),
            "updatedAt": self._moment(),
            "GSI1PK": f"u#{owner}#g#{group}",
            "GSI1SK": f"p#{program_id}",
        }
        row: Row = {name: {"S": value} for name, value in values.items()}
        self._put(row)
        self._counts(owner, group, 1)

    def _put(self, row: Row) -> None:
        self.items[row["pk"]["S"], row["sk"]["S"]] = row
        self.late.append((text(row, "programId"), copied(row)))

    def edit(self) -> bool:
        """Give a program another title, as its owner does."""
        key = self._one_of(self.programs())
        if key is None:
            return False
        title = f"Edited {self.steps.total()}"
        row = self.items[key]
        row["title"], row["updatedAt"] = {"S": title}, {"S": self._moment()}
        self.edited[key] = title
        self.late.append((text(row, "programId"), copied(row)))
        return True

    def delete(self) -> bool:
        """Delete a program, as its owner does."""
        key = self._one_of(self.programs())
        if key is None:
            return False
        row = self.items.pop(key)
        self.edited.pop(key, None)
        self.deleted.add(key)
        self._counts(key[0].split("#")[1], text(row, "groupId"), -1)
        self.late.append((text(row, "programId"), None))
        return True

    def take_out(self) -> bool:
        """Begin to move a program to another group: its row goes."""
        key = self._one_of(self.programs())
        if key is None:
            return False
        row = self.items.pop(key)
        self._counts(key[0].split("#")[1], text(row, "groupId"), -1)
        self.late.append((text(row, "programId"), None))
        self.moving.append(row)
        return True

    def put_back(self) -> bool:
        """End a move: the row is put as it was, but for its group."""
        if not self.moving:
            return False
        row = self.moving.popleft()
        owner = row["pk"]["S"].split("#")[1]
        row |= {"groupId": {"S": "moved"}, "GSI1PK": {"S": f"u#{owner}#g#moved"}}
        self._put(row)
        self._counts(owner, "moved", 1)
        return True

    def sync(self) -> bool:
        """Write the oldest change that the stream still holds to the index."""
        if not self.late:
            return False
        name, row = self.late.popleft()
        if row is None:
            self.cycle.index.hits.pop(name, None)
        else:
            self.cycle.index.hits[name] = canonical(row)
        return True

    def retitle(self) -> bool:
        """Give a show another title."""
        show = self.items[
            "show#" + self.random.choice(sorted(show for _, show in self.recordings.values())), "info"
        ]
        show["title"], show["updatedAt"] = {"S": f"Show {self.steps.total()}"}, {"S": self._moment()}
        return True

    def lose_group(self) -> bool:
        """Delete the group of a show, as its producer does."""
        key = self._one_of([key for key in sorted(self.items) if key[1].startswith("g#group")])
        if key is None or self.random.random() < 0.5:
            return False
        del self.items[key]
        return True


STEPS: tuple[Callable[[Platform], bool], ...] = (
    Platform.process,
    Platform.edit,
    Platform.delete,
    Platform.take_out,
    Platform.put_back,
    Platform.put_back,
    Platform.sync,
    Platform.sync,
    Platform.sync,
    Platform.retitle,
    Platform.lose_group,
)
