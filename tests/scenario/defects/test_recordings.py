"""Defects in what is recorded, when, and where it goes, and what the job makes of them."""

from datetime import timedelta

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import functions, host, owner
from reconcile.sandbox.world.actors.host import Era
from reconcile.sandbox.world.actors.ivs_files import Ending
from reconcile.sandbox.world.actors.producer import make_show
from reconcile.sandbox.world.chapters.scene import double_evening, evening
from tests.scenario.defects.acts import AT, DAY, HOUR, MINUTE, NOW, empty_stage, seen
from tests.scenario.defects.setups import configured, told_with


def test_b10_the_processor_dates_a_program_when_it_makes_it() -> None:
    """Its poor attributes are no finding; the job's own program tells when, how long and how large."""
    stage = empty_stage()
    processed = evening(stage, AT - DAY, length=30 * MINUTE)
    poor = functions.process(stage, processed.composite, processed.show, AT)
    missed = evening(stage, AT, length=30 * MINUTE)
    result = seen(stage)
    assert result.told == {"program-missing": 1}
    assert (result.row(poor)["duration"], result.row(poor)["fileSize"]) == (0, 243)
    (made,) = result.made_for(missed.composite)
    assert made["created_date"].startswith(f"{AT:%Y-%m-%dT%H:%M:%S}")
    assert 1790 < made["duration"] <= 1800
    whole = sum(len(stage.objects[missed.composite.bucket, key].body) for key in missed.composite.media)
    assert made["fileSize"] == whole


def test_b10b_a_program_is_made_while_the_show_is_on() -> None:
    """Nothing is decided about a recording that goes on, whether it has its program or not."""
    stage = empty_stage()
    show = make_show(stage, NOW - 2 * HOUR)
    session = host.open_session(stage, show, NOW - 2 * HOUR)
    recording = host.broadcast(stage, session, NOW - 2 * HOUR, timedelta(minutes=119), Ending.RUNNING)
    functions.process(stage, recording, show, NOW - 119 * MINUTE)
    result = seen(stage)
    assert result.recording(recording) == ("in-progress", "in-progress")
    assert result.told == {}


def test_b10c_addresses_are_not_percent_encoded() -> None:
    """An address with spaces, plus signs and parentheses leads to its file as it is written."""
    stage = empty_stage()
    upload = owner.upload(stage, AT)
    assert " (final) + extra" in stage.rows[upload]["program_url"]
    result = seen(stage)
    assert result.program(upload) == ("agrees", "agrees")
    assert result.told == {}


def test_b10d_composites_of_before_the_trigger_was_mended_have_no_program() -> None:
    """Every evening of those weeks is missing: all of them are made, once somebody approves."""
    stage = empty_stage()
    nights = [evening(stage, AT - week * 7 * DAY) for week in range(1, 6)]
    result = seen(stage)
    assert result.told == {"program-missing": 5}
    assert result.left == {}
    for night in nights:
        assert [made["sourceShowId"] for made in result.made_for(night.composite)] == [night.show.show_id]


def test_b10d_the_trigger_is_named_as_the_cause() -> None:
    """While it still listens to the one name only, it explains every composite without a program."""
    stage = empty_stage()
    for week in range(1, 4):
        evening(stage, AT - week * 7 * DAY)
    report = told_with(stage, configured(suffixes=("master.m3u8",)))
    missing = {finding.id for finding in report.findings if finding.kind == "program-missing"}
    assert len(missing) == 3
    (cause,) = (cause for cause in report.causes if cause.kind == "trigger-misconfigured")
    assert cause.certainty == "certain"
    assert set(cause.explains) == missing
    assert "multivariant.m3u8" in cause.remedy


def test_b10e_a_wrong_storage_configuration_leaves_no_objects() -> None:
    """The session remembers a composition of which nothing was recorded: told, and beyond repair."""
    stage = empty_stage()
    session = host.open_session(stage, make_show(stage, AT), AT)
    host.compose(stage, session, AT + MINUTE)
    host.end_session(stage, session, AT + HOUR)
    result = seen(stage)
    assert result.session(session) == ("recording-missing", "recording-missing")
    assert result.told == {"recording-missing": 1}
    assert result.untouched


def test_b10e_the_storage_configuration_is_named_as_the_cause() -> None:
    """While the composer names one that is gone, it explains every session without its recording."""
    stage = empty_stage()
    for number in range(2):
        session = host.open_session(stage, make_show(stage, AT), AT - number * DAY)
        host.compose(stage, session, AT - number * DAY + MINUTE)
    report = told_with(stage, configured(storage=None))
    lost = {finding.id for finding in report.findings if finding.kind == "recording-missing"}
    assert len(lost) == 2
    (cause,) = (cause for cause in report.causes if cause.kind == "storage-misconfigured")
    assert (cause.what, cause.certainty) == ("composer storage", "certain")
    assert set(cause.explains) == lost


