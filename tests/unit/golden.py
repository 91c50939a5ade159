"""Six reports, always the same, from which the golden files of every rendering are made."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

from reconcile.model.catalog import RowKey
from reconcile.model.cause import Cause
from reconcile.model.clock import write_time
from reconcile.model.decision import Decision
from reconcile.model.finding import (
    Finding,
    Status,
    Subject,
    finding_id,
    group_subject,
    program_subject,
    record_subject,
    recording_subject,
    session_subject,
    system_subject,
)
from reconcile.model.recording import RecordingKey
from reconcile.model.run import Delivery, Repair
from reconcile.model.usage import Usage
from reconcile.report.data import DecisionLine, RecordingLine, Report, approve_command
from reconcile.report.links import Consoles, links_of
from reconcile.report.parts import Action, ChainLink, ReportState, ResolvedBefore, TrendRun
from reconcile.report.verdict import headline_of
from tests.unit.samples import NOW, RUN, counts, finding, run_facts, source, unchecked

BUCKET = "harbour-recordings"
CONSOLES = Consoles("eu-west-1", "harbour-app", "HRBR7APP01", "programs")
TITLES = (
    *("Harbour Lights", "The Vinyl Hour", "Sunday Choir", "Field Notes", "Late Kitchen", "Morning Jazz"),
    *("Café <Live> №7 🎷", "Δείπνο & Φίλοι", "صباح الخير يا بيروت", "夜のラジオ", "Tape Club", "Night Bus"),
)
_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
_TRIGGER = system_subject(f"s3://{BUCKET} notifications")
_PUT = (
    f"aws s3api put-bucket-notification-configuration --bucket {BUCKET} --notification-configuration "
    '\'{"LambdaFunctionConfigurations": [{"Events": ["s3:ObjectCreated:*"]}]}\''
)


def title(number: int) -> str:
    """Return one of the shows' titles."""
    return TITLES[number % len(TITLES)]


def prefix(number: int) -> str:
    """Return the prefix of a composite recording, as long as those of IVS."""
    return f"Stage{number:07d}/Composition{number:09d}/Destination{number:05d}/composite"


def on_recording(number: int) -> Subject:
    """Return a recording as the subject of a finding."""
    return recording_subject(RecordingKey(BUCKET, prefix(number)))


def evidence_of(number: int, **more: Any) -> dict[str, Any]:
    """Return what a finding on a recording depends on; a higher number was recorded earlier."""
    start = NOW - 9 * _HOUR - number * 37 * _MINUTE
    length = timedelta(minutes=35 + number * 11 % 120)
    return {
        "start": write_time(start),
        "end": write_time(start + length),
        "duration_ms": int(length.total_seconds() * 1000),
        "last_event": write_time(start + length),
        "title": title(number),
        "owner": f"user-{number % 7}",
        "attribution": {
            "level": 1,
            "rests_on": "a session's own stage",
            "shows": [f"show-{number}"],
            "sessions": [f"session-{number}"],
        },
        **more,
    }


def of_recording(kind: str, number: int, status: Status = "open", days: int = 6, **more: Any) -> Finding:
    """Return a finding on a recording."""
    return linked(finding(kind, on_recording(number), evidence_of(number, **more), status, days))


def linked(found: Finding) -> Finding:
    """Return a finding with its links."""
    return replace(found, links=links_of(found, CONSOLES))


def line(number: int, verdict: str = "agrees") -> RecordingLine:
    """Return the line of a recording; a higher number was recorded earlier."""
    known = evidence_of(number)
    start = NOW - 9 * _HOUR - number * 37 * _MINUTE
    outside, has_program = verdict == "outside-window", verdict in ("agrees", "program-duplicated")
    return RecordingLine(
        bucket=BUCKET,
        prefix=prefix(number),
        start=None if outside else start,
        show=None if outside else f"show-{number}",
        title=None if outside else known["title"],
        owner=None if outside else known["owner"],
        verdict=verdict,
        program_id=f"program-{number}" if has_program else None,
        last_event=start + _HOUR,
    )


