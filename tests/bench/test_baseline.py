"""The live system's own way, as the bench plays it, makes the mistakes that the facts tell of it."""

from datetime import UTC, datetime, timedelta

from reconcile.sandbox.world.actors import functions, host
from reconcile.sandbox.world.actors.producer import GroupFate, make_show
from reconcile.sandbox.world.builder import WorldBuilder
from reconcile.sandbox.world.chapters.scene import channel_evening, evening, note
from tests.bench.baseline import DOUBLED, MISSED, REVIVED, RIGHT, WRONG, reconciled, tally
from tests.bench.baseline_processor import replay

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
AT = NOW - timedelta(days=2)
MINUTE = timedelta(minutes=1)


def builder() -> WorldBuilder:
    return WorldBuilder(7, NOW, ("shelcaster-media-manager",))


def test_a_composite_that_its_session_remembers_is_made_right() -> None:
    """The one case that works: and the job does the same."""
    acts = builder()
    night = evening(acts, AT)
    note(acts, night.composite, "program-missing", night.show)
    world = acts.world()
    assert tally(world, replay(world)) == tally(world, reconciled(world)) == {RIGHT: 1, MISSED: 0}


def test_a_composite_that_its_session_forgot_is_missed() -> None:
    """A second start overwrote the composition's id, and the stage is never compared."""
    acts = builder()
    night = evening(acts, AT, length=30 * MINUTE)
    host.compose(acts, night.session, AT + 40 * MINUTE)
    note(acts, night.composite, "program-missing", night.show)
    world = acts.world()
    assert tally(world, replay(world)) == {MISSED: 1}
    assert tally(world, reconciled(world))[RIGHT] == 1


def test_a_show_without_a_group_is_skipped() -> None:
    """Nothing is made of it by either."""
    acts = builder()
    night = evening(acts, AT, group=GroupFate.NONE)
    note(acts, night.composite, "group-missing", night.show)
    world = acts.world()
    assert replay(world) == reconciled(world) == []


def test_sessions_beyond_the_first_page_are_not_found() -> None:
    """With a page of nothing, nothing is found."""
    acts = builder()
    night = evening(acts, AT)
    note(acts, night.composite, "program-missing", night.show)
    world = acts.world()
    assert replay(world, page_bytes=10) == []
    assert len(replay(world)) == 1


def test_the_check_for_doubles_looks_at_the_first_program_only() -> None:
    """Of a producer's two programs one is made again, whichever comes second by its key."""
    acts = builder()
    show = make_show(acts, AT)
    for late in (0, 2):
        night = evening(acts, AT + late * timedelta(hours=3), show=show)
        program = functions.process(acts, night.composite, show, AT + 7 * timedelta(hours=1))
        note(acts, night.composite, "agrees", show, [program])
    world = acts.world()
    assert tally(world, replay(world))[DOUBLED] == 1
    assert reconciled(world) == []


def test_a_shared_channel_is_the_first_sessions() -> None:
    """Two shows used one channel in turn: the processor gives both recordings to one of them, twice each."""
    acts = builder()
    shared = host.HostChannel("shared", "arn:aws:ivs:us-east-1:111122223333:channel/shared")
    for late in (0, 4):
        night = channel_evening(acts, AT + late * timedelta(hours=1), era=host.Era.FIXTURE, channel=shared)
        note(acts, night.channel, "program-missing", night.show)
    world = acts.world()
    counted = tally(world, replay(world))
    assert (counted[WRONG], counted[RIGHT], counted[DOUBLED], counted[MISSED]) == (2, 1, 1, 1)
    assert tally(world, reconciled(world)) == {RIGHT: 2, MISSED: 0}


def test_what_an_owner_deleted_comes_back() -> None:
    """A search record still tells of the program: the processor does not ask, the job does."""
    acts = builder()
    night = evening(acts, AT)
    program = functions.process(acts, night.composite, night.show, AT + MINUTE)
    functions.remove(acts, program, seen=False)
    note(acts, night.composite, "retired", night.show)
    world = acts.world()
    assert tally(world, replay(world))[REVIVED] == 1
    assert reconciled(world) == []
