"""The incident in the live system's normal setup: every broadcast is recorded as composite and as channel."""

import json
import shlex
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest

from reconcile.cli.app import run
from reconcile.model.clock import write_time
from tests.scenario.conftest import Shell, Shells
from tests.scenario.small import ACCOUNT, BUCKET, DOMAIN, TABLE, Small

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
Key = tuple[str, str]


def stage_of(show: str, number: int) -> str:
    return f"arn:aws:ivs:us-east-1:{ACCOUNT}:stage/{show}x{number}"


class Studio(Small):
    """A live system whose broadcasts are recorded twice, told of by the client, and exported without URL."""

    def producer(self, show: str) -> None:
        """Make a show with its group, and no session yet."""
        self.show(show, producer=f"owner-{show}", group=f"group-{show}", stage=stage_of(show, 99))
        del self.items[f"session#of-{show}", "info"]

    def broadcast(self, show: str, number: int, *, status: str = "processing", twin: bool = True) -> Key:
        """Go on air for an hour, `number` days ago: a session, its recordings, and the client's row."""
        start = self.now - timedelta(days=number) - 3 * HOUR
        channel = f"arn:aws:ivs:us-east-1:{ACCOUNT}:channel/{show}channel"
        ivs = {"rawStageArn": {"S": stage_of(show, number)}, "persistentChannelArn": {"S": channel}}
        self.put({"pk": f"session#{show}-{number}", "sk": "info", "entityType": "liveSession",
                  "sessionId": f"{show}-{number}", "showId": show, "status": "ENDED",
                  "createdAt": write_time(start - MINUTE), "updatedAt": write_time(start + HOUR + MINUTE),
                  "ivs": {"M": ivs}})  # fmt: skip
        self.record(composite_of(show, number), start, start + HOUR, {"stage_arn": stage_of(show, number)})
        if twin:
            at = f"{start.year}/{start.month}/{start.day}/{start.hour}/{start.minute}"
            prefix = f"ivs/v1/{ACCOUNT}/{show}channel/{at}/rec{number}"
            late = timedelta(seconds=4)
            self.record(prefix, start + late, start + HOUR - late, {"channel_arn": channel}, "master.m3u8")
        return self.row(show, number, start, status)

    def record(
        self, prefix: str, start: datetime, end: datetime, source: Any, playlist: str = "multivariant.m3u8"
    ) -> None:
        """Let IVS record a time."""
        length = int((end - start).total_seconds() * 1000)
        hls = {"path": "media/hls", "playlist": playlist, "renditions": [], "duration_ms": length}
        body = {"version": "v1", **source, "recording_started_at": write_time(start),
                "recording_ended_at": write_time(end), "media": {"hls": hls}}  # fmt: skip
        self.store(f"{prefix}/events/recording-started.json", json.dumps(body), start)
        self.store(f"{prefix}/events/recording-ended.json", json.dumps(body), end)
        manifest = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000000\n720p30/playlist.m3u8\n"
        self.store(f"{prefix}/media/hls/{playlist}", manifest, start)
        media = "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\n0.ts\n#EXT-X-ENDLIST\n"
        self.store(f"{prefix}/media/hls/720p30/playlist.m3u8", media, end)
        self.store(f"{prefix}/media/hls/720p30/0.ts", "x" * 1000, end)

    def row(self, show: str, number: int, start: datetime, status: str) -> Key:
        """Let the client tell of a recording."""
        told = write_time(start)
        key = (f"show#{show}", f"recording#{told}#{show}-row{number}")
        self.put({"pk": key[0], "sk": key[1], "entityType": "recording", "showId": show,
                  "recordingId": f"{show}-row{number}", "startTime": told, "status": status,
                  "endTime": write_time(start + HOUR), "createdAt": told,
                  "updatedAt": write_time(start + HOUR)})  # fmt: skip
        return key

    def export(self, show: str, number: int, row: Key | None, *, made: datetime | None = None) -> Key:
        """Let the studio export a recording row that has no address yet."""
        owner, group, name = f"owner-{show}", f"group-{show}", f"{show}-program{number}"
        at = write_time(made or self.now - timedelta(days=number) - HOUR)
        key = (f"u#{owner}#programs", f"p#{name}")
        named = {"sourceRecordingId": row[1].split("#")[2]} if row else {}
        self.put({"pk": key[0], "sk": key[1], "entityType": "program", "programId": name,
                  "title": "A title", "program_url": {"NULL": True}, "groupId": group,
                  "sourceShowId": show, "sourceType": "recording-export", "createdAt": at,
                  "created_date": at, "updatedAt": at, "GSI1PK": f"u#{owner}#g#{group}",
                  "GSI1SK": f"p#{name}", **named})  # fmt: skip
        self.count(owner, group)
        self.index(key)
        return key