def trend_of(numbers: Sequence[tuple[ReportState, int, int, int, int]], mode: str) -> tuple[TrendRun, ...]:
    """Return one run a night, the last of which is the report's; (state, new, open, awaiting, repaired)."""
    last = len(numbers) - 1
    return tuple(
        TrendRun(
            RUN if place == last else f"{NOW - (last - place) * _DAY:%Y%m%dT%H%M%S}000Z-{place:06x}",
            NOW - (last - place) * _DAY - 42 * timedelta(seconds=1),
            mode,
            *night,
        )
        for place, night in enumerate(numbers)
    )


def nights(opened: Sequence[int]) -> list[tuple[ReportState, int, int, int, int]]:
    """Return nights with so many open findings each: what is more than the night before is new."""
    told: list[tuple[ReportState, int, int, int, int]] = []
    for place, number in enumerate(opened):
        new = max(number - opened[place - 1], 0) if place else 0
        told.append(("action" if new else "known" if number else "ok", new, number, 0, place % 4))
    return told


def chain_of(
    ended: int, *, lost: Mapping[str, int] | None = None, **findings: tuple[str, ...]
) -> tuple[ChainLink, ...]:
    """Return the chain of so many ended recordings; `lost` says how many at which link."""
    labels = {
        "ended": "Recording ended",
        "trigger": "Trigger in place",
        "program": "Program exists",
        "media": "URL set, media there",
        "row": "Recording row completed",
        "search": "In search",
    }
    links, missing = [], lost or {}
    for key, label in labels.items():
        gone = missing.get(key, 0)
        links.append(ChainLink(key, label, ended - gone, gone, findings=findings.get(key, ())))
        ended -= gone if key != "trigger" else 0
    return tuple(links)


def _base(**changes: Any) -> Report:
    report = Report(
        run=run_facts(mode="repair", version="1.0.0", full_check_days=3, sequence=41),
        headline="",
        sources=(
            source(
                f"s3:{BUCKET}", 260, detail={"kinds": {"composite": 200, "channel": 60}, "way": "rolled up"}
            ),
            source("dynamodb:harbour-app", 3_412, units=812.5, seconds=6.4, detail={"segments": 4}),
            source("algolia:programs", 214, seconds=0.4),
            source("media", 180, seconds=2.2, detail={"urls_on_foreign_hosts": 0}),
        ),
        counts={
            "record": counts("record", agrees=214),
            "recording": counts("recording", agrees=180, twin=60, retired=6, other=14),
            "session": counts("session", agrees=190),
            "program": counts("program", agrees=200),
            "group": counts("group", agrees=31),
        },
        findings=(),
        recordings=tuple(line(number) for number in range(180)),
        chain=chain_of(180),
        trend=trend_of(nights([0] * 30), "repair"),
        usage=Usage(
            requests={"s3:ListObjectsV2": 3, "dynamodb:Scan": 8, "algolia:browse": 1, "s3:GetObject": 180},
            read_units=812.5,
            bytes=2_097_152,
        ),
        deliveries=(Delivery("email", "sent", NOW + timedelta(seconds=2), "010001-message"),),
    )
    return _told(replace(report, **changes))


def _told(report: Report) -> Report:
    """Return a report with its sentence, and with the numbers of its run at the end of its trend."""
    report, numbers = replace(report, headline=headline_of(report)), report.numbers
    return replace(
        report,
        trend=(
            *report.trend[:-1],
            replace(
                report.trend[-1],
                mode=report.run.mode,
                state=report.state,
                new=numbers.new,
                open=numbers.open,
                awaiting_approval=numbers.awaiting_approval,
                repaired=numbers.repaired,
            ),
        ),
    )


@cache
def all_well() -> Report:
    """Return the report of a full run that found all in order, after a repair the night before."""
    return _base(
        run=run_facts(mode="repair", scope="full", window_start=None, full_check_days=0, sequence=41)
    )


