"""What the adapter sees of the live system's configuration, and what it says where it cannot look."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import cache
from typing import Any
from unittest.mock import patch

import pytest

from reconcile.model.configuration import Configuration, Function, Notifications, NotSeen, Policy, Storage
from reconcile.sandbox.ivs_storage import StorageServer
from reconcile.sandbox.setup import COMPOSER, PROCESSOR, PROCESSOR_ARN, Setup, put_setup, storage_arn
from reconcile.stores.algolia import AlgoliaRecords
from reconcile.stores.aws import Meter, connect
from reconcile.stores.configuration import LiveConfiguration
from reconcile.wiring import Wiring
from tests.contract.conftest import environ, unique
from tests.contract.harness import at_once
from tests.contract.loopback import Answer, Asked, Loopback

CANARY = "canary-of-another-variable"
REGION = "us-east-1"
NOW = storage_arn("now")
See = Callable[[Setup], Configuration]


def backend(service: str) -> Any:
    from moto.backends import get_backend

    backends: Any = get_backend(service)
    return backends["123456789012"]["aws" if service in ("s3", "iam") else REGION]


@pytest.fixture
def bucket(aws: Wiring) -> Iterator[str]:
    """A bucket of the embedded S3, and no function of an earlier test."""
    name = unique("films")
    aws.s3.create_bucket(Bucket=name)
    yield name
    backend("lambda").reset()
    backend("iam").reset()


@pytest.fixture(scope="module")
def storage() -> Iterator[StorageServer]:
    """The stand-in for IVS; tests say what it holds."""
    with StorageServer() as server:
        yield server


@cache
def clients(url: str, ivs: str) -> tuple[Any, Any, Any, Meter]:
    """Return clients of S3, Lambda and IVS that talk to these addresses."""
    with environ(url):
        meter = Meter()
        s3, functions = (connect(service, meter, retries=1) for service in ("s3", "lambda"))
        with patch.dict(os.environ, {"AWS_ENDPOINT_URL_IVS_REALTIME": ivs or url}):
            return s3, functions, connect("ivs-realtime", meter, retries=1), meter


def reader(url: str, bucket: str, ivs: str = "", **more: Any) -> LiveConfiguration:
    """Return the adapter whose clients talk to these addresses."""
    s3, functions, storage, meter = clients(url, ivs)
    records = AlgoliaRecords("APP", "key", "programs", meter, url, sleep=lambda _: None, tries=1)
    return LiveConfiguration(
        (bucket,), REGION, s3, lambda: functions, lambda: storage, records, sleep=at_once, **more
    )


@pytest.fixture
def seen(aws: Wiring, bucket: str, storage: StorageServer) -> See:
    """Returns what the adapter sees of an embedded system that is set up in some way."""

    def see(setup: Setup) -> Configuration:
        put_setup(setup, [bucket], backend)
        storage.held = setup.storages
        url = str(aws.s3.meta.endpoint_url)
        return reader(url, bucket, storage.url, processor=PROCESSOR, composer=COMPOSER).read()

    return see


def test_a_sound_system_is_seen_as_it_is(bucket: str, seen: See) -> None:
    """Rules with their filters, the policy, the functions, and where the storage configuration leads."""
    found = seen(Setup(composes_by=NOW, storages={NOW: bucket}))
    told = found.notifications[bucket]
    assert isinstance(told, Notifications)
    assert [(one.target, one.suffix, one.prefix) for one in told.rules] == [
        (PROCESSOR_ARN, "multivariant.m3u8", ""),
        (PROCESSOR_ARN, "master.m3u8", ""),
    ]
    policy = found.policies[bucket]
    assert isinstance(policy, Policy)
    assert len(policy.statements) == 2
    assert found.processor == Function(PROCESSOR, PROCESSOR_ARN)
    assert found.storage == Storage(NOW, bucket)


def test_a_bucket_without_notifications_and_policy_is_seen_as_that(bucket: str, seen: See) -> None:
    """Nothing set is a fact, not a failure."""
    found = seen(Setup(suffixes=(), writers=()))
    assert found.notifications[bucket] == Notifications()
    assert found.policies[bucket] == Policy(None)


def test_a_storage_configuration_that_is_gone_is_seen_as_gone(seen: See) -> None:
    """It is what the incident began with."""
    assert seen(Setup(composes_by=NOW)).storage == Storage(NOW)


@pytest.mark.parametrize("value", ["a-key-in-the-wrong-line", "arn:aws:ivs:us-east-1:1:channel/x"])
def test_what_is_no_arn_of_a_storage_configuration_is_not_repeated(seen: See, value: str) -> None:
    """It may be another variable's value."""
    assert seen(Setup(composes_by=value)).storage == Storage("")


