"""Returns the command to run next: one that explains a subject, or acts on a finding."""

from reconcile.compare.verdicts import Examined
from reconcile.model.finding import Subject, recording_key
from reconcile.model.remedy import Remedy, command, written

_REPAIR = "reconcile repair"


def name_of(subject: Subject, examined: Examined) -> str:
    """Return a unique name of this subject: a recording's address, else the id of its verdict."""
    if subject.type == "recording":
        return recording_key(subject).address
    return examined.comparison.judged[subject].id


def explain_command(name: str, run: str = "") -> tuple[str, ...]:
    """Return the command that explains what a name names, by the report of a run where one is named.

    It is left out where it could not be pasted as it is shown.
    """
    return written("", (explaining(name, *(("--run", run) if run else ())),)).commands


def explaining(name: str, *options: str) -> str:
    """Return the command that explains a name with some options; a name may begin as an option does."""
    words = (*options, "--", name) if name.startswith("-") else (name, *options)
    return command("reconcile", "explain", *words)


def whatever_age_too(remedy: Remedy) -> Remedy:
    """Return what to do about a recording that the window leaves out: a repair has to check all of them."""
    commands = (f"{_REPAIR} --full" if command == _REPAIR else command for command in remedy.commands)
    return Remedy(remedy.step, tuple(commands))
