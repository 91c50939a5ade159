"""Explain: one subject, with the verdict that the run gives it, what that rests on, and what would follow."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reconcile.compare.verdicts import Examined, compare
from reconcile.explain.ask import ask_stores
from reconcile.explain.explanation import Explanation, explain
from reconcile.model.errors import UsageError
from reconcile.model.finding import Subject, record_subject, recording_subject, session_subject
from reconcile.model.recording import RecordingKey
from reconcile.model.run import Order
from reconcile.repair.planned import Plan
from reconcile.sandbox.world import build
from tests.scenario.conftest import Shells
from tests.scenario.cycle import Cycle
from tests.scenario.small import PREFIX, agreeing, lacking_a_program

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def name_of(subject: Subject) -> str:
    """Return what a person would call a subject by."""
    if subject.type == "recording":
        return f"s3://{subject['bucket']}/{subject['prefix']}"
    fields = dict(subject.fields)
    return next(
        fields[name] for name in ("sessionId", "programId", "objectID", "sk", "name") if name in fields
    )


def told_of(explanation: Explanation, subject: Subject) -> str | None:
    """Return the verdict that an explanation gives a subject."""
    told = {one.subject: one.verdict for one in (explanation.main, *explanation.others)}
    return told.get(subject)


def test_for_every_subject_of_a_world_the_verdict_is_the_runs() -> None:
    """Whatever it is called by; what its name means as well is told beside it."""
    cycle = Cycle.of(build(3, now=NOW))
    judged = cycle.judge()
    comparison = compare(judged.snapshot, judged.rules, None)
    whole = Examined(judged.rules, judged.snapshot, comparison)
    verdicts, stores = judged.verdicts(), cycle.ports().stores
    asked = [one for one in verdicts if one.type in ("recording", "session", "record", "program")]
    assert len(asked) > 500
    for subject in asked:
        explanation = explain(name_of(subject), whole, Plan(), stores)
        assert told_of(explanation, subject) == verdicts[subject], subject


def called(prefix: str) -> Iterator[str]:
    """Yield what a recording may be called by."""
    key = f"{prefix}/media/hls/multivariant.m3u8"
    yield from (prefix, f"{prefix}/", f"/{prefix}", key, f"s3://recordings-bucket/{key}")
    yield from (f"https://play.example.net/{key}", f"https://old.example.net/{key}", prefix.split("/")[1])


@pytest.mark.parametrize("name", list(called(PREFIX)))
def test_a_recording_is_found_by_whatever_names_it(name: str) -> None:
    """Its prefix, a key under it, an S3 address, a URL of today or before, a part of its path."""
    found = ask_stores(name, Order("check"), Cycle.of(agreeing().world()).ports())
    assert found.main.subject == recording_subject(RecordingKey("recordings-bucket", PREFIX))
    assert found.main.verdict == "agrees"


def test_the_program_and_the_record_of_a_recording_stand_beside_it() -> None:
    found = ask_stores(PREFIX, Order("check"), Cycle.of(agreeing().world()).ports())
    assert [row["sk"] for row in found.stores["dynamodb"] if row["pk"].endswith("#programs")] == [
        "p#program-of-show1"
    ]
    assert [record["objectID"] for record in found.stores["algolia"]] == ["program-of-show1"]
    assert told_of(found, record_subject("program-of-show1")) == "agrees"
    assert told_of(found, session_subject("of-show1")) == "agrees"


def test_every_level_is_weighed_and_the_best_decides() -> None:
    found = ask_stores(PREFIX, Order("check"), Cycle.of(lacking_a_program().world()).ports())
    answers = {level["level"]: level["shows"] for level in found.levels}
    assert (answers[1], answers[2], answers[3]) == (["show1"], [], ["show1"])
    assert [level["level"] for level in found.levels if level["decides"]] == [1]


def test_what_a_repair_would_write_is_told_also_where_it_is_withheld() -> None:
    """Before the first repair a program is withheld; the explanation says so, and what it would be."""
    found = ask_stores(PREFIX, Order("check"), Cycle.of(lacking_a_program().world()).ports())
    (write,) = (one for one in found.writes if one["what"] == "program created")
    assert write["set"]["program_url"].endswith(f"{PREFIX}/media/hls/multivariant.m3u8")
    assert (write["set"]["ownerId"], write["set"]["groupId"]) == ("ann", "group1")
    assert "before the first repair run" in write["withheld"]


def test_a_recording_outside_the_window_is_told_with_the_verdict_that_it_has_whatever_its_age() -> None:
    small = lacking_a_program()
    world = small.world()
    old = timedelta(days=30)
    aged = tuple(replace(one, modified=one.modified - old) for one in world.objects)
    found = ask_stores(PREFIX, Order("check"), Cycle.of(replace(world, objects=aged)).ports())
    assert found.main.verdict == "outside-window"
    assert found.whatever_age.startswith("program-missing")


def test_explaining_changes_nothing_anywhere() -> None:
    """Neither the stores nor the job's own memory."""
    cycle = Cycle.of(lacking_a_program().world())
    before = cycle.contents()
    ask_stores(PREFIX, Order("check"), cycle.ports())
    assert cycle.contents() == before
    assert (cycle.state.ledger(), cycle.state.runs(5), cycle.state.environment()) == ({}, [], None)


