"""The bill of materials: what it says of each package, and that it is CycloneDX 1.6."""

import json
from email.message import Message
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

import pytest

from reconcile.artefact.lock import Pin, this_machine
from reconcile.artefact.sbom import bill

PROJECT = {"name": "sample", "version": "1.2", "license": "MIT"}
ONE, TWO = Pin("one", "1.0", (f"sha256:{'a' * 64}",)), Pin("two-x", "2.0", (f"sha256:{'b' * 64}",))


class Told(Distribution):
    """A package of which only its metadata is known."""

    def __init__(self, *fields: tuple[str, str]) -> None:
        self._message = Message()
        for name, value in fields:
            self._message[name] = value

    def read_text(self, filename: str) -> str | None:
        """Return the metadata, as a wheel holds it."""
        return str(self._message) if filename == "METADATA" else None

    def locate_file(self, path: Any) -> Any:
        """Return the path, for there are no files."""
        return Path(path)


INSIDE = {
    "one": Told(("Name", "one"), ("Requires-Dist", "Two_X>=1"), ("Requires-Dist", 'absent; extra == "more"')),
    "two-x": Told(("Name", "two-x"), ("License-Expression", "apache-2.0 or BSD-3-Clause")),
}


def made() -> str:
    """Return the bill of two packages, one of which needs the other."""
    return bill(PROJECT, [ONE, TWO], INSIDE, this_machine())


def test_each_package_has_its_version_address_hash_and_licence() -> None:
    """The licence as SPDX writes it, and none where the package does not say."""
    first, second = json.loads(made())["components"]
    assert (first["name"], first["version"], first["purl"]) == ("one", "1.0", "pkg:pypi/one@1.0")
    assert first["hashes"] == [{"alg": "SHA-256", "content": "a" * 64}]
    assert "licenses" not in first
    assert [one["expression"] for one in second["licenses"]] == ["Apache-2.0 OR BSD-3-Clause"]


def test_what_each_package_needs_is_told() -> None:
    """Of this machine, without extras that nobody asked for; the project needs them all."""
    needs = {one["ref"]: one["dependsOn"] for one in json.loads(made())["dependencies"]}
    assert needs == {
        "pkg:pypi/sample@1.2": ["pkg:pypi/one@1.0", "pkg:pypi/two-x@2.0"],
        "pkg:pypi/one@1.0": ["pkg:pypi/two-x@2.0"],
        "pkg:pypi/two-x@2.0": [],
    }


def test_equal_packages_have_equal_bills_and_others_another_serial_number() -> None:
    """No time is in it."""
    assert made() == made()
    other = bill({**PROJECT, "version": "1.3"}, [ONE, TWO], INSIDE, this_machine())
    assert json.loads(other)["serialNumber"] != json.loads(made())["serialNumber"]


def test_the_schema_of_cyclonedx_holds() -> None:
    """And would find a hash of no known kind."""
    validation = pytest.importorskip("cyclonedx.validation.json", reason="install requirements.lock again")
    schema = pytest.importorskip("cyclonedx.schema").SchemaVersion.V1_6
    validator = validation.JsonStrictValidator(schema)
    assert validator.validate_str(made()) is None
    assert validator.validate_str(made().replace("SHA-256", "SHA256")) is not None
