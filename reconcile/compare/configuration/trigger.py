"""Judges a bucket's notifications: do they invoke the processor for every recording's manifest?"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from urllib.parse import quote_plus

from reconcile.compare.configuration.assessment import LONGEST_COMMAND, Opinion, not_taken
from reconcile.model.configuration import (
    FUNCTIONS,
    TARGETS,
    Configuration,
    Function,
    Notifications,
    NotSeen,
    Rule,
)
from reconcile.model.recording import Events, Kind, Recording, RecordingKey
from reconcile.model.remedy import Remedy, command
from reconcile.model.snapshot import Snapshot

NOT_SET = "RECONCILE_PROCESSOR_FUNCTION is not set"

_USUAL = {Kind.COMPOSITE: "media/hls/multivariant.m3u8", Kind.CHANNEL: "media/hls/master.m3u8"}
_PLAYLIST = ".m3u8"
_MOST_TOLD = 10


def manifests_of(snapshot: Snapshot, bucket: str) -> dict[RecordingKey, str]:
    """Return the manifest's key of every recording of a bucket: as its events say, else as IVS names it."""
    return {
        key: f"{recording.prefix}/{_manifest(snapshot.events.get(key), recording)}"
        for key, recording in snapshot.recordings.items()
        if recording.bucket == bucket and recording.kind in _USUAL
    }


def _manifest(events: object, recording: Recording) -> str:
    named = events.manifest if isinstance(events, Events) else None
    # What names no playlist is that recording's own fault, and nobody's trigger listens to it.
    return named if named and named.endswith(_PLAYLIST) else _USUAL[recording.kind]


def unnotified(
    configuration: Configuration, bucket: str, manifests: Mapping[RecordingKey, str]
) -> set[RecordingKey]:
    """Return the recordings of a bucket whose notifications do not reach their target."""
    seen = configuration.notifications.get(bucket)
    if not isinstance(seen, Notifications):
        return set()
    rules = _listening(seen, configuration.processor)
    return {key for key, manifest in manifests.items() if not any(rule.takes(manifest) for rule in rules)}


def _listening(seen: Notifications, processor: Function | None) -> list[Rule]:
    """Return the rules that invoke the processor for new objects; all rules if the processor is unknown."""
    new = [rule for rule in seen.rules if rule.covers_new_objects]
    if processor is None:
        return new
    return [rule for rule in new if rule.kind == FUNCTIONS and processor.is_at(rule.target)]


def judge_trigger(
    configuration: Configuration, bucket: str, manifests: Mapping[RecordingKey, str]
) -> Opinion:
    """Judge the notifications of a bucket, whose recordings have these manifests."""
    name, processor = f"s3://{bucket} notifications", configuration.processor
    seen = configuration.notifications[bucket]
    if isinstance(seen, NotSeen):
        return Opinion(name, unseen=seen.why)
    rules = _listening(seen, processor)
    if unsure := _unsure(seen, processor, rules):
        return Opinion(name, unseen=unsure)
    lacking = _lacking(rules, manifests.values())
    gone = processor is not None and processor.gone
    if not lacking and not gone:
        return Opinion(name, found=f"{_whom(processor, rules)} is invoked for every manifest")
    number = len(unnotified(configuration, bucket, manifests))
    why = _gone(processor) if gone else _why(seen, processor, lacking, rules)
    evidence = {
        "why": why,
        "manifests": lacking,
        "recordings": number,
        "rules": [rule.in_words() for rule in seen.rules[:_MOST_TOLD]],
        "rules_in_all": len(seen.rules) if len(seen.rules) > _MOST_TOLD else None,
        "event_bridge": seen.event_bridge,
        "processor": processor.name if processor else None,
    }
    facts = {key: value for key, value in evidence.items() if value not in (None, [], False)}
    remedy = Remedy(_BACK) if gone else _remedy(bucket, seen, processor, lacking)
    return Opinion(name, found=why, verdict="trigger-misconfigured", evidence=facts, remedy=remedy)


def _unsure(seen: Notifications, processor: Function | None, rules: list[Rule]) -> str:
    """Say why the trigger cannot be judged; "" if it can."""
    if processor is not None:
        if processor.gone and not rules:
            return f"RECONCILE_PROCESSOR_FUNCTION names {processor.name}, which does not exist"
        return ""
    if not any(rule.suffix.endswith(_PLAYLIST) for rule in rules):
        return NOT_SET
    if seen.event_bridge:
        return f"{NOT_SET}, and EventBridge, which receives every object, may invoke it"
    return ""


def _lacking(rules: Iterable[Rule], manifests: Iterable[str]) -> list[str]:
    """Return the manifest names without a notification; the usual two if there are no manifests yet."""
    new = [rule for rule in rules if rule.covers_new_objects]
    keys = list(manifests)
    if keys:
        missed = (key for key in keys if not any(rule.takes(key) for rule in new))
    else:
        missed = (key for key in _USUAL.values() if not any(f"/{key}".endswith(rule.suffix) for rule in new))
    return sorted({key.rsplit("/", 1)[-1] for key in missed})


