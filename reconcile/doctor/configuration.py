"""Check the configuration of the live system as a run does, but without recordings."""

from collections.abc import Iterator

from reconcile.compare.configuration.assessment import Opinion
from reconcile.compare.configuration.judge import opinions
from reconcile.compare.configuration.storage import NOT_SET as NO_COMPOSER
from reconcile.compare.configuration.trigger import NOT_SET as NO_PROCESSOR
from reconcile.doctor.clients import ImpatientWiring
from reconcile.doctor.result import Line, ok, warning
from reconcile.model.snapshot import Snapshot


def configuration_lines(wiring: ImpatientWiring) -> Iterator[Line]:
    """Check triggers, policies, the composer's storage and the index settings; no problem here stops a run.

    What no setting asks for has no line: the settings' own lines say that it is not looked at.
    """
    setup = wiring.configuration_reader(wiring.s3).read()
    for opinion in opinions(Snapshot(configuration=setup)):
        if opinion.unseen not in (NO_COMPOSER, NO_PROCESSOR):
            yield _line(opinion)


def _line(opinion: Opinion) -> Line:
    if opinion.unseen:
        step = "Fix what it names, or leave it: a run works without it, and lists it as not checked."
        return warning(opinion.name, f"not checked: {opinion.unseen}", step)
    if opinion.verdict:
        beside = " The report of a check has the command." if opinion.remedy.commands else ""
        return warning(opinion.name, opinion.found, f"{opinion.remedy.step}{beside}")
    return ok(opinion.name, opinion.found)
