"""What requests are charged by: units and mails are counted as the services tell them, or not at all."""

import json
from collections.abc import Callable
from typing import Any, Literal

import pytest

from reconcile.stores.aws import Meter, connect
from tests.contract.conftest import environ
from tests.contract.loopback import Answer, Asked, Loopback, json_answer

WRITE = {"TableName": "state", "Item": {"pk": {"S": "a"}}}
TRANSACTION = {"TransactItems": [{"Put": WRITE}]}
KEY = {"TableName": "state", "Key": {"pk": {"S": "a"}}}
BATCH = {"RequestItems": {"app": {"Keys": [{"pk": {"S": "a"}}]}}}


def taken(units: float, **more: float) -> dict[str, Any]:
    return {"TableName": "state", "CapacityUnits": units, **more}


@pytest.fixture
def asked_of(scripted: Loopback) -> Callable[..., Meter]:
    """Ask a scripted service once; return the meter."""

    def asked_of(
        service: Literal["dynamodb", "sesv2"], operation: str, arguments: dict[str, Any], answer: Answer
    ) -> Meter:
        scripted.answer = lambda _: answer
        meter = Meter()
        with environ(scripted.url):
            client = connect(service, meter)
        getattr(client, operation)(**arguments)
        client.close()
        return meter

    return asked_of


@pytest.mark.parametrize(
    ("operation", "arguments", "told", "units"),
    [
        ("put_item", WRITE, taken(2), (0, 2)),
        ("update_item", KEY, taken(1.5), (0, 1.5)),
        ("delete_item", KEY, taken(1), (0, 1)),
        ("transact_write_items", TRANSACTION, [taken(4), taken(6)], (0, 10)),
        ("transact_write_items", TRANSACTION, [taken(4, WriteCapacityUnits=4)], (0, 4)),
        # Told again by its token, it reads: nothing is written twice.
        ("transact_write_items", TRANSACTION, [taken(2, ReadCapacityUnits=2)], (2, 0)),
        ("get_item", KEY, taken(0.5), (0.5, 0)),
        ("batch_get_item", BATCH, [taken(3), taken(0.5)], (3.5, 0)),
        ("put_item", WRITE, None, (0, 0)),
        ("put_item", WRITE, {}, (0, 0)),
    ],
)
def test_units_are_counted_as_they_are_told(
    asked_of: Callable[..., Meter], operation: str, arguments: dict[str, Any], told: Any, units: Any
) -> None:
    whole: dict[str, Any] = {"Responses": {}, "UnprocessedKeys": {}} if operation == "batch_get_item" else {}
    answer = json_answer(whole | ({"ConsumedCapacity": told} if told is not None else {}))
    usage = asked_of("dynamodb", operation, arguments, answer).usage()
    assert (usage.read_units, usage.write_units) == units


def test_every_request_asks_what_it_takes(scripted: Loopback) -> None:
    seen: list[Asked] = []

    def answer(asked: Asked) -> Answer:
        seen.append(asked)
        return json_answer({})

    scripted.answer = answer
    with environ(scripted.url):
        client = connect("dynamodb", Meter())
    client.put_item(**WRITE)
    client.transact_write_items(**TRANSACTION)
    client.get_item(**KEY)
    assert [asked.document["ReturnConsumedCapacity"] for asked in seen] == ["TOTAL"] * 3


def test_a_mail_counts_for_each_of_its_recipients(asked_of: Callable[..., Meter]) -> None:
    mail = {
        "FromEmailAddress": "a@example.net",
        "Destination": {"ToAddresses": ["b@example.net", "c@example.net"], "CcAddresses": ["d@example.net"]},
        "Content": {"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "x"}}}},
    }
    meter = asked_of("sesv2", "send_email", mail, Answer(200, json.dumps({"MessageId": "1"}).encode()))
    assert meter.usage().mails == 3
