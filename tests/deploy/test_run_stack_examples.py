"""The stack without SAM: plain CloudFormation that equals the transform, and Terraform that wraps it."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from reconcile.artefact import plain as plain_module
from reconcile.artefact.plain import CODE, SOURCE, main, plain
from reconcile.model.errors import UsageError
from tests.deploy.examples import EXAMPLES, LINTERS, text, tool
from tests.deploy.stack import CODE as CODE_BUCKET
from tests.deploy.stack import PARAMETERS, translated
from tests.deploy.test_template import lint


@cache
def made() -> dict[str, Any]:
    """Return the plain template."""
    return plain(SOURCE.read_text(encoding="utf-8"))


def test_the_plain_template_is_what_sam_would_deploy() -> None:
    """But for two parameters, and where the functions' code is."""
    of_sam = json.loads(translated())
    of_sam["Parameters"] |= CODE
    for name in ("CheckFunction", "RepairFunction"):
        code = of_sam["Resources"][name]["Properties"]["Code"]
        assert code == {"S3Bucket": CODE_BUCKET, "S3Key": "artefact.zip"}
        code |= {"S3Bucket": {"Ref": "ArtefactBucket"}, "S3Key": {"Ref": "ArtefactKey"}}
    assert made() == of_sam
    assert "Transform" not in made()


def test_the_command_writes_a_template_that_is_clean_under_cfn_lint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """But one informational rule: what Fn::Join puts between two ARNs cannot hold the partition's name."""
    assert main() == 0
    path = tmp_path / "template.json"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    assert lint(path, "--include-checks", "I", "--ignore-checks", "I3042") == ""


def test_a_template_that_sam_refuses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"schedule\.yaml cannot be transformed: .*Runtime"):
        plain(re.sub(r"    Runtime: .*\n", "", SOURCE.read_text(encoding="utf-8")))
    monkeypatch.setattr(plain_module, "SOURCE", Path("/nowhere/schedule.yaml"))
    assert main() == 64


def assert_taken(parameters: Mapping[str, str]) -> None:
    """Each is one of the template's, with a value that fits, and none that must be given lacks."""
    known = made()["Parameters"]
    assert {name for name, one in known.items() if "Default" not in one} <= set(parameters) <= set(known)
    for name, value in parameters.items():
        listed = known[name]["Type"] == "CommaDelimitedList"
        for item in value.split(",") if listed else [value]:
            assert re.fullmatch(known[name].get("AllowedPattern", ".*"), item), name
        assert value in known[name].get("AllowedValues", [value])


def test_the_parameters_of_the_example_are_those_of_the_template() -> None:
    given = json.loads(text("cloudformation/parameters.json"))
    assert_taken({one["ParameterKey"]: one["ParameterValue"] for one in given})


# ---- Terraform


@cache
def blocks(name: str) -> Mapping[str, Any]:
    """Return what a file holds, as a parser of HCL reads it."""
    patch = pytest.MonkeyPatch()
    patch.syspath_prepend(str(LINTERS))
    try:
        hcl2 = pytest.importorskip("hcl2", reason="python-hcl2 is not installed here")
        parsed: Mapping[str, Any] = hcl2.loads(text(f"terraform/{name}"))
        return parsed
    finally:
        patch.undo()


def unquoted(text: str) -> str:
    return text.strip('"')


def variables() -> dict[str, Any]:
    return {
        unquoted(name): one for block in blocks("variables.tf")["variable"] for name, one in block.items()
    }


def test_each_variable_has_a_type_and_a_description_and_is_used() -> None:
    used = set(re.findall(r"\bvar\.(\w+)", text("terraform/main.tf") + text("terraform/locals.tf")))
    assert used == set(variables())
    assert all({"type", "description"} <= set(one) for one in variables().values())


def test_an_output_is_one_of_the_stack() -> None:
    asked = set(re.findall(r'\.outputs\["(\w+)"\]', text("terraform/outputs.tf")))
    assert len(asked) == len(blocks("outputs.tf")["output"])
    assert asked <= set(made()["Outputs"])


def test_the_stack_gets_its_template_from_the_bucket_and_may_make_roles() -> None:
    """Without names of its own for them, so the lesser capability is enough."""
    resources = {
        unquoted(kind): {unquoted(name): one for name, one in named.items()}
        for block in blocks("main.tf")["resource"]
        for kind, named in block.items()
    }
    stack = resources["aws_cloudformation_stack"]["reconcile"]
    assert [unquoted(one) for one in stack["capabilities"]] == ["CAPABILITY_IAM"]
    assert "aws_s3_object.template.key" in stack["template_url"]
    assert {name for one in made()["Resources"].values() for name in one.get("Properties", {})} & {
        "RoleName"
    } == set()


