"""Whether compositions can be recorded: the storage configuration that is named, and who may write."""

from dataclasses import replace
from typing import Any

import pytest

from reconcile.compare.configuration.assessment import Opinion
from reconcile.model.configuration import Configuration, NotSeen, Policy, Storage
from reconcile.model.snapshot import Snapshot
from tests.unit.builders import BUCKET, CHANNEL, COMPOSITE, recording, snapshot
from tests.unit.setups import (
    COMPOSER,
    IVS,
    IVS_COMPOSITE,
    SOUND,
    STORAGE,
    allowing,
    document,
    opinion_on,
    policy,
    told_by,
)

UNSET = {"composer": "", "storage": NotSeen("RECONCILE_COMPOSER_FUNCTION is not set")}


def on_storage(configuration: Configuration) -> Opinion:
    return opinion_on("storage", configuration)


def on_policy(configuration: Configuration, seen: Snapshot | None = None, bucket: str = BUCKET) -> Opinion:
    return opinion_on(f"{bucket} policy", configuration, seen)


def test_a_storage_configuration_of_the_bucket_is_as_it_must_be() -> None:
    """Of any bucket that IVS records into."""
    two = told_by(
        buckets=("another", BUCKET), notifications=both(SOUND.notifications), policies=both(SOUND.policies)
    )
    for configuration in (SOUND, two):
        assert (on_storage(configuration).verdict, on_storage(configuration).unseen) == ("", "")


def both(told: Any) -> Any:
    return {"another": told[BUCKET], BUCKET: told[BUCKET]}


@pytest.mark.parametrize(
    ("storage", "word"),
    [
        (Storage(STORAGE), "does not exist"),
        (Storage(STORAGE, "elsewhere"), "elsewhere"),
        (Storage(""), "not an ARN"),
    ],
)
def test_one_that_is_gone_or_another_buckets_or_none_at_all_is_a_fault(storage: Storage, word: str) -> None:
    """The incident's first root cause."""
    found = on_storage(told_by(storage=storage))
    assert found.verdict == "storage-misconfigured"
    assert word in found.evidence["why"]


def test_the_way_to_set_one_variable_keeps_the_others_and_prints_none() -> None:
    """The call that sets variables replaces them all, so what is there is merged into it, unseen."""
    found = on_storage(told_by(storage=Storage(STORAGE)))
    listing, setting = found.remedy.commands
    assert "s3.bucketName==" in listing
    assert BUCKET in listing
    read, merge, write = (
        setting.partition("| jq")[0],
        setting.partition("| jq")[2],
        setting.partition("&& aws")[2],
    )
    assert "get-function-configuration" in read
    assert COMPOSER in read
    assert "{Variables: (. + {STORAGE_CONFIGURATION_ARN: $arn})}" in merge
    assert "--query LastUpdateStatus; rm -f variables.json" in write
    assert setting.startswith("(umask 077;")


def test_what_is_not_known_is_not_judged() -> None:
    """The composer may go by a default of its own."""
    found = on_storage(told_by(storage=NotSeen("it goes by its own default")))
    assert (found.verdict, found.unseen) == ("", "it goes by its own default")


@pytest.mark.parametrize(
    "statement",
    [
        allowing(),
        allowing([IVS, IVS_COMPOSITE]),
        allowing("*.amazonaws.com"),
        allowing("ivs-composite.*.amazonaws.com"),
        allowing(Principal="*"),
        allowing(Principal={"AWS": "*"}),
        allowing(Principal={"AWS": ["arn:aws:iam::111111111111:root", "*"]}),
        allowing(Action="s3:*"),
        allowing(Action="s3:Put*"),
        allowing(Action="S3:PUTOBJECT"),
        allowing(Action="*"),
        allowing(Resource="*"),
        allowing(Resource=["arn:aws:s3:::other/*", f"arn:aws:s3:::{BUCKET}/*"]),
        allowing(Condition={"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}),
    ],
)
def test_any_statement_that_lets_ivs_write_will_do(statement: Any) -> None:
    """However it is written."""
    assert on_policy(told_by(policy=policy(statement))).verdict == ""
    assert on_policy(told_by(policy=Policy({"Statement": statement}))).verdict == ""


@pytest.mark.parametrize(
    "statements",
    [
        [],
        [allowing(IVS)],
        [allowing("ivs-composite.eu-west-1.amazonaws.com")],
        [allowing(Action="s3:GetObject")],
        [allowing(Resource=f"arn:aws:s3:::{BUCKET}")],
        [allowing(Resource=f"arn:aws:s3:::{BUCKET}/ivs/*")],
        [allowing(Resource="arn:aws:s3:::another/*")],
        [allowing(Effect="Deny")],
        [allowing(), allowing(Effect="Deny", Principal="*")],
    ],
)
def test_a_policy_that_does_not_let_ivs_write_compositions_is_a_fault(statements: list[Any]) -> None:
    """Another region's service, other actions, other objects, or a statement that denies it."""
    assert on_policy(told_by(policy=policy(*statements))).verdict == "storage-misconfigured"


def test_a_denial_under_a_condition_is_no_denial() -> None:
    """Such as the usual one of open connections."""
    unsafe = allowing(Effect="Deny", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}})
    assert on_policy(told_by(policy=policy(allowing(), unsafe))).verdict == ""