def _known(days: int = 6) -> tuple[Finding, ...]:
    """Return findings of many kinds that earlier reports had."""
    duplicates = tuple(
        {"pk": "u#user-3#programs", "sk": f"p#program-{name}", "programId": f"program-{name}"}
        for name in "ab"
    )
    choice = [
        {"programId": row["programId"], "title": title(40), "created": write_time(NOW - 7 * _DAY), **row}
        for row in duplicates
    ]
    rows = [
        {"pk": "u#user-1#programs", "sk": "p#program-12"},
        {"pk": "u#user-5#programs", "sk": "p#program-13"},
    ]
    media = program_subject(RowKey("u#user-2#programs", "p#program-60"), "program-60")
    gone = {"title": title(60), "owner": "user-2", "looked_for": [f"s3://{BUCKET}/old/media/hls/master.m3u8"]}
    groups = tuple(
        linked(
            finding(
                "count-drift",
                group_subject(RowKey(f"u#user-{number}#groups", f"g#group-{number}")),
                {
                    "title": f"Best of {title(number)}",
                    "owner": f"user-{number}",
                    "programsCount": 4,
                    "found": number,
                },
                "open",
                days + number,
            )
        )
        for number in range(28)
    )
    return (
        replace(
            of_recording("program-duplicated", 40, days=days, programs=list(duplicates)),
            candidates=tuple(choice),
        ),
        of_recording("ambiguous", 41, days=days),
        of_recording(
            "unplayable", 42, days=days, manifest=f"{prefix(42)}/media/hls/multivariant.m3u8 is not there"
        ),
        of_recording("failed", 43, days=days),
        of_recording("unattributed", 44, days=days),
        linked(
            finding(
                "recording-missing",
                session_subject("session-70"),
                {"composition": "Comp70", "createdAt": write_time(NOW - 8 * _DAY), "showId": "show-70"},
                "open",
                days,
            )
        ),
        linked(finding("record-contested", record_subject("program-12"), {"rows": rows}, "open", days)),
        linked(
            finding(
                "record-orphaned",
                record_subject("n_net_program-77"),
                {
                    "rows": [],
                    "program_url": f"https://play.harbour.example/{prefix(77)}/media/hls/multivariant.m3u8",
                },
                "open",
                days,
            )
        ),
        linked(finding("media-missing", media, gone, "open", days)),
        *groups,
    )


_DECIDE = Action(
    "Decide on 1 duplicate program",
    "clears 1",
    "Two programs show the same broadcast. Keep one, and delete the other in the app.",
    (f"reconcile explain -- {finding_id('program-duplicated', on_recording(40))}",),
    (finding_id("program-duplicated", on_recording(40)),),
)


@cache
def only_known() -> Report:
    """Return the report of a check that found only what earlier reports had, one of it ignored."""
    findings = _known()
    decided = "Ignored by ann until 2026-06-01 00:00 UTC: archived on purpose."
    ignored = of_recording("overlapping", 48, "ignored", 30, decided=decided)
    decision = Decision("ignore", ignored.id, "ann", "archived on purpose", NOW + 89 * _DAY, NOW - _DAY)
    counting = tuple(one.id for one in findings if one.kind == "count-drift")
    action = Action(
        "Correct 28 program counts",
        "clears 28",
        "Only the number shown is wrong. The command corrects it.",
        ("reconcile repair --repair count-drift",),
        counting,
    )
    return _base(
        run=run_facts(mode="check", exit_code=2, result=2, full_check_days=2),
        findings=(*findings, ignored),
        counts={
            "record": counts("record", agrees=212, record_contested=1, record_orphaned=1),
            "recording": counts(
                "recording",
                agrees=174,
                program_duplicated=1,
                ambiguous=1,
                unplayable=1,
                failed=1,
                unattributed=1,
                overlapping=1,
                twin=60,
                other=14,
                outside_window=74,
                in_progress=6,
            ),
            "session": counts("session", agrees=189, recording_missing=1),
            "program": counts("program", agrees=199, media_missing=1),
            "group": counts("group", agrees=3, count_drift=28),
        },
        recordings=(
            *(line(number) for number in range(40)),
            *(line(40 + place, one.kind) for place, one in enumerate(findings[:5])),
            line(48, "overlapping"),
            *(line(number) for number in range(49, 183)),
            *(line(number, "outside-window") for number in range(300, 374)),
        ),
        decisions=(DecisionLine(decision),),
        actions=(action, _DECIDE),
        chain=chain_of(178, lost={"ended": 2, "program": 3}),
        trend=trend_of(nights([30, 31, 31, 33, 36, 36, 40, 39, 38, 38, 37, 37, 37, 37, 37]), "check"),
        resolved_before=(ResolvedBefore("aaaaaaaaaaaa", NOW - 40 * _DAY, NOW - 20 * _DAY),),
        deliveries=(Delivery("email", "quiet", NOW, "nothing to report"),),
    )