def terraform(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Terraform in a folder, without network."""
    command = [tool("terraform"), f"-chdir={folder}", *arguments]
    given = {"PATH": os.environ["PATH"], "HOME": str(folder), "CHECKPOINT_DISABLE": "1"}
    return subprocess.run(command, env=given, capture_output=True, text=True, check=False, timeout=120)


APPLY = ("apply", "-auto-approve", "-input=false", "-no-color")


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give tests the part of the module that needs no provider, with the stack's parameters as an output."""
    folder = tmp_path_factory.mktemp("terraform")
    for name in ("variables.tf", "locals.tf"):
        shutil.copy(EXAMPLES / "terraform" / name, folder)
    (folder / "shown.tf").write_text('output "parameters" {\n  value = local.parameters\n}\n')
    (folder / "artefact.zip").write_text("code")
    (folder / "template.json").write_text("{}")
    files = 'artefact = "artefact.zip"\ntemplate = "template.json"\n'
    (folder / "mine.auto.tfvars").write_text(f"{text('terraform/terraform.tfvars')}\n{files}")
    return folder


def parameters(module: Path, *chosen: str) -> dict[str, str]:
    """Return what the stack would be given; raises AssertionError where Terraform refuses a value."""
    done = terraform(module, *APPLY, *(f"-var={one}" for one in chosen))
    assert done.returncode == 0, done.stderr
    shown: dict[str, str] = json.loads(terraform(module, "output", "-json", "parameters").stdout)
    return shown


def test_terraform_formats_the_files_as_they_are() -> None:
    """Which it does after it parsed each."""
    done = terraform(EXAMPLES / "terraform", "fmt", "-check", "-diff")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_terraform_gives_the_stack_parameters_that_its_template_takes(module: Path) -> None:
    """Those of the example, and any other by its name; uploads lie where recordings do."""
    given = parameters(module)
    assert_taken(given)
    assert set(PARAMETERS) <= set(given)
    assert (given["RepairEnabled"], given["MediaBuckets"]) == ("false", given["Buckets"])
    more = parameters(
        module,
        "repair_enabled=true",
        'media_buckets=["uploads-one", "uploads-two"]',
        'more_parameters={Nightly = "cron(0 4 * * ? *)"}',
    )
    assert_taken(more)
    assert (more["RepairEnabled"], more["MediaBuckets"]) == ("true", "uploads-one,uploads-two")
    assert more["Nightly"] == "cron(0 4 * * ? *)"


def test_another_artefact_has_another_key_and_the_same_one_the_same(module: Path) -> None:
    """So that CloudFormation updates the functions when there is something to update."""
    first = parameters(module)["ArtefactKey"]
    (module / "artefact.zip").write_text("other code")
    second = parameters(module)["ArtefactKey"]
    (module / "artefact.zip").write_text("code")
    assert (first != second, parameters(module)["ArtefactKey"]) == (True, first)


@pytest.mark.parametrize(
    "wrong",
    [
        "stage=Prod",
        "alarm_topic=alarms",
        "buckets=[]",
        'buckets=["UPPER"]',
        'media_buckets=["s3://uploads"]',
        "table=arn:aws:dynamodb:eu-central-1:123456789012:table/app",
        "playback_domain=https://d111.cloudfront.net",
        "reader_secret=reconcile/prod/reader#algolia_api_key",
        "repair_enabled=perhaps",
    ],
)
def test_terraform_refuses_what_the_template_would_refuse(module: Path, wrong: str) -> None:
    """Before anything is uploaded."""
    done = terraform(module, *APPLY, f"-var={wrong}")
    assert done.returncode == 1
    assert "Invalid value for" in done.stderr


def test_a_variable_is_held_to_the_pattern_of_its_parameter() -> None:
    """Word for word."""
    named = {name.lower(): name for name in made()["Parameters"]}
    held = 0
    for name, one in variables().items():
        parameter = made()["Parameters"].get(named.get(name.replace("_", ""), ""), {})
        for rule in one.get("validation", []):
            pattern = parameter["AllowedPattern"].replace("\\", "\\\\")
            assert f'regex("^({pattern})$"' in rule["condition"], name
            held += 1
    assert held == 10
