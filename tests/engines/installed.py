"""Says which engines a machine has, for the tests that need one."""

import shutil
from importlib.util import find_spec

import pytest

from reconcile.engines.registry import PACKAGES


def missing(engine: str) -> list[str]:
    """Return what is missing for an engine here, in words."""
    packages = [package for package in PACKAGES[engine] if find_spec(package) is None]
    return [*packages, *(["Java 17"] if engine == "spark" and shutil.which("java") is None else [])]


def needs(engine: str) -> pytest.MarkDecorator:
    """Return the mark of a test that is skipped, with words, where an engine is missing."""
    words = f"{engine} needs {', '.join(missing(engine))}: see 'Test it' in the README"
    return pytest.mark.skipif(bool(missing(engine)), reason=words)
