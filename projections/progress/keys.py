"""The values of each dimension in their natural order, with labels in English. Others translate them.

Must not know how many pledges each has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from domain.reference.compact import OBJECTIVES, PRINCIPLES
from domain.reference.vocabularies import PUBLIC, REGIONS, Category, Form, PledgeType, Status
from projections.progress.counting import NOT_STATED

NOT_STATED_LABEL = "Not stated"


def _worded(values: Iterable[str]) -> dict[str, str]:
    return {value: value.replace("_", " ").capitalize() for value in values}


LABELS: Mapping[str, Mapping[str, str]] = {
    "objective": {str(number): objective.short for number, objective in OBJECTIVES.items()},
    "principle": {slug: principle.short for slug, principle in PRINCIPLES.items()},
    "region": {region: region for region in REGIONS},
    "category": {**_worded(get_args(Category)), "un_entity": "UN entity"},
    "type": _worded(get_args(PledgeType)),
    "form": _worded(get_args(Form)),
    "status": _worded(status for status in get_args(Status) if status in PUBLIC),
    "cycle": {},
}
MAY_BE_UNSTATED = frozenset({"objective", "principle", "region", "category", "type", "form"})
_NUMBERED = frozenset({"objective", "cycle"})


def listed(dimension: str, found: Iterable[str]) -> list[str]:
    """The values to show: all of a closed list, then others that were found, "not stated" last."""
    known = list(LABELS[dimension])
    others = sorted({*found} - {*known, NOT_STATED})
    unstated = dimension in MAY_BE_UNSTATED or NOT_STATED in found
    return [*known, *others, *([NOT_STATED] if unstated else [])]


def shown_key(dimension: str, key: str) -> Any:
    """A value as outsiders know it: numbers as numbers, null for "not stated"."""
    if key == NOT_STATED:
        return None
    return int(key) if dimension in _NUMBERED and key.isdigit() else key


def label(dimension: str, key: str) -> str:
    return NOT_STATED_LABEL if key == NOT_STATED else LABELS[dimension].get(key, key)