def composite_of(show: str, number: int) -> str:
    return f"{show}opaque/{show}comp{number}/{show}dest/composite"


def repaired_whole(shell: Shell) -> dict[str, Any]:
    """Repair, approve what is withheld, and see that a check agrees and another repair writes nothing."""
    code, report = shell("repair")
    if code == 5:
        code, report = shell("repair", "--approve", report["run"]["id"])
    assert code == 0, report["findings"]
    code, after = shell("check")
    assert (code, after["findings"]) == (0, [])
    before = shell.rows(), shell.records()
    code, third = shell("repair")
    assert (code, third["repairs"]) == (0, [])
    assert (shell.rows(), shell.records()) == before
    return report


@pytest.mark.parametrize("number", [1, 2, 5])
def test_the_incident_is_repaired_whole_where_every_broadcast_is_recorded_twice(
    shell_on: Shells, number: int
) -> None:
    """Every program has its composite's URL, every row is completed, and search agrees."""
    studio, made = Studio(), dict[Key, tuple[Key, str]]()
    for show in ("alpha", "beta"):
        studio.producer(show)
        for night in range(1, number + 1):
            status = ("processing", "recording", "completed")[night % 3]
            row = studio.broadcast(show, night, status=status)
            made[studio.export(show, night, row)] = (row, composite_of(show, night))
    shell = shell_on(studio.world())
    shell("repair", "--full")
    repaired_whole(shell)
    rows, records = shell.rows(), shell.records()
    assert len([key for key in rows if key[0].endswith("#programs")]) == len(made)
    for key, (row, prefix) in made.items():
        url = f"https://{DOMAIN}/{prefix}/media/hls/multivariant.m3u8"
        program, told = rows[key], rows[row]
        assert program["program_url"]["S"] == url
        assert told["status"]["S"] == "completed"
        assert told["programId"] == program["programId"]
        assert told["s3Key"]["S"] == f"{prefix}/media/hls/multivariant.m3u8"
        assert (told["s3Bucket"]["S"], told["playbackUrl"]["S"]) == (BUCKET, url)
        assert int(told["size"]["N"]) > 1000
        assert records[program["programId"]["S"]]["program_url"] == url


def test_a_row_that_the_live_stop_left_in_processing_beside_a_twin_is_completed(shell_on: Shells) -> None:
    """The processor told it all at the start of the recording; then the stop set the state back."""
    studio = Studio()
    studio.producer("alpha")
    row = studio.broadcast("alpha", 1)
    program = studio.export("alpha", 1, None)
    key = f"{composite_of('alpha', 1)}/media/hls/multivariant.m3u8"
    url = {"S": f"https://{DOMAIN}/{key}"}
    studio.items[program] |= {"program_url": url, "s3Bucket": {"S": BUCKET}, "s3Key": {"S": key}}
    studio.index(program)
    studio.items[row] |= {"programId": {"S": "alpha-program1"}, "s3Key": {"S": key}, "playbackUrl": url}
    shell = shell_on(studio.world())
    code, report = shell("check")
    assert (code, [one["kind"] for one in report["findings"]]) == (2, ["recording-row-stale"])
    repaired_whole(shell)
    assert shell.rows()[row]["status"]["S"] == "completed"


def pasted(line: str, **words: str) -> None:
    """Do what a command of the report says, its capital words replaced."""
    parts = [words.get(part, part) for part in shlex.split(line)]
    assert parts[:3] == ["aws", "dynamodb", "update-item"]
    given = dict(zip(parts[3::2], parts[4::2], strict=True))
    for word, value in words.items():
        given = {name: text.replace(f'"{word}"', json.dumps(value)) for name, text in given.items()}
    boto3.client("dynamodb").update_item(
        TableName=given["--table-name"],
        Key=json.loads(given["--key"]),
        UpdateExpression=given["--update-expression"],
        ConditionExpression=given["--condition-expression"],
        ExpressionAttributeValues=json.loads(given["--expression-attribute-values"]),
    )


def ambiguous(report: dict[str, Any], prefix: str) -> dict[str, Any]:
    found = [one for one in report["findings"] if one["kind"] == "ambiguous"]
    return next(one for one in found if one["subject"]["prefix"] == prefix)


