"""Whether a bucket tells the processor of every recording: which rules count, and what mends it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.compare.configuration.assessment import Opinion
from reconcile.compare.configuration.trigger import unnotified
from reconcile.model.configuration import Configuration, Function, NotSeen, Rule
from reconcile.model.recording import RecordingKey
from tests.unit.builders import BUCKET, CHANNEL, COMPOSITE, events, snapshot
from tests.unit.setups import (
    MASTER,
    MULTIVARIANT,
    PROCESSOR,
    PROCESSOR_ARN,
    SOUND,
    document,
    notifications,
    opinion_on,
    rule,
    told_by,
)

OTHER = "arn:aws:lambda:us-east-1:111111111111:function:thumbnails"
QUEUE, TOPIC = "arn:aws:sqs:us-east-1:111111111111:media", "arn:aws:sns:us-east-1:111111111111:media"
BOTH = {COMPOSITE: events(), CHANNEL: events(manifest="media/hls/master.m3u8")}


def on(configuration: Configuration, told: Any = None) -> Opinion:
    """Return the opinion on the bucket's notifications."""
    return opinion_on("notifications", configuration, snapshot(told) if told is not None else None)


def mended(opinion: Opinion, configuration: Configuration) -> Configuration:
    """Return the configuration after the command that the opinion gives."""
    given = document(opinion.remedy.commands[-1], "--notification-configuration")
    rules = [entry for name in given if name != "EventBridgeConfiguration" for entry in given[name]]
    bridge = "EventBridgeConfiguration" in given
    return replace(configuration, notifications={BUCKET: notifications(*rules, event_bridge=bridge)})


def test_the_two_rules_of_the_live_system_are_as_they_must_be() -> None:
    """One for composites, one for channels."""
    assert (on(SOUND, BOTH).verdict, on(SOUND, BOTH).unseen) == ("", "")


def test_the_incidents_rule_lets_no_composite_through() -> None:
    """It listens to master.m3u8 alone, and composites end in multivariant.m3u8."""
    found = on(told_by(rules=[rule(MASTER)]), BOTH)
    assert found.verdict == "trigger-misconfigured"
    assert (found.evidence["manifests"], found.evidence["recordings"]) == ([MULTIVARIANT], 1)
    assert found.evidence["rules"] == [f"*{MASTER} -> {PROCESSOR_ARN} (s3:ObjectCreated:*)"]


@pytest.mark.parametrize(
    "rules",
    [
        [rule(".m3u8")],
        [rule()],
        [rule(MULTIVARIANT, f"{PROCESSOR_ARN}:live"), rule(MASTER, f"{PROCESSOR_ARN}:7")],
        [rule(f"/hls/{MULTIVARIANT}"), rule(f"hls%2F{MASTER}")],
        [rule(MULTIVARIANT, prefix="one/"), rule(MASTER, prefix="ivs%2Fv1/")],
        [rule(".m3u8", Events=["s3:ObjectCreated:Put"])],
        [rule(".m3u8", Events=["s3:ObjectCreated:CompleteMultipartUpload"])],
        [rule(".m3u8"), rule(".jpg", OTHER)],
    ],
)
def test_any_rule_that_lets_the_manifests_through_will_do(rules: list[Any]) -> None:
    """Wider suffixes, versions and aliases, escaped filters, single events."""
    assert on(told_by(rules=rules), BOTH).verdict == ""


@pytest.mark.parametrize(
    ("rules", "lacking"),
    [
        ([], [MASTER, MULTIVARIANT]),
        ([rule(MASTER)], [MULTIVARIANT]),
        ([rule(MULTIVARIANT), rule(MASTER, OTHER)], [MASTER]),
        ([rule(MULTIVARIANT, QUEUE), rule(MASTER, TOPIC)], [MASTER, MULTIVARIANT]),
        ([rule(".m3u8", prefix="ivs/")], [MULTIVARIANT]),
        ([rule(".m3u8", Events=["s3:ObjectRemoved:*"])], [MASTER, MULTIVARIANT]),
        ([rule(".m3u8", Events=["s3:ObjectCreated:Copy"])], [MASTER, MULTIVARIANT]),
        ([rule(".m3u8", PROCESSOR_ARN.replace("111111111111", "222222222222"))], [MASTER, MULTIVARIANT]),
        ([rule(".M3U8")], [MASTER, MULTIVARIANT]),
    ],
)
def test_a_manifest_that_no_rule_lets_through_to_the_processor_lacks(
    rules: list[Any], lacking: list[str]
) -> None:
    """Other functions, queues and topics are no processor; prefixes and events can leave recordings out."""
    found = on(told_by(rules=rules), BOTH)
    assert (found.verdict, found.evidence["manifests"]) == ("trigger-misconfigured", lacking)


