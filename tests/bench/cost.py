"""What a second night costs at 10,000 recordings, by item of the price table: under a cent.

`python -m tests.bench.cost [SIZE]` counts what S3, DynamoDB and Algolia would be asked, as the bench `scale`
does, and adds what each night has besides: its ledger entries, report, mails and secrets.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace

from reconcile.model.prices import Prices
from reconcile.model.usage import Usage, cost_of
from tests.bench.request_cost import seconds_a_request
from tests.bench.scale import GIGABYTES, Figures, Night, used
from tests.bench.sheet import Sheet
from tests.bench.trees import HERE

SIZE = 10_000
MOST_USD = 0.01
WAITING = 60.0
"""Seconds that the function waits for answers besides the scan's pace: much, for most is asked at once."""
READERS = 3
REPORT_PUTS = 5 + 5 + 4
"""The files of a report, the same again with what became of its mail, and the lists of runs beside it."""
STATE_WRITES = 12
"""Units of the run's begin and end, the environment, the run key and the lease, and its renewals."""
SECRETS = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what a night costs by item; 1 when it costs a cent or more."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", nargs="?", type=int, default=SIZE, help="recordings in the archive")
    size = parser.parse_args(arguments).size
    sheet = Sheet(f"A second night at {size:,} recordings, 144 new, a window of 3 days, {READERS} readers")
    night = Night(HERE, "", "check", os.environ, seconds_a_request()).measured(size)
    cost = cost_of(whole(night), Prices())
    lines = [(line.label, line.quantity, f"{line.usd:.6f}") for line in cost.lines]
    sheet.table(("item", "quantity", "USD"), [*lines, ("all", "", f"{cost.usd:.6f}")])
    sheet.tell(f"List prices of {cost.prices_as_of}, us-east-1, without free tiers.")
    cpu, waiting = f"{night['CPU s in all']:.1f} s of CPU", f"{WAITING:.0f} s of waiting"
    sheet.tell(f"{GIGABYTES:.0f} GB of Lambda for {cpu}, the scan at its pace, and {waiting}.")
    sheet.hold("a night", cost.usd, MOST_USD, " USD")
    return sheet.exit_code


def whole(night: Figures) -> Usage:
    """Return what a night uses, with what the bench of scale leaves out."""
    counted = used(night)
    requests = {
        "s3:PutObject": REPORT_PUTS,
        "secretsmanager:GetSecretValue": SECRETS,
        "algolia:browse": night["browse"],
    }
    return replace(
        counted,
        requests={**counted.requests, **requests},
        # An entry of the ledger is smaller than a kilobyte: a unit each.
        write_units=float(night["remembered"] + STATE_WRITES),
        mails=READERS,
        lambda_gb_seconds=(counted.lambda_gb_seconds or 0.0) + GIGABYTES * WAITING,
    )


if __name__ == "__main__":
    sys.exit(main())
