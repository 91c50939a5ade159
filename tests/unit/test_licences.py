"""The licences of all that the project uses: those that a user's own code may stand beside, and no others."""

import re
from importlib import metadata
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from reconcile.artefact.contents import PACKAGE, Project
from reconcile.artefact.licences import licence_of
from reconcile.artefact.lock import closure, read_lock, this_machine

ROOT = Path(__file__).parents[2]
PERMISSIVE = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "PSF-2.0",
    "Zlib",
}
"""What asks for no more than its own text and a name."""

EXCEPTIONS = {
    "certifi": ("MPL-2.0", "a list of certificates; MPL holds for each file, and it is passed on unchanged"),
    "hypothesis": ("MPL-2.0", "only tests use it: it is passed on to nobody"),
    "pathspec": ("MPL-2.0", "only mypy uses it: it is passed on to nobody"),
    "regex": ("CNRI-Python", "only cfn-lint uses it: it is passed on to nobody"),
}
"""Packages with a licence beside those, and why that is well."""

LOCKED = sorted(
    name
    for lock in ("requirements.lock", "tests/engines.lock")
    for name in read_lock((ROOT / lock).read_text(encoding="utf-8"), this_machine())
)


def allowed(expression: str, licences: set[str]) -> bool:
    """Return whether an SPDX expression can be met with these licences; AND binds closer than OR."""
    if re.search(r"[()]", expression):
        raise ValueError(f"{expression}: read it, and name the package in EXCEPTIONS")
    ways = (way.split(" AND ") for way in expression.split(" OR "))
    return any(licences.issuperset(way) for way in ways)


@pytest.mark.parametrize("name", LOCKED)
def test_every_package_has_a_licence_that_is_allowed(name: str) -> None:
    """As its metadata says; what only tests use as well."""
    try:
        licence = licence_of(metadata.distribution(name))
    except metadata.PackageNotFoundError:
        pytest.skip(f"{name} is not installed: install requirements.lock and tests/engines.lock again")
    more = {EXCEPTIONS[name][0]} if name in EXCEPTIONS else set()
    assert licence, f"{name} does not say: read its licence, and name it in reconcile/artefact/licences.py"
    assert allowed(licence, PERMISSIVE | more), f"{name} is under {licence}"


def test_of_what_is_passed_on_to_others_one_package_has_an_exception() -> None:
    """In the function and in an image: the list of certificates."""
    stated = Project.of(PACKAGE).dependencies
    needed = closure(stated, lambda name: metadata.distribution(name).requires or (), this_machine())
    assert len(needed) > 30
    assert needed & set(EXCEPTIONS) == {"certifi"}


def test_no_exception_outlives_its_package() -> None:
    """Each names a package that is used."""
    assert set(EXCEPTIONS) <= set(map(canonicalize_name, LOCKED))


def test_alternatives_need_one_licence_and_sums_need_all() -> None:
    """A licence with an exception to it is another licence."""
    assert allowed("GPL-3.0-only OR MIT AND Zlib", {"MIT", "Zlib"})
    assert not allowed("GPL-3.0-only OR MIT AND Zlib", {"MIT"})
    assert not allowed("Apache-2.0 WITH LLVM-exception", {"Apache-2.0"})
    with pytest.raises(ValueError, match="read it"):
        allowed("MIT AND (Zlib OR ISC)", {"MIT"})
