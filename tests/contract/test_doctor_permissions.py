"""Doctor tries every permission that a mode needs, with requests that no store can take for a write."""

import os
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from reconcile.doctor import Line, examine, exit_code
from reconcile.doctor.clients import LIMITS, Limits
from reconcile.model.run import Mode
from reconcile.permissions import permissions
from reconcile.stores import configuration
from tests.contract.lookalike import listing
from tests.contract.loopback import Answer, Asked, Loopback, json_answer, refusal

TABLE, STATE_TABLE, BUCKET, REPORTS, SENDER = "app", "memory", "videos", "kept", "jobs@example.net"
NAMES = {
    "table": TABLE,
    "state_table": STATE_TABLE,
    "bucket": BUCKET,
    "media_bucket": "uploads",
    "reports": REPORTS,
    "secret": "hooks",
}
KEY = "arn:aws:kms:eu-central-1:111122223333:key/of-the-bucket"
SET = "arn:aws:ses:eu-central-1:111122223333:configuration-set/all-mail"
SETTINGS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "RECONCILE_STAGE": "test",
    "RECONCILE_BUCKET": BUCKET,
    "RECONCILE_TABLE": TABLE,
    "RECONCILE_STATE_TABLE": STATE_TABLE,
    "RECONCILE_PLAYBACK_DOMAIN": "media.example",
    "RECONCILE_MEDIA_ROUTES": '{"ivs/*": "videos", "*": "uploads"}',
    "RECONCILE_ALGOLIA_APP_ID": "APP",
    "RECONCILE_ALGOLIA_API_KEY": "unused",
    "RECONCILE_REPORTS": f"s3://{REPORTS}/of/test",
    "RECONCILE_WEBHOOK": "secretsmanager:hooks#address",
    "RECONCILE_EMAIL_FROM": f"Reports <{SENDER}>",
    "RECONCILE_EMAIL_TO": "ann@example.net",
}
NO_OBJECTS = Answer(
    200, b"<ListBucketResult><Name>any</Name><IsTruncated>false</IsTruncated></ListBucketResult>"
)
GRANT = "Grant "


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """Start a server that plays all of AWS, and whatever else the settings name."""
    with Loopback() as server:
        for name, value in SETTINGS.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        monkeypatch.setenv("RECONCILE_ALGOLIA_HOST", server.url)
        yield server


def operation(asked: Asked) -> str:
    """Return the operation that a request to AWS is for, as permissions call it."""
    if asked.operation:
        return asked.operation
    if asked.path.startswith("/v2/email/"):
        return {"identities": "GetEmailIdentity", "account": "GetAccount"}.get(
            asked.path.split("/")[3], "SendEmail"
        )
    if "list-type" in asked.query:
        return "ListBucket"
    return "GetObject" if asked.method == "GET" else "PutObject"


def denial(asked: Asked, message: str = "scripted") -> Answer:
    """Refuse a request for want of a permission, in the protocol of its service."""
    if asked.operation:
        return refusal("AccessDeniedException", message)
    if asked.path.startswith("/v2/email/"):
        headers = {"x-amzn-ErrorType": "AccessDeniedException", "Content-Type": "application/json"}
        return Answer(403, b'{"message": "%s"}' % message.encode(), headers)
    text = f"<Error><Code>AccessDenied</Code><Message>{message}</Message></Error>"
    return Answer(403, text.encode(), {"Content-Type": "application/xml"})


def needed(mode: Mode) -> set[tuple[str, str]]:
    """Return what a mode needs, with the names that the settings have."""
    found = set()
    # What a run can do without is told otherwise, when the configuration is looked at.
    for action, arn in set(permissions(mode)) - set(configuration.PERMISSIONS):
        for name, value in NAMES.items():
            arn = arn.replace(f"{{{name}}}", value)
        found.add((action, arn))
    return found


def granted(lines: list[Line]) -> set[tuple[str, str]]:
    """Return what the failed lines say is to be granted."""
    steps = [line.step for line in lines if line.state == "failed" and line.step.startswith(GRANT)]
    return {(action, arn) for action, _, arn in (s.removeprefix(GRANT)[:-1].split(" ") for s in steps)}


def looked(script: Callable[[Asked], Answer], server: Loopback, limits: Limits = LIMITS) -> list[Line]:
    server.answer = script
    return list(examine(None, send=False, limits=limits))


@pytest.mark.parametrize("mode", ["check", "repair"])
def test_an_account_that_denies_everything_is_told_every_permission_of_the_mode(
    aws: Loopback, monkeypatch: pytest.MonkeyPatch, mode: Mode
) -> None:
    """Together with a sender that has a configuration set, what is to be granted is what is declared."""
    monkeypatch.setenv("RECONCILE_MODE", mode)
    lists_denied = granted(looked(denial, aws))
    rest = granted(
        looked(lambda asked: NO_OBJECTS if operation(asked) == "ListBucket" else denial(asked), aws)
    )
    words = f"User `arn:aws:iam::1:user/x' is not authorized to perform `ses:SendEmail' on resource `{SET}'"
    of_the_set = granted(looked(lambda asked: denial(asked, words), aws)) - lists_denied
    assert of_the_set == {("ses:SendEmail", SET)}
    declared = {right for right in needed(mode) if right[1] != "arn:aws:ses:*:*:configuration-set/*"}
    assert lists_denied | rest == declared


