"""A pledge as a row of a sheet: the way back from what is shown to the columns that an import reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from domain.imports.cells import write_list, write_text
from domain.imports.columns import COLUMNS, EXPORTED_BESIDE
from domain.imports.rows import levels_of
from domain.pledges.content import Target
from domain.reference.compact import PRINCIPLES
from domain.reference.states import STATES

EXPORT_COLUMNS = (*COLUMNS, *EXPORTED_BESIDE)
CO_PLEDGING = frozenset({"named", "joined"})

_LEVEL_WORDS = {
    "local": "Local",
    "national": "National",
    "regional": "Regional",
    "international": "International",
}


def exported_row(pledge: Mapping[str, Any]) -> dict[str, str | int | None]:
    """The columns of an export for one pledge, given as the contract shows it ("A pledge")."""
    return {
        **_source(pledge), **_pledger(pledge), **_kinds(pledge), **_money(pledge["amount"]), **_rest(pledge),
        "reference": pledge["reference"], "status": pledge["status"], "percent": pledge["percent"],
        "version": pledge["version"], "erased": erased_in_words(pledge.get("erased") or ()),
    }  # fmt: skip


def erased_in_words(erased: Iterable[Mapping[str, Any]]) -> str:
    """What was erased by law, for a cell: which part, when, on what ground and decision, recorded where."""
    return write_list(
        f"{one['part']} of position {one['position']}: erased on {one['recorded_at'][:10]}, "
        f"{one['ground']} ({_decision(one['decision'])}), position {one['erased_at']}"
        for one in erased
    )


def _decision(decision: Mapping[str, Any] | None) -> str:
    return f"{decision['reference']}, {decision['date']}" if decision else "no decision cited"


def _source(pledge: Mapping[str, Any]) -> dict[str, str]:
    source = pledge.get("source") or {}
    return {"ref": source.get("ref") or pledge["reference"] or pledge["id"]}


def _pledger(pledge: Mapping[str, Any]) -> dict[str, str]:
    entity = pledge["entity"]
    kind = entity.get("kind_in_words") if entity["kind"] == "other" else None
    office = f" ({pledge['through']})" if pledge.get("through") else ""
    return {
        "pledger": write_text(f"{entity['name']}{office}"),
        "pledger_category": entity["category"] or "",
        "pledger_kind": write_text(kind or entity["kind"] or ""),
        "co_pledgers": write_list(
            partner["entity"]["name"] for partner in pledge["partners"] if partner["state"] in CO_PLEDGING
        ),
    }


def _kinds(pledge: Mapping[str, Any]) -> dict[str, str]:
    return {
        "pledge_type": pledge["type"] or "",
        "forms": _codes(pledge["forms"]),
        "objectives": _codes(pledge["objectives"]),
        "objectives_basis": pledge["objectives_basis"] or "" if pledge["objectives"] else "",
        "principles": _codes(_principle(slug) for slug in pledge["principles"]),
        "scope": _scope(pledge),
        "country_of_implementation": _codes(STATES[code].name for code in pledge["countries"]),
    }


def _rest(pledge: Mapping[str, Any]) -> dict[str, str]:
    return {
        "title": write_text(pledge["title"]),
        "announced_on": pledge["made_on"] or "",
        "due_on": pledge["due_on"] or "",
        "targets": write_list(_target(target) for target in pledge["targets"] if not target["retired"]),
        "status_note": write_text(pledge.get("status_note") or ""),
        "summary": write_text(pledge["description"] or ""),
    }


def _money(amount: Mapping[str, str] | None) -> dict[str, str]:
    return (
        {"amount": amount["value"], "currency": amount["currency"]}
        if amount
        else {"amount": "", "currency": ""}
    )


def _codes(items: Iterable[object]) -> str:
    return "; ".join(map(str, items))


def _principle(slug: str) -> str:
    return PRINCIPLES[slug].short.removesuffix(" approach").lower()


def _scope(pledge: Mapping[str, Any]) -> str:
    """The words as they came, as long as they still mean the levels."""
    words, levels = pledge.get("scope_in_words"), tuple(pledge["levels"])
    try:
        if words and levels_of(words) == levels:
            return str(words)
    except ValueError:
        pass
    return "; ".join(_LEVEL_WORDS[level] for level in levels)


def in_words(target: Target) -> str:
    """A target in words; one that is only a number reads `240 people`, with the baseline if it is known."""
    return _target(msgspec.structs.asdict(target))


def _target(target: Mapping[str, Any]) -> str:
    if target["description"]:
        return str(target["description"])
    baseline = f", from {target['baseline']}" if target["baseline"] is not None else ""
    return f"{target['target']} {target['unit']}{baseline}"
