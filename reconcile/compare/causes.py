"""Groups findings by cause: certain causes first, then traits that the findings share."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from reconcile.compare.concentration import Concentration, concentrations
from reconcile.compare.configuration.storage import NAME as STORAGE
from reconcile.compare.configuration.trigger import manifests_of, unnotified
from reconcile.compare.last_worked import began_after, last_composite, last_processed, session_began_after
from reconcile.compare.verdicts import Comparison
from reconcile.model.cause import Cause
from reconcile.model.finding import Finding, recording_key
from reconcile.model.recording import Kind
from reconcile.model.verdict_table import verdicts_of

WITHOUT_GROUP = "show-without-group"
CONCENTRATION = "concentration"

_MOST_NAMED = 10


def find_causes(findings: Iterable[Finding], comparison: Comparison) -> tuple[Cause, ...]:
    """Explain findings, each by one cause at most. Ignored findings are left out on both sides."""
    reported = [finding for finding in findings if finding.status != "ignored"]
    certain = list(_certain(reported, comparison))
    explained = {name for cause in certain for name in cause.explains}
    left = [finding for finding in reported if finding.id not in explained]
    return (*certain, *(_likely(concentration) for concentration in concentrations(left, comparison)))


def explained_by(findings: Sequence[Finding], comparison: Comparison) -> dict[str, int]:
    """Return by finding on the configuration how many of these findings it explains."""
    return {cause.finding: cause.number for cause in _certain(findings, comparison) if cause.finding}


def _certain(findings: Sequence[Finding], comparison: Comparison) -> Iterator[Cause]:
    taken: set[str] = set()
    system = [finding for finding in findings if finding.subject.type == "system"]
    for finding in sorted(system, key=lambda item: verdicts_of("system").index(item.kind)):
        explains = tuple(f.id for f in _explained(finding, findings, comparison) if f.id not in taken)
        taken.update(explains)
        yield _configured(finding, explains)
    yield from _shows_without_group(findings, comparison)


def _configured(finding: Finding, explains: tuple[str, ...]) -> Cause:
    return Cause(
        finding.kind,
        "certain",
        finding.subject["name"],
        str(finding.evidence.get("why", "")),
        explains,
        finding.step,
        finding.commands,
        finding.id,
    )


def _explained(system: Finding, findings: Iterable[Finding], comparison: Comparison) -> Iterator[Finding]:
    """Yield the findings that follow from a part of the configuration that is wrong.

    It is clear of one whose session or recording began before something that it forbids worked all the same.
    """
    if system.kind == "trigger-misconfigured":
        yield from _not_told(system, findings, comparison)
    elif system.kind == "storage-misconfigured":
        bucket = _bucket_of(system, " policy")
        worked = last_composite(comparison.views(), bucket)
        for finding in findings:
            if _is_lost_session(finding, worked, comparison) or _is_failed_composite(
                finding, bucket, worked, comparison
            ):
                yield finding


def _not_told(system: Finding, findings: Iterable[Finding], comparison: Comparison) -> Iterator[Finding]:
    bucket, configuration = _bucket_of(system, " notifications"), comparison.snapshot.configuration
    if configuration is None:
        return
    missed = unnotified(configuration, bucket, manifests_of(comparison.snapshot, bucket))
    worked = last_processed(comparison, missed)
    for finding in findings:
        if finding.kind == "program-missing" and recording_key(finding.subject) in missed:
            view = comparison.view_if_known(recording_key(finding.subject))
            if view and began_after(view, worked):
                yield finding


def _is_lost_session(finding: Finding, worked: datetime | None, comparison: Comparison) -> bool:
    if finding.kind != "recording-missing":
        return False
    sessions = comparison.snapshot.catalog.sessions
    return session_began_after(sessions.get(finding.subject["sessionId"]), worked)


def _is_failed_composite(
    finding: Finding, bucket: str, worked: datetime | None, comparison: Comparison
) -> bool:
    if finding.kind != "failed" or finding.subject.type != "recording":
        return False
    view = comparison.view_if_known(recording_key(finding.subject))
    if view is None or view.recording.kind is not Kind.COMPOSITE:
        return False
    return bucket in ("", finding.subject["bucket"]) and began_after(view, worked)


def _bucket_of(system: Finding, part: str) -> str:
    """Return the bucket that a configuration finding is about; "" if it concerns all buckets."""
    name = system.subject["name"]
    return "" if name == STORAGE else name.removeprefix("s3://").removesuffix(part)


def _shows_without_group(findings: Iterable[Finding], comparison: Comparison) -> Iterator[Cause]:
    """Explain what cannot be filed: the shows of before groups name none, and no API can give them one."""
    shows = comparison.snapshot.catalog.shows
    explains: dict[str, str] = {}
    for finding in findings:
        if finding.kind == "group-missing":
            key = recording_key(finding.subject)
            show_id = comparison.view(key).show_id or ""
            if show_id in shows and not comparison.rules.group_id(key, shows[show_id]):
                explains[finding.id] = show_id
    if not explains:
        return
    named = sorted(set(explains.values()))
    listed = ", ".join(named[:_MOST_NAMED]) + (
        f" and {len(named) - _MOST_NAMED} more" if named[_MOST_NAMED:] else ""
    )
    yield Cause(
        WITHOUT_GROUP,
        "certain",
        f"{len(named)} {'show names' if len(named) == 1 else 'shows name'} no group",
        f"a program is filed in its show's group, and these shows name none: {listed}",
        tuple(explains),
        "Create a group for each of them; the next repair files the programs.",
        ("reconcile repair --repair group-missing",),
    )


_LOOK: Mapping[str, str] = {
    "show": "Check the show's row, its group and its sessions first.",
    "channel": "Check the channel, its recording configuration and the sessions on it first.",
    "owner": "Check the owner's groups and programs first.",
    "day": "Check first what was deployed, changed or down on that day.",
}


def _likely(concentration: Concentration) -> Cause:
    number = len(concentration.findings)
    share = round(100 * number / concentration.of)
    return Cause(
        CONCENTRATION,
        "likely",
        f"{concentration.trait} {concentration.value}",
        f"{number} of {concentration.of} {concentration.kind} ({share} %) are of this {concentration.trait}, "
        f"and only {100 * concentration.base:.3g} % of everything checked",
        tuple(finding.id for finding in concentration.findings),
        _LOOK[concentration.trait],
    )