def test_only_manifests_that_recordings_of_the_bucket_have_must_be_told() -> None:
    """A bucket of channel recordings needs no rule for composites; one without any recording needs both."""
    only_master = told_by(rules=[rule(MASTER)])
    assert on(only_master, {CHANNEL: BOTH[CHANNEL]}).verdict == ""
    assert on(only_master, {}).evidence["manifests"] == [MULTIVARIANT]


def test_a_recording_whose_events_were_not_read_has_the_manifest_of_its_kind() -> None:
    """IVS names composites' manifests one way and channels' another."""
    assert on(told_by(rules=[rule(MASTER)]), {COMPOSITE: None, CHANNEL: None}).evidence["manifests"] == [
        MULTIVARIANT
    ]


def test_a_manifest_of_another_name_must_be_told_as_its_events_name_it() -> None:
    """What the events say goes before what is usual."""
    found = on(SOUND, {COMPOSITE: events(manifest="media/hls/index.m3u8")})
    assert found.evidence["manifests"] == ["index.m3u8"]


@pytest.mark.parametrize(
    ("rules", "bridge", "where"),
    [
        ([rule("", QUEUE)], False, [QUEUE]),
        ([rule("", TOPIC)], True, [TOPIC, "EventBridge"]),
        ([], True, ["EventBridge"]),
    ],
)
def test_notifications_to_others_alone_point_elsewhere(
    rules: list[Any], bridge: bool, where: list[str]
) -> None:
    """And the report says where."""
    told = {BUCKET: notifications(*rules, event_bridge=bridge)}
    found = on(told_by(notifications=told), BOTH)
    assert found.verdict == "trigger-misconfigured"
    assert "instead" in found.evidence["why"]
    assert all(one in found.evidence["why"] for one in where)


def test_without_the_setting_only_a_rule_for_one_manifest_shows_that_another_lacks() -> None:
    """An empty configuration, or one about other files, tells nothing then."""
    for rules in ([], [rule(".jpg", OTHER)], [rule("", QUEUE)]):
        found = on(told_by(processor=None, rules=rules), BOTH)
        assert (found.verdict, found.unseen) == ("", "RECONCILE_PROCESSOR_FUNCTION is not set")
    found = on(told_by(processor=None, rules=[rule(MASTER)]), BOTH)
    assert (found.verdict, found.evidence["manifests"]) == ("trigger-misconfigured", [MULTIVARIANT])
    assert on(told_by(processor=None, rules=[rule(MASTER), rule(MULTIVARIANT, QUEUE)]), BOTH).found


def test_without_the_setting_event_bridge_may_tell_what_no_rule_tells() -> None:
    """So nothing is claimed."""
    told = {BUCKET: notifications(rule(MASTER), event_bridge=True)}
    found = on(told_by(processor=None, notifications=told), BOTH)
    assert (found.verdict, "EventBridge" in found.unseen) == ("", True)


def test_a_function_that_is_gone_is_a_fault_where_a_rule_tells_it_and_else_a_wrong_setting() -> None:
    """A name that nothing points at may merely be mistyped."""
    gone = Function(PROCESSOR, gone=True)
    assert "does not exist" in on(told_by(processor=gone), BOTH).evidence["why"]
    assert on(told_by(processor=gone), BOTH).verdict == "trigger-misconfigured"
    found = on(told_by(processor=gone, rules=[]), BOTH)
    assert (found.verdict, "does not exist" in found.unseen) == ("", True)


def test_what_could_not_be_read_is_not_judged() -> None:
    """And the reason is told."""
    found = on(told_by(notifications={BUCKET: NotSeen("not allowed")}), BOTH)
    assert (found.verdict, found.unseen) == ("", "not allowed")


@pytest.mark.parametrize(
    ("setting", "target", "same"),
    [
        (PROCESSOR, PROCESSOR_ARN, True),
        (PROCESSOR, f"{PROCESSOR_ARN}:live", True),
        (PROCESSOR_ARN, f"{PROCESSOR_ARN}:live", True),
        (f"{PROCESSOR}:live", PROCESSOR_ARN, True),
        (f"111111111111:function:{PROCESSOR}", PROCESSOR_ARN, True),
        (PROCESSOR, f"{PROCESSOR_ARN}-old", False),
        (PROCESSOR_ARN.replace("us-east-1", "eu-west-1"), PROCESSOR_ARN, False),
        ("programs", PROCESSOR_ARN, False),
    ],
)
def test_the_setting_may_be_a_name_or_any_form_of_arn(setting: str, target: str, same: bool) -> None:
    """Of the function itself, of a version or an alias."""
    assert Function(setting).is_at(target) is same


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [rule(MASTER)],
        [
            rule(MASTER),
            rule(".jpg", OTHER),
            rule(".json", QUEUE),
            rule("", TOPIC, Events=["s3:ObjectRemoved:*"]),
        ],
        [rule(MULTIVARIANT, prefix="ivs/"), rule(MASTER)],
    ],
)
def test_the_command_adds_what_lacks_and_keeps_what_is_there(rules: list[Any]) -> None:
    """Put replaces everything: afterwards all is told, and every rule for others still stands."""
    before = told_by(rules=rules)
    after = mended(on(before, BOTH), before)
    assert on(after, BOTH).verdict == ""
    kept = [one for one in rules if PROCESSOR_ARN not in one.values()]
    standing = [one.entry for one in after.notifications[BUCKET].rules]  # type: ignore[union-attr]
    assert all(one in standing for one in kept)


