"""Plans the repair of rows beside programs: a show's recording row, and a group's count. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from reconcile.compare.recording.evidence import Dossiers
from reconcile.compare.verdicts import Comparison
from reconcile.model.catalog import Group, RecordingRow, RowKey
from reconcile.model.finding import Judgement, group_key, row_key
from reconcile.model.recording import Events, Recording, RecordingKey, manifest_key
from reconcile.repair.planned import Planned


@dataclass(frozen=True, slots=True)
class RowLink(Planned):
    """A recording row to complete, with the attributes of its recording's program."""

    row: RecordingRow
    program: RowKey
    set_to: Mapping[str, str]
    recording: RecordingKey


@dataclass(frozen=True, slots=True)
class Recount(Planned):
    """A group whose program count is to be set."""

    group: Group


def row_attributes(
    recording: Recording, events: Events | None, url: str | None, program_id: str
) -> Mapping[str, str]:
    """Return the attributes of a recording row with a program, as the live processor writes them."""
    attributes: dict[str, str] = {"status": "completed", "programId": program_id}
    if events and events.manifest:
        attributes |= {"s3Bucket": recording.bucket, "s3Key": manifest_key(recording, events)}
    return attributes | ({"playbackUrl": url} if url else {})


def plan_link(finding: Judgement, comparison: Comparison) -> tuple[RowLink | None, str]:
    """Plan to complete a stale recording row, if it is decided which recording it is of."""
    dossiers = comparison.dossiers
    row = dossiers.snapshot.catalog.rows[row_key(finding.subject)]
    whose = dossiers.provenance.whose(row)
    if whose.recording is None:
        return None, f"{whose.undecided}: set its startTime, endTime and programId by hand"
    key = whose.recording
    view = dossiers.views[key]
    program = view.programs[0]
    url = program.url or _url_of(key, dossiers)
    set_to = row_attributes(view.recording, view.events, url, program.program_id)
    return RowLink(finding.id, row, program.key, set_to, key), ""


def _url_of(key: RecordingKey, dossiers: Dossiers) -> str | None:
    """Return the missing URL of a program: none before its recording is known to play."""
    view, media = dossiers.views[key], dossiers.rules.media
    if view.events is None or dossiers.snapshot.manifests.get(key) != "":
        return None
    return media.url_of(key.bucket, manifest_key(view.recording, view.events))


def plan_recount(finding: Judgement, comparison: Comparison) -> tuple[Recount | None, str]:
    """Plan to set a group's count right; one that is no number is left to a person."""
    catalog = comparison.dossiers.snapshot.catalog
    group = catalog.groups[group_key(finding.subject)]
    if not group.countable:
        return None, "its programsCount is not a number: remove the attribute by hand"
    return Recount(finding.id, group), ""
