"""Explain reads each store once, and reads again only what the subject's own verdict rests on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from reconcile.collect.stores import Stores
from reconcile.explain.ask import answer, ask_stores, read_once
from reconcile.explain.explanation import Explanation
from reconcile.model.finding import Subject, recording_key
from reconcile.model.run import Order
from reconcile.runs.ports import Ports
from reconcile.sandbox.world import build
from tests.scenario.cycle import Cycle, Judged
from tests.scenario.small import PREFIX, STAGE, Small, lacking_a_program
from tests.scenario.test_explain import name_of

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MANIFEST = f"{PREFIX}/media/hls/multivariant.m3u8"


@dataclass
class Asked:
    """Hands every request on to the stores, and keeps what was asked for: (method, arguments)."""

    requests: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)

    def of(self, method: str) -> list[tuple[Any, ...]]:
        """Return the arguments of the requests by one method."""
        return [arguments for name, arguments in self.requests if name == method]

    def ports(self, cycle: Cycle) -> Ports:
        """Return what an explanation works with, over stores that are listened to."""
        ports = cycle.ports()
        held = ports.stores
        heard: list[Any] = [
            Heard(one, self) for one in (held.recordings, held.rows, held.records, held.objects)
        ]
        return replace(ports, stores=Stores(*heard))


@dataclass
class Heard:
    """A store whose requests are kept."""

    store: Any
    asked: Asked

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def request(*arguments: Any) -> Any:
            self.asked.requests.append((method, arguments))
            return getattr(self.store, method)(*arguments)

        return request


def two_shows_without_programs() -> Small:
    """Return a world of two broadcasts, of two producers, neither of which has a program."""
    small = lacking_a_program()
    stage = STAGE.replace("stage1", "stage2")
    small.show("show2", "bob", "group2", stage)
    small.record_broadcast(PREFIX.replace("a", "d"), stage)
    return small


def aged(small: Small, days: int) -> Cycle:
    """Return the world with every object that many days older."""
    world = small.world()
    objects = (replace(one, modified=one.modified - timedelta(days=days)) for one in world.objects)
    return Cycle.of(replace(world, objects=tuple(objects)))


def test_a_recording_outside_the_window_costs_one_listing_one_scan_and_one_browse() -> None:
    """Both its verdicts, within the window and whatever its age, come of what was read once."""
    asked = Asked()
    found = ask_stores(PREFIX, Order("check"), asked.ports(aged(two_shows_without_programs(), 30)))
    assert found.main.verdict == "outside-window"
    assert found.whatever_age.startswith("program-missing")
    assert [write["what"] for write in found.writes] == ["program created"]
    whole = {name: len(asked.of(name)) for name in ("list_recordings", "scan", "browse")}
    assert whole == {"list_recordings": 1, "scan": 1, "browse": 1}
    read = [key for _, key, _ in asked.of("read")]
    assert read.count(f"{PREFIX}/events/recording-ended.json") == 1


def test_what_has_nothing_to_do_with_the_subject_is_not_read_again() -> None:
    """Neither another producer's programs nor another show's manifest, though a finding rests on them."""
    asked = Asked()
    cycle = Cycle.of(two_shows_without_programs().world())
    assert len(cycle.check().report.findings) == 2
    found = ask_stores(PREFIX, Order("check"), asked.ports(cycle))
    assert (found.main.verdict, found.stores["s3"][0]["plays"]) == ("program-missing", "yes")
    assert asked.of("rows_of") == [("u#ann#programs",)]
    manifests = {key for _, key, _ in asked.of("read") if key.endswith("multivariant.m3u8")}
    assert manifests == {MANIFEST}


def test_what_covers_a_recording_is_confirmed_with_it() -> None:
    """A broadcast that another recording shows in full wants its own program once that one does not play."""
    small = lacking_a_program()
    other = PREFIX.replace("a", "d")
    small.record_broadcast(other)
    del small.objects[f"{PREFIX}/media/hls/720p30/0.ts"]
    cycle = Cycle.of(small.world())
    verdicts = {name_of(one): told for one, told in cycle.judge().verdicts().items()}
    run = {one: verdicts[f"s3://recordings-bucket/{one}"] for one in (PREFIX, other)}
    assert run == {PREFIX: "unplayable", other: "program-missing"}
    explained = {one: ask_stores(one, Order("check"), cycle.ports()).main.verdict for one in run}
    assert explained == run


def test_a_limit_counts_the_confirmed_repairs_alone() -> None:
    """Of 26 recordings without a program one does not play: 25 programs may be made at once."""
    small = Small()
    for number in range(26):
        stage, prefix = STAGE.replace("stage1", f"stage-{number}"), f"acc/chan/{number:012}/composite"
        small.show(f"show-{number}", f"user-{number}", "group1", stage)
        small.record_broadcast(prefix, stage)
    del small.objects["acc/chan/000000000000/composite/media/hls/720p30/0.ts"]
    cycle = Cycle.of(small.world())
    start = cycle.now - timedelta(days=6)
    cycle.state.bind_environment(cycle.ports().memory.environment)
    cycle.state.mark_first_repair(start)
    cycle.state.mark_index_met(start)
    found = ask_stores("acc/chan/000000000001/composite", Order("check"), cycle.ports())
    assert found.main.verdict == "program-missing"
    assert [write["withheld"] for write in found.writes] == [""]
    assert cycle.check().report.would_need_approval == {}


def one_of_each(judged: Judged) -> Iterator[Subject]:
    """Yield a subject of each verdict, and the recordings of the shows of which one does not play."""
    verdicts, views = judged.verdicts(), judged.comparison.dossiers.views
    silent = [recording_key(one) for one, verdict in verdicts.items() if verdict == "unplayable"]
    shows, kinds = {views[key].show_id for key in silent}, set[tuple[str, str]]()
    for one, verdict in verdicts.items():
        beside = one.type == "recording" and views[recording_key(one)].show_id in shows
        if one.type != "system" and ((one.type, verdict) not in kinds or beside):
            kinds.add((one.type, verdict))
            yield one


def test_the_verdicts_are_the_runs_though_little_is_confirmed() -> None:
    """On the subject, and on all that is told beside it."""
    cycle = Cycle.of(build(3, now=NOW))
    judged = cycle.judge()
    verdicts = judged.verdicts()
    reading = read_once(Order("check", lookback=None), cycle.ports())
    asked = list(one_of_each(judged))
    assert len(asked) > 40
    for subject in asked:
        found = answer(name_of(subject), reading, cycle.ports())
        assert isinstance(found, Explanation)
        told = {one.subject: one.verdict for one in (found.main, *found.others)}
        assert subject in told
        assert told == {one: verdicts[one] for one in told}
