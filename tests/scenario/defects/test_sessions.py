"""Defects of sessions, channels and shows, and how the job finds all the same whose a recording is."""

from datetime import timedelta

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import functions, host, ivs
from reconcile.sandbox.world.actors.host import Channel, Era
from reconcile.sandbox.world.actors.operator import clutter_table
from reconcile.sandbox.world.actors.producer import delete_show, make_show, show_key
from reconcile.sandbox.world.builder import Stage
from reconcile.sandbox.world.chapters.scene import channel_evening, evening
from tests.scenario.defects.acts import AT, DAY, HOUR, MINUTE, empty_stage, seen


def on_air(stage: Stage, *, naive: bool = False) -> host.Session:
    """Open a session of a show of its own, on a channel of its own."""
    return host.open_session(stage, make_show(stage, AT), AT - MINUTE, Era.HEAD, naive=naive)


def test_b20_sessions_that_are_never_ended() -> None:
    """A session that is active for ever owns what was recorded in its first hours, and agrees."""
    stage = empty_stage()
    session = on_air(stage)
    recording = host.auto_record(stage, session, AT, 50 * MINUTE)
    result = seen(stage)
    assert result.recording(recording) == ("program-missing", "agrees")
    assert result.session(session) == ("agrees", "agrees")
    assert result.row(session.key)["status"] == "ACTIVE"


def test_b21_a_stop_closes_any_one_of_the_shows_sessions() -> None:
    """The older session was closed in the place of the one on air: the stage tells whose it is."""
    stage = empty_stage()
    show = make_show(stage, AT)
    older = host.open_session(stage, show, AT - DAY)
    session = host.open_session(stage, show, AT - MINUTE)
    recording = host.broadcast(stage, session, AT, 50 * MINUTE)
    host.end_session(stage, older, AT + 51 * MINUTE)
    result = seen(stage)
    assert result.recording(recording) == ("program-missing", "agrees")
    assert result.made_for(recording)[0]["sourceSessionId"] == session.session_id


def test_b21b_a_channel_that_is_left_live() -> None:
    """Channels are no subject of the job: nothing is claimed about one that nobody set back."""
    stage = empty_stage()
    session = on_air(stage)
    channel_id = stage.rows[session.key]["ivs"]["persistentChannelId"]
    stage.update((f"channel#{channel_id}", "info"), state="LIVE", currentSessionId=session.session_id)
    result = seen(stage)
    assert result.told == {}
    assert result.untouched


def test_b21c_a_channel_taken_for_a_session_that_never_got_a_row() -> None:
    """The channel names a session of which there is no row: no session, so no verdict."""
    stage = empty_stage()
    clutter_table(stage, AT)
    assert any(row.get("state") == "LIVE" for row in stage.rows.values())
    result = seen(stage)
    assert not [subject for subject in result.before if subject.type == "session"]
    assert result.untouched


def test_b21d_a_session_ended_twice() -> None:
    """The second end only moves updatedAt and the channel's counters: nothing is claimed."""
    stage = empty_stage()
    night = evening(stage, AT)
    functions.process(stage, night.composite, night.show, AT + MINUTE)
    host.end_session(stage, night.session, AT + 3 * HOUR)
    result = seen(stage)
    assert result.told == {}
    assert result.untouched


def test_b21e_streaming_minutes_are_never_counted() -> None:
    """A session whose stream never started as far as its row knows still owns its recording."""
    stage = empty_stage()
    night = evening(stage, AT)
    assert stage.rows[night.session.key]["streaming"] == {"isLive": False, "startedAt": None}
    result = seen(stage)
    assert result.recording(night.composite) == ("program-missing", "agrees")


def test_b24_updates_without_a_condition_leave_ghosts() -> None:
    """An image uploaded to a deleted show makes a row without a producer: it is no show."""
    stage = empty_stage()
    night = evening(stage, AT)
    delete_show(stage, night.show, ghost_at=AT + 2 * HOUR)
    result = seen(stage)
    assert result.recording(night.composite) == ("show-missing", "show-missing")
    assert result.told == {"show-missing": 1}
    assert result.untouched


def test_b25_a_show_is_written_back_as_it_was_before() -> None:
    """The show lost its composition and status: the session's stage still tells whose it is."""
    stage = empty_stage()
    night = evening(stage, AT)
    stage.update(show_key(night.show), status="live", compositionArn=formats.arn("composition", "gone"))
    stage.forget(show_key(night.show), "compositionArn", "status")
    result = seen(stage)
    assert result.recording(night.composite) == ("program-missing", "agrees")


