"""Leaves out of installed packages what the function never reads."""

import shutil
from pathlib import Path

from reconcile.stores.aws import SERVICES

LENDERS = ("signin", "sso", "sso-oidc", "sts")
"""What botocore itself asks where credentials are lent: botocore/credentials.py, botocore/tokens.py."""

_SCRIPTS = ("bin",)
"""They name the Python of whoever builds."""

_FOR_COMPILERS = ("**/*.pyi", "**/*.pxd", "**/*.pyx", "**/*.h", "**/*.hpp", "**/*.c", "**/*.a")
_TESTS = ("*/tests", "numpy/**/tests")
_LISTS = ("RECORD", "REQUESTED", "INSTALLER", "top_level.txt", "zip-safe")
"""Of which some name files that are gone. What a package says of itself and its licence stays."""

OTHER_APIS = (
    "abtesting",
    "abtesting_v3",
    "agent_studio",
    "analytics",
    "composition",
    "insights",
    "monitoring",
    "query_suggestions",
    "recommend",
)
"""Of Algolia, each in a package of its own that nothing else imports."""


def trim(folder: Path) -> None:
    """Remove from a folder of packages what the function never reads."""
    patterns = (
        *_SCRIPTS,
        *_TESTS,
        *_FOR_COMPILERS,
        *(f"*.dist-info/{name}" for name in _LISTS),
        *(f"algoliasearch/{name}" for name in OTHER_APIS),
        # Descriptions of boto3's resources, which are not used; clients are described by botocore.
        "boto3/data",
        "boto3/examples",
    )
    doomed = {path for pattern in patterns for path in folder.glob(pattern)}
    doomed |= {
        path
        for path in folder.glob("botocore/data/*")
        if path.is_dir() and path.name not in (*SERVICES, *LENDERS)
    }
    for path in sorted(doomed, reverse=True):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