def test_a_rule_that_is_added_has_a_name_of_its_own() -> None:
    """S3 refuses two rules of one name."""
    before = told_by(rules=[rule(MASTER), rule(".jpg", OTHER, Id="recordings-multivariant")])
    after = mended(on(before, BOTH), before)
    names = [one.entry["Id"] for one in after.notifications[BUCKET].rules]  # type: ignore[union-attr]
    assert len(names) == len(set(names)) == 3


def test_the_command_keeps_event_bridge_on() -> None:
    """What goes there is nobody's business here."""
    before = told_by(notifications={BUCKET: notifications(rule(MASTER), event_bridge=True)})
    assert mended(on(before, BOTH), before).notifications[BUCKET].event_bridge  # type: ignore[union-attr]


def test_a_first_rule_to_the_processor_comes_with_the_right_to_call_it() -> None:
    """S3 refuses to put a rule for a function that it may not call."""
    found = on(told_by(rules=[]), BOTH)
    assert found.remedy.commands[0].startswith(f"aws lambda add-permission --function-name {PROCESSOR_ARN}")
    assert "--source-account 111111111111" in found.remedy.commands[0]
    assert len(on(told_by(rules=[rule(MASTER)]), BOTH).remedy.commands) == 1


def test_a_rule_that_s3_would_refuse_beside_another_is_not_given_as_a_command() -> None:
    """Two rules that both take a key are refused, so what stands in the way is named."""
    found = on(told_by(rules=[rule(".m3u8", QUEUE)]), BOTH)
    assert (found.remedy.commands, QUEUE in found.remedy.step) == ((), True)


def test_without_any_arn_the_step_is_told_in_words() -> None:
    """Where nobody may ask for the function's ARN and no rule names it."""
    found = on(told_by(processor=Function(PROCESSOR), rules=[]), BOTH)
    assert (found.remedy.commands, PROCESSOR in found.remedy.step) == ((), True)


def test_without_the_setting_the_command_is_like_the_rule_that_is_there() -> None:
    """The same target, for the manifest that lacks."""
    before = told_by(processor=None, rules=[rule(MASTER, QUEUE)])
    assert on(mended(on(before, BOTH), before), BOTH).found


suffixes = st.sampled_from(["", ".m3u8", MASTER, MULTIVARIANT, "hls/master.m3u8", ".jpg", "t.m3u8"])
targets = st.sampled_from([PROCESSOR_ARN, f"{PROCESSOR_ARN}:live", OTHER, QUEUE, TOPIC])
rulebooks = st.lists(
    st.builds(rule, suffixes, targets, st.sampled_from(["", "one/", "ivs/", "x"])), max_size=5
)


@given(rulebooks, st.booleans(), st.booleans())
def test_a_verdict_says_that_some_recording_is_told_to_nobody_and_its_command_ends_that(
    rules: list[Any], bridge: bool, known: bool
) -> None:
    """Whatever the rules are; and nothing overlaps that did not overlap before."""
    changes: dict[str, Any] = {"notifications": {BUCKET: notifications(*rules, event_bridge=bridge)}}
    before = told_by(**changes, **({} if known else {"processor": None}))
    found = on(before, BOTH)
    manifests = {RecordingKey(BUCKET, prefix): f"{prefix}/{told.manifest}" for prefix, told in BOTH.items()}
    assert bool(unnotified(before, BUCKET, manifests)) == bool(found.verdict) or found.unseen
    if found.remedy.commands:
        after = mended(found, before)
        assert on(after, BOTH).verdict == ""
        assert overlaps(after) <= overlaps(before)


def overlaps(configuration: Configuration) -> int:
    """Return how many pairs of rules would both take some key."""
    rules: tuple[Rule, ...] = configuration.notifications[BUCKET].rules  # type: ignore[union-attr]
    pairs = [(one, other) for place, one in enumerate(rules) for other in rules[place + 1 :]]
    return sum(
        touch(one.prefix, other.prefix, str.startswith) and touch(one.suffix, other.suffix, str.endswith)
        for one, other in pairs
    )


def touch(one: str, other: str, fits: Any) -> bool:
    return bool(fits(one, other) or fits(other, one))
