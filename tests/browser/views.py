"""Builds views of reports for the page's tests: one that fills every section, and one as large as can be."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from string import ascii_letters, digits
from typing import get_args
from uuid import UUID

from reconcile.model.verdict_types import Severity, Task
from reconcile.report.choices import Choice
from reconcile.report.facts import Fact
from reconcile.report.view.head import RunBar, Step, Tile, Tone, Trend, TrendNight, Verdict
from reconcile.report.view.model import (
    Approval,
    ChainStep,
    CountTable,
    CoverageView,
    Difference,
    FindingGroup,
    FindingLine,
    Link,
    ListEntry,
    NotChecked,
    RecordingEntry,
    ReportView,
    Segment,
    Shelf,
    SideBySide,
    SourceLine,
)

SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low")
NOW = datetime(2026, 11, 29, 6, 52, tzinfo=UTC)
TITLES = (
    "Harbour Lights",
    "The Tide Table",
    "夜の散歩",
    "Über den Dächern",
    "Open Mic <live>",
    "صباح الخير يا بيروت",
)
KINDS = {
    "decide": (
        ("program-misfiled", "Program under the wrong show", "Its program is filed under another show."),
        ("program-duplicated", "Duplicate programs", "Several programs show the same broadcast."),
        ("overlapping", "Overlapping recording", "It overlaps another recording of its show."),
    ),
    "ask": (
        ("media-missing", "Media file missing", "The file that the program plays is gone."),
        ("recording-missing", "Not recorded", "A composition started and left no recording."),
    ),
    "fix": (
        ("group-missing", "Show has no group", "There is no group to file the program in."),
        ("count-drift", "Program count wrong", "The group shows another number of programs than it has."),
    ),
    "inspect": (("unreadable", "Unreadable data", "Data is present but cannot be parsed (see Why)."),),
}
SHELVES = {"decide": "Decide", "ask": "Ask the producer", "fix": "Fix with a command", "inspect": "Inspect"}


def finding_id(number: int) -> str:
    """Return the id of a finding."""
    return f"{number:012x}"


def prefix(random: Random) -> str:
    """Return the prefix of a recording, made of ids as IVS makes them."""
    parts = ("".join(random.choices(ascii_letters + digits, k=12)) for _ in range(3))
    return f"{'/'.join(parts)}/composite"


def program_id(random: Random) -> str:
    """Return the id of a program."""
    return str(UUID(int=random.getrandbits(128)))


def line(number: int, kind: str = "program-duplicated", label: str = "Duplicate programs") -> FindingLine:
    """Return one of many findings with evidence of every sort; each third is new."""
    random = Random(number)
    where, programs = prefix(random), [program_id(random) for _ in range(2)]
    recorded = NOW - timedelta(hours=7 * number + 20, minutes=number % 60)
    days = number % 30 if number % 3 else 0
    return FindingLine(
        id=finding_id(number),
        kind=kind,
        label=label,
        title=TITLES[number % len(TITLES)],
        severity=SEVERITIES[number % 3],
        status="open" if days else "new",
        status_words="open" if days else "new",
        age="known" if days else "new",
        days=days,
        mark=f"{days} d" if days else "new",
        first_seen=NOW - timedelta(days=days),
        recorded_at=recorded,
        seconds=5520.0 + number,
        subject=f"“{TITLES[number % len(TITLES)]}”",
        place=f"s3://media-of-the-test/{where}",
        step="Decide from the candidates which program to keep, and delete the others.",
        commands=(f"reconcile explain {finding_id(number)}",),
        facts=(
            Fact(
                "Matched by", ("a session's own stage (level 1 of 5, strongest)", f"show show-{number % 40}")
            ),
            Fact("Programs", tuple(programs)),
            Fact("Stage", (f"arn:aws:ivs:eu-west-1:111122223333:stage/{where[:12]}",)),
        ),
        choice=Choice(
            heads=("A", "B"),
            rows=(
                ("Created by", ("recording processor", "studio export")),
                ("In search", ("yes", "yes")),
                (
                    "Plays",
                    tuple(f"https://play.example/{where}/media/hls/multivariant.m3u8" for _ in programs),
                ),
            ),
            places=tuple(f"u#user-{number % 9}#programs  p#{one}" for one in programs),
        ),
        links=(
            Link(
                "s3", "S3", f"https://s3.console.aws.amazon.com/s3/buckets/media-of-the-test?prefix={where}/"
            ),
            Link(
                "table",
                "DynamoDB",
                f"https://console.aws.amazon.com/dynamodbv2/home#item?sk=p%23{programs[0]}",
            ),
            Link("playback", "Play", f"https://play.example/{where}/media/hls/multivariant.m3u8"),
        ),
    )


def repaired_line(number: int) -> FindingLine:
    """Return a finding that was repaired, with its write."""
    where = prefix(Random(number))
    write = SideBySide(
        what="program completed",
        target=f"u#user-anna#programs  p#{program_id(Random(number))}",
        mark="verified",
        tone="good",
        columns=("before", "after"),
        rows=(
            Difference(
                "program_url",
                f"https://old-play.example/{where}/m.m3u8",
                f"https://play.example/{where}/m.m3u8",
            ),
            Difference("groupId", '"Recordings"', f'"group-{number}"'),
            Difference("updatedAt", '"2026-11-28"', '"2026-11-29"', tolerated=True),
        ),
    )
    base = line(number, "program-incomplete", "Incomplete program")
    return replace(
        base,
        status="repaired",
        status_words="repaired",
        choice=None,
        comparisons=(write,),
        commands=(),
        step="",
    )


def group(first: int, number: int, slug: str, label: str, means: str) -> FindingGroup:
    """Return so many findings of a kind."""
    lines = tuple(line(place, slug, label) for place in range(first, first + number))
    command = (f"reconcile repair --repair {slug}",) if slug in ("group-missing", "count-drift") else ()
    return FindingGroup(
        slug,
        label,
        means,
        "high",
        number,
        sum(one.age != "known" for one in lines),
        lines,
        "Do this.",
        command,
    )


def shelves(sizes: Iterator[int]) -> tuple[Shelf, ...]:
    """Return every shelf with groups of these sizes."""
    first, made = 1, []
    for key in get_args(Task):
        groups = []
        for kind in KINDS[key]:
            number = next(sizes)
            groups.append(group(first, number, *kind))
            first += number
        made.append(Shelf(key, SHELVES[key], sum(one.number for one in groups), tuple(groups)))
    return tuple(made)


def recordings(number: int, first_findings: tuple[FindingLine, ...] = ()) -> tuple[RecordingEntry, ...]:
    """Return so many recordings, those with findings first."""
    random = Random(number)
    rows = [
        RecordingEntry(
            one.title,
            one.recorded_at,
            one.label,
            one.severity,
            "",
            "media-of-the-test",
            one.place[24:],
            one.id,
        )
        for one in first_findings[:number]
    ]
    states: tuple[tuple[str, Tone], ...] = (
        ("Published", "good"),
        ("Deleted by its owner", "none"),
        ("Outside the window", "none"),
    )
    while len(rows) < number:
        place = len(rows)
        status, tone = states[0 if place % 8 else place % 3]
        program = program_id(random) if status == "Published" else ""
        recorded = NOW - timedelta(minutes=97 * place)
        rows.append(
            RecordingEntry(
                TITLES[place % 6], recorded, status, tone, program, "media-of-the-test", prefix(random), ""
            )
        )
    return tuple(rows)


def trend(runs: int = 30) -> Trend:
    """Return so many runs, of which one was incomplete."""
    nights = tuple(
        TrendNight(
            run=f"202611{30 - runs + place:02}T065200000Z-aaaaaa",
            started_at=NOW - timedelta(days=runs - 1 - place),
            state="incomplete" if place == 20 else "action",
            known=96 - place // 2,
            new=8 if place == runs - 1 else place % 3 // 2,
            repaired=29 if place == runs - 1 else place % 4,
            awaiting=14,
        )
        for place in range(runs)
    )
    return Trend(
        nights,
        "Open problems fell from 96 to 89 over 30 runs, 8 of them new; 29 were repaired in the last run.",
    )


def full_view(sizes: tuple[int, ...] = (3, 9, 3, 4, 3, 4, 28, 6), recorded: int = 157) -> ReportView:
    """Return a view that fills every section of the page."""
    filled = shelves(iter(sizes))
    open_lines = tuple(one for shelf in filled for part in shelf.groups for one in part.lines)
    waiting = tuple(line(place, "program-missing", "No program") for place in range(100_000, 100_014))
    repaired = tuple(repaired_line(place) for place in range(200_000, 200_009))
    new = tuple(one for one in open_lines if one.age != "known")
    high = sum(one.severity == "high" for one in open_lines)
    return ReportView(
        bar=RunBar(
            "staging",
            "20261129T065254976Z-f5639b",
            "nightly repair",
            "last 3 days",
            NOW,
            9.3,
            5,
            "awaiting approval",
            "0.1.0",
            "the first night",
            trend().nights[-2].run,
        ),
        verdict=Verdict(
            "action",
            "Action needed",
            "14 broadcasts are recorded but cannot be watched. They wait for your approval.",
            f"{len(new)} problems are new, {len(open_lines) - len(new)} were known. 9 were repaired. "
            "All sources were read.",
            ("The index “programs” looks incomplete.",),
        ),
        tiles=(
            Tile("new", len(new), "New since the last run", "none the night before", "high", 8),
            Tile("open", len(open_lines), "Open", f"{high} high", "none", -3),
            Tile("approval", 14, "Awaiting approval", "6 from this run", "approval"),
            Tile("repaired", 9, "Repaired", "all verified", "good", 0),
        ),
        trend=trend(),
        steps=(
            Step(
                1,
                "Approve 14 new programs",
                "clears 14",
                "They are recorded and complete, but have no program.",
                ("reconcile repair --approve 20261129T065254976Z-f5639b",),
                tuple(one.id for one in waiting),
                "approval",
            ),
            Step(
                2,
                "Add the missing S3 event trigger",
                "root cause of 8",
                "No rule invokes recording-processor.",
                (
                    "aws s3api put-bucket-notification-configuration --bucket media-of-the-test "
                    "--notification-configuration '" + '{"LambdaFunctionConfigurations": [' * 12 + "'",
                ),
                (open_lines[0].id,),
                "high",
            ),
            Step(
                3,
                "Correct 28 program counts",
                "clears 28",
                "",
                ("reconcile repair --repair count-drift",),
                tuple(one.id for one in open_lines if one.kind == "count-drift"),
                "low",
            ),
        ),
        chain=(
            ChainStep("recorded", "Recordings ended", 160, 0, 0, "", "good", "", ()),
            ChainStep(
                "trigger",
                "Trigger in place",
                152,
                8,
                0,
                "multivariant.m3u8 has no rule",
                "high",
                "",
                (open_lines[0].id,),
            ),
            ChainStep(
                "program",
                "Program exists",
                138,
                14,
                6,
                "14 await approval",
                "approval",
                "S3 event trigger",
                tuple(one.id for one in waiting),
            ),
            ChainStep(
                "media",
                "URL plays",
                134,
                4,
                0,
                "media missing",
                "medium",
                "",
                tuple(one.id for one in open_lines if one.kind == "media-missing"),
            ),
            ChainStep("row", "Recording row completed", 134, 0, 0, "", "good", "", ()),
            ChainStep("search", "In search", 134, 0, 0, "", "good", "", ()),
        ),
        approval=Approval(
            "Awaiting approval",
            "Recorded before the first repair run, so a lost program cannot be told from a deleted one. "
            "Approve once.",
            14,
            (("recorded before the first repair run", 14),),
            (
                "reconcile repair --approve 20261129T065254976Z-f5639b",
                "aws lambda invoke --function-name reconcile-repair-staging /dev/stdout",
            ),
            waiting,
        ),
        shelves=filled,
        new=new,
        repaired=(FindingGroup("program-incomplete", "Incomplete program", "", "high", 9, 9, repaired),),
        repaired_words="9 problems were repaired with 9 writes, all of them verified.",
        resolved=tuple(line(place) for place in range(300_000, 300_003)),
        ignored=(
            ListEntry(
                "Night Bus",
                "until 24 Dec 2026",
                "g#night-bus",
                (Fact("Reason", ("known, harmless",)),),
                finding_id(400_000),
            ),
        ),
        decisions=(ListEntry("Sunday Choir", "assigned by anna", "s3://media-of-the-test/x"),),
        deleted=(ListEntry("Two Chairs", "28 Nov 2026 01:17 UTC", "s3://media-of-the-test/y"),),
        not_rechecked=(line(500_000),),
        coverage=CoverageView(
            148,
            234,
            (
                Segment("checked", 148, "good"),
                Segment("older than 3 days", 74, "none"),
                Segment("not checked", 12, "medium"),
            ),
            "148 of 234 recordings were checked. 74 are older than 3 days.",
            (
                SourceLine("S3", 234, 0.4, "read completely", "good", "", (Fact("Requests", ("3",)),)),
                SourceLine("DynamoDB", 872, 2.5, "read completely", "good", "", ()),
                SourceLine(
                    "Algolia",
                    141,
                    0.1,
                    "looks incomplete",
                    "medium",
                    "it gave 141 items, and 214 in the last run",
                    (),
                ),
                SourceLine(
                    "Media files", 0, 0.0, "not read", "high", "AccessDenied: s3:GetObject is missing", ()
                ),
            ),
            (
                SourceLine(
                    "S3 event trigger", 0, 0.0, "misconfigured", "high", "no rule for multivariant.m3u8", ()
                ),
            ),
            (NotChecked("A source was read only partly", 2, "2 recordings", (line(600_000), line(600_001))),),
            (
                CountTable("Recordings", (("OK", 120), ("Duplicate programs", 9)), 148, 234),
                CountTable("Programs", (("OK", 700),), 700, 700),
            ),
        ),
        recordings=recordings(recorded, open_lines),
        deliveries=(Fact("email", ("sent to ops@example.org",)),),
        usage=(Fact("Requests", ("s3:ListObjectsV2 3", "dynamodb:Scan 8")),),
    )


def quiet_view() -> ReportView:
    """Return the view of a run that found nothing, the first of its stage."""
    view = full_view((1,) * 8, 20)
    return replace(
        view,
        bar=replace(view.bar, previous="", exit_code=0, exit_words="OK"),
        verdict=Verdict(
            "ok",
            "OK",
            "All 180 recordings are published and searchable.",
            "No problems. All sources were read.",
        ),
        tiles=tuple(replace(tile, number=0, change=None, detail="none") for tile in view.tiles),
        trend=Trend((), "This is the first run."),
        steps=(),
        approval=None,
        shelves=(),
        new=(),
        repaired=(),
        resolved=(),
        ignored=(),
        decisions=(),
        deleted=(),
        not_rechecked=(),
        coverage=replace(view.coverage, not_checked=()),
    )


def large_view() -> ReportView:
    """Return a view of 5,000 findings and 21,000 recordings, of which it lists 20,000."""
    view = full_view((625,) * 8, 21_000)
    return replace(view, recordings=view.recordings[:20_000], unlisted=1_000)