def test_b10f_the_bucket_policy_is_named_as_the_cause() -> None:
    """While it lacks the service that writes compositions, it explains the composites that failed."""
    stage = empty_stage()
    evening(stage, AT, ending=Ending.FAILED_LOST)
    report = told_with(stage, configured(writers=("ivs.amazonaws.com",)))
    failed = {finding.id for finding in report.findings if finding.kind == "failed"}
    (cause,) = (cause for cause in report.causes if cause.kind == "storage-misconfigured")
    assert cause.what == f"s3://{stage.bucket} policy"
    assert set(cause.explains) == failed
    assert len(failed) == 1


def test_a_system_that_is_set_up_well_has_no_cause() -> None:
    """The same recordings under a configuration without fault are explained by nothing certain."""
    stage = empty_stage()
    evening(stage, AT)
    report = told_with(stage, configured())
    assert report.counts["system"]["agrees"] == report.counts["system"]["population"] > 0
    assert not report.causes


def test_b10f_a_replaced_bucket_policy_lets_no_media_in() -> None:
    """The events tell of a failure and a length, and there is no media: failed, and no program is made."""
    stage = empty_stage()
    night = evening(stage, AT, ending=Ending.FAILED_LOST)
    result = seen(stage)
    assert result.recording(night.composite) == ("failed", "failed")
    assert result.told == {"failed": 1}
    assert result.untouched


def test_b10g_one_broadcast_is_recorded_twice() -> None:
    """Composite and channel recording get one program between them, the composite's."""
    stage = empty_stage()
    night = double_evening(stage, AT)
    result = seen(stage)
    assert result.recording(night.composite) == ("program-missing", "agrees")
    assert result.recording(night.channel) == ("twin", "twin")
    assert len(result.made_for(night.composite)) == 1
    assert not result.made_for(night.channel)


def test_b10h_processor_and_export_know_nothing_of_each_other() -> None:
    """Two programs of one recording, linked by the address alone, are told as a double."""
    stage = empty_stage()
    night = evening(stage, AT)
    functions.process(stage, night.composite, night.show, AT + MINUTE)
    url = formats.playback_url(night.composite.manifest)
    functions.export(stage, night.show, AT + 2 * HOUR, url, stage.uuid(), plays=night.composite)
    result = seen(stage)
    assert result.told == result.left == {"program-duplicated": 1}


def test_b10i_a_design_that_was_never_built_leaves_no_trace() -> None:
    """A runbook tells of a processor fed by events files: recordings have those, and none is a program."""
    stage = empty_stage()
    night = evening(stage, AT)
    functions.process(stage, night.composite, night.show, AT + MINUTE)
    result = seen(stage)
    assert result.told == {}
    assert result.untouched


def test_b10j_a_channel_that_was_deleted_stands_on_many_rows() -> None:
    """Sessions name a shared channel that no longer exists: the stage still tells whose composite it is."""
    stage = empty_stage()
    nights = [evening(stage, AT - number * DAY) for number in range(2)]
    functions.process(stage, nights[0].composite, nights[0].show, AT + MINUTE)
    assert all(stage.rows[night.session.key]["ivs"]["channelArn"] for night in nights)
    result = seen(stage)
    assert result.told == {"program-missing": 1}
    assert result.made_for(nights[1].composite)[0]["sourceShowId"] == nights[1].show.show_id


def test_b22_a_module_that_cannot_load_starts_nothing() -> None:
    """A session whose program stage was never composed expects no recording."""
    stage = empty_stage()
    session = host.open_session(stage, make_show(stage, AT), AT, Era.PROGRAM_STAGE)
    result = seen(stage)
    assert result.session(session) == ("agrees", "agrees")
    assert result.told == {}


def test_b23_medialive_never_recorded() -> None:
    """What MediaLive was to write is no IVS recording, and that nothing was written is in no store."""
    stage = empty_stage()
    session = host.open_session(stage, make_show(stage, AT), AT)
    for name in ("index.m3u8", "index_rec_00001.ts"):
        key = f"sessions/{session.session_id}/recording/{name}"
        stage.put_object(stage.bucket, key, b"#EXTM3U", AT)
    result = seen(stage)
    assert result.told == {}
    assert not [subject for subject in result.before if subject.type == "recording"]