@pytest.mark.parametrize("name", ["no/such/thing", "", " "])
def test_what_nothing_is_called_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="matches nothing that was read"):
        ask_stores(name, Order("check"), Cycle.of(agreeing().world()).ports())


def test_the_command_answers_from_the_stores_and_from_the_last_report(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    """The verdict of both is the run's; the second asks no store."""
    shell = shell_on(lacking_a_program().world())
    report = shell("check")[1]
    (finding,) = (one for one in report["findings"] if one["kind"] == "program-missing")
    capsys.readouterr()
    code, told = shell("explain", PREFIX)
    assert (code, told["verdict"], told["subject"]["prefix"]) == (0, "program-missing", PREFIX)
    screen = capsys.readouterr().out
    assert screen.startswith("NO PROGRAM")
    assert "a session's own stage" in screen
    assert len(screen.splitlines()) < 60
    shell.monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    shell.monkeypatch.setenv("RECONCILE_ALGOLIA_HOST", "http://127.0.0.1:9")
    code, told = shell("explain", finding["id"], "--run", "last")
    assert (code, told["told"][0]["verdict"]) == (0, "program-missing")
    assert [told["told"][0][name] for name in ("step", "commands")] == [finding["step"], finding["commands"]]
    assert json.loads(json.dumps(told)) == told


def test_what_a_run_mended_is_told_as_mended_and_not_as_missing(shell_on: Shells) -> None:
    """By the report of that run; asked of the stores, its id leads to its subject."""
    small = agreeing()
    small.records["program-of-show1"]["title"] = "An older title"
    shell = shell_on(small.world())
    report = shell("repair")[1]
    (finding,) = report["findings"]
    (told,) = shell("explain", finding["id"], "--run", "last")[1]["told"]
    assert (told["verdict"], told["remedy"]) == ("record-stale", "")
    assert told["became"] == f"repaired in the run {report['run']['id']}"
    code, now = shell("explain", finding["id"])
    assert (code, now["verdict"]) == (0, "agrees")
    assert "does not apply now" in now["note"]


def test_a_withheld_program_is_not_promised_by_the_next_repair(shell_on: Shells) -> None:
    told = shell_on(lacking_a_program().world())("explain", PREFIX)[1]
    assert told["remedy"].startswith("A repair needs approval, and prints the command for it")


def test_what_a_kept_report_does_not_list_is_said_to_be_so(
    shell_on: Shells, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = shell_on(agreeing().world())
    shell("check")
    assert shell("explain", "of-show1", "--run", "last")[0] == 64
    assert "counted there, not listed" in capsys.readouterr().err


def test_a_source_that_cannot_be_read_makes_the_answer_incomplete(shell_on: Shells) -> None:
    """It is told as unknown, and the exit code says that it is not to be relied on."""
    shell = shell_on(agreeing().world())
    shell.monkeypatch.setenv("RECONCILE_ALGOLIA_API_KEY", "a-wrong-key")
    code, told = shell("explain", "program-of-show1")
    assert code == 3
    assert told["not_to_be_relied_on"]