@cache
def new_problems() -> Report:
    """Return the report of a check with new findings, one that came back, and a root cause."""
    missing = tuple(of_recording("program-missing", number, "new", 0) for number in range(3))
    trigger = linked(
        finding(
            "trigger-misconfigured",
            _TRIGGER,
            {
                "why": "no S3 notification invokes recording-processor for multivariant.m3u8",
                "manifests": ["multivariant.m3u8"],
            },
            "new",
            remedy=f"Add the missing rule. The command includes the existing rules.\n{_PUT}",
        )
    )
    stale = linked(
        finding(
            "record-stale",
            record_subject("program-20"),
            {
                "rows": [{"pk": "u#user-1#programs", "sk": "p#program-20"}],
                "fields": {
                    "title": {"row": "The Vinyl Hour (final cut)", "record": "The Vinyl Hour"},
                    "duration": {"row": 3720, "record": 3600},
                    "updatedAt": {"row": "2026-03-03", "record": "2026-03-01"},
                },
            },
            "new",
        )
    )
    back = of_recording("failed", 21, "came-back", 12)
    cause = Cause(
        "trigger-misconfigured",
        "certain",
        f"s3://{BUCKET} notifications",
        "no S3 notification invokes recording-processor for multivariant.m3u8",
        tuple(one.id for one in missing),
        "Add the missing rule. The command includes the existing rules.",
        (_PUT,),
        trigger.id,
    )
    known = _known()
    action = Action(
        "Add the missing S3 event trigger",
        "root cause of 3",
        "Add the missing rule. The command includes the existing rules.",
        (_PUT,),
        (trigger.id, *(one.id for one in missing)),
    )
    repair = Action(
        "Create 3 new programs",
        "3 become watchable",
        "A repair creates the programs.",
        ("reconcile repair",),
        tuple(one.id for one in missing),
    )
    return _base(
        run=run_facts(mode="check", exit_code=2, result=2, full_check_days=2, reason="after the deployment"),
        findings=(*missing, trigger, stale, back, *known),
        resolved=(of_recording("group-missing", 90, "open", 3),),
        carried=(of_recording("unattributed", 91, "open", 9),),
        counts={
            **only_known().counts,
            "record": counts("record", agrees=211, record_contested=1, record_orphaned=1, record_stale=1),
            "recording": counts(
                "recording",
                agrees=171,
                program_missing=3,
                program_duplicated=1,
                ambiguous=1,
                unplayable=1,
                failed=2,
                unattributed=1,
                twin=60,
                other=14,
                outside_window=74,
                in_progress=6,
            ),
        },
        recordings=(
            *(line(number, "program-missing") for number in range(3)),
            *(line(number) for number in range(3, 21)),
            line(21, "failed"),
            *(line(number) for number in range(22, 40)),
            *(line(40 + place, one.kind) for place, one in enumerate(known[:5])),
            *(line(number) for number in range(45, 180)),
            *(line(number, "outside-window") for number in range(300, 374)),
        ),
        causes=(cause,),
        actions=(repair, action, _DECIDE),
        chain=(*chain_of(178, lost={"ended": 2, "trigger": 3, "program": 6}, trigger=(trigger.id,)),),
        trend=trend_of(nights([37] * 29 + [43]), "check"),
        resolved_before=(ResolvedBefore("aaaaaaaaaaaa", NOW - 40 * _DAY, NOW - 20 * _DAY),),
    )


