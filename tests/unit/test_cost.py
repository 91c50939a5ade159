"""What a run cost: the lines add up, nothing that costs is shown as nothing, and every rendering says it."""

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console

from reconcile.model.prices import LIST_PRICES, PricedItem, Prices, read_prices
from reconcile.model.usage import Billing, MonthCost, Usage, cost_of
from reconcile.report.data import Report
from reconcile.report.formatting import clock_time, dollars
from reconcile.report.message import Message
from reconcile.report.render.html import render_html
from reconcile.report.render.mail import compose
from reconcile.report.render.terminal import print_report
from reconcile.report.run_list import RunEntry, month_cost
from tests.unit.page import Page
from tests.unit.samples import clean_report, run_facts

NIGHT = Usage(
    requests={
        "s3:GetObject": 400,
        "s3:HeadObject": 90,
        "s3:GetBucketPolicy": 10,
        "s3:DeleteObject": 7,
        "s3:ListObjectsV2": 150,
        "s3:PutObject": 50,
        "dynamodb:Scan": 8,
        "algolia:browse": 3,
        "secretsmanager:GetSecretValue": 2,
        "playback:GET": 20,
        "sesv2:SendEmail": 1,
    },
    read_units=1_000.0,
    write_units=40.0,
    mails=2,
    lambda_gb_seconds=60.0,
)
OCTOBER = MonthCost("2026-10", 0.25, 9, not_known=3)


def told(usage: Usage = NIGHT, earlier: MonthCost | None = OCTOBER, lambda_gb: float | None = 2.0) -> Report:
    """Return a report that says what a run of half a minute used and cost."""
    return replace(clean_report(), usage=Billing(lambda_gb=lambda_gb).charged(usage, 30.0, earlier))


# ---- The amounts


def test_every_item_is_charged_at_its_price() -> None:
    """By hand: 500 GETs, 200 LISTs and PUTs, units, 60 GB-seconds, an invocation, two mails, and the rest."""
    lines = {line.item: (line.quantity, line.usd) for line in cost_of(NIGHT, Prices()).lines}
    assert lines == {
        "s3_get": (500, 0.0002),
        "s3_list_put": (200, 0.001),
        "dynamodb_read_units": (1_000.0, 0.000125),
        "dynamodb_write_units": (40.0, 0.000025),
        "lambda_gb_second": (60.0, 0.001000002),
        "lambda_requests": (1, 0.0000002),
        "ses_mails": (2, 0.0002),
        "secrets_manager_calls": (2, 0.00001),
        "cloudfront_requests": (20, 0.00002),
        "algolia_requests": (3, 0.0),
    }


def test_every_item_has_one_price_with_its_source() -> None:
    assert sorted(price.item for price in LIST_PRICES) == sorted(get_args(PricedItem))
    assert all(price.source.startswith("https://") for price in LIST_PRICES)
    assert all(price.usd > 0 for price in LIST_PRICES if price.item != "algolia_requests")


def test_prices_say_of_which_day_they_are_and_which_are_not_the_lists() -> None:
    assert str(Prices()) == "list prices of 2026-11-30"
    own = read_prices({"s3_get_per_1000": 0.00043, "ses_mails_per_1000": 0, "as_of": "2026-12-01"})
    assert str(own) == "list prices of 2026-12-01, but s3_get_per_1000 0.00043, ses_mails_per_1000 0"


_KINDS = st.sampled_from([*NIGHT.requests, "ivs-realtime:GetStage", "s3:", "", "unknown"])
_AMOUNTS = st.floats(0, 1e9)
_USAGES = st.builds(
    Usage,
    requests=st.dictionaries(_KINDS, st.integers(0, 10**9)),
    read_units=_AMOUNTS,
    write_units=_AMOUNTS,
    mails=st.integers(0, 10**6),
    lambda_gb_seconds=st.none() | _AMOUNTS,
)
_NAMES = st.sampled_from([price.name for price in LIST_PRICES])


@given(_USAGES, st.dictionaries(_NAMES, st.floats(0, 1_000), min_size=1))
def test_the_lines_add_up_to_the_total_at_any_prices(usage: Usage, prices: Mapping[str, float]) -> None:
    cost = cost_of(usage, read_prices(prices))
    assert cost.usd == pytest.approx(sum(line.usd for line in cost.lines), rel=1e-9, abs=1e-12)
    assert all(line.quantity > 0 and line.usd >= 0 for line in cost.lines)
    assert len({line.item for line in cost.lines}) == len(cost.lines)


def test_a_price_of_0_leaves_the_line_and_takes_the_amount() -> None:
    free = read_prices({"s3_get_per_1000": 0, "s3_list_put_per_1000": 0})
    cost = cost_of(replace(NIGHT, lambda_gb_seconds=None), free)
    assert [line.usd for line in cost.lines[:2]] == [0.0, 0.0]
    assert cost.usd == pytest.approx(0.000125 + 0.000025 + 0.0002 + 0.00001 + 0.00002)


def test_outside_of_lambda_no_gb_seconds_are_charged() -> None:
    used = Billing().charged(Usage({"s3:GetObject": 1_000}), 3_600.0, None)
    assert (used.lambda_gb_seconds, used.cost and used.cost.usd) == (None, 0.0004)


