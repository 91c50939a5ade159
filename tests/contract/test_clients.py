"""The clients of a run are made by one session, from whatever thread."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.session import get_session

from reconcile.settings.load import load_settings
from reconcile.stores import aws
from reconcile.stores.aws import Meter, connect
from reconcile.wiring import Wiring
from tests.contract.conftest import environ

SERVICES = ("s3", *(service for service in aws.SERVICES if service != "s3")) * 3


def test_a_run_makes_one_session_and_its_clients_count_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    def noting() -> Any:
        made.append(get_session())
        return made[-1]

    monkeypatch.setattr("reconcile.stores.aws.get_session", noting)
    with environ("http://127.0.0.1:9"):
        wiring, another = Wiring(load_settings()), Wiring(load_settings())
        with ThreadPoolExecutor(8) as pool:
            clients = [wiring.s3, *pool.map(wiring._client_for, SERVICES[1:])]
        assert len(made) == 1
        assert [client.meta.service_model.service_name for client in clients] == list(SERVICES)
        clients.append(another.s3)
    assert len(made) == 2
    for client in clients:
        client.close()


def test_a_service_that_the_artefact_lacks_is_asked_for_nothing() -> None:
    with environ("http://127.0.0.1:9"), pytest.raises(ValueError, match="sqs is not among the SERVICES"):
        connect("sqs", Meter())  # type: ignore[arg-type]


def test_only_stand_ins_are_asked_by_path() -> None:
    with environ("http://minio.test:9000"):
        assert _address(Wiring(load_settings())) == "http://minio.test:9000/videos"
        del os.environ["AWS_ENDPOINT_URL"]
        assert _address(Wiring(load_settings())) == "https://videos.s3.amazonaws.com/"


def _address(wiring: Wiring) -> str:
    client = wiring.s3
    address: str = client.generate_presigned_url("list_objects_v2", {"Bucket": "videos"})
    client.close()
    return address.partition("?")[0]