@cache
def awaiting_approval() -> Report:
    """Return the report of a repair: done, done in part, failed, and 14 programs that await approval."""
    reason = "recorded before the first repair run, so a lost program looks like a deleted one. Approve once"
    approve = approve_command(RUN)
    waiting = tuple(
        replace(of_recording("program-missing", number, "awaiting-approval", 1), commands=(approve,))
        for number in range(100, 114)
    )
    made = of_recording("program-missing", 1, "repaired", 0)
    stale = linked(finding("record-stale", record_subject("program-20"), {"rows": []}, "repaired"))
    half = replace(
        of_recording("program-incomplete", 2, "partly-repaired", 4, lacks=["groupId"]),
        repaired=("program_url",),
        left=("groupId",),
        step="Not repaired: its show has no group to file it under. The first command creates one.",
        commands=("reconcile repair --repair group-missing", "reconcile repair"),
    )
    failed = replace(
        of_recording("program-incomplete", 3, "failed", 1, lacks=["program_url"]),
        step="The repair failed: somebody changed the program meanwhile. Repair again.",
        commands=("reconcile repair",),
    )
    row = {"pk": "u#user-1#programs", "sk": "p#program-1"}
    url = f"https://play.harbour.example/{prefix(1)}/media/hls/multivariant.m3u8"
    program = {
        "title": f"{title(1)} - Recording",
        "program_url": url,
        "groupId": "group-1",
        "duration": 2760,
        **row,
    }
    old, new = "https://old.harbour.example/x.m3u8", f"https://play.harbour.example/{prefix(2)}/x.m3u8"
    repairs = (
        Repair("program created", made.id, row, {}, program, "made", verified=True),
        Repair(
            "record written",
            made.id,
            {"objectID": "program-1"},
            {},
            {"title": title(1)},
            "made",
            verified=True,
        ),
        Repair(
            "record written",
            stale.id,
            {"objectID": "program-20"},
            {"title": "The Vinyl Hour"},
            {"title": "The Vinyl Hour (final cut)"},
            "made",
            verified=True,
        ),
        Repair(
            *("program mended", half.id, {"pk": "u#user-2#programs", "sk": "p#program-2"}),
            {"program_url": old},
            {"program_url": new},
            "made",
            verified=True,
        ),
        Repair(
            *(
                "program mended",
                failed.id,
                {"pk": "u#user-3#programs", "sk": "p#program-3"},
                {},
                {},
                "refused",
            ),
            verified=False,
            note="somebody changed the program meanwhile",
        ),
    )
    known = _known()
    action = Action(
        "Approve 14 new programs",
        "14 become watchable",
        "Review them, then approve them.",
        (approve,),
        tuple(one.id for one in waiting),
    )
    return _base(
        run=run_facts(mode="repair", exit_code=5, result=5, full_check_days=2, sequence=42),
        findings=(*waiting, failed, half, made, stale, of_recording("unplayable", 4, "new", 0), *known),
        approvals=dict.fromkeys((one.id for one in waiting), reason),
        counts={
            **only_known().counts,
            "record": counts("record", agrees=211, record_contested=1, record_orphaned=1, record_stale=1),
            "recording": counts(
                "recording",
                agrees=157,
                program_missing=15,
                program_incomplete=2,
                program_duplicated=1,
                ambiguous=1,
                unplayable=2,
                failed=1,
                unattributed=1,
                twin=60,
                other=14,
                outside_window=74,
                in_progress=6,
            ),
        },
        recordings=(
            line(0),
            line(1, "program-missing"),
            *(line(number, "program-incomplete") for number in (2, 3)),
            line(4, "unplayable"),
            *(line(number) for number in range(5, 40)),
            *(line(40 + place, one.kind) for place, one in enumerate(known[:5])),
            *(line(number) for number in range(45, 100)),
            *(line(number, "program-missing") for number in range(100, 114)),
            *(line(number) for number in range(114, 180)),
            *(line(number, "outside-window") for number in range(300, 374)),
        ),
        repairs=repairs,
        actions=(action, _DECIDE),
        chain=chain_of(178, lost={"ended": 2, "program": 18, "media": 2}),
        trend=trend_of(nights([37] * 29 + [40]), "repair"),
        resolved=(of_recording("group-missing", 90, "open", 3),),
    )


