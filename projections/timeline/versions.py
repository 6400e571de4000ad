"""Versions of a pledge, folded from the entries of its history that somebody may see.

So they tell nothing that the history does not. Must not know where entries are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Entry = Mapping[str, Any]
ANEW = "pledge.made"
"""Tells every field from null, whatever was submitted before."""
SUBMITTED, JUDGED = "pledge.submitted", ("pledge.returned", "pledge.rejected", "pledge.recalled", ANEW)


def fields_at(entries: Iterable[Entry], position: int) -> dict[str, Any]:
    """The fields of the version that the entry at a position made, or the last one before it."""
    found: dict[str, Any] = {}
    for entry in entries:
        if entry["position"] > position:
            break
        if entry["name"] == ANEW:
            found = {}
        found.update({change["field"]: change["after"] for change in entry["changes"]})
    return found


def difference(entries: Sequence[Entry], begin: int, end: int) -> list[dict[str, Any]]:
    """Each field that has another value in the later version than in the earlier one; not there is null."""
    before, after = fields_at(entries, begin), fields_at(entries, end)
    return [
        {"field": field, "before": before.get(field), "after": after.get(field)}
        for field in dict.fromkeys((*before, *after))
        if before.get(field) != after.get(field)
    ]


def erased_between(
    entries: Sequence[Entry], erased: Iterable[Entry], begin: int, end: int
) -> list[Mapping[str, Any]]:
    """Of what was erased of a pledge, what concerns two versions: it was said by them or in between.

    Or it had been said before, and stands in the earlier version where the later one has something else.
    """
    said_at = _said_at(entries, begin)
    changed = [change["field"] for change in difference(entries, begin, end)]
    first = max((entry["position"] for entry in entries if entry["position"] <= begin), default=begin)
    return [
        one
        for one in erased
        for place in [_place(one, entries)]
        if place is not None
        if first <= place <= end
        or any(said_at.get(field) == place and field in one["part"].split(".") for field in changed)
    ]


def _said_at(entries: Iterable[Entry], position: int) -> dict[str, int]:
    """At which positions the fields of a version were said."""
    found: dict[str, int] = {}
    for entry in entries:
        if entry["position"] <= position:
            found = {} if entry["name"] == ANEW else found
            found.update({change["field"]: entry["position"] for change in entry["changes"]})
    return found


def _place(erased: Entry, entries: Iterable[Entry]) -> int | None:
    """The version that said what was erased, if it is among these.

    Whoever may not see what was submitted reads it in the publication that follows.
    """
    position = erased["position"]
    for entry in entries:
        if entry["position"] == position or (entry["position"] > position and entry["name"] == ANEW):
            found: int = entry["position"]
            return found
    return None


def versions(entries: Sequence[Entry], erased: Sequence[Entry]) -> list[dict[str, Any]]:
    """The versions, oldest first: what made each, its status, what became of a submission, what was erased.

    `outcome` of a submission is what answered it: returned, rejected, recalled or made; None while it waits,
    and for what is no submission. `is_superseded` says that a later version has taken its place. Of what was
    erased of the pledge, `erased` tells what had been said by that version.
    """
    places = [_place(one, entries) for one in erased]
    status: Any = None
    found: list[dict[str, Any]] = []
    for entry in entries:
        for change in entry["changes"]:
            status = change["after"] if change["field"] == "status" else status
        if entry["name"] in JUDGED:
            _answer(found, entry)
        named = {name: entry[name] for name in ("position", "name", "recorded_at", "effective_on", "actor")}
        gone = [one for one, place in zip(erased, places, strict=True) if place == entry["position"]]
        found.append(
            {**named, "status": status, "changed": len(entry["changes"]), "outcome": None, "erased": gone}
        )
    return [{**one, "is_superseded": one is not found[-1]} for one in found]


def _answer(found: Sequence[dict[str, Any]], entry: Entry) -> None:
    for one in reversed(found):
        if one["name"] == SUBMITTED:
            if one["outcome"] is None:
                one["outcome"] = entry["name"].partition(".")[2]
            return