def test_without_the_variable_the_composer_goes_by_its_own_default(seen: See) -> None:
    """Which nobody can see from outside."""
    found = seen(Setup(composes_by="")).storage
    assert isinstance(found, NotSeen)
    assert "default" in found.why


def test_no_other_variable_of_the_composer_is_kept(aws: Wiring, bucket: str, storage: StorageServer) -> None:
    """Not in the facts, and not in the adapter."""
    setup = Setup(composes_by=NOW, storages={NOW: bucket}, variables={"ALGOLIA_ADMIN_KEY": CANARY})
    put_setup(setup, [bucket], backend)
    storage.held = setup.storages
    url = str(aws.s3.meta.endpoint_url)
    adapter = reader(url, bucket, storage.url, processor=PROCESSOR, composer=COMPOSER)
    found = adapter.read()
    assert found.storage == Storage(NOW, bucket)
    assert CANARY not in repr(asdict(found))
    assert CANARY not in repr(vars(adapter))


def test_functions_that_do_not_exist_are_told(aws: Wiring, bucket: str) -> None:
    """The processor as gone; the composer as a setting that names nothing."""
    url = str(aws.s3.meta.endpoint_url)
    found = reader(url, bucket, processor="nobody", composer="nobody").read()
    assert found.processor == Function("nobody", gone=True)
    assert isinstance(found.storage, NotSeen)
    assert "RECONCILE_COMPOSER_FUNCTION names nobody" in found.storage.why


def test_a_stand_in_that_does_not_know_a_call_is_not_looked_at(aws: Wiring, bucket: str) -> None:
    """moto has no storage configurations, and no search index either."""
    put_setup(Setup(composes_by=NOW), [bucket], backend)
    found = reader(str(aws.s3.meta.endpoint_url), bucket, composer=COMPOSER).read()
    assert isinstance(found.storage, NotSeen)
    assert isinstance(found.settings, NotSeen)


def test_a_bucket_that_does_not_exist_is_not_looked_at(aws: Wiring) -> None:
    """The reason names what was asked."""
    found = reader(str(aws.s3.meta.endpoint_url), "no-such-bucket").read()
    for told in (found.notifications["no-such-bucket"], found.policies["no-such-bucket"]):
        assert isinstance(told, NotSeen)
        assert "NoSuchBucket" in told.why


# ---- Answers that no sound service gives


def s3_error(code: str, status: int) -> Answer:
    return Answer(status, f"<Error><Code>{code}</Code><Message>{CANARY}</Message></Error>".encode())


def json_error(code: str, status: int) -> Answer:
    body = json.dumps({"message": CANARY, "Message": CANARY}).encode()
    return Answer(status, body, {"x-amzn-ErrorType": code, "Content-Type": "application/json"})


def answering(s3: Answer, function: Answer, ivs: Answer, algolia: Answer) -> Callable[[Asked], Answer]:
    def answer(asked: Asked) -> Answer:
        if asked.path.startswith("/1/indexes/"):
            return algolia
        if "/functions/" in asked.path:
            return function
        return ivs if asked.path == "/GetStorageConfiguration" else s3

    return answer


def function_answer(variables: Any) -> Answer:
    told = {"FunctionArn": PROCESSOR_ARN, "Environment": {"Variables": variables}}
    return Answer(200, json.dumps(told).encode(), {"Content-Type": "application/json"})


COMPOSES = function_answer({"STORAGE_CONFIGURATION_ARN": NOW, "KEY": CANARY})
HTML = Answer(200, f"<html>{CANARY}</html>".encode(), {"Content-Type": "text/html"})
DENIED = (
    s3_error("AccessDenied", 403),
    json_error("AccessDeniedException", 403),
    Answer(403, json.dumps({"message": CANARY, "status": 403}).encode()),
)


def all_not_seen(found: Configuration) -> list[str]:
    """Return why each part was not seen; fails if one was."""
    parts = [*found.notifications.values(), *found.policies.values(), found.storage, found.settings]
    assert all(isinstance(part, NotSeen) for part in parts), parts
    return [part.why for part in parts if isinstance(part, NotSeen)]


def test_what_is_denied_names_the_right_that_lacks(scripted: Loopback) -> None:
    """And quotes nothing of the answer."""
    s3, aws_json, algolia = DENIED
    scripted.answer = answering(s3, aws_json, aws_json, algolia)
    found = reader(scripted.url, "films", processor=PROCESSOR, composer=COMPOSER).read()
    told = " ".join(all_not_seen(found))
    for action in ("s3:GetBucketNotification", "s3:GetBucketPolicy", "lambda:GetFunctionConfiguration"):
        assert f"{action} on " in told
    assert "`settings`" in told
    assert CANARY not in told
    assert found.processor == Function(PROCESSOR)


