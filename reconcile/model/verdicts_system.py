"""The verdicts on the system's configuration, and what follows from each."""

from reconcile.model.verdict_types import VerdictKind, ok

SYSTEM: tuple[VerdictKind, ...] = (
    VerdictKind(
        "system",
        "trigger-misconfigured",
        "S3 event trigger incomplete",
        "report",
        "high",
        "The bucket's notifications do not invoke the processor for every recording.",
        "Add the missing notification rules.",
    ),
    VerdictKind(
        "system",
        "storage-misconfigured",
        "Recording storage misconfigured",
        "report",
        "high",
        "Compositions are not recorded into the bucket.",
        "Correct the storage configuration or the bucket policy.",
    ),
    VerdictKind(
        "system",
        "index-settings-drift",
        "Search index misconfigured",
        "report",
        "medium",
        "The search index's settings are not those that the application needs.",
        "Correct the index's settings.",
    ),
    ok("system", "It is set up as the application needs it."),
)
"""In order of precedence."""
