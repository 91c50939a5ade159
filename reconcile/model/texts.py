"""Makes texts that anybody may have written safe to show: on a terminal, in a page, in a message."""

import re

# Controls and line separators; marks that reverse the reading direction; what no encoding can write.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)

# A text that runs from right to left, set apart, leaves what stands beside it where it is.
# https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates
_APART = "\u2068{}\u2069"
# Letters that run to the left, and the invisible marks (ALM, RLM) that make their neighbours do so.
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


def clean(text: object) -> str:
    r"""Return text with everything that could steer a terminal or a page made visible, as `\x1b` is."""
    return _UNSAFE.sub(lambda match: match[0].encode("unicode_escape").decode(), str(text))


def is_clean(text: str) -> bool:
    """Whether a text can be shown as it is, so that what is copied from a screen is what was meant."""
    return _UNSAFE.search(text) is None


def apart(text: str) -> str:
    """Return clean text so that its direction changes nothing beside it; most texts need nothing for that."""
    return _APART.format(text) if _RIGHT_TO_LEFT.search(text) else text