def _whom(processor: Function | None, rules: list[Rule]) -> str:
    return processor.name if processor else ", ".join(sorted({rule.target for rule in rules}))


def _gone(processor: Function | None) -> str:
    return f"its rules invoke {processor.name if processor else 'a function'}, which does not exist"


_BACK = "Deploy the processor again, or point the bucket's rules at the function that took its place."


def _why(seen: Notifications, processor: Function | None, lacking: list[str], rules: list[Rule]) -> str:
    names = " or ".join(lacking)
    if processor is None:
        return f"an S3 notification exists for a manifest, but none for {names}"
    if rules:
        return f"no S3 notification invokes {processor.name} for every {names}"
    others = sorted({rule.target for rule in seen.rules if rule.covers_new_objects})
    others += ["EventBridge"] if seen.event_bridge else []
    if others:
        named = ", ".join(others[:_MOST_TOLD])
        return f"no S3 notification invokes {processor.name}; new objects are sent to {named} instead"
    return f"no S3 notification invokes {processor.name} for new objects"


def _remedy(bucket: str, seen: Notifications, processor: Function | None, lacking: list[str]) -> Remedy:
    like = _pattern(seen, processor)
    if like is None:
        function = processor.name if processor else "the processor"
        suffixes = " and in ".join(lacking)
        return Remedy(f"Add notifications that invoke {function} for objects whose keys end in {suffixes}.")
    kind, target = like
    taken = {rule.entry.get("Id") for rule in seen.rules}
    added = [_entry(kind, target, name, taken) for name in lacking]
    in_the_way = [rule for rule in seen.rules if any(_overlaps(rule, name) for name in lacking)]
    wider = [rule for rule in in_the_way if _is_within(rule, kind, target, lacking)]
    if len(wider) < len(in_the_way):
        # S3 refuses two rules that match the same key.
        others = "; ".join(rule.in_words() for rule in in_the_way if rule not in wider)
        return Remedy(
            f"S3 accepts no overlapping rules: first narrow or remove {others}. Then add a rule for {target}."
        )
    remaining = {name: _without(entries, wider) for name, entries in seen.document.items()}
    whole = {**remaining, kind: [*remaining.get(kind, []), *added]}
    text = command(
        *("aws", "s3api", "put-bucket-notification-configuration", "--bucket", bucket),
        notification_configuration=whole,
    )
    if len(text) > LONGEST_COMMAND:
        return Remedy(f"Add to the bucket's notifications, and keep the existing rules: {added}.")
    step = (
        "Add the missing rule. The command replaces the whole notification configuration and includes the "
        "existing rules."
    )
    return Remedy(step, (*_permission(bucket, seen, kind, target), text))


def _pattern(seen: Notifications, processor: Function | None) -> tuple[str, str] | None:
    """Return the list and the target of the missing rule; None if no ARN is known."""
    if processor is None:
        listening = [
            rule for rule in seen.rules if rule.covers_new_objects and rule.suffix.endswith(_PLAYLIST)
        ]
        return listening[0].kind, listening[0].target
    arns = [rule.target for rule in seen.rules if rule.kind == FUNCTIONS and processor.is_at(rule.target)]
    arn = next(iter(arns), processor.arn or (processor.name if processor.name.startswith("arn:") else ""))
    return (FUNCTIONS, arn) if arn else None


def _entry(kind: str, target: str, manifest: str, taken: Collection[Any]) -> dict[str, Any]:
    suffix = {"Name": "suffix", "Value": quote_plus(manifest)}
    return {
        "Id": not_taken(f"recordings-{manifest.removesuffix(_PLAYLIST)}"[:200], taken),
        TARGETS[kind]: target,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [suffix]}},
    }


def _overlaps(rule: Rule, manifest: str) -> bool:
    return any("ObjectCreated" in event for event in rule.events) and (
        rule.suffix.endswith(manifest) or manifest.endswith(rule.suffix)
    )


def _is_within(rule: Rule, kind: str, target: str, manifests: Iterable[str]) -> bool:
    """Whether a new rule does all that this one does, so that it can take its place."""
    created = all("ObjectCreated" in event for event in rule.events)
    inside = any(rule.suffix.endswith(manifest) for manifest in manifests)
    return created and inside and (rule.kind, rule.target) == (kind, target)


def _without(entries: Any, rules: list[Rule]) -> Any:
    replaced = [rule.entry for rule in rules]
    return [entry for entry in entries if entry not in replaced] if isinstance(entries, list) else entries


def _permission(bucket: str, seen: Notifications, kind: str, target: str) -> tuple[str, ...]:
    """Return the command that lets the bucket invoke a function, unless it is known to be allowed."""
    account = "".join(target.split(":")[4:5])
    if kind != FUNCTIONS or not account or any(rule.target == target for rule in seen.rules):
        return ()
    return (
        command(
            *("aws", "lambda", "add-permission", "--function-name", target),
            *(
                "--statement-id",
                f"recordings-of-{bucket}".replace(".", "-"),
                "--action",
                "lambda:InvokeFunction",
            ),
            *("--principal", "s3.amazonaws.com", "--source-arn", f"arn:aws:s3:::{bucket}"),
            *("--source-account", account),
        ),
    )
