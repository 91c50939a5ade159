"""Judges the live system's configuration as far as it was read, and lists what was not."""

from collections.abc import Iterator

from reconcile.compare.configuration.assessment import Opinion
from reconcile.compare.configuration.index import judge_index
from reconcile.compare.configuration.storage import judge_policy, judge_storage
from reconcile.compare.configuration.trigger import judge_trigger, manifests_of
from reconcile.model.configuration import Look
from reconcile.model.finding import Judgement, judgement, system_subject
from reconcile.model.recording import Kind
from reconcile.model.remedy import written
from reconcile.model.snapshot import Snapshot


def judge_system(snapshot: Snapshot) -> list[Judgement]:
    """Judge every part of the configuration that was read; parts that were not read get no verdict."""
    return [_judged(opinion) for opinion in opinions(snapshot) if not opinion.unseen]


def looks(snapshot: Snapshot) -> tuple[Look, ...]:
    """Return how each part of the configuration was checked, and with what result."""
    return tuple(
        Look(opinion.name, looked_at=not opinion.unseen, why=opinion.unseen, found=opinion.found)
        for opinion in opinions(snapshot)
    )


def opinions(snapshot: Snapshot) -> Iterator[Opinion]:
    """Judge each part of the configuration; none if it was not read."""
    configuration = snapshot.configuration
    if configuration is None:
        return
    for bucket in configuration.buckets:
        yield judge_trigger(configuration, bucket, manifests_of(snapshot, bucket))
    yield judge_storage(configuration)
    for bucket in configuration.buckets:
        has_composites = any(
            recording.bucket == bucket and recording.kind is Kind.COMPOSITE
            for recording in snapshot.recordings.values()
        )
        yield judge_policy(configuration, bucket, holds_composites=has_composites)
    yield judge_index(configuration)


def _judged(opinion: Opinion) -> Judgement:
    verdict = opinion.verdict or "agrees"
    advice = {verdict: written(opinion.remedy.step, opinion.remedy.commands)} if opinion.verdict else {}
    return judgement(system_subject(opinion.name), {verdict: True}, opinion.evidence, advice)
