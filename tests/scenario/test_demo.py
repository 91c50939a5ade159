"""The demo shows what the README promises, through the very command that a newcomer types."""

import json
import os
import re
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

from reconcile.settings.settings import setting_names
from tests.contract.loopback import Answer, Asked, Loopback


def hostile(url: str) -> dict[str, str]:
    """Return a shell whose every setting leads to a server that notes who comes."""
    channels = {
        f"RECONCILE_{name}": f"{url}/{name}" for name in ("SLACK_WEBHOOK", "TEAMS_WEBHOOK", "WEBHOOK")
    }
    mail = {"RECONCILE_EMAIL_FROM": "a@example.net", "RECONCILE_EMAIL_TO": "b@example.net"}
    aws = {f"AWS_ENDPOINT_URL_{name}": url for name in ("S3", "DYNAMODB", "SESV2", "LAMBDA", "IVS_REALTIME")}
    others = {
        "RECONCILE_ALGOLIA_HOST": url,
        "RECONCILE_NOTIFY": "always",
        "RECONCILE_BUKET": "a-mistyped-one",
        "AWS_PROFILE": "no-such-profile",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "HTTP_PROXY": url,
        "http_proxy": url,
    }
    return {**os.environ, **channels, **mail, **aws, **others}


def test_the_demo_checks_withholds_approves_and_sends_nothing_to_what_the_shell_names(tmp_path: Path) -> None:
    """Four runs and an undo, their verdicts, a page and JSON that exist; no channel or store of the shell."""
    came: list[Asked] = []

    def note(asked: Asked) -> Answer:
        came.append(asked)
        return Answer(200, b"ok")

    with Loopback(note) as server:
        ended = subprocess.run(
            [sys.executable, "-m", "reconcile", "demo", "--reports", str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            env=hostile(server.url),
        )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert came == []
    assert re.findall(r"exit code (\d+)", ended.stdout) == ["2", "5", "2", "2", "0"]
    assert "are as before that repair." in ended.stdout
    told = ended.stdout.replace("\n", " ")
    page, data = (Path(found) for found in re.findall(r"(/\S+/report\.(?:html|json))", told))
    assert "<html" in page.read_text(encoding="utf-8")
    report = json.loads(data.read_text(encoding="utf-8"))
    assert report["counts"]["recording"]["program-missing"] == 0
    reports = [json.loads(kept.read_text(encoding="utf-8")) for kept in tmp_path.glob("*/*/report.json")]
    assert [one["deliveries"] for one in reports] == [[]] * 4
    news = [finding for finding in report["findings"] if finding["status"] != "open"]
    # A row that names the program of another broadcast contradicts one that the approval made.
    assert {(one["kind"], one["status"]) for one in news} <= {("recording-row-stale", "new")}
    assert len(report["findings"]) > len(news) + 20


def test_serve_prints_what_another_shell_has_to_unset(tmp_path: Path) -> None:
    """A shell that runs these lines has no other setting left, and none of AWS that misleads."""
    shell = hostile("http://127.0.0.1:9")
    command = [sys.executable, "-u", "-m", "reconcile", "demo", "--serve", "--reports", str(tmp_path)]
    # What a shell starts in the background, tests included, has the signal ignored.
    heard = partial(signal.signal, signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=shell, preexec_fn=heard) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("reconcile check"):
                break
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        assert process.wait(60) == 0
    told = "".join(line for line in lines if line.startswith(("unset ", "export ")))
    everything = f"{told}\nenv"
    after = subprocess.run(["sh", "-c", everything], stdout=subprocess.PIPE, text=True, check=True, env=shell)
    names = {line.partition("=")[0] for line in after.stdout.splitlines()}
    exported = set(re.findall(r"^export (\w+)=", told, re.MULTILINE))
    unset = set(re.findall(r"^unset (\w+)$", told, re.MULTILINE))
    assert {name for name in names if name.startswith(("RECONCILE_", "AWS_"))} <= exported
    assert set(setting_names()) <= exported | unset
