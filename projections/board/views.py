"""A pledge as the contract shows it: entities and the match in words, derived fields as of the moment.

Must not know how it was found, only who looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import Connection

from domain.entities.document import entity_document
from domain.entities.state import Entity
from domain.pledges.derived import is_overdue, staleness
from domain.pledges.document import document
from domain.pledges.sight import Eyes, Sight, asked_of
from domain.pledges.state import Pledge
from projections.board import known_entities
from projections.board.drafts import noted_partners
from projections.board.known_entities import Entities
from projections.erasure.told import Told, erased_read
from projections.moments import Moment

OTHERS: LiteralString = """
SELECT DISTINCT ON (pledge_id) pledge_id, state FROM board_states
WHERE pledge_id = ANY(%b) AND from_position <= %b ORDER BY pledge_id, from_position DESC
"""

_decoder = msgspec.msgpack.Decoder(Pledge)


def shown(
    connection: Connection[Any],
    pledges: Sequence[Pledge],
    eyes: Eyes,
    moment: Moment,
    *,
    are_papers: bool = False,
    known: Entities[Entity] | None = None,
) -> list[dict[str, Any]]:
    """The pledges as the contract shows them; a working paper also shows the partners to be invited.

    `known` are the entities, where the board may not have them yet.
    """
    others = _others(connection, pledges, moment.position)
    if known is None:
        ids = {entity for pledge in pledges for entity in entities_of(pledge)}
        known = known_entities.load_at(connection, ids, moment.position)
    view = _View(known, others, eyes, moment.day, are_papers=are_papers)
    sights = {pledge.id: eyes.of(pledge.owner, asked_of(pledge)) for pledge in pledges}
    erased = erased_read(connection, sights)
    return [view.of(pledge, sights[pledge.id], erased.get(pledge.id, [])) for pledge in pledges]


def entities_of(pledge: Pledge) -> Iterator[UUID]:
    """The ids of all whom a pledge names."""
    yield pledge.owner
    yield from (partner.entity for partner in pledge.partners)
    yield from pledge.content.partners
    yield from (verdict.entity for verdict in pledge.verdicts if verdict.entity)


def _others(connection: Connection[Any], pledges: Iterable[Pledge], position: int) -> dict[UUID, Pledge]:
    """The pledges that some pledges match."""
    wanted = {pledge.content.matches for pledge in pledges if pledge.content.matches}
    if not wanted:
        return {}
    rows = connection.execute(OTHERS, [list(wanted), position], binary=True)
    return {pledge: _decoder.decode(state) for pledge, state in rows}


class _View:
    """Puts into words what documents keep as ids."""

    def __init__(
        self,
        known: Entities[Entity],
        others: Mapping[UUID, Pledge],
        eyes: Eyes,
        day: date,
        *,
        are_papers: bool,
    ) -> None:
        self._known, self._others, self._eyes, self._day = known, others, eyes, day
        self._are_papers = are_papers
        self._entities: dict[str, dict[str, Any] | None] = {}

    def of(self, pledge: Pledge, sight: Sight, erased: Sequence[Told]) -> dict[str, Any]:
        full = document(pledge)
        until, stale = full.pop("due_until"), full.pop("stale_since")
        days = (date.fromisoformat(stale[0]), date.fromisoformat(stale[1])) if stale else None
        return {
            **full,
            **self._if_allowed(pledge, sight, full),
            "entity": self._entity(full["entity"]),
            "matches": self._pledge(full["matches"]),
            "money": [{**money, "entity": self._entity(money["entity"])} for money in full["money"]],
            "verdicts": [{**said, "entity": self._entity(said["entity"])} for said in full["verdicts"]],
            "overdue": is_overdue(date.fromisoformat(until) if until else None, self._day),
            "staleness": staleness(days, self._day),
            "erased": list(erased),
        }

    def _if_allowed(self, pledge: Pledge, sight: Sight, full: Mapping[str, Any]) -> dict[str, Any]:
        """What depends on who looks: partners that have not consented, and why it was returned."""
        partners = [
            {**shown, "entity": self._entity(shown["entity"])}
            for partner, shown in zip(pledge.partners, full["partners"], strict=True)
            if sight.sees_partner(partner.entity, partner.state)
        ]
        noted = noted_partners(pledge) if self._are_papers else []
        partners += [{**partner, "entity": self._entity(partner["entity"])} for partner in noted]
        return {"partners": partners, "returned": full["returned"] if sight.is_full else None}

    def _entity(self, entity_id: str | None) -> dict[str, Any] | None:
        if entity_id is None:
            return None
        if entity_id not in self._entities:
            entity = self._known.standing_for(UUID(entity_id))
            self._entities[entity_id] = entity_document(entity, self._day) if entity else None
        return self._entities[entity_id]

    def _pledge(self, pledge_id: str | None) -> dict[str, Any] | None:
        """Another pledge in short, if whoever looks may know of it."""
        other = self._others.get(UUID(pledge_id)) if pledge_id else None
        if other is None or not self._eyes.is_shown(other):
            return None
        return {"id": str(other.id), "reference": other.reference, "title": other.content.title}
