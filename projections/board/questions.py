"""What may be asked of the board, on the caller's connection and snapshot. Must not know HTTP.

Whoever asks sees what they may see, and the same for everybody of their kind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import Connection

from domain.entities.state import Entity
from domain.errors import invalid
from domain.pledges.sight import EVERYTHING, Eyes
from domain.pledges.state import Pledge
from projections import cursors
from projections.board import drafts, facets, known_entities, pages, views
from projections.board.conditions import asked
from projections.board.facets import FacetCount
from projections.board.filters import PledgeFilters
from projections.board.read_model import BoardReadModel
from projections.board.sorting import Order, order_of, plain
from projections.board.tally import Standing, Tally
from projections.cursors import Cursor
from projections.database.working_papers import Paper
from projections.moments import Moment

LIMIT_MAX = 200
SHOWN_AT_ONCE = 500

STANDS_AT: LiteralString = """
SELECT position, 'board'::regclass::oid::bigint FROM read_models WHERE name = %s AND version = %s
"""
BY_REFERENCE: LiteralString = "SELECT pledge_id FROM board_references WHERE reference = %s"
AS_OF: LiteralString = """
SELECT state FROM board_states WHERE pledge_id = %s AND from_position <= %s
ORDER BY from_position DESC LIMIT 1
"""
SOME_AS_OF: LiteralString = """
SELECT DISTINCT ON (pledge_id) state FROM board_states
WHERE pledge_id = ANY(%b) AND from_position <= %b ORDER BY pledge_id, from_position DESC
"""

_decoder = msgspec.msgpack.Decoder(Pledge)


@dataclass(frozen=True, slots=True)
class PledgeList:
    """A page of the list: its rows, how many there are in all, where the next page begins, counts by field.

    `moment` is what the answer is about: that of the first page, for every page.
    """

    items: list[dict[str, Any]]
    total: int
    next: str | None
    facets: dict[str, list[FacetCount]]
    moment: Moment


class Board:
    """Asks the board; remembers what is the same for ever at a position: counts and codes."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._answers = facets.Answers()
        self._tally = Tally()

    def pledges(
        self,
        connection: Connection[Any],
        filters: PledgeFilters,
        *,
        eyes: Eyes,
        moment: Moment,
        sort: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
        with_facets: bool = True,
    ) -> PledgeList:
        """A page of the pledges that somebody may see and wants to see."""
        _check(limit)
        order = order_of(sort, searched=bool(filters.q))
        listed = cursors.digest_of([filters.as_plain(), order.name, moment.true_on])
        behind = cursors.read(cursor, listed, self._secret) if cursor else None
        if behind is not None:
            moment = cursors.moment_of(behind, moment)
        standing = _standing(connection)
        question = asked(connection, filters, eyes, moment, live=standing.position == moment.position)
        # A board that stopped has not seen the moment yet: its counts are not those of that moment for ever.
        is_kept = standing.position >= moment.position and moment.true_on is None
        answers, known = (self._answers, self._tally) if is_kept else (facets.Answers(), None)
        counting = facets.Counting(answers, known, standing)
        after = (behind.key, UUID(behind.last)) if behind else None
        rows = pages.page(connection, question, order, limit + 1, after)
        counts: dict[str, list[FacetCount]] = {}
        if with_facets:
            total, counts = facets.count(connection, question, counting)
        else:
            total = facets.total(connection, question, counting)
        items = views.shown(connection, [row.pledge for row in rows[:limit]], eyes, moment)
        following = self._next(rows[:limit], listed, moment) if len(rows) > limit else None
        return PledgeList(items, total, following, counts, moment)

    def _next(self, rows: list[pages.Row], listed: bytes, moment: Moment) -> str:
        last = rows[-1]
        place = Cursor(
            listed, moment.position, moment.at, moment.is_now, plain(last.key), str(last.pledge.id)
        )
        return cursors.write(place, self._secret)

    def every_pledge(
        self, connection: Connection[Any], filters: PledgeFilters, *, eyes: Eyes, moment: Moment
    ) -> Iterator[dict[str, Any]]:
        """All pledges that somebody may see and wants to see, by reference, streamed."""
        live = _standing(connection).position == moment.position
        question = asked(connection, filters, eyes, moment, live=live)
        rows = pages.every(connection, question, order_of("reference", searched=False))
        while some := [row.pledge for row in islice(rows, SHOWN_AT_ONCE)]:
            yield from views.shown(connection, some, eyes, moment)

    def pledge(
        self,
        connection: Connection[Any],
        id_or_reference: str,
        *,
        eyes: Eyes,
        moment: Moment,
        paper: Paper | None = None,
    ) -> dict[str, Any] | None:
        """One pledge, if the viewer may know of it; its working paper before what was submitted."""
        pledge_id = find(connection, id_or_reference)
        row = connection.execute(AS_OF, [pledge_id, moment.position]).fetchone() if pledge_id else None
        pledge: Pledge | None = _decoder.decode(row[0]) if row else None
        if paper is not None and eyes.sees_paper(paper.entity, paper.account):
            draft = drafts.as_pledge(paper, pledge)
            return views.shown(connection, [draft], EVERYTHING, moment, are_papers=True)[0]
        if pledge is None or not eyes.is_shown(pledge):
            return None
        return views.shown(connection, [pledge], eyes, moment)[0]

    def several(
        self, connection: Connection[Any], pledges: Collection[UUID], *, eyes: Eyes, moment: Moment
    ) -> list[dict[str, Any]]:
        """Those of some pledges that the viewer may know of."""
        found = [one for one in _as_of(connection, list(pledges), moment) if eyes.is_shown(one)]
        return views.shown(connection, found, eyes, moment)

    def pledge_from(
        self,
        connection: Connection[Any],
        pledge: Pledge,
        *,
        eyes: Eyes,
        moment: Moment,
        entities: Mapping[UUID, Entity] | None = None,
    ) -> dict[str, Any]:
        """A pledge whose state is at hand; with its entities' for who cannot wait for the board."""
        known = None if entities is None else known_entities.Entities(entities)
        return views.shown(connection, [pledge], eyes, moment, known=known)[0]

    def papers(
        self,
        connection: Connection[Any],
        papers: Sequence[Paper],
        filters: PledgeFilters,
        *,
        moment: Moment,
        sort: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> PledgeList:
        """A page of somebody's working papers."""
        _check(limit)
        if set(filters.status) != {"draft"}:
            raise invalid(
                "status", "draft cannot be asked for together with others: working papers are kept apart."
            )
        order = order_of(sort, searched=False)
        listed = cursors.digest_of([filters.as_plain(), order.name])
        behind = cursors.read(cursor, listed, self._secret) if cursor else None
        start = behind.key if behind else 0
        found = self._papers(connection, papers, filters, order, moment)
        items = views.shown(connection, found[start : start + limit], EVERYTHING, moment, are_papers=True)
        more = start + limit < len(found)
        place = Cursor(listed, moment.position, moment.at, moment.is_now, start + limit, "")
        following = cursors.write(place, self._secret) if more else None
        return PledgeList(items, len(found), following, {name: [] for name in facets.FACETS}, moment)

    def _papers(
        self,
        connection: Connection[Any],
        papers: Sequence[Paper],
        filters: PledgeFilters,
        order: Order,
        moment: Moment,
    ) -> list[Pledge]:
        states = {pledge.id: pledge for pledge in _as_of(connection, [paper.id for paper in papers], moment)}
        pledges = [drafts.as_pledge(paper, states.get(paper.id)) for paper in papers]
        leads = known_entities.load_at(connection, {pledge.owner for pledge in pledges}, moment.position)
        return drafts.in_order(
            (one for one in pledges if drafts.is_asked_for(filters, one, leads.standing_for(one.owner))),
            order,
        )


def _check(limit: int) -> None:
    if not 1 <= limit <= LIMIT_MAX:
        raise invalid("limit", f"must be from 1 to {LIMIT_MAX}.")


def _as_of(connection: Connection[Any], pledges: Sequence[UUID], moment: Moment) -> list[Pledge]:
    rows = connection.execute(SOME_AS_OF, [list(pledges), moment.position], binary=True)
    return [_decoder.decode(state) for (state,) in rows]


def find(connection: Connection[Any], id_or_reference: str) -> UUID | None:
    """The id of the pledge that an id or a reference names."""
    try:
        return UUID(id_or_reference)
    except ValueError:
        if "\x00" in id_or_reference:
            return None
        row = connection.execute(BY_REFERENCE, [id_or_reference]).fetchone()
        return row[0] if row else None


def _standing(connection: Connection[Any]) -> Standing:
    """How far the board has come. Where it stands, what is open is what is true; -1: nobody feeds it."""
    row = connection.execute(STANDS_AT, [BoardReadModel.name, BoardReadModel.version]).fetchone()
    return Standing(*row) if row else Standing(-1, 0)
