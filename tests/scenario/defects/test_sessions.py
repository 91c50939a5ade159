"""Defects of sessions, channels and shows, and how the job finds all the same whose a recording is."""

from datetime import timedelta

from reconcile.sandbox.world import formats
from reconcile.sandbox.world.actors import functions, host, ivs
from reconcile.sandbox.world.actors.host import Era, HostChannel
from reconcile.sandbox.world.actors.operator import clutter_table
from reconcile.sandbox.world.actors.producer import delete_show, make_show, show_key
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import channel_evening, evening
from tests.scenario.defects.acts import AT, DAY, HOUR, MINUTE, empty_stage, seen


def on_air(builder: WorldBuilder, *, naive: bool = False) -> host.HostSession:
    """Open a session of a show of its own, on a channel of its own."""
    return host.open_session(builder, make_show(builder, AT), AT - MINUTE, Era.HEAD, naive=naive)


def test_b20_sessions_that_are_never_ended() -> None:
    """A session that is active for ever owns what was recorded in its first hours, and agrees."""
    builder = empty_stage()
    session = on_air(builder)
    recording = host.auto_record(builder, session, AT, 50 * MINUTE)
    result = seen(builder)
    assert result.recording(recording) == ("program-missing", "agrees")
    assert result.session(session) == ("agrees", "agrees")
    assert result.row(session.key)["status"] == "ACTIVE"


def test_b21_a_stop_closes_any_one_of_the_shows_sessions() -> None:
    """The older session was closed in the place of the one on air: the stage tells whose it is."""
    builder = empty_stage()
    show = make_show(builder, AT)
    older = host.open_session(builder, show, AT - DAY)
    session = host.open_session(builder, show, AT - MINUTE)
    recording = host.broadcast(builder, session, AT, 50 * MINUTE)
    host.end_session(builder, older, AT + 51 * MINUTE)
    result = seen(builder)
    assert result.recording(recording) == ("program-missing", "agrees")
    assert result.made_for(recording)[0]["sourceSessionId"] == session.session_id


def test_b21b_a_channel_that_is_left_live() -> None:
    """Channels are no subject of the job: nothing is claimed about one that nobody set back."""
    builder = empty_stage()
    session = on_air(builder)
    channel_id = builder.rows[session.key]["ivs"]["persistentChannelId"]
    builder.update((f"channel#{channel_id}", "info"), state="LIVE", currentSessionId=session.session_id)
    result = seen(builder)
    assert result.told == {}
    assert result.untouched


def test_b21c_a_channel_taken_for_a_session_that_never_got_a_row() -> None:
    """The channel names a session of which there is no row: no session, so no verdict."""
    builder = empty_stage()
    clutter_table(builder, AT)
    assert any(row.get("state") == "LIVE" for row in builder.rows.values())
    result = seen(builder)
    assert not [subject for subject in result.before if subject.type == "session"]
    assert result.untouched


def test_b21d_a_session_ended_twice() -> None:
    """The second end only moves updatedAt and the channel's counters: nothing is claimed."""
    builder = empty_stage()
    night = evening(builder, AT)
    functions.process(builder, night.composite, night.show, AT + MINUTE)
    host.end_session(builder, night.session, AT + 3 * HOUR)
    result = seen(builder)
    assert result.told == {}
    assert result.untouched


def test_b21e_streaming_minutes_are_never_counted() -> None:
    """A session whose stream never started as far as its row knows still owns its recording."""
    builder = empty_stage()
    night = evening(builder, AT)
    assert builder.rows[night.session.key]["streaming"] == {"isLive": False, "startedAt": None}
    result = seen(builder)
    assert result.recording(night.composite) == ("program-missing", "agrees")


def test_b24_updates_without_a_condition_leave_ghosts() -> None:
    """An image uploaded to a deleted show makes a row without a producer: it is no show."""
    builder = empty_stage()
    night = evening(builder, AT)
    delete_show(builder, night.show, ghost_at=AT + 2 * HOUR)
    result = seen(builder)
    assert result.recording(night.composite) == ("show-missing", "show-missing")
    assert result.told == {"show-missing": 1}
    assert result.untouched


def test_b25_a_show_is_written_back_as_it_was_before() -> None:
    """The show lost its composition and status: the session's stage still tells whose it is."""
    builder = empty_stage()
    night = evening(builder, AT)
    builder.update(show_key(night.show), status="live", compositionArn=formats.arn("composition", "gone"))
    builder.forget(show_key(night.show), "compositionArn", "status")
    result = seen(builder)
    assert result.recording(night.composite) == ("program-missing", "agrees")


