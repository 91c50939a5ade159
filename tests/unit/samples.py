"""Builds sample reports: a clean run, a busy one with every section, and one that could not read a store."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from reconcile.model.clock import write_time
from reconcile.model.finding import (
    Finding,
    Judgement,
    Status,
    Subject,
    finding_id,
    record_subject,
    recording_subject,
    session_subject,
)
from reconcile.model.recording import RecordingKey
from reconcile.model.run import Receipt, Repair
from reconcile.model.usage import Usage
from reconcile.model.verdict_table import TYPES, VERDICTS, verdict_kind, verdicts_of
from reconcile.report.data import Report, RetiredLine, RunFacts
from reconcile.report.not_checked import Reason, Unchecked
from reconcile.report.verdict import headline_of

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
BUCKET = "media-of-the-test"
RUN = "20260304T050607Z-1f2e3d"
_TITLES = ("Morning Jazz", "Δείπνο & Φίλοι", "صباح الخير يا بيروت", "夜のラジオ", "Café <Live> №7 🎷")


def prefix(number: int) -> str:
    """Return the prefix of a composite recording."""
    return f"Stg{number:09d}/Cmp{number:09d}/Dst{number:09d}/composite"


def recording(number: int) -> Subject:
    """Return the subject of a recording."""
    return recording_subject(RecordingKey(BUCKET, prefix(number)))


def evidence(number: int, title: str = "Morning Jazz", **more: Any) -> dict[str, Any]:
    """Return what a finding about a recording rests on."""
    start = NOW - timedelta(hours=20, minutes=number)
    return {
        "start": write_time(start),
        "end": write_time(start + timedelta(minutes=62)),
        "duration_ms": 3_720_000,
        "last_event": write_time(start + timedelta(minutes=63)),
        "title": title,
        "owner": "user-anna",
        "attribution": {
            "level": 1,
            "rests_on": "a session's own stage",
            "shows": [f"show-{number}"],
            "sessions": [f"session-{number}"],
        },
        **more,
    }


def finding(
    kind: str,
    subject: Subject,
    told: Mapping[str, Any],
    status: Status = "new",
    days: int = 0,
    remedy: str | None = None,
) -> Finding:
    """Return a finding that was first seen so many days ago."""
    line = verdict_kind(subject.type, kind)
    usual = Judgement(subject, kind).remedy
    step, *commands = [usual.step, *usual.commands] if remedy is None else remedy.split("\n")
    return Finding(
        id=finding_id(kind, subject),
        kind=kind,
        severity=line.severity,
        subject=subject,
        evidence=told,
        status=status,
        first_seen=NOW - timedelta(days=days),
        last_seen=NOW,
        step=step,
        commands=tuple(commands),
    )


def source(name: str, items: int, **more: Any) -> Receipt:
    """Return a receipt as the report holds it."""
    return replace(Receipt(name, True, items=items, requests=1 + items // 300, seconds=1.25), **more)


def counts(subject_type: str, **numbers: int) -> dict[str, int]:
    """Return a type's counts: every verdict of the table, and their sum."""
    given = {name.replace("_", "-"): number for name, number in numbers.items()}
    every = {name: given.get(name, 0) for name in verdicts_of(subject_type)}
    return {**every, "population": sum(every.values())}


def run_facts(**changes: Any) -> RunFacts:
    """Return which run it was."""
    facts = RunFacts(
        id=RUN,
        stage="staging",
        mode="check",
        scope="recent",
        reason="",
        started_at=NOW - timedelta(seconds=42),
        finished_at=NOW,
        window_start=NOW - timedelta(days=3, minutes=15),
        version="0.1.0",
        exit_code=0,
    )
    return replace(facts, **changes)


