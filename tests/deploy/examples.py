"""The examples of how to run the job, as their tools read them, and the means to run what stands in them."""

import configparser
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconcile.model.errors import Exit
from reconcile.sandbox.serving import Served

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "reconcile" / "docs" / "run"
LINTERS = ROOT / ".venv-lint"
"""Where .ci/run puts the linters, which the project's own environment does without."""

TIMEOUT = 120
CODES = tuple(map(int, Exit))
WORKFLOWS = ("nightly.yml", "after-deploy.yml")


@dataclass(frozen=True, slots=True)
class Machine:
    """A folder that stands for the machine that the examples are written for, with the job installed on it.

    `replaced` says where on this machine lies what lies at a path there.
    """

    folder: Path
    replaced: Mapping[str, str]

    def here(self, text: str) -> str:
        """Return a command of the examples with the paths of this machine in it."""
        for path, place in self.replaced.items():
            text = text.replace(path, place)
        return text

    def run(self, command: list[str], environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Run a command with these variables and no others but those that find programs."""
        bin_folder = str(self.folder / "opt" / ".venv" / "bin")
        given = {"PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}", "HOME": str(self.folder), **environ}
        return subprocess.run(
            command, env=given, cwd=self.folder, capture_output=True, text=True, check=False, timeout=TIMEOUT
        )


def machine(folder: Path, reconcile: str = "") -> Machine:
    """Make a machine whose `reconcile` is the real one, or the shell script that is given."""
    bin_folder = folder / "opt" / ".venv" / "bin"
    bin_folder.mkdir(parents=True)
    script = bin_folder / "reconcile"
    real = f'PYTHONPATH={ROOT} exec {sys.executable} -m reconcile "$@"'
    script.write_text(f"#!/bin/sh\n{reconcile or real}\n", encoding="utf-8")
    script.chmod(0o755)
    shutil.copy(EXAMPLES / "cron" / "reconcile-cron.sh", folder / "opt")
    cron = folder / "opt" / "reconcile-cron.sh"
    cron.write_text(cron.read_text("utf-8").replace("/opt/reconcile", str(folder / "opt")), encoding="utf-8")
    settings = folder / "reconcile.env"
    shutil.copy(EXAMPLES / "reconcile.env", settings)
    return Machine(
        folder,
        {
            "/opt/reconcile/": f"{folder}/opt/",
            "/etc/reconcile/reconcile.env": str(settings),
            "python3 -m reconcile": str(script),
        },
    )


def that_ends_with(code: int) -> str:
    """Return a script that prints how it was called, and ends with a code."""
    return f'echo "called: $*"\necho "told" >&2\nexit {code}'


def text(name: str) -> str:
    """Return an example."""
    return (EXAMPLES / name).read_text(encoding="utf-8")


def documents(name: str) -> list[Any]:
    """Return what a YAML file holds, with every value as it is written."""
    return list(yaml.load_all(text(name), Loader=yaml.BaseLoader))


def files() -> list[Path]:
    """Return every example."""
    return sorted(path for path in EXAMPLES.rglob("*") if path.is_file())


def environment_file(name: str = "reconcile.env") -> dict[str, str]:
    """Return the variables of an environment file, as a container's and a unit's are read."""
    lines = (line for line in text(name).splitlines() if line and not line.startswith("#"))
    return {key: value for key, _, value in (line.partition("=") for line in lines)}


def the_job(workflow: str) -> Any:
    """Return the one job of a workflow."""
    (job,) = documents(f"github/{workflow}")[0]["jobs"].values()
    return job


def environment_of(workflow: str) -> dict[str, str]:
    """Return the variables of a job where no variable and no secret is set: GitHub makes them empty."""
    return {name: re.sub(r"\$\{\{.*?\}\}", "", value) for name, value in the_job(workflow)["env"].items()}


def step(workflow: str, name: str) -> str:
    """Return the script of a step."""
    (script,) = (one["run"] for one in the_job(workflow)["steps"] if one.get("name") == name)
    return str(script)


def tool(name: str) -> str:
    """Return where a linter is; skips the test where it is not."""
    places = (str(LINTERS / "bin"), str(LINTERS / "node_modules" / ".bin"), os.environ["PATH"])
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        pytest.skip(f"{name} is not installed here")
    return found


def expanded(command: str, environ: Mapping[str, str]) -> list[str]:
    """Return the words of a unit's command: of $NAME as many as its value has, of ${NAME} always one.

    https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#Command%20lines
    """
    words = list[str]()
    for word in command.split():
        if re.fullmatch(r"\$\w+", word):
            words += environ.get(word[1:], "").split()
        else:
            words.append(re.sub(r"\$\{(\w+)\}", lambda name: environ.get(name[1], ""), word))
    return words


def settings_of(path: str) -> Mapping[str, str]:
    """Return the variables that an example sets."""
    if path.endswith(".yml"):
        return dict(the_job(path.removeprefix("github/"))["env"])
    if path.endswith(".env"):
        return environment_file(path)
    data = [one.get("data") or one.get("stringData") or {} for one in documents(path)]
    return {name: value for one in data for name, value in one.items()}


def unit(name: str) -> dict[str, dict[str, list[str]]]:
    """Return the sections of a unit; each line of a key counts."""
    parsed = configparser.RawConfigParser(strict=False, dict_type=Repeated, empty_lines_in_values=False)
    parsed.optionxform = str  # type: ignore[assignment, method-assign]
    parsed.read_string(text(f"systemd/{name}"))
    return {
        part: {key: value.split("\n") for key, value in parsed[part].items()} for part in parsed.sections()
    }


class Repeated(dict[Any, Any]):
    """A dictionary in which a list that is given again goes on."""

    def __setitem__(self, key: Any, value: Any) -> None:
        """Keep what was there."""
        if isinstance(value, list) and key in self:
            self[key].extend(value)
        else:
            super().__setitem__(key, value)


def reports_of(stores: Served) -> list[str]:
    """Return where the stores' reports are."""
    return [str(path) for path in Path(stores.environ["RECONCILE_REPORTS"]).glob("*/report.json")]
