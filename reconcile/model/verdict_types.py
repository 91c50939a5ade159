"""What a line of the verdict table is, and the lines that several subject types share."""

from dataclasses import dataclass
from typing import Literal

from reconcile.model.remedy import Remedy

Response = Literal["count", "not-checked", "report", "create", "repair", "write"]
Severity = Literal["high", "medium", "low", "none"]
Task = Literal["decide", "ask", "fix", "inspect"]
"""What a person does about a finding: decide, ask the producer, run a command, or inspect the data."""


@dataclass(frozen=True, slots=True)
class VerdictKind:
    """One line of the table; `step` and `commands`, what to do, may name {fields} of a finding's subject.

    `name` is the slug that machines read; `label` is what people read.
    `opt_in`: it is only reported, unless a repair is asked for it by name.
    """

    subject: str
    name: str
    label: str
    response: Response
    severity: Severity
    means: str
    step: str = ""
    commands: tuple[str, ...] = ()
    opt_in: bool = False
    task: Task = "inspect"

    @property
    def remedy(self) -> Remedy:
        """What to do about it, with the names of {fields} still in it."""
        return Remedy(self.step, self.commands)


REPAIR = "reconcile repair"
ARCHIVED = (
    "The command asks S3 to restore it, which takes hours and costs money{then}. To keep it playable, copy "
    "it to a storage class that is read at once, and exclude it from the lifecycle rule."
)


def counted(subject: str, name: str, label: str, means: str) -> VerdictKind:
    """Return a verdict that is counted and needs nothing."""
    return VerdictKind(subject, name, label, "count", "none", means)


def ok(subject: str, means: str) -> VerdictKind:
    """Return the verdict on what is right; `means` says what was checked."""
    return counted(subject, "agrees", "OK", means)


def just_changed(subject: str, means: str = "It changed moments ago: the next run checks it.") -> VerdictKind:
    """Return the verdict on what changed within the settle time."""
    return counted(subject, "settling", "Just changed", means)


def of_any_type(subject: str) -> tuple[VerdictKind, ...]:
    """Return the verdicts that a subject of every stored type can get, the most telling first."""
    return (
        VerdictKind(
            subject,
            "unreadable",
            "Unreadable data",
            "report",
            "high",
            "Data is present but cannot be parsed (see Why).",
            "Open the object or row that Why names, and correct it by hand.",
        ),
        VerdictKind(
            subject,
            "unknown",
            "Not checked",
            "not-checked",
            "none",
            "Not checked: a source it depends on was not read completely, or looks incomplete. "
            "It is not a finding.",
            "Fix what Why or the sources name, then run again.",
            ("reconcile check",),
        ),
    )