def clean_report(**changes: Any) -> Report:
    """Return the report of a run that found nothing."""
    report = Report(
        run=run_facts(),
        headline="No problems found; checked 214 search records, 203 recordings, 61 sessions.",
        sources=(
            source(
                f"s3:{BUCKET}",
                203,
                detail={
                    "jumped_over": ["sessions/", "users/"],
                    "kinds": {"composite": 150, "channel": 53},
                    "other_objects": 12,
                    "way": "rolled up",
                },
            ),
            source("dynamodb:app-of-the-test", 1_912, units=410.5, seconds=11.8, detail={"segments": 4}),
            source("algolia:programs", 214, seconds=0.4),
        ),
        counts={
            "record": counts("record", agrees=214),
            "recording": counts("recording", agrees=180, twin=12, retired=6, other=3, in_progress=2),
            "session": counts("session", agrees=61),
        },
        findings=(),
        usage=Usage(
            requests={"s3:ListObjectsV2": 3, "dynamodb:Scan": 8, "algolia:browse": 1},
            read_units=410.5,
            bytes=65_536,
        ),
    )
    return replace(report, **changes)


def busy_report(titles: str = "Morning Jazz", withheld: int = 60) -> Report:
    """Return the report of a repair that fills every section; `titles` stands as each show's title."""
    waiting = [
        finding(
            "program-missing",
            recording(number),
            evidence(number, titles),
            "awaiting-approval",
            days=number % 3,
        )
        for number in range(100, 100 + withheld)
    ]
    mended, repairs = _mended(titles)
    return Report(
        run=run_facts(mode="repair", exit_code=5, reason="after the deployment"),
        headline=f"12 open findings (7 new), 2 repaired, {withheld} awaiting approval, "
        "1 resolved; checked 310 search records, 402 recordings, 80 sessions.",
        sources=clean_report().sources,
        counts={
            "record": counts(
                "record", agrees=305, record_stale=2, record_orphaned=1, record_contested=1, settling=1
            ),
            "recording": counts(
                "recording",
                agrees=250,
                program_missing=withheld + 2,
                outside_window=70,
                other=9,
                in_progress=2,
                retired=4,
                group_missing=2,
                ambiguous=1,
                program_duplicated=1,
                program_incomplete=1,
            ),
            "session": counts("session", agrees=79, recording_missing=1),
        },
        findings=(*_needing(titles), *mended, *waiting),
        resolved=(finding("program-missing", recording(80), evidence(80, titles), "open", days=2),),
        carried=(finding("unattributed", recording(81), evidence(81, titles), "open", days=9),),
        approvals=dict.fromkeys(ids_of(waiting), "it ended before repairs were first made here"),
        repairs=repairs,
        retired=(
            RetiredLine(
                bucket=BUCKET,
                prefix=prefix(90),
                start=NOW - timedelta(days=1),
                show="show-90",
                title=titles,
                owner="user-anna",
                verdict="retired",
                program_id=None,
                remembered=("the ledger: program program-90 was seen",),
            ),
        ),
        usage=Usage(
            requests={"s3:ListObjectsV2": 9, "dynamodb:Scan": 8, "dynamodb:TransactWriteItems": 14},
            read_units=812.5,
            bytes=1_048_576,
        ),
    )


