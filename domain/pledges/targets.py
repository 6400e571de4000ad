"""Targets keep their ids for ever: giving ids to new ones, and retiring those that have reports."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from domain.errors import InvalidInput
from domain.pledges.content import Target


def numbered(targets: Iterable[Target], used: frozenset[str] = frozenset()) -> tuple[Target, ...]:
    """The targets with an id each: `t1`, `t2`, … where there is none; ids in use are never given again."""
    listed = list(targets)
    taken = {target.id for target in listed if target.id} | used
    free = (f"t{n}" for n in range(1, len(listed) + len(taken) + 1) if f"t{n}" not in taken)
    return tuple(target if target.id else msgspec.structs.replace(target, id=next(free)) for target in listed)


def amended(
    now: tuple[Target, ...], wanted: Iterable[Target], *, reported: frozenset[str], used: frozenset[str]
) -> tuple[Target, ...]:
    """The targets after an amendment: those left out are gone, or retired where reports speak of them."""
    listed = _recognized(now, list(wanted))
    _refuse_unknown(listed, {target.id for target in now})
    kept = numbered(listed, used)
    ids = {target.id for target in kept}
    retired = tuple(
        msgspec.structs.replace(target, retired=True)
        for target in now
        if target.id not in ids and (target.id in reported or target.retired)
    )
    return kept + retired


def _recognized(now: tuple[Target, ...], wanted: list[Target]) -> list[Target]:
    """A target that is said again without its id is the one that says the same."""
    named = {target.id for target in wanted}
    standing = {msgspec.structs.replace(t, id=""): t for t in reversed(now) if t.id not in named}
    return [standing.pop(target, target) for target in wanted]


def _refuse_unknown(wanted: list[Target], known: set[str]) -> None:
    unknown = {
        f"changes.targets.{index}.id": ["is not a target of this pledge; leave it out for a new one."]
        for index, target in enumerate(wanted)
        if target.id and target.id not in known
    }
    if unknown:
        raise InvalidInput(unknown)
