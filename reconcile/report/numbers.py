"""The numbers of a report, counted once for the JSON, the headline, the trend and every rendering. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from reconcile.model.finding import NEEDS_A_PERSON, NEW, NOT_JUDGED, Finding


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many findings came to what, and on how many subjects no verdict was reached.

    `open` need a person; `new` of them came, or came back, since the last report: the others were known.
    """

    new: int
    open: int
    awaiting_approval: int
    repaired: int
    resolved: int
    ignored: int
    not_checked: int

    @property
    def known(self) -> int:
        """How many open findings an earlier report said already."""
        return self.open - self.new


@dataclass(frozen=True, slots=True)
class Tally:
    """The subjects of a type: how many verdicts were reached, and how many there are in all."""

    checked: int
    population: int

    @property
    def not_checked(self) -> int:
        """How many no verdict was reached on."""
        return self.population - self.checked


def numbers_of(
    findings: Iterable[Finding], resolved: Collection[Finding], counts: Mapping[str, Mapping[str, int]]
) -> Numbers:
    """Count the parts of a report; `counts` holds by subject type the number of each verdict."""
    statuses = Counter(finding.status for finding in findings)
    return Numbers(
        new=sum(statuses[name] for name in NEW),
        open=sum(statuses[name] for name in NEEDS_A_PERSON),
        awaiting_approval=statuses["awaiting-approval"],
        repaired=statuses["repaired"],
        resolved=len(resolved),
        ignored=statuses["ignored"],
        not_checked=sum(tally_of(counted).not_checked for counted in counts.values()),
    )


def tally_of(counted: Mapping[str, int]) -> Tally:
    """Count the subjects of a type by the number of each verdict; `population` beside them is left out."""
    whole = sum(number for name, number in counted.items() if name != "population")
    return Tally(whole - sum(counted.get(name, 0) for name in NOT_JUDGED), whole)
