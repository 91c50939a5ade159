"""The template as it is written: well formed before and after the transform, and told in its parameters."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reconcile.artefact import INTO, PYTHON
from tests.deploy.stack import ACCOUNT, PARAMETERS, REGION, TEMPLATE, template, translated


def lint(path: Path, *options: str) -> str:
    """Return what cfn-lint has to say; it needs no network."""
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--non-zero-exit-code", "none"]
    done = subprocess.run([*command, *options, "--", str(path)], capture_output=True, text=True, check=True)
    return f"{done.stdout}{done.stderr}"


def test_the_template_is_clean_under_cfn_lint() -> None:
    """Informational rules included, and without one that is switched off."""
    assert "cfn-lint" not in TEMPLATE.read_text(encoding="utf-8")
    assert lint(TEMPLATE, "--include-checks", "I") == ""


def test_the_template_is_clean_under_cfn_lint_after_the_sam_transform(tmp_path: Path) -> None:
    """But one informational rule: what Fn::Join puts between two ARNs cannot hold the partition's name."""
    path = tmp_path / "translated.json"
    path.write_text(translated(), encoding="utf-8")
    assert lint(path, "--include-checks", "I", "--ignore-checks", "I3042") == ""


@pytest.mark.parametrize("name", ["CheckFunction", "RepairFunction"])
def test_a_function_is_made_after_the_rights_of_its_role(name: str) -> None:
    """Lambda refuses an on-failure destination that the role may not send to."""
    made = json.loads(translated())["Resources"]
    statements = made["EitherMode"]["Properties"]["PolicyDocument"]["Statement"]
    assert "sqs:SendMessage" in [statement["Action"] for statement in statements]
    assert made[name]["DependsOn"] == "EitherMode"
    config = made[f"{name}EventInvokeConfig"]["Properties"]
    assert config["FunctionName"] == {"Ref": name}


def test_cfn_lint_does_find_what_is_wrong(tmp_path: Path) -> None:
    """The two tests above can fail."""
    path = tmp_path / "wrong.yaml"
    wrong = TEMPLATE.read_text(encoding="utf-8").replace("KeyType: HASH", "KeyType: FIRST")
    path.write_text(wrong, encoding="utf-8")
    assert "'HASH' was expected" in lint(path)


def test_every_parameter_and_output_says_what_it_is() -> None:
    """In a sentence."""
    for part in ("Parameters", "Outputs"):
        assert all(one["Description"].endswith(".") for one in template()[part].values())


def test_only_what_an_account_must_decide_has_no_default() -> None:
    """The other parameters stand at what is right for most."""
    without = {name for name, one in template()["Parameters"].items() if "Default" not in one}
    assert without == set(PARAMETERS)


@pytest.mark.parametrize(
    ("parameter", "value", "fits"),
    [
        ("AlarmTopic", f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms", True),
        ("AlarmTopic", "alarms", False),
        ("PlaybackDomain", "d111.cloudfront.net", True),
        ("PlaybackDomain", "https://d111.cloudfront.net", False),
        ("ReaderSecret", "reconcile/prod/reader", True),
        ("ReaderSecret", "reconcile/prod/reader#algolia_api_key", False),
        ("ReaderSecret", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:reader-AbCdEf", False),
        ("MediaRoutes", '{"ivs/*":"recordings"}', True),
        ("MediaRoutes", "{", False),
        ("MediaRoutes", "", True),
        ("Prices", '{"s3_get_per_1000":0.00043,"as_of":"2026-12-01"}', True),
        ("Prices", "0.0004", False),
        ("Prices", "", True),
        ("OldDomains", "d111.cloudfront.net,old.example.net", True),
        ("OldDomains", "https://old.example.net", False),
        ("EmailFrom", "reports@example.net", True),
        ("EmailFrom", "Night watch <reports@example.net>", False),
        ("EmailFrom", "Night", False),
        ("EmailTo", "ann@example.net,bob@example.net", True),
        ("EmailTo", ",".join(["ann@example.net"] * 51), False),
        ("EmailFromName", "Night watch", True),
        ("StateTableName", "reconcile-state-prod", True),
        ("KmsKeys", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555", True),
        ("KmsKeys", "alias/mine", False),
        ("DeployedFunctions", "start-composition", True),
        ("DeployedFunctions", "start-*", False),
        ("ReportUrl", "https://reports.example.net/x", True),
        ("ReportUrl", "reports.example.net", False),
        ("DeployedStacks", "*", True),
        ("DeployedStacks", "media-*-prod", True),
        ("DeployedStacks", "media-**", False),
        ("Stage", "prod-eu", True),
        ("Stage", "Prod", False),
        ("Nightly", "cron(30 3 * * ? *)", True),
        ("Nightly", "30 3 * * *", False),
    ],
)
def test_a_parameter_refuses_what_cannot_be_meant(parameter: str, value: str, fits: bool) -> None:
    """Before anything is deployed."""
    pattern = template()["Parameters"][parameter]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, value)) is fits


def test_every_parameter_says_what_it_takes() -> None:
    """By a pattern, by a list of values, or as a number."""
    for name, parameter in template()["Parameters"].items():
        assert {"AllowedPattern", "AllowedValues"} & set(parameter) or parameter["Type"] == "Number", name


def test_every_default_is_one_that_its_parameter_takes() -> None:
    """Each item of a list by itself, as CloudFormation does it."""
    for name, parameter in template()["Parameters"].items():
        if "AllowedPattern" in parameter and "Default" in parameter:
            given = parameter["Default"]
            items = given.split(",") if parameter["Type"] == "CommaDelimitedList" else [given]
            assert all(re.fullmatch(parameter["AllowedPattern"], item) for item in items), name


def test_the_functions_run_the_artefact_on_the_python_that_it_is_built_for() -> None:
    """One handler, on the processors that the wheels are for."""
    written: dict[str, Any] = template()["Globals"]["Function"]
    assert f"CodeUri: {INTO}\n" in TEMPLATE.read_text(encoding="utf-8")
    assert (written["Handler"], written["Runtime"]) == ("reconcile.handler.handler", f"python{PYTHON}")
    assert written["Architectures"] == ["x86_64"]
