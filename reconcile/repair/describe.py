"""Describes what each kind of repair would write, without writing it. Pure."""

from reconcile.model.documents import Attributes
from reconcile.model.journal import (
    GROUP_CREATED,
    PROGRAM_COMPLETED,
    PROGRAM_CREATED,
    PROGRAMS_COUNTED,
    RECORD_WRITTEN,
    ROW_LINKED,
)
from reconcile.model.search_record import canonical
from reconcile.model.snapshot import Rules
from reconcile.repair.plan_groups import GroupCreation, group_item
from reconcile.repair.plan_programs import Completion, Creation
from reconcile.repair.plan_records import RecordWrite
from reconcile.repair.plan_rows import Recount, RowLink
from reconcile.repair.planned import Description, ReadRow
from reconcile.repair.program_item import ProgramMedia, program_item

_OF_ITS_RUN = ("createdAt", "updatedAt", "reconcileRunId")
"""What only the run that makes a row can say."""


def describe_creation(creation: Creation, rules: Rules, read: ReadRow) -> Description:
    """Describe a program that would be created; sizes and a thumbnail are looked for when it is."""
    item = program_item(creation, ProgramMedia(None, None), rules.media, "", rules.now)
    return Description(PROGRAM_CREATED, _without(item, ("program_image", *_OF_ITS_RUN)))


def describe_completion(completion: Completion, rules: Rules, read: ReadRow) -> Description:
    """Describe what would be set on a program."""
    program = completion.program
    return Description(PROGRAM_COMPLETED, {"pk": program.pk, "sk": program.sk, **completion.set_to})


def describe_record(write: RecordWrite, rules: Rules, read: ReadRow) -> Description:
    """Describe the record that the row as it stands now calls for."""
    image = read(write.row)
    return Description(RECORD_WRITTEN, canonical(image) if image else {})


def describe_link(link: RowLink, rules: Rules, read: ReadRow) -> Description:
    """Describe what would be set on a recording row."""
    return Description(ROW_LINKED, {"pk": link.row.pk, "sk": link.row.sk, **link.set_to})


def describe_recount(recount: Recount, rules: Rules, read: ReadRow) -> Description:
    """Describe that a group's programs would be counted."""
    pk, sk = recount.group.key
    return Description(PROGRAMS_COUNTED, {"pk": pk, "sk": sk, "programsCount": "as many as it has by then"})


def describe_group(creation: GroupCreation, rules: Rules, read: ReadRow) -> Description:
    """Describe the group that would be created, and that its show would name."""
    return Description(GROUP_CREATED, _without(group_item(creation.show, "", rules.now), _OF_ITS_RUN))


def _without(item: Attributes, names: tuple[str, ...]) -> Attributes:
    return {name: value for name, value in item.items() if name not in names}
