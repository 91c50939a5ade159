"""What an event asks for: every field, every wrong one named, and nothing that could make it crash."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.model.errors import UsageError
from reconcile.model.run import Mode, Order
from reconcile.runs.order import FIELDS, Request, make_order, read_event

RUN = "20260301T033000000Z-abcdef"


def asked(event: object, mode: Mode = "repair") -> Request:
    return read_event(event, mode, "prod")


def refusal(event: object, mode: Mode = "repair") -> str:
    with pytest.raises(UsageError) as caught:
        asked(event, mode)
    return str(caught.value)


@pytest.mark.parametrize("event", [None, {}, dict.fromkeys(FIELDS), {"reason": "", "lookback": ""}])
def test_nothing_asked_is_three_days_back_and_every_verdict(event: object) -> None:
    assert asked(event, "check") == Request(Order("check", timedelta(days=3)))


def test_every_field_is_heard() -> None:
    event = {
        "mode": "repair",
        "scope": "recent",
        "lookback": "36h",
        "only": ["record-stale"],
        "approve": RUN,
        "repair": ["group-missing", "count-drift"],
        "reason": "after deploy 4711",
        "fail_on": "new",
        "schedule_arn": "arn",
        "scheduled_time": "2026-03-01T03:30:00Z",
    }
    order = Order(
        "repair",
        timedelta(hours=36),
        only=("record-stale",),
        approve=RUN,
        reason="after deploy 4711",
        fail_on="new",
        opt_in=("group-missing", "count-drift"),
    )
    assert asked(event) == Request(order, "arn 2026-03-01T03:30:00Z")
    assert set(event) == set(FIELDS)


def test_a_full_scope_judges_everything() -> None:
    assert asked({"scope": "full"}).order.lookback is None


@pytest.mark.parametrize(
    ("only", "names"),
    [
        ("record-stale", ("record-stale",)),
        ("record-stale, record-missing", ("record-stale", "record-missing")),
        (["record-stale record-missing"], ("record-stale", "record-missing")),
        (("record-stale", "record-missing"), ("record-stale", "record-missing")),
        ([], ()),
        ("  ", ()),
    ],
)
def test_verdicts_come_as_a_list_or_as_one_text(only: object, names: tuple[str, ...]) -> None:
    assert asked({"only": only}).order.only == names


@pytest.mark.parametrize(
    "half", [{"schedule_arn": "arn"}, {"scheduled_time": "2026-03-01T03:30:00Z", "schedule_arn": ""}]
)
def test_half_a_run_key_is_none(half: dict[str, str]) -> None:
    assert asked(half).run_key == ""


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({"lokback": "3d"}, '"lokback" is not a field of an event; did you mean "lookback"?'),
        ({"settle": "0s"}, '"settle" is not a field of an event'),
        ({5: "x"}, '"5" is not a field of an event'),
        ({"detail-type": "x", "source": "aws.events"}, '"detail-type" is not a field of an event'),
        ([], "the event is not a JSON object"),
        ("full", "the event is not a JSON object"),
        ({"scope": "everything"}, '"scope" is "recent" or "full", not \'everything\''),
        ({"scope": ["full"]}, '"scope" must be a text'),
        (
            {"scope": "full", "lookback": "3d"},
            '"full" checks everything, so it cannot be combined with "loo',
        ),
        ({"lookback": 3}, '"lookback" must be a text, not 3'),
        ({"lookback": "3 days"}, "'3 days' is no duration: write"),
        ({"lookback": "99999999d"}, "too long a duration"),
        ({"only": {"record-stale": True}}, '"only" must be a text'),
        ({"only": ["record-stale", 5]}, '"only" must be a list of texts'),
        ({"only": "record-stael"}, '"only" record-stael: there is no such verdict; did you mean record-'),
        ({"fail_on": "never"}, "\"fail_on\" is any or new, not 'never'"),
        ({"fail_on": ["new"]}, '"fail_on" must be a text'),
        ({"only": "agrees"}, '"only" agrees: there is no such verdict'),
        ({"approve": ""}, '"approve" names no run'),
        ({"approve": f"../{RUN}"}, '"approve" names no run'),
        ({"approve": f"{RUN}\n"}, '"approve" names no run'),
        ({"approve": [RUN]}, '"approve" must be a text'),
        ({"approve": False}, '"approve" must be a text'),
        ({"reason": 4711}, '"reason" must be a text, not 4711'),
        ({"schedule_arn": 1}, '"schedule_arn" must be a text'),
        ({"mode": "check"}, '"mode" is "repair" here and cannot be \'check\''),
        ({"mode": "delete"}, '"mode" is "repair" here and cannot be \'delete\''),
    ],
)
def test_what_is_wrong_is_named(event: object, told: str) -> None:
    assert told in refusal(event)


@pytest.mark.parametrize("event", [{"mode": "repair"}, {"approve": RUN}, {"approve": ""}, {"approve": 5}])
def test_a_function_that_only_checks_names_the_one_that_repairs(event: dict[str, Any]) -> None:
    told = refusal(event, "check")
    assert "this function only checks" in told
    assert "invoke reconcile-repair-prod" in told


@pytest.mark.parametrize("field", FIELDS)
def test_a_refusal_is_short_and_clean_whatever_was_sent(field: str) -> None:
    hostile = "\x1b[31m\ud800\n" * 10_000
    for event in ({field: [hostile]}, {field: {hostile: hostile}}, {hostile: 1}):
        told = refusal(event)
        assert len(told) < 1000
        assert told.isprintable()


@pytest.mark.parametrize("field", ["scope", "lookback", "only", "approve", "mode", "fail_on"])
def test_a_hostile_text_is_refused_short_and_clean(field: str) -> None:
    told = refusal({field: "\x1b[31m\ud800" * 10_000})
    assert len(told) < 1000
    assert told.isprintable()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(_JSON | st.dictionaries(st.sampled_from(FIELDS), _JSON))
def test_any_json_is_an_order_or_a_refusal(event: object) -> None:
    """Nothing else is raised; a check's order is never a repair's."""
    request = None
    with suppress(UsageError):
        request = asked(event, "check")
    assert request is None or (request.order.mode, request.order.approve) == ("check", None)


def test_options_are_named_as_whoever_asks_writes_them() -> None:
    with pytest.raises(UsageError, match="--full checks everything, so it cannot be combined with"):
        make_order("check", lookback="3d", full=True, only=(), reason="", named="--{}".format)
    with pytest.raises(UsageError, match="--fail-on is any or new, not 'never'"):
        make_order("check", lookback="", full=False, only=(), reason="", named="--{}".format, fail_on="never")


def test_options_that_an_event_lacks_are_heard_too() -> None:
    order = make_order(
        "check", lookback="", full=False, only=(), reason="", named=str, settle="0s", fail_on="new"
    )
    assert (order.settle, order.fail_on) == (timedelta(0), "new")


@pytest.mark.parametrize(
    ("repair", "names"),
    [("group-missing", ("group-missing",)), (["group-missing, group-missing"], ("group-missing",)), ([], ())],
)
def test_what_to_mend_besides_comes_as_a_list_or_as_one_text(repair: object, names: tuple[str, ...]) -> None:
    assert asked({"repair": repair}).order.opt_in == names


@pytest.mark.parametrize("repair", ["group-mising", "program-missing", ["record-stale"], 7])
def test_what_is_not_mended_on_request_is_refused_and_named(repair: object) -> None:
    assert '"repair"' in refusal({"repair": repair})


def test_a_function_that_only_checks_mends_nothing_on_request() -> None:
    assert "reconcile-repair-prod" in refusal({"repair": "group-missing"}, "check")
    assert asked({"repair": []}, "check").order.opt_in == ()
