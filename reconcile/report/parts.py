"""Parts of a report that others build and every rendering shows: steps, the chain, earlier runs. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ReportState = Literal["ok", "known", "action", "incomplete"]
"""How things are: nothing is wrong, nothing is new, somebody has to act, or not everything could be read."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do first: what it is, what it brings in two or three words, and how it is done.

    `findings` are the ids of those that it is about, open or awaiting approval.
    """

    title: str
    effect: str
    step: str
    commands: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One link of the chain from a recording to the search: how many came through, and how many were lost.

    `not_known` were not checked; the three add up to the population that `label` names. `cause` says what is
    known to lose them, or why they were not checked ("": nothing), and `findings` are the ids of those that
    say so. `suffixes` are the names of manifests for which no trigger is in place. Where its source was not
    read, or its configuration was not looked at, it is not `checked`: that none is lost says nothing then.
    """

    key: str
    label: str
    number: int
    lost: int = 0
    not_known: int = 0
    cause: str = ""
    findings: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    checked: bool = True


@dataclass(frozen=True, slots=True)
class TrendRun:
    """The numbers of one run, as they were reported then."""

    run: str
    started_at: datetime
    mode: str
    state: ReportState
    new: int
    open: int
    awaiting_approval: int
    repaired: int


@dataclass(frozen=True, slots=True)
class ResolvedBefore:
    """A finding that an earlier report resolved: should it return, it came back, and is as old as it was."""

    id: str
    first_seen: datetime
    resolved_at: datetime