def test_a_bucket_without_a_policy_is_a_fault() -> None:
    """Nobody but its owner may write then."""
    assert on_policy(told_by(policy=Policy(None))).verdict == "storage-misconfigured"


@pytest.mark.parametrize(
    "before",
    [
        Policy(None),
        policy(),
        policy(allowing(IVS), allowing("cloudfront.amazonaws.com", Action="s3:GetObject")),
    ],
)
def test_the_command_adds_the_statement_and_keeps_the_others(before: Policy) -> None:
    """Put replaces the whole policy."""
    found = on_policy(told_by(policy=before))
    after = Policy(document(found.remedy.commands[0], "--policy"))
    assert on_policy(told_by(policy=after)).verdict == ""
    assert after.statements[:-1] == before.statements


def test_a_statement_that_is_added_has_a_name_of_its_own() -> None:
    """Two of one name are refused."""
    before = policy(allowing(IVS, Sid="RecordCompositions"), allowing(IVS, Sid="RecordCompositions2"))
    after = Policy(document(on_policy(told_by(policy=before)).remedy.commands[0], "--policy"))
    assert after.statements[-1]["Sid"] == "RecordCompositions3"


def test_without_the_composer_only_a_policy_that_names_the_other_service_is_a_fault() -> None:
    """A common repair script leaves that one: it grants channels their recordings, and drops the rest."""
    assert on_policy(told_by(**UNSET, policy=policy(allowing(IVS)))).verdict == "storage-misconfigured"
    for other in (Policy(None), policy(), policy(allowing("cloudfront.amazonaws.com"))):
        found = on_policy(told_by(**UNSET, policy=other))
        assert (found.verdict, found.unseen) == ("", "RECONCILE_COMPOSER_FUNCTION is not set")
    assert on_policy(told_by(**UNSET, policy=policy(allowing(IVS), allowing()))).found
    far = allowing("ivs-composite.eu-west-1.amazonaws.com")
    assert on_policy(told_by(**UNSET, policy=policy(allowing(IVS), far))).unseen


def test_a_bucket_that_no_composition_goes_to_needs_no_such_policy() -> None:
    """Of several, the one that the storage configuration names does, or those that hold composites."""
    bare = told_by(
        buckets=("another", BUCKET),
        notifications=both(SOUND.notifications),
        policies={"another": Policy(None), BUCKET: Policy(None)},
    )
    assert on_policy(bare).verdict
    assert on_policy(bare, bucket="another").unseen
    lost = replace(bare, storage=Storage(STORAGE))
    held = snapshot([recording(COMPOSITE), recording(CHANNEL, bucket="another")])
    assert on_policy(lost, held).verdict
    assert on_policy(lost, held, "another").unseen


@pytest.mark.parametrize("turned", ["NotPrincipal", "NotAction", "NotResource"])
def test_what_is_written_the_other_way_round_is_not_worked_out(turned: str) -> None:
    """It may let IVS write, so nothing is claimed."""
    found = on_policy(told_by(policy=policy({"Effect": "Allow", turned: "x"})))
    assert (found.verdict, turned in found.unseen) == ("", True)


@pytest.mark.parametrize(
    "odd", [{"Principal": "somebody"}, {"Principal": 7}, {"Action": None}, {"Resource": {}}]
)
def test_a_policy_of_an_odd_shape_is_no_crash(odd: Any) -> None:
    """It is not looked at, or lets nobody write."""
    found = on_policy(told_by(policy=policy(allowing(**odd))))
    assert found.unseen or found.verdict
