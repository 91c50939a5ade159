"""The policies for whoever runs the job without the stack are those of the stack's roles.

After a change of the template that is meant, write them anew: python -m tests.deploy.test_run_rights
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from reconcile.model.run import Mode
from tests.deploy.examples import EXAMPLES, environment_file, text
from tests.deploy.rights import MODES, ROLES, documents
from tests.deploy.stack import Stack, deployed

OF_LAMBDA = {"Log", "SendToFailedRuns"}
"""Statements about what Lambda does as the role, which nobody else needs."""


def example() -> Mapping[str, str]:
    """Return the template's parameters that name what the examples name."""
    settings = environment_file()
    return {
        "Buckets": settings["RECONCILE_BUCKET"],
        "MediaBuckets": settings["RECONCILE_BUCKET"],
        "Table": settings["RECONCILE_TABLE"],
        "StateTableName": settings["RECONCILE_STATE_TABLE"],
    }


def policy(stack: Stack, mode: Mode) -> str:
    """Return the policy of a mode, with the examples' place of reports."""
    every = [one for document in documents(stack, ROLES[mode]) for one in document["Statement"]]
    written = {
        "Version": "2012-10-17",
        "Statement": [one for one in every if one["Sid"] not in OF_LAMBDA],
    }
    bucket = environment_file()["RECONCILE_REPORTS"].removeprefix("s3://").partition("/")[0]
    return json.dumps(written, indent=2).replace(stack.physical("ReportBucket"), bucket) + "\n"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Give tests a stack with the examples' names."""
    with deployed(**example()) as made:
        yield made


@pytest.mark.parametrize("mode", MODES)
def test_the_example_grants_what_the_role_of_the_stack_may(stack: Stack, mode: Mode) -> None:
    """Statement for statement."""
    assert text(f"rights/{mode}.json") == policy(stack, mode)


@pytest.mark.parametrize("mode", MODES)
def test_no_example_allows_to_delete_and_each_statement_has_a_name_of_its_own(mode: Mode) -> None:
    statements: list[Any] = json.loads(text(f"rights/{mode}.json"))["Statement"]
    assert len({one["Sid"] for one in statements}) == len(statements)
    assert "Delete" not in json.dumps(statements)
    assert "*" not in [one["Resource"] for one in statements]


def main() -> None:
    """Write the files."""
    with deployed(**example()) as made:
        for mode in MODES:
            (EXAMPLES / "rights" / f"{mode}.json").write_text(policy(made, mode), encoding="utf-8")


if __name__ == "__main__":
    main()
