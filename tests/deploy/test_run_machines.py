"""The examples for cron and systemd: systemd takes its units, and what stands in the files runs."""

import re
import subprocess
from pathlib import Path

import pytest

from reconcile.model.errors import Exit
from reconcile.sandbox.serving import Served
from tests.deploy.examples import (
    CODES,
    environment_file,
    expanded,
    files,
    machine,
    reports_of,
    text,
    that_ends_with,
    tool,
    unit,
)


def crontab() -> list[tuple[str, str]]:
    """Return the user and the command of each line."""
    lines = [line for line in text("cron/crontab").splitlines() if re.match(r"[\d*]", line)]
    return [(user, command) for *_, user, command in (line.split(None, 6) for line in lines)]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(("line", "options"), [(0, ""), (1, " --full")])
def test_cron_mails_only_a_run_that_needs_somebody(
    tmp_path: Path, code: int, line: int, options: str
) -> None:
    """Then all that was printed; % would end a command of cron's."""
    user, command = crontab()[line]
    assert user == "reconcile"
    assert "%" not in command
    on = machine(tmp_path, that_ends_with(code))
    done = on.run(["sh", "-c", on.here(command)], {})
    if code in (0, 2, 5):
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    else:
        assert done.returncode == code
        assert f"called: check{options}\ntold" in done.stdout


def test_the_line_of_cron_checks_with_the_settings_of_the_file(tmp_path: Path, small_stores: Served) -> None:
    """And says nothing of findings: the report does."""
    on = machine(tmp_path)
    settings = tmp_path / "reconcile.env"
    mine = {**environment_file(), **small_stores.environ}
    settings.write_text("".join(f"{name}='{value}'\n" for name, value in mine.items()), encoding="utf-8")
    before = set(reports_of(small_stores))
    done = on.run(["sh", "-c", on.here(crontab()[0][1])], {})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(set(reports_of(small_stores)) - before) == 1


def test_a_shell_reads_the_file_of_settings_as_units_and_containers_do(tmp_path: Path) -> None:
    """Though they know neither quotes nor variables."""
    on = machine(tmp_path)
    done = on.run(["sh", "-c", on.here("set -a; . /etc/reconcile/reconcile.env; env")], {})
    assert set(environment_file().items()) <= {
        (key, value) for key, _, value in (line.partition("=") for line in done.stdout.splitlines())
    }


# ---- systemd


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """Where the program is that they start."""
    on = machine(tmp_path, that_ends_with(0))
    paths = list[str]()
    for name in ("reconcile@.service", "reconcile-nightly.timer", "reconcile-weekly.timer"):
        (tmp_path / name).write_text(on.here(text(f"systemd/{name}")), encoding="utf-8")
        paths.append(str(tmp_path / name.replace("@.", "@nightly.")))
    done = on.run([tool("systemd-analyze"), "verify", "--man=no", *paths], {})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_service_is_exposed_to_little() -> None:
    """By systemd's own measure, from 0 to 10."""
    path = str(next(path for path in files() if path.name == "reconcile@.service"))
    command = [tool("systemd-analyze"), "security", "--offline=yes", "--no-pager", "--threshold=20", path]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout[-500:]


@pytest.mark.parametrize(("name", "options"), [("nightly", ""), ("weekly", " --full")])
def test_a_timer_starts_its_run_and_makes_up_for_a_missed_one(
    tmp_path: Path, name: str, options: str
) -> None:
    """The instance's name picks the option."""
    timer, service = unit(f"reconcile-{name}.timer")["Timer"], unit("reconcile@.service")["Service"]
    assert (timer["Unit"], timer["Persistent"]) == ([f"reconcile@{name}.service"], ["true"])
    environ = environment_file()
    for key, value in re.findall(r'"(\w+)=([^"]*)"', service["Environment"][0]):
        environ[key] = value
    on = machine(tmp_path, that_ends_with(2))
    (command,) = service["ExecStart"]
    done = on.run(expanded(on.here(command).replace("%i", name), environ), environ)
    assert done.stdout == f"called: check{options}\n"
    assert str(done.returncode) in service["SuccessExitStatus"][0].split()


def test_a_unit_fails_by_every_code_but_those_of_results() -> None:
    """As cron and Kubernetes count them."""
    (status,) = unit("reconcile@.service")["Service"]["SuccessExitStatus"]
    assert {int(code) for code in status.split()} == {Exit.FINDINGS, Exit.AWAITING_APPROVAL}


def test_the_service_checks_the_stores(tmp_path: Path, small_stores: Served) -> None:
    on = machine(tmp_path)
    environ = {**environment_file(), **small_stores.environ, "RECONCILE_MODE": "check"}
    (command,) = unit("reconcile@.service")["Service"]["ExecStart"]
    done = on.run(expanded(on.here(command).replace("%i", "nightly"), environ), environ)
    assert done.returncode == 2, done.stderr
