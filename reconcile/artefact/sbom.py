"""Writes the bill of materials of an artefact: each package in it, as CycloneDX 1.6 has it.

https://cyclonedx.org/docs/1.6/json/. It holds no time and its serial number is a digest, so
equal packages have equal bills.
"""

import json
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution
from uuid import NAMESPACE_URL, uuid5

from packaging.utils import canonicalize_name

from reconcile.artefact.licences import licence_of
from reconcile.artefact.lock import MarkerValues, Pin, closure

Json = dict[str, object]

_ALGORITHMS = {"sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}


def bill(
    project: Mapping[str, str],
    pins: Iterable[Pin],
    inside: Mapping[str, Distribution],
    environment: MarkerValues,
) -> str:
    """Return the bill of materials as JSON.

    `project` holds the name, version and license of the project itself, `pins` what was installed with the
    hash of its file, `inside` the metadata of each pin, by canonical name.
    """
    by_name = {pin.name: pin for pin in pins}
    itself = Pin(project["name"], project["version"], ())

    def _calls_for(name: str) -> list[str]:
        direct = closure([name], lambda one: inside[one].requires or () if one == name else (), environment)
        return sorted(_purl(by_name[one]) for one in direct - {name})

    content: Json = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "build"}],
            "component": _component(itself, "application", project["license"]),
        },
        "components": [_component(pin, "library", licence_of(inside[name])) for name, pin in by_name.items()],
        "dependencies": [
            {"ref": _purl(itself), "dependsOn": sorted(map(_purl, by_name.values()))},
            *({"ref": _purl(pin), "dependsOn": _calls_for(name)} for name, pin in by_name.items()),
        ],
    }
    serial = uuid5(NAMESPACE_URL, json.dumps(content, sort_keys=True))
    return json.dumps({**content, "serialNumber": f"urn:uuid:{serial}"}, indent=1, sort_keys=True) + "\n"


def _component(pin: Pin, kind: str, licence: str) -> Json:
    component: Json = {
        "type": kind,
        "bom-ref": _purl(pin),
        "name": pin.name,
        "version": pin.version,
        "purl": _purl(pin),
    }
    if pin.hashes:
        component["hashes"] = [_hash(digest) for digest in pin.hashes]
    if licence:
        component["licenses"] = [{"expression": licence, "acknowledgement": "declared"}]
    return component


def _hash(digest: str) -> Json:
    algorithm, _, content = digest.partition(":")
    return {"alg": _ALGORITHMS[algorithm], "content": content}


def _purl(pin: Pin) -> str:
    """Return the address of a package: https://github.com/package-url/purl-spec."""
    return f"pkg:pypi/{canonicalize_name(pin.name)}@{pin.version}"