@cache
def incomplete() -> Report:
    """Return the report of a run that could not read the index, and one bucket only partly."""
    why = f"listing the bucket {BUCKET}: AccessDenied: s3:ListBucket is missing"
    report = only_known()
    return _base(
        run=run_facts(mode="repair", exit_code=3, result=3, full_check_days=2),
        findings=report.findings[5:-1],
        carried=report.findings[:5],
        sources=(
            source(f"s3:{BUCKET}", 120, whole=False, why=why),
            report.sources[1],
            source("algolia:programs", 0, whole=False, why="browse: 403: Invalid Application-ID or API key"),
        ),
        counts={
            **report.counts,
            "record": counts("record", unknown=214),
            "recording": counts("recording", agrees=50, unknown=70),
        },
        not_checked=(
            unchecked(
                "algolia: browse: 403: Invalid key", (record_subject(f"program-{n}") for n in range(214))
            ),
            unchecked(f"s3:{BUCKET}: {why}", map(on_recording, range(70)), days=1),
        ),
        recordings=(
            *(line(number, "unknown") for number in range(70)),
            *(line(number) for number in range(70, 120)),
        ),
        chain=tuple(
            replace(one, number=50, not_known=70, checked=one.key not in ("ended", "search"))
            for one in chain_of(50)
        ),
        trend=trend_of(nights([37] * 29 + [32]), "repair"),
        actions=(),
        deliveries=(Delivery("email", "failed", NOW, "MessageRejected: the address is not verified"),),
    )


@cache
def many() -> Report:
    """Return the report of 5,000 findings and 20,000 recordings."""
    kinds = ("program-duplicated", "unplayable", "group-missing", "unattributed", "failed")
    recordings = tuple(
        of_recording(kinds[n % 5], n, "new" if n % 50 == 0 else "open", n % 200) for n in range(4_000)
    )
    records = tuple(
        linked(finding("record-orphaned", record_subject(f"program-{n}"), {"rows": []}, "open", n % 90))
        for n in range(1_000)
    )
    numbers = {name.replace("-", "_"): 800 for name in kinds}
    return _base(
        run=run_facts(
            mode="repair", scope="full", window_start=None, exit_code=2, result=2, full_check_days=0
        ),
        findings=(*recordings, *records),
        counts={
            "record": counts("record", agrees=17_000, record_orphaned=1_000),
            "recording": counts("recording", agrees=16_000, **numbers),
            "session": counts("session", agrees=16_000),
            "program": counts("program", agrees=16_800),
            "group": counts("group", agrees=310),
        },
        recordings=tuple(line(n, kinds[n % 5] if n < 4_000 else "agrees") for n in range(20_000)),
        actions=(_DECIDE,),
        chain=chain_of(20_000, lost={"ended": 800, "program": 2_400}),
        trend=trend_of(nights([4_000 + 30 * n for n in range(30)]), "repair"),
    )


GOLDEN = {
    "all_well": all_well,
    "only_known": only_known,
    "new_problems": new_problems,
    "awaiting_approval": awaiting_approval,
    "incomplete": incomplete,
    "many": many,
}
"""The reports by name; each is made once."""