def test_a_storage_configuration_that_may_not_be_read_is_not_gone(scripted: Loopback) -> None:
    """Denied is not absent."""
    scripted.answer = answering(*DENIED[:1], COMPOSES, json_error("AccessDeniedException", 403), HTML)
    found = reader(scripted.url, "films", composer=COMPOSER).read().storage
    assert isinstance(found, NotSeen)
    assert "ivs:GetStorageConfiguration on " in found.why


def test_an_empty_answer_is_no_configuration_without_rules(scripted: Loopback) -> None:
    """S3 answers with an empty element where a bucket has no rules: nothing at all claims nothing."""
    scripted.answer = lambda _: Answer(200, b"")
    assert isinstance(reader(scripted.url, "films").read().notifications["films"], NotSeen)


NONSENSE = [
    HTML,
    Answer(200, b""),
    Answer(200, b"{"),
    Answer(200, b"[]"),
    Answer(200, b'"text"'),
    Answer(200, b"null"),
    Answer(200, b'{"FunctionArn": 7, "Environment": "x", "storageConfiguration": 7}'),
    Answer(200, b'{"Environment": {"Variables": ["x"]}, "storageConfiguration": {"s3": []}}'),
    Answer(500, CANARY.encode()),
    Answer(404, f"<html>{CANARY}</html>".encode()),
    Answer(302, b""),
    Answer(200, b"<a>" * 5, {"Content-Type": "application/xml"}),
    Answer(200, b"x" * 100, cut=True),
    Answer(lost=True),
]


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_is_no_crash_and_no_fault_of_the_system(scripted: Loopback, nonsense: Answer) -> None:
    """Whatever comes back, nothing is claimed and nothing of it is quoted."""
    scripted.answer = answering(s3_error("AccessDenied", 403), nonsense, nonsense, nonsense)
    found = reader(scripted.url, "films", processor=PROCESSOR, composer=COMPOSER).read()
    assert isinstance(found.storage, NotSeen)
    assert CANARY not in repr(found)
    assert not (found.processor and found.processor.gone)
    scripted.answer = answering(s3_error("AccessDenied", 403), COMPOSES, nonsense, HTML)
    assert isinstance(reader(scripted.url, "films", composer=COMPOSER).read().storage, NotSeen)


@pytest.mark.parametrize(
    "policy",
    [b"", b"[]", b"nonsense", b'"text"', b"7", b"\xff\xfe", b'{"Statement": 7}', b'{"Statement": [7]}'],
)
def test_a_policy_that_cannot_be_understood_is_no_crash(scripted: Loopback, policy: bytes) -> None:
    """It is not seen, or seen without a statement."""
    scripted.answer = lambda asked: (
        Answer(200, policy) if "policy" in asked.query else s3_error("AccessDenied", 403)
    )
    told = reader(scripted.url, "films").read().policies["films"]
    assert isinstance(told, NotSeen) or told.statements == ()


@pytest.mark.parametrize(
    "rule",
    [
        "<CloudFunctionConfiguration><Id>x</Id></CloudFunctionConfiguration>",
        "<QueueConfiguration><Queue>q</Queue></QueueConfiguration>",
        "<not xml at all",
    ],
)
def test_notifications_that_cannot_be_understood_are_not_seen(scripted: Loopback, rule: str) -> None:
    """A rule without a target, or without events, tells nothing."""
    body = f"<NotificationConfiguration>{rule}</NotificationConfiguration>".encode()
    scripted.answer = lambda asked: Answer(200, body) if "notification" in asked.query else s3_error("x", 403)
    assert isinstance(reader(scripted.url, "films").read().notifications["films"], NotSeen)


def test_a_store_that_takes_the_question_for_a_listing_tells_nothing_of_its_notifications(
    scripted: Loopback,
) -> None:
    """A bucket without rules says so in an answer of that name; anything else is not looked at."""
    scripted.answer = lambda _: Answer(200, b"<ListBucketResult><Name>films</Name></ListBucketResult>")
    assert isinstance(reader(scripted.url, "films").read().notifications["films"], NotSeen)
    scripted.answer = lambda _: Answer(200, b"<NotificationConfiguration/>")
    assert not isinstance(reader(scripted.url, "films").read().notifications["films"], NotSeen)


def test_a_huge_answer_is_read(scripted: Loopback) -> None:
    """Of thousands of rules, too."""
    rule = (
        f"<CloudFunctionConfiguration><Id>x</Id><CloudFunction>{PROCESSOR_ARN}</CloudFunction>"
        "<Event>s3:ObjectCreated:*</Event></CloudFunctionConfiguration>"
    )
    body = f"<NotificationConfiguration>{rule * 5000}</NotificationConfiguration>".encode()
    scripted.answer = lambda asked: Answer(200, body) if "notification" in asked.query else s3_error("x", 403)
    told = reader(scripted.url, "films").read().notifications["films"]
    assert isinstance(told, Notifications)
    assert len(told.rules) == 5000