def test_what_only_doctor_asks_for_is_a_warning(aws: Loopback) -> None:
    """Without the rights to describe, the permissions are tried all the same."""
    lines = looked(denial, aws)
    warned = [line.step for line in lines if line.state == "warning" and line.step.startswith(GRANT)]
    assert sorted(step.split(" ")[1] for step in warned) == [
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeTable",
        "dynamodb:DescribeTable",
        "ses:GetAccount",
        "ses:GetEmailIdentity",
    ]
    assert all(step.endswith("to whoever runs doctor.") for step in warned)


def test_without_the_right_to_list_no_answer_tells_of_the_right_to_get(aws: Loopback) -> None:
    """S3 calls a missing object denied then; what cannot be told is not called denied."""
    lines = {line.what: line for line in looked(denial, aws)}
    assert lines[f"s3:ListBucket on {BUCKET}"].state == "failed"
    assert lines[f"s3:GetObject on {BUCKET}"].state == "warning"


@pytest.mark.parametrize(
    ("message", "step"),
    [
        (
            f"User: x is not authorized to perform: kms:Decrypt on resource: {KEY} because no policy",
            f"Grant kms:Decrypt on {KEY}.",
        ),
        (
            f"User: x is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::{BUCKET}/a.json "
            "with an explicit deny in a service control policy",
            f"Stop denying s3:GetObject on arn:aws:s3:::{BUCKET}/* in the policy that the refusal names.",
        ),
    ],
)
def test_a_refusal_that_names_its_reason_is_believed(aws: Loopback, message: str, step: str) -> None:
    def script(asked: Asked) -> Answer:
        return NO_OBJECTS if operation(asked) == "ListBucket" else denial(asked, message)

    lines = {line.what: line for line in looked(script, aws)}
    assert lines[f"s3:GetObject on {BUCKET}"].step == step


def test_a_secret_whose_key_may_not_be_used(aws: Loopback) -> None:
    lines = looked(lambda asked: denial(asked, "Access to KMS is not allowed"), aws)
    (line,) = (line for line in lines if line.part == "Secrets")
    assert line.step == "Grant kms:Decrypt on the key that encrypts it."


# ---- Stores that take everything


def test_a_store_that_takes_writes_whose_condition_does_not_hold_is_told_as_such(aws: Loopback) -> None:
    """Nothing can be tried harmlessly there; the first try finds it out, and names the row to remove."""

    asked_for: list[str] = []

    def script(asked: Asked) -> Answer:
        asked_for.append(asked.operation)
        return json_answer({"Items": [], "Count": 0}) if asked.operation else denial(asked)

    lines = {line.what: line for line in looked(script, aws)}
    line = lines[f"dynamodb:PutItem on {STATE_TABLE}"]
    assert line.state == "failed"
    assert "repairs would not be safe there" in line.found
    assert "Remove the row whose sk is doctor" in line.found
    assert (asked_for.count("PutItem"), asked_for.count("UpdateItem")) == (1, 0)


def test_a_bucket_that_takes_any_part_is_not_called_writable(aws: Loopback) -> None:
    """Its answer would be the same without the right to write."""

    def script(asked: Asked) -> Answer:
        if operation(asked) == "ListBucket":
            return NO_OBJECTS
        return Answer(200, headers={"ETag": '"x"'}) if operation(asked) == "PutObject" else denial(asked)

    lines = {line.what: line for line in looked(script, aws)}
    line = lines[f"s3:PutObject on {REPORTS}"]
    assert line.state == "warning"
    assert f"s3:PutObject on arn:aws:s3:::{REPORTS}/*" in line.step


@pytest.mark.parametrize("status", [200, 400])
def test_what_ses_says_of_a_mail_to_nobody_is_not_called_allowed(aws: Loopback, status: int) -> None:
    """It may look at the addresses first: only a denial tells something."""
    sent: list[Any] = []

    def script(asked: Asked) -> Answer:
        if not asked.path.startswith("/v2/email/"):
            return denial(asked)
        if operation(asked) != "SendEmail":
            return json_answer({"VerifiedForSendingStatus": True, "SendingEnabled": True})
        sent.append(asked.document)
        return json_answer({"MessageId": "1"} if status == 200 else {"message": "Missing domain"}, status)

    lines = {line.what: line for line in looked(script, aws)}
    for action in ("ses:SendEmail", "ses:SendRawEmail"):
        assert lines[f"{action} on {SENDER}"].state == "warning"
    assert [message["Destination"] for message in sent] == [{"ToAddresses": ["nobody"]}] * 2
    assert [set(message["Content"]) for message in sent] == [{"Simple"}, {"Raw"}]


