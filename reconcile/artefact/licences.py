"""Tells under which licence a package is, as an SPDX expression."""

from importlib.metadata import Distribution

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.utils import canonicalize_name

_PREFIX = "License :: OSI Approved :: "
_CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
"""Those that stand for one licence; `BSD License` stands for several."""

_READ = {
    "axe-playwright-python": "MIT",
    "itsdangerous": "BSD-3-Clause",
    "jinja2": "BSD-3-Clause",
    "mpmath": "BSD-3-Clause",
    "py4j": "BSD-3-Clause",
    "python-dateutil": "Apache-2.0 AND BSD-3-Clause",
    "sympy": "BSD-3-Clause",
}
"""What the licence file of a package says whose metadata does not."""


def licence_of(package: Distribution) -> str:
    """Return the licence of a package as an SPDX expression; "" when its metadata leaves it open."""
    stated = [*_told(package, "License-Expression"), *_told(package, "License")]
    if read := _READ.get(canonicalize_name(package.name)):
        stated.insert(0, read)
    if expressions := [found for one in stated if (found := _expression(one))]:
        return expressions[0]
    classified = [one for one in _told(package, "Classifier") if one.startswith("License ::")]
    known = {_CLASSIFIERS.get(one.removeprefix(_PREFIX), "") for one in classified}
    return "" if "" in known else " AND ".join(sorted(known))


def _told(package: Distribution, field: str) -> list[str]:
    return package.metadata.get_all(field) or []


def _expression(stated: str) -> str:
    try:
        return canonicalize_license_expression(stated)
    except InvalidLicenseExpression:
        return ""