def test_b26_one_stage_for_ever_and_one_channel_for_all() -> None:
    """The stage that a show's sessions share names the show, the shared channel nobody but by its time."""
    builder = empty_stage()
    shared = HostChannel("shared", formats.arn("channel", "shared"))
    legacy = formats.arn("stage", builder.ivs_id())
    show, other = make_show(builder, AT, stage_arn=legacy), make_show(builder, AT)
    made = []
    for start in (AT - DAY, AT):
        session = host.open_session(
            builder, show, start - MINUTE, Era.FIXTURE, show_stage=legacy, channel=shared
        )
        made.append(host.broadcast(builder, session, start, 40 * MINUTE))
        host.end_session(builder, session, start + 41 * MINUTE)
    night = channel_evening(builder, AT + 6 * HOUR, show=other, era=Era.FIXTURE, channel=shared)
    result = seen(builder)
    assert result.told == {"program-missing": 3}
    assert [result.made_for(one)[0]["sourceShowId"] for one in made] == [show.show_id] * 2
    assert result.made_for(night.channel)[0]["sourceShowId"] == other.show_id


def test_b30_a_task_that_lives_on_moves_the_end() -> None:
    """The first session looks as if it had ended in the second's time: each gets its own recording."""
    builder = empty_stage()
    first, second = make_show(builder, AT), make_show(builder, AT)
    channel = host.persistent_channel(builder, AT - DAY, first.producer)
    before = channel_evening(builder, AT - 3 * HOUR, show=first, channel=channel, drift=timedelta(hours=4))
    after = channel_evening(builder, AT, show=second, channel=channel)
    result = seen(builder)
    assert result.told == {"program-missing": 2}
    assert result.made_for(before.channel)[0]["sourceShowId"] == first.show_id
    assert result.made_for(after.channel)[0]["sourceShowId"] == second.show_id


def test_b31_python_writes_times_without_a_zone() -> None:
    """They are meant as UTC: a recording inside the session's time is the session's."""
    builder = empty_stage()
    session = on_air(builder, naive=True)
    assert not builder.rows[session.key]["createdAt"].endswith("Z")
    recording = host.auto_record(builder, session, AT, 50 * MINUTE)
    host.end_session(builder, session, AT + 51 * MINUTE, naive=True)
    result = seen(builder)
    assert result.recording(recording) == ("program-missing", "agrees")


def test_b32_one_channel_given_to_two_hosts() -> None:
    """Both opened a session in the same moment: the job does not choose, and makes nothing."""
    builder = empty_stage()
    shows = make_show(builder, AT), make_show(builder, AT)
    channel = host.persistent_channel(builder, AT, shows[0].producer)
    host.assign(builder, channel, shows[1].producer, AT)
    for show in shows:
        session = host.open_session(builder, show, AT - MINUTE, Era.HEAD, channel=channel)
        host.end_session(builder, session, AT + 2 * HOUR)
    recording = ivs.channel(builder, channel.arn, AT, 40 * MINUTE)
    result = seen(builder)
    assert result.recording(recording) == ("ambiguous", "ambiguous")
    assert set(result.evidence("ambiguous")["attribution"]["shows"]) == {show.show_id for show in shows}
    assert result.untouched


def test_b33_readers_that_look_at_one_page_leave_no_trace() -> None:
    """That some reader finds no active session on its page is in no store: nothing is claimed."""
    builder = empty_stage()
    for number in range(40):
        host.open_session(builder, make_show(builder, AT), AT - number * MINUTE, Era.HEAD)
    result = seen(builder)
    assert result.told == {}
    assert result.untouched


def test_b34_the_host_need_not_be_the_producer() -> None:
    """The program goes to the show's producer, whoever was the host."""
    builder = empty_stage()
    show = make_show(builder, AT)
    session = host.open_session(builder, show, AT - MINUTE, guest_host=True)
    recording = host.broadcast(builder, session, AT, 40 * MINUTE)
    result = seen(builder)
    assert builder.rows[session.key]["hostUserId"] != show.producer
    (made,) = result.made_for(recording)
    assert (made["pk"], made["ownerId"]) == (show.programs, show.producer)