def test_b26_one_stage_for_ever_and_one_channel_for_all() -> None:
    """The stage that a show's sessions share names the show, the shared channel nobody but by its time."""
    stage = empty_stage()
    shared = Channel("shared", formats.arn("channel", "shared"))
    legacy = formats.arn("stage", stage.ivs_id())
    show, other = make_show(stage, AT, stage_arn=legacy), make_show(stage, AT)
    made = []
    for start in (AT - DAY, AT):
        session = host.open_session(
            stage, show, start - MINUTE, Era.FIXTURE, show_stage=legacy, channel=shared
        )
        made.append(host.broadcast(stage, session, start, 40 * MINUTE))
        host.end_session(stage, session, start + 41 * MINUTE)
    night = channel_evening(stage, AT + 6 * HOUR, show=other, era=Era.FIXTURE, channel=shared)
    result = seen(stage)
    assert result.told == {"program-missing": 3}
    assert [result.made_for(one)[0]["sourceShowId"] for one in made] == [show.show_id] * 2
    assert result.made_for(night.channel)[0]["sourceShowId"] == other.show_id


def test_b30_a_task_that_lives_on_moves_the_end() -> None:
    """The first session looks as if it had ended in the second's time: each gets its own recording."""
    stage = empty_stage()
    first, second = make_show(stage, AT), make_show(stage, AT)
    channel = host.persistent_channel(stage, AT - DAY, first.producer)
    before = channel_evening(stage, AT - 3 * HOUR, show=first, channel=channel, drift=timedelta(hours=4))
    after = channel_evening(stage, AT, show=second, channel=channel)
    result = seen(stage)
    assert result.told == {"program-missing": 2}
    assert result.made_for(before.channel)[0]["sourceShowId"] == first.show_id
    assert result.made_for(after.channel)[0]["sourceShowId"] == second.show_id


def test_b31_python_writes_times_without_a_zone() -> None:
    """They are meant as UTC: a recording inside the session's time is the session's."""
    stage = empty_stage()
    session = on_air(stage, naive=True)
    assert not stage.rows[session.key]["createdAt"].endswith("Z")
    recording = host.auto_record(stage, session, AT, 50 * MINUTE)
    host.end_session(stage, session, AT + 51 * MINUTE, naive=True)
    result = seen(stage)
    assert result.recording(recording) == ("program-missing", "agrees")


def test_b32_one_channel_given_to_two_hosts() -> None:
    """Both opened a session in the same moment: the job does not choose, and makes nothing."""
    stage = empty_stage()
    shows = make_show(stage, AT), make_show(stage, AT)
    channel = host.persistent_channel(stage, AT, shows[0].producer)
    host.assign(stage, channel, shows[1].producer, AT)
    for show in shows:
        session = host.open_session(stage, show, AT - MINUTE, Era.HEAD, channel=channel)
        host.end_session(stage, session, AT + 2 * HOUR)
    recording = ivs.channel(stage, channel.arn, AT, 40 * MINUTE)
    result = seen(stage)
    assert result.recording(recording) == ("ambiguous", "ambiguous")
    assert set(result.evidence("ambiguous")["attribution"]["shows"]) == {show.show_id for show in shows}
    assert result.untouched


def test_b33_readers_that_look_at_one_page_leave_no_trace() -> None:
    """That some reader finds no active session on its page is in no store: nothing is claimed."""
    stage = empty_stage()
    for number in range(40):
        host.open_session(stage, make_show(stage, AT), AT - number * MINUTE, Era.HEAD)
    result = seen(stage)
    assert result.told == {}
    assert result.untouched


def test_b34_the_host_need_not_be_the_producer() -> None:
    """The program goes to the show's producer, whoever was the host."""
    stage = empty_stage()
    show = make_show(stage, AT)
    session = host.open_session(stage, show, AT - MINUTE, guest_host=True)
    recording = host.broadcast(stage, session, AT, 40 * MINUTE)
    result = seen(stage)
    assert stage.rows[session.key]["hostUserId"] != show.producer
    (made,) = result.made_for(recording)
    assert (made["pk"], made["ownerId"]) == (show.programs, show.producer)
