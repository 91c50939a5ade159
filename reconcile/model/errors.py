"""What can go wrong for a run as a whole, each with the exit code that it means."""

from enum import IntEnum


class Exit(IntEnum):
    """What a run's exit code says."""

    AGREES = 0
    CRASHED = 1
    FINDINGS = 2
    INCOMPLETE = 3
    UNDELIVERED = 4
    AWAITING_APPROVAL = 5
    USAGE = 64


SEVERITY = (
    Exit.CRASHED,
    Exit.USAGE,
    Exit.INCOMPLETE,
    Exit.UNDELIVERED,
    Exit.AWAITING_APPROVAL,
    Exit.FINDINGS,
    Exit.AGREES,
)
"""The most severe first: a run exits with the first of its codes in this order."""


def most_severe(codes: set[Exit]) -> Exit:
    """Return the code a run exits with when several apply; none applies when all agrees."""
    return next((code for code in SEVERITY if code in codes), Exit.AGREES)


class ReconcileError(Exception):
    """The base of every error that the job raises on purpose; its text names the next step."""

    exit_code = Exit.CRASHED


def ending_of(error: BaseException) -> tuple[Exit, str]:
    """Return the exit code and the headline of a run that ended with an error.

    What the text of a crash may hold nobody knows: its type alone is told.
    """
    if isinstance(error, ReconcileError):
        return Exit(error.exit_code), str(error)
    return Exit.CRASHED, type(error).__name__


class UsageError(ReconcileError):
    """Raised when an option or a setting is wrong: the person who set it must change it."""

    exit_code = Exit.USAGE


class SourceError(ReconcileError):
    """Raised when a store cannot be read to its end, missing permission included."""

    exit_code = Exit.INCOMPLETE


class Denied(SourceError):
    """Raised when a store refuses a request because a permission is missing: somebody must grant it."""


class Refused(SourceError):
    """Raised when a store refuses a request for what it holds: that says nothing of any other request."""


class ObjectArchived(SourceError):
    """Raised when an object lies in an archive: somebody must restore it before it can be read."""


class EngineError(ReconcileError):
    """Raised when the engine that compares the stores cannot start, or fails: nothing was compared."""

    exit_code = Exit.INCOMPLETE


class LeaseLost(ReconcileError):
    """Raised when another run took the lease: nothing may be written any more."""

    exit_code = Exit.INCOMPLETE


class OutOfTime(SourceError):
    """Raised instead of a request for which a run has no time left."""


class DeliveryError(ReconcileError):
    """Raised when a report could not be sent through one channel; it is kept all the same."""

    exit_code = Exit.UNDELIVERED