def _needing(titles: str) -> tuple[Finding, ...]:
    rows = [
        {"pk": "u#user-anna#programs", "sk": "p#program-1", "programId": "program-1"},
        {"pk": "u#user-anna#programs", "sk": "p#program-2", "programId": "program-2"},
    ]
    two_shows = {
        "level": 5,
        "rests_on": "a shared channel at that time",
        "shows": ["show-1", "show-2"],
        "sessions": ["session-1", "session-2"],
    }
    stale = {
        "title": {"row": f"{titles} (final)", "record": titles},
        "description": {"row": "a" * 300 + "new end", "record": "a" * 300 + "old end"},
        "duration": {"row": 3720, "record": "3720"},
        "tags": {"row": ["recording", "ivs"], "record": None},
    }
    failed = "The repair failed: somebody changed the program meanwhile. Repair again.\nreconcile repair"
    return (
        finding("group-missing", recording(1), evidence(1, titles)),
        finding("group-missing", recording(2), evidence(2, titles), "open", days=6),
        finding("ambiguous", recording(3), evidence(3, titles, attribution=two_shows, candidates=rows)),
        finding(
            "program-duplicated",
            recording(4),
            evidence(4, titles, programs=rows, same_time=[f"s3://{BUCKET}/{prefix(5)}"]),
        ),
        finding("program-incomplete", recording(6), evidence(6, lacks=["groupId"]), "failed", 1, failed),
        finding("unplayable", recording(7), evidence(7, titles, manifest=f"{prefix(7)}/m.m3u8 is not there")),
        finding("unreadable", recording(8), evidence(8, "", why="the events file is no JSON")),
        finding(
            "recording-missing",
            session_subject("session-70"),
            {"composition": "Cmp70", "createdAt": write_time(NOW - timedelta(days=2)), "showId": "show-70"},
            "open",
            2,
        ),
        finding("record-contested", record_subject("program-11"), {"rows": [rows[0], rows[1]]}, "open", 30),
        finding("record-stale", record_subject("program-12"), {"rows": rows[:1], "fields": stale}),
        finding(
            "record-orphaned",
            record_subject("n_net_program-13"),
            {"rows": [], "program_url": "https://media.example/Stg13/Cmp13/Dst13/composite/media/hls/m.m3u8"},
        ),
    )


def _mended(titles: str) -> tuple[tuple[Finding, ...], tuple[Repair, ...]]:
    made = finding("program-missing", recording(20), evidence(20, titles), "repaired")
    unread = "The repair failed: not read back: the index did not answer. Repair again.\nreconcile repair"
    stale = finding("record-stale", record_subject("program-21"), {"rows": []}, "failed", 1, unread)
    filled = finding("program-incomplete", recording(22), evidence(22, titles, lacks=["groupId"]), "repaired")
    row = {"pk": "u#user-anna#programs", "sk": "p#program-20"}
    program = {
        "title": f"{titles} - Recording",
        "program_url": f"https://media.example/{prefix(20)}/media/hls/multivariant.m3u8",
        "groupId": "group-20",
        "programId": "program-20",
        "duration": 3720,
        "created_date": write_time(NOW - timedelta(hours=20)),
        **{f"field{number}": number for number in range(12)},
        **row,
    }

    def repair(what: str, of: Finding, target: Mapping[str, str], **more: Any) -> Repair:
        return replace(Repair(what, of.id, target, {}, {}, "made", verified=True), **more)

    return (made, stale, filled), (
        repair("program created", made, row, after=program),
        repair("record written", made, {"objectID": "program-20", **row}, after={"title": titles}),
        repair(
            "record written",
            stale,
            {"objectID": "program-21"},
            before={"title": "Old", "premium": False},
            after={"title": titles, "premium": False},
            verified=False,
            note="not read back: the index did not answer",
        ),
        repair(
            "program mended",
            filled,
            {"pk": "u#user-anna#programs", "sk": "p#program-22"},
            before={"groupId": "Recordings"},
            after={"groupId": "group-22"},
        ),
    )


def incomplete_report(unknown: int = 70) -> Report:
    """Return the report of a run that could not read one bucket and doubts the index."""
    why = f"listing the bucket {BUCKET}: AccessDenied: s3:ListBucket is missing"
    known = clean_report()
    receipts = (
        source(f"s3:{BUCKET}", 120, whole=False, why=why),
        source("dynamodb:app-of-the-test", 1_912, units=410.5, seconds=11.8),
        source("algolia:programs", 40, doubt="it gave 40 items, and 214 when it was last believed"),
    )
    return replace(
        known,
        run=run_facts(exit_code=3, keeps_history=False),
        headline=f"No problems found; checked 50 recordings, 61 sessions, "
        f"{unknown + 40} not checked; unreliable: s3:{BUCKET}, algolia:programs.",
        sources=receipts,
        counts={
            "record": counts("record", unknown=40),
            "recording": counts("recording", agrees=50, unknown=unknown),
            "session": counts("session", agrees=61),
        },
        not_checked=(unchecked(f"s3:{BUCKET}: {why}", map(recording, range(unknown))),),
    )


