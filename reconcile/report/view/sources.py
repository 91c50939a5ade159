"""Names the sources of a run as people know them, and says what each gave. Pure."""

from collections.abc import Mapping

from reconcile.model.configuration import Look
from reconcile.model.run import Receipt
from reconcile.report.facts import Fact
from reconcile.report.formatting import LONGEST_REASON, clean, line_of, quantity
from reconcile.report.view.head import Tone
from reconcile.report.view.model import SourceLine

_NAMES = {
    "s3": "S3",
    "dynamodb": "DynamoDB",
    "algolia": "Algolia",
    "media": "Media files",
    "facts": "Earlier reads",
    "playback": "Playback",
}
_DETAILS = {
    "jumped_over": "skipped folders",
    "way": "listing",
    "as_of": "as of",
    "urls_on_foreign_hosts": "URLs on other hosts",
    "no_such_bucket": "missing buckets",
    "looked_for_now": "checked in this run",
    "remembered": "seen in an earlier run",
    "oldest_days": "oldest, in days",
    "not_usable": "not used",
    "not_kept": "not stored",
}
"""What the details of a source are called; others keep their names."""


def name_of(source: str) -> str:
    """Return a source as people know it: `algolia:programs` is `Algolia index “programs”`."""
    kind, _, part = source.partition(":")
    name = _NAMES.get(kind)
    if name is None:
        return line_of(source)
    if not part:
        return name
    noun = {"s3": "bucket", "dynamodb": "table", "algolia": "index"}.get(kind, "")
    return f"{name} {noun} “{line_of(part)}”" if noun else f"{name} “{line_of(part)}”"


def why_untrusted(receipt: Receipt) -> str:
    """Say why verdicts may not depend on a source."""
    why = f"looks incomplete: {receipt.doubt}" if receipt.whole else f"read only partly: {receipt.why}"
    return line_of(why, LONGEST_REASON)


def source_line(receipt: Receipt) -> SourceLine:
    """Return what a source gave and what reading it cost."""
    state = "read partly" if not receipt.whole else "looks incomplete" if receipt.doubt else "read completely"
    cost = (("requests", receipt.requests), ("units", receipt.units), ("bytes", receipt.bytes))
    facts = [Fact(name, (quantity(number),)) for name, number in cost if number]
    return SourceLine(
        name=name_of(receipt.source),
        items=receipt.items,
        seconds=receipt.seconds,
        state=state,
        tone="good" if state == "read completely" else "high",
        why=line_of(receipt.why or receipt.doubt, LONGEST_REASON),
        details=(*facts, *_details(receipt.detail)),
    )


def setup_line(look: Look, wrong: set[str]) -> SourceLine:
    """Return what came of checking a part of the configuration; `wrong` names those that a finding is on."""
    name = line_of(look.what)
    if not look.looked_at:
        return SourceLine(name, 0, 0.0, "not checked", "low", line_of(look.why, LONGEST_REASON), ())
    state = "misconfigured" if look.what in wrong else "OK"
    tone: Tone = "high" if look.what in wrong else "good"
    return SourceLine(name, 0, 0.0, state, tone, line_of(look.found, LONGEST_REASON), ())


def _details(detail: Mapping[str, object]) -> list[Fact]:
    facts = []
    for name, value in sorted(detail.items()):
        label = _DETAILS.get(name) or clean(name).replace("_", " ")
        facts.append(Fact(label, tuple(filter(None, (_detail_words(value),)))))
    return [fact for fact in facts if fact.values]


def _detail_words(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{quantity(number)} {clean(key)}" for key, number in sorted(value.items()))
    if isinstance(value, list | tuple):
        return ", ".join(line_of(part) for part in value)
    return line_of(value) if isinstance(value, str) else quantity(value)
