"""Weighs the evidence of a recording level by level, as the comparison does."""

from typing import TypedDict

from reconcile.compare.recording.attribution import LEVELS, Claims
from reconcile.compare.verdicts import Comparison
from reconcile.model.finding import Subject, recording_key
from reconcile.model.snapshot import Rules, Snapshot


class LevelAnswer(TypedDict):
    """What one level says of a recording: the shows and sessions that claim it there, by their ids.

    `rests_on` names the evidence in words; `decides`: it is the first level that has an answer.
    """

    level: int
    rests_on: str
    shows: list[str]
    sessions: list[str]
    decides: bool


def weigh_levels(
    subject: Subject, rules: Rules, snapshot: Snapshot, comparison: Comparison
) -> tuple[LevelAnswer, ...]:
    """Return what each level says of a recording, and which decides; nothing for other subjects."""
    if subject.type != "recording":
        return ()
    view = comparison.dossiers.views[recording_key(subject)]
    answers = Claims(snapshot.catalog, rules.settle, rules.assigned).weighed(view.recording, view.events)
    decides = next((level for level in LEVELS if answers.get(level)), None)
    return tuple(
        {
            "level": level,
            "rests_on": words,
            "shows": sorted({claim.show_id for claim in answers.get(level, ()) if claim.show_id}),
            "sessions": sorted({claim.session_id for claim in answers.get(level, ()) if claim.session_id}),
            "decides": level == decides,
        }
        for level, words in LEVELS.items()
    )