def test_an_object_is_read_by_its_first_byte(aws: Loopback) -> None:
    asked_for: list[Mapping[str, str]] = []
    page = listing([("a/b.json", 1)]).body.replace(b"<IsTr", b"<Name>any</Name><IsTr")

    def script(asked: Asked) -> Answer:
        if operation(asked) == "ListBucket":
            return Answer(200, page)
        if operation(asked) == "GetObject":
            asked_for.append({"path": asked.path, "range": asked.headers.get("range", "")})
            return Answer(206, b"{", {"ETag": '"x"'})
        return denial(asked)

    lines = {line.what: line for line in looked(script, aws)}
    assert lines[f"s3:GetObject on {BUCKET}"].state == "ok"
    assert {"path": f"/{BUCKET}/a/b.json", "range": "bytes=0-0"} in asked_for


def search_key(**more: object) -> Callable[[Asked], Answer]:
    """Return an AWS that denies everything, beside a search service whose key has some limits."""
    key = {"acl": ["browse", "search"], "indexes": ["programs"], **more}

    def script(asked: Asked) -> Answer:
        if asked.path.startswith("/1/keys/"):
            return json_answer(key)
        if asked.path.startswith("/1/indexes/"):
            return json_answer({"hits": [], "nbHits": 3, "results": [None]})
        return denial(asked)

    return script


def test_a_search_key_that_runs_out_and_limits_searches_is_warned_of(aws: Loopback) -> None:
    script = search_key(validity=3600, maxHitsPerQuery=20, queryParameters="typoTolerance=strict")
    lines = {line.what: line for line in looked(script, aws)}
    assert lines["validity of the search key"].found == "it expires within 1 day"
    assert "maxHitsPerQuery=20" in lines["limits of the search key"].found
    assert "queryParameters" in lines["limits of the search key"].found
    assert [lines[f"{name} of the search key"].state for name in ("validity", "limits")] == ["warning"] * 2
    assert lines["browse on programs"].found == "allowed; 3 records"


SECURED = b64encode(b"0f" * 32 + b"filters=premium%3Afalse&validUntil=1").decode()


@pytest.mark.parametrize(
    ("parameters", "key"),
    [
        ("filters=premium:false", "unused"),
        ("facetFilters=a:b&hitsPerPage=5", "unused"),
        ("?query=x", "unused"),
        ("", SECURED),
    ],
    ids=["filters", "facets", "query", "secured"],
)
def test_a_search_key_with_filters_is_refused(
    aws: Loopback, monkeypatch: pytest.MonkeyPatch, parameters: str, key: str
) -> None:
    """What it does not show looks deleted; a secured key carries its filters in itself."""
    monkeypatch.setenv("RECONCILE_ALGOLIA_API_KEY", key)
    lines = {line.what: line for line in looked(search_key(queryParameters=parameters), aws)}
    line = lines["limits of the search key"]
    assert (line.state, "sees a part of the index" in line.found) == ("failed", True)
    assert "browse on programs" not in lines


# ---- Endpoints that do not answer


@pytest.mark.parametrize("garbage", [b"<html>a login page</html>", b"", b"[1, 2]", b'{"Table": 5}'])
def test_an_endpoint_that_answers_with_something_else_is_a_line_and_no_crash(
    aws: Loopback, garbage: bytes
) -> None:
    lines = looked(lambda asked: Answer(200, garbage, {"Content-Type": "text/html"}), aws)
    assert exit_code(lines) == 3
    assert {"Stores", "Reports", "Channels", "Clock"} <= {line.part for line in lines}
    assert not [line for line in lines if line.part in ("Stores", "Reports") and line.state == "ok"]


def test_when_nobody_listens_every_part_says_so_soon(aws: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "RECONCILE_ALGOLIA_HOST"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    begun = time.monotonic()
    lines = list(examine(None, send=False))
    assert time.monotonic() - begun < 30
    failed = [line for line in lines if line.state == "failed"]
    assert {line.part for line in failed} == {"Secrets", "Stores", "Reports", "Channels"}
    assert all("can be reached from here" in line.step for line in failed)
    assert lines[-1].what == "clock of this machine"
    assert lines[-1].state == "warning"


def test_when_nobody_answers_every_part_is_given_up_in_time(aws: Loopback) -> None:
    """A part that outlasts the limits of its sockets is left behind; the run ends without it."""
    from threading import Event

    ended = Event()

    def hang(asked: Asked) -> Answer:
        ended.wait(60)
        return Answer(418)

    begun = time.monotonic()
    try:
        lines = looked(hang, aws, Limits(aws=20.0, part=1.0))
        took = time.monotonic() - begun
    finally:
        ended.set()
    assert took < 15
    late = [line for line in lines if line.found == "no answer came in time"]
    assert {line.part for line in late} == {"Secrets", "Stores", "Reports", "Channels"}
    assert exit_code(lines) == 3
