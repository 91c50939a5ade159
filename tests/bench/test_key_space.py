"""The computed key space pages as a plain list of keys does under the rules of S3."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tests.bench.key_space import KeySpace, Page, list_page

NAMES = st.lists(st.text("ab/0m", min_size=1, max_size=5), min_size=1, max_size=6, unique=True).map(sorted)
BASES = st.sampled_from((["a/"], ["a/", "b/"], ["aa/", "ab/m/", "b0/"], ["a/m/a/", "a/m/b/", "b/"]))


def plain_page(keys: Sequence[str], prefix: str, delimiter: str, after: str, most: int) -> Page:
    """List keys that are all held, in the plainest way."""
    shown: dict[str, bool] = {}
    for key in (key for key in sorted(keys) if key.startswith(prefix)):
        head, found, _ = key.removeprefix(prefix).partition(delimiter) if delimiter else (key, "", "")
        shown[f"{prefix}{head}{found}" if found else key] = bool(found)
    later = [entry for entry in shown if entry > after]
    page = later[:most]
    last = page[-1] if len(later) > most else None
    return Page([one for one in page if not shown[one]], [one for one in page if shown[one]], last)


@given(
    BASES,
    NAMES,
    st.text("ab/", max_size=3),
    st.sampled_from(("", "/", "/m/", "m")),
    st.text("ab/0m", max_size=5),
    st.integers(1, 5),
)
def test_a_page_of_a_computed_space_is_the_page_of_its_keys(
    bases: list[str], names: list[str], prefix: str, delimiter: str, after: str, most: int
) -> None:
    """Keys, common prefixes and the place where the next page begins are those of the plain way."""
    space = KeySpace([(base, names) for base in bases])
    keys = [base + name for base in bases for name in names]
    assert list_page(space, prefix, delimiter, after, most) == plain_page(
        keys, prefix, delimiter, after, most
    )
    assert len(space) == len(keys)