def test_in_lambda_the_memory_is_charged_for_as_long_as_the_run_took() -> None:
    used = Billing(lambda_gb=1.5).charged(Usage(), 40.0, None)
    assert used.lambda_gb_seconds == 60.0
    assert used.cost is not None
    assert [line.item for line in used.cost.lines] == ["lambda_gb_second", "lambda_requests"]


# ---- The month


def entry(day: int, usd: float | None, stage: str = "prod", month: int = 10) -> RunEntry:
    at = datetime(2026, month, day, 3, 30, tzinfo=UTC)
    return RunEntry(f"run{month}-{day}", stage, "check", "recent", at, "ok", "", 0, cost_usd=usd)


def test_a_month_sums_the_runs_of_its_stage_and_tells_how_many_are_of_unknown_cost() -> None:
    runs = [entry(3, 0.5), entry(2, 0.25), entry(1, None), entry(2, 9.0, "dev"), entry(30, 9.0, month=9)]
    assert month_cost("2026-10", "prod", runs) == MonthCost("2026-10", 0.75, 2, not_known=1)


def test_a_run_is_added_to_its_month() -> None:
    cost = told().usage.cost
    assert cost is not None
    assert cost.month == MonthCost("2026-10", round(0.25 + cost.usd, 12), 10, not_known=3)


def test_where_nothing_is_archived_there_is_no_month() -> None:
    cost = told(earlier=None).usage.cost
    assert cost is not None
    assert cost.month is None


@pytest.mark.parametrize("value", ["x", True, -1, float("nan"), float("inf"), [1], {"usd": 1}])
def test_a_summary_of_another_shape_has_no_cost(value: object) -> None:
    found = RunEntry.of({"id": "run1", "stage": "prod", "cost_usd": value, "seconds": value})
    assert found is not None
    assert (found.cost_usd, found.seconds) == (None, None)


# ---- In words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "USD 0"),
        (0.0000004, "USD 0.00000040"),
        (0.0034, "USD 0.0034"),
        (0.00996, "USD 0.010"),
        (0.12345, "USD 0.12"),
        (0.996, "USD 1.00"),
        (12.3, "USD 12.30"),
        (1234.567, "USD 1,234.57"),
    ],
)
def test_amounts_are_rounded_to_two_digits_that_say_something(amount: float, words: str) -> None:
    assert dollars(amount) == words


@given(st.floats(1e-12, 1e9))
@example(0.0099999)
def test_what_costs_something_is_never_shown_as_nothing(amount: float) -> None:
    shown = float(dollars(amount).removeprefix("USD ").replace(",", ""))
    assert shown == pytest.approx(amount, rel=0.051)


def test_lengths_in_a_column_are_read_as_a_clock() -> None:
    assert [clock_time(seconds) for seconds in (0, 8.4, 725, 3723, -1)] == [
        *("0:00", "0:08", "12:05", "1:02:03", "0:00"),
    ]


def screen(report: Report, *, whole: bool) -> str:
    out = io.StringIO()
    print_report(report, Console(file=out, width=80), whole=whole)
    return out.getvalue()


WORDS = "USD 0.0026; October 2026 so far USD 0.25 in 10 runs, 3 more of unknown cost"


def test_the_screen_has_a_line_for_the_cost() -> None:
    assert f"Cost {WORDS}\n" in screen(told(), whole=False)


def test_the_whole_lists_what_each_item_came_to() -> None:
    text = screen(told(), whole=True)
    assert "  S3 GET and HEAD: USD 0.00020 for 500\n" in text
    assert "  DynamoDB write units: USD 0.000025 for 40\n" in text
    assert "  Prices: of 30 Nov 2026, without free tiers\n" in text


def test_a_run_outside_of_lambda_says_so() -> None:
    assert "without free tiers; not run in Lambda\n" in screen(told(lambda_gb=None), whole=True)


def test_the_page_says_it_in_its_small_print() -> None:
    text = Page(render_html(told())).text
    assert f"Cost {WORDS}" in text
    assert "USD 0.0010 for 200" in text


def test_the_mail_says_it_in_one_line_of_both_parts() -> None:
    mail = compose(Message(told(), lambda: "", ""))
    assert f"Cost: {WORDS}" in " ".join(mail.text.split())
    assert WORDS in " ".join(Page(mail.html).text.split())


def test_a_month_that_could_not_be_read_says_since_when_it_is_known() -> None:
    known = MonthCost("2026-10", 0.0, 0, since="2026-10-07")
    assert "; October 2026 since 7 Oct 2026 USD 0.0026 in 1 run\n" in screen(told(earlier=known), whole=False)


def test_a_report_from_before_costs_were_counted_is_read_and_says_nothing_of_it() -> None:
    body = json.loads(clean_report().to_json())
    body["usage"] = {"requests": {"s3:GetObject": 3}, "read_units": 1.5, "bytes": 100}
    read = Report.from_json(json.dumps(body))
    assert read.usage == Usage({"s3:GetObject": 3}, 1.5, bytes=100)
    assert "Cost" not in screen(read, whole=True)


def test_a_report_with_its_cost_is_read_as_it_was_written() -> None:
    assert Report.from_json(told().to_json()) == told()


def test_the_summary_tells_length_and_cost() -> None:
    run = run_facts()
    report = replace(told(), run=replace(run, finished_at=run.started_at + timedelta(seconds=90)))
    found = RunEntry.of(report.summary())
    assert found is not None
    assert (found.seconds, found.cost_usd) == (90.0, report.usage.cost and report.usage.cost.usd)