def unchecked(why: str, subjects: Iterable[Subject], days: int = 0) -> Reason:
    """Return subjects that were not checked, since so many days."""
    since = NOW - timedelta(days=days)
    return Reason(
        why, tuple(Unchecked(finding_id("unknown", one), "unknown", one, since, why) for one in subjects)
    )


def findings_report(number: int, days: int = 3) -> Report:
    """Return the report of a repair with so many findings of all sorts, some of them `days` old."""
    findings = tuple(_mixed(place, days) for place in range(number))
    withheld = [one.id for one in findings if one.status == "awaiting-approval"]
    recordings = sum(one.subject.type == "recording" for one in findings)
    report = clean_report(
        run=run_facts(mode="repair", exit_code=5 if withheld else 2 if findings else 0),
        counts={
            "record": counts("record", agrees=214, record_orphaned=number - recordings),
            "recording": counts("recording", agrees=180, program_missing=recordings),
            "session": counts("session", agrees=61),
        },
        findings=findings,
        approvals=dict.fromkeys(withheld, "it ended before repairs were first made here"),
    )
    return replace(report, headline=headline_of(report))


def _mixed(place: int, days: int) -> Finding:
    """Return one of many findings: of several kinds, with titles in several scripts."""
    status: Status = "open" if place % 3 else "new"
    title = _TITLES[place % len(_TITLES)]
    since = days if place % 3 else 0
    if place % 10 == 9:
        told = {"rows": [], "program_url": f"https://media.example/{prefix(place)}/media/hls/m.m3u8"}
        return finding("record-orphaned", record_subject(f"program-{place}"), told, status, since)
    if place % 10 in (3, 4, 5, 6):
        return finding(
            "program-missing", recording(place), evidence(place, title), "awaiting-approval", since
        )
    kind = ("group-missing", "unattributed", "overlapping", "unplayable")[place % 4]
    return finding(kind, recording(place), evidence(place, title), status, since)


def ids_of(findings: Iterable[Finding]) -> list[str]:
    """Return the ids of findings."""
    return [one.id for one in findings]


def subject_of(subject_type: str, name: str) -> Subject:
    """Return a subject of any type; `name` stands in each of its keys."""
    fields = {
        "recording": (("bucket", BUCKET), ("prefix", f"{name}/Cmp/Dst/composite")),
        "session": (("sessionId", name),),
        "record": (("objectID", name),),
        "program": (("pk", f"u#{name}#programs"), ("sk", f"p#{name}"), ("programId", name)),
        "recording-row": (("pk", f"show#{name}"), ("sk", f"recording#2026#{name}")),
        "group": (("pk", f"u#{name}#groups"), ("sk", f"g#{name}")),
        "system": (("name", f"s3://{name} policy"),),
    }
    return Subject(subject_type, fields[subject_type])


def every_kind_report(name: str = "name", title: str = "Morning Jazz") -> Report:
    """Return the report of a check with one finding of every kind that there is."""
    kinds = [kind for kind in VERDICTS if kind.response not in ("count", "not-checked")]
    told = evidence(1, title, why=f"about {title}", owner=title)
    findings = tuple(finding(kind.name, subject_of(kind.subject, name), told) for kind in kinds)
    tally = {
        subject: counts(subject, **{one.kind.replace("-", "_"): 1 for one in findings_of(findings, subject)})
        for subject in TYPES
    }
    left = unchecked(f"about {title}", (subject_of(subject, name) for subject in TYPES))
    report = clean_report(run=run_facts(exit_code=3), findings=findings, counts=tally, not_checked=(left,))
    return replace(report, headline=headline_of(report))


def findings_of(findings: Iterable[Finding], subject_type: str) -> list[Finding]:
    """Return the findings about subjects of a type."""
    return [one for one in findings if one.subject.type == subject_type]
