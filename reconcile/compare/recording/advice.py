"""The remedies for an ambiguous recording, by its cause, and for an archived one. Pure."""

from collections.abc import Sequence

from reconcile.model.archive import restore_all
from reconcile.model.catalog import Program, Show
from reconcile.model.recording import Events, Recording, manifest_key
from reconcile.model.remedy import Remedy, command, written
from reconcile.model.sighting import Archived
from reconcile.model.verdict_table import verdict_kind


def between_programs(recording: Recording, events: Events | None, programs: Sequence[Program]) -> Remedy:
    """Return how to tie one of several programs that point at no media to the recording that it shows.

    Once its row names the recording's manifest it is the recording's, and a repair gives it the URL if that
    plays. `assign` would change nothing: the show is known.
    """
    owners, rows = {program.pk for program in programs}, {program.sk for program in programs}
    pk = owners.pop() if len(owners) == 1 else "PARTITION"
    sk = rows.pop() if len(rows) == 1 and pk != "PARTITION" else "ROW"
    names = [f"{name} with the candidate's {key}" for name, key in (("PARTITION", "pk"), ("ROW", "sk"))]
    replaced = ["TABLE with the application's table", *(n for n in names if n.split()[0] in (pk, sk))]
    step = (
        "Find out which program shows this recording, and link it with this command: replace "
        f"{', and '.join(replaced)}. If it is none of the candidates, delete those that show nothing in the "
        "Media Manager. Then repair."
    )
    tie = command(
        *("aws", "dynamodb", "update-item", "--table-name", "TABLE"),
        *("--update-expression", "SET s3Bucket = :bucket, s3Key = :key"),
        *("--condition-expression", "attribute_exists(pk)"),
        key={"pk": {"S": pk}, "sk": {"S": sk}},
        expression_attribute_values={
            ":bucket": {"S": recording.bucket},
            ":key": {"S": manifest_key(recording, events) if events and events.manifest else "MANIFEST"},
        },
    )
    return written(step, (tie, "reconcile repair"))


def of_its_own(recording: Recording, show: Show) -> Remedy:
    """Return how to get a program for a recording that another session's recording may show already."""
    step = (
        "Another recording, whose session is unknown, covers the same time, and its program may already show "
        "this broadcast. Watch both. If this one is a broadcast of its own, run these with your reason in "
        "place of REASON; otherwise ignore the finding."
    )
    address = recording.key.address
    assign = command("reconcile", "assign", address, "--show", show.show_id, "--reason", "REASON")
    return written(step, (assign, "reconcile repair"))


def of_an_archive(recording: Recording, archived: Archived) -> Remedy:
    """Say how to restore all media of a recording."""
    step = verdict_kind("recording", "media-archived").step
    return written(step, (restore_all(recording.bucket, f"{recording.prefix}/media/", archived.archive),))