@pytest.mark.parametrize("candidates", [1, 2])
def test_what_the_report_says_about_two_broadcasts_and_their_programs_without_media_resolves_it(
    shell_on: Shells, candidates: int
) -> None:
    """One row of a program names the manifest: no second program is made beside it, the rest follows."""
    studio = Studio()
    studio.producer("alpha")
    for night in (1, 2):
        studio.broadcast("alpha", night)
    keys = [
        studio.export("alpha", number, None, made=studio.now - HOUR) for number in range(1, candidates + 1)
    ]
    shell = shell_on(studio.world())
    shell("repair", "--full")
    _, report = shell("check")
    prefix = composite_of("alpha", 2)
    finding = ambiguous(report, prefix)
    assert len(finding["evidence"]["candidates"]) == candidates
    tie, repair = finding["commands"]
    assert "assign" not in tie
    assert repair == "reconcile repair"
    pasted(tie, TABLE=TABLE, ROW=keys[0][1])
    repaired_whole(shell)
    programs = shell.programs("owner-alpha")
    assert len(programs) == 2
    assert programs[keys[0]]["program_url"]["S"] == f"https://{DOMAIN}/{prefix}/media/hls/multivariant.m3u8"
    told = (row for key, row in shell.rows().items() if key[1].startswith("recording#"))
    assert {row["s3Key"]["S"] for row in told} == {
        f"{composite_of('alpha', night)}/media/hls/multivariant.m3u8" for night in (1, 2)
    }


def test_an_old_program_without_media_is_no_candidate_for_what_was_recorded_later(shell_on: Shells) -> None:
    """Made before the broadcast began, it is another one's: the broadcast gets a program of its own."""
    studio = Studio()
    studio.producer("alpha")
    studio.broadcast("alpha", 1)
    old = studio.export("alpha", 7, None, made=studio.now - timedelta(days=30))
    shell = shell_on(studio.world())
    _, report = shell("repair")
    assert [one["kind"] for one in report["findings"] if one["subject"]["type"] == "recording"] == [
        "program-missing"
    ]
    shell("repair", "--approve", report["run"]["id"])
    programs = shell.programs("owner-alpha")
    assert len(programs) == 2
    assert programs[old]["program_url"] == {"NULL": True}
    (made,) = (row for key, row in programs.items() if key != old)
    assert made["s3Key"]["S"].startswith(composite_of("alpha", 1))


def test_assigning_a_recording_that_another_session_s_may_show_makes_its_program(shell_on: Shells) -> None:
    """What nobody can tell is asked; the answer, pasted from the report, resolves it."""
    studio = Studio()
    studio.producer("alpha")
    row = studio.broadcast("alpha", 1, twin=False)
    start = studio.now - timedelta(days=1) - 3 * HOUR
    second = "alphaopaque/second/alphadest/composite"
    studio.record(second, start, start + HOUR, {"stage_arn": stage_of("alpha", 50)})
    ivs = {"M": {"rawStageArn": {"S": stage_of("alpha", 50)}}}
    studio.put({"pk": "session#second", "sk": "info", "sessionId": "second", "showId": "alpha",
                "entityType": "liveSession", "status": "ENDED", "ivs": ivs,
                "createdAt": write_time(start)})  # fmt: skip
    studio.items["show#alpha", "info"] |= {"stageArn": {"S": stage_of("alpha", 70)}}
    unknown = "alphaopaque/unknown/alphadest/composite"
    studio.record(unknown, start, start + HOUR, {"stage_arn": stage_of("alpha", 70)})
    program = studio.export("alpha", 1, None)
    key = f"{unknown}/media/hls/multivariant.m3u8"
    url = {"S": f"https://{DOMAIN}/{key}"}
    studio.items[program] |= {"program_url": url, "s3Bucket": {"S": BUCKET}, "s3Key": {"S": key}}
    studio.index(program)
    del studio.items[row]
    shell = shell_on(studio.world())
    shell("repair", "--full")
    _, report = shell("check")
    assert {one["subject"]["prefix"] for one in report["findings"] if one["kind"] == "ambiguous"} == {
        second,
        composite_of("alpha", 1),
    }
    for prefix in (second, composite_of("alpha", 1)):
        assign, _ = ambiguous(report, prefix)["commands"]
        assert run(shlex.split(assign)[1:]) == 0
    repaired_whole(shell)
    assert len(shell.programs("owner-alpha")) == 3
