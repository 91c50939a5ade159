"""Calls of moto in this process answer as its server does."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from reconcile.wiring import Wiring
from tests.contract.conftest import unique
from tests.doubles.in_process import in_process

BODY = "Größe".encode() * 1000
TRIED: dict[str, Callable[[Wiring, str], Any]] = {
    "an object": lambda aws, bucket: aws.s3.get_object(Bucket=bucket, Key="a folder/ä&+?#.json"),
    "a part of an object": lambda aws, bucket: aws.s3.get_object(
        Bucket=bucket, Key="a folder/ä&+?#.json", Range="bytes=5-9"
    ),
    "what an object is": lambda aws, bucket: aws.s3.head_object(Bucket=bucket, Key="a folder/ä&+?#.json"),
    "an object that is not there": lambda aws, bucket: aws.s3.get_object(Bucket=bucket, Key="none"),
    "what an object that is not there is": lambda aws, bucket: aws.s3.head_object(Bucket=bucket, Key="none"),
    "a listing": lambda aws, bucket: aws.s3.list_objects_v2(Bucket=bucket, Delimiter="/", Prefix="a"),
    "a bucket that is not there": lambda aws, bucket: aws.s3.list_objects_v2(Bucket=f"no-{bucket}"),
    "what nobody deletes": lambda aws, bucket: aws.s3.delete_object(Bucket=bucket, Key="none"),
    "a table that is not there": lambda aws, bucket: aws.dynamodb.scan(TableName="none"),
    "a name that no bucket has": lambda aws, bucket: aws.s3.create_bucket(Bucket="A_B"),
}


@pytest.fixture
def bucket(aws: Wiring) -> str:
    name = unique("in-process")
    aws.s3.create_bucket(Bucket=name)
    return name


def told(ask: Callable[[Wiring, str], Any], aws: Wiring, bucket: str) -> Any:
    """Return what an answer says, but for what differs from one to the next."""
    try:
        answer = ask(aws, bucket)
    except ClientError as error:
        answer = {"raised": str(error), **error.response}
    body = answer.get("Body")
    about = answer.pop("ResponseMetadata")
    return {
        **answer,
        "Body": body.read() if body else None,
        "status": about["HTTPStatusCode"],
        "type": about["HTTPHeaders"].get("content-type"),
        "dated": "date" in about["HTTPHeaders"],
    }


@pytest.mark.parametrize("what", TRIED)
def test_a_call_answers_as_the_server_does(what: str, aws: Wiring, bucket: str) -> None:
    aws.s3.put_object(Bucket=bucket, Key="a folder/ä&+?#.json", Body=BODY, ContentType="application/json")
    over_http = told(TRIED[what], aws, bucket)
    with in_process(aws.s3.meta.endpoint_url):
        assert told(TRIED[what], aws, bucket) == over_http


def test_what_a_call_writes_the_server_has(aws: Wiring, bucket: str) -> None:
    with in_process(aws.s3.meta.endpoint_url):
        aws.s3.put_object(Bucket=bucket, Key="bytes", Body=BODY)
    assert aws.s3.get_object(Bucket=bucket, Key="bytes")["Body"].read() == BODY
