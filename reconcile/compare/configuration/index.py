"""Judges the search index's settings: do they let the application find and filter what it shows?"""

import json
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reconcile.compare.configuration.assessment import Opinion
from reconcile.model.configuration import Configuration, NotSeen
from reconcile.model.remedy import Remedy
from reconcile.model.search_record import hidden_fields

HIDING = "unretrievableAttributes"
SEARCHABLE = ("title", "description", "groupName", "tags")
FACETS = {
    "userId": "filterOnly",
    "networkId": "filterOnly",
    "groupName": "",
    "groupId": "",
    "broadcast_type": "",
    "premium": "",
}
RANKING = ("desc(created_timestamp)",)
RETRIEVED = (
    "objectID",
    "programId",
    "title",
    "description",
    "broadcast_type",
    "premium",
    "tags",
    "price",
    "frequency",
    "created_date",
    "groupId",
    "groupName",
    "program_url",
    "program_image",
    "userId",
    "networkId",
)

_WRAPPED = re.compile(r"(\w+)\((.*)\)")
_FACET_WORTH = {"filterOnly": 1, "": 2, "searchable": 3}

Names = list[str]


def judge_index(configuration: Configuration) -> Opinion:
    """Judge the settings that the index returns; a setting that it does not return is not judged."""
    name, settings = f"algolia {configuration.index} settings", configuration.settings
    if isinstance(settings, NotSeen):
        return Opinion(name, unseen=settings.why)
    known_settings = {
        key: value for key, value in settings.values.items() if key in _LACKING and _is_names(value)
    }
    hidden = sorted(hidden_fields(settings.values))
    if not known_settings and not hidden:
        return Opinion(name, unseen="the answer has none of the settings that matter")
    lacking = {key: lacks for key, value in known_settings.items() if (lacks := _LACKING[key](value or []))}
    untold = [key for key in _LACKING if key not in known_settings]
    beside = f" ({', '.join(untold)} not reported)" if untold else ""
    if not lacking and not hidden:
        return Opinion(name, found=f"{', '.join(known_settings)} have what the application needs{beside}")
    faults = [f"{key} is missing {', '.join(names)}" for key, names in lacking.items()]
    current = {key: known_settings[key] or [] for key in lacking}
    if hidden:
        faults.append(f"{HIDING} hides {', '.join(hidden)}: no answer contains it, so it cannot be compared")
        current[HIDING] = settings.values[HIDING]
    why = "; ".join(faults)
    evidence = {
        "why": why,
        "settings": {key: settings.values[key] for key in current},
        "not_told": untold,
        "not_compared": hidden,
    }
    return Opinion(
        name,
        found=f"{why}{beside}",
        verdict="index-settings-drift",
        evidence={key: value for key, value in evidence.items() if value},
        remedy=_remedy(settings.application, settings.address, current),
    )


def _is_names(value: Any) -> bool:
    """Whether a setting is of the shape that it must be: nothing, or a list of names."""
    return value is None or (isinstance(value, list) and all(isinstance(entry, str) for entry in value))


def _searchable(entries: Names) -> Names:
    """Return what is not searched; an index that names nothing searches everything.

    https://www.algolia.com/doc/api-reference/api-parameters/searchableAttributes
    """
    names = {_bare(part.strip()) for entry in entries for part in entry.split(",")}
    return [name for name in SEARCHABLE if entries and name not in names]


def _facets(values: Names) -> Names:
    """Return what cannot be filtered or counted by.

    https://www.algolia.com/doc/api-reference/api-parameters/attributesForFaceting
    """
    declared = sorted((_FACET_WORTH.get(_modifier(entry), 2), _bare(entry)) for entry in values)
    worth = {name: number for number, name in declared}
    return [
        f"{kind}({name})" if kind else name
        for name, kind in FACETS.items()
        if worth.get(name, 0) < _FACET_WORTH[kind]
    ]


def _ranking(values: Names) -> Names:
    return [] if tuple(values[: len(RANKING)]) == RANKING else list(RANKING)


def _retrieved(values: Names) -> Names:
    """Return the attributes that no answer includes; an index that names none, or `*`, returns all."""
    left_out = {entry[1:] for entry in values if entry.startswith("-")}
    if not values or "*" in values:
        return [name for name in RETRIEVED if name in left_out]
    # The objectID is in every answer, whatever is asked for.
    return [name for name in RETRIEVED if name not in values and name != "objectID"]


def _bare(name: str) -> str:
    while match := _WRAPPED.fullmatch(name):
        name = match[2]
    return name


def _modifier(name: str) -> str:
    """Return how an attribute is declared for faceting, without `afterDistinct` around it."""
    match = _WRAPPED.fullmatch(name)
    if match and match[1] == "afterDistinct":
        return _modifier(match[2])
    return match[1] if match else ""


_LACKING: Mapping[str, Callable[[Names], Names]] = {
    "searchableAttributes": _searchable,
    "attributesForFaceting": _facets,
    "customRanking": _ranking,
    "attributesToRetrieve": _retrieved,
}


def _merged(key: str, values: Names) -> Sequence[str]:
    """Return a setting with the missing attributes added, or the hidden ones removed."""
    if key == HIDING:
        return [entry for entry in values if not hidden_fields({HIDING: [entry]})]
    lacking = _LACKING[key](values)
    if key == "customRanking":
        return [*lacking, *(entry for entry in values if entry not in lacking)]
    if key == "attributesToRetrieve":
        return [
            *(entry for entry in values if entry.removeprefix("-") not in lacking),
            *([] if "*" in values else lacking),
        ]
    raised = {_bare(entry) for entry in lacking}
    return [*(entry for entry in values if _bare(entry) not in raised), *lacking]


def _remedy(application: str, address: str, current: Mapping[str, Names]) -> Remedy:
    body = json.dumps({key: _merged(key, names) for key, names in current.items()}, sort_keys=True)
    step = (
        "Set these in Algolia's dashboard (the index's Configuration), or with a key for editSettings in "
        "ALGOLIA_ADMIN_KEY; other settings stay as they are."
    )
    headers = (
        f"-H {shlex.quote(f'X-Algolia-Application-Id: {application}')} "
        '-H "X-Algolia-API-Key: $ALGOLIA_ADMIN_KEY"'
    )
    return Remedy(step, (f"curl -X PUT {shlex.quote(address)} {headers} -d {shlex.quote(body)}",))
