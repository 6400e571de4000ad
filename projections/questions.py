"""The one face of the read side: what web and workers may ask. Each question sees one snapshot.

Must not know how anything is answered; that is in the modules of the read models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection, errors

from domain.actors import Actor
from domain.pledges.state import Pledge
from projections import cursors
from projections.accounts import questions as of_accounts
from projections.board.drafts import may_see
from projections.board.filters import PledgeFilters
from projections.board.questions import Board, PledgeList
from projections.database import places
from projections.database.pool import Pool
from projections.database.working_papers import Paper, WorkingPapers
from projections.entities import questions as of_entities
from projections.entities.questions import EntityPage
from projections.intake import questions as of_intake
from projections.moments import Moment, NotReadYet, resolve
from projections.progress import questions as of_progress
from projections.read_model import ReadModel
from projections.timeline import questions as of_timeline

# Compiling a question takes longer than answering it, and plans depend on what is asked.
SNAPSHOT = """
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL jit = off; SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL enable_seqscan = on;
SET LOCAL work_mem = '32MB'
"""


class Questions:
    """Asks the read models."""

    def __init__(
        self,
        pool: Pool,
        papers: WorkingPapers,
        read_models: Sequence[ReadModel],
        *,
        secret: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._pool, self._papers, self._models, self._clock = pool, papers, tuple(read_models), clock
        self._secret = secret
        self._board = Board(secret)

    @contextmanager
    def _snapshot(self) -> Iterator[Connection[Any]]:
        with self._statements() as connection:
            connection.execute(SNAPSHOT)
            yield connection

    @contextmanager
    def _statements(self) -> Iterator[Connection[Any]]:
        """For what is the same in every snapshot that has it, as one thing at a position is."""
        try:
            with self._pool.statements() as connection:
                yield connection
        except (errors.UndefinedTable, errors.InvalidSchemaName) as error:
            raise NotReadYet("the read models are being built") from error

    def moment(self, as_of: str | None = None) -> Moment:
        """The moment that somebody means, or now. InvalidInput if it is none or lies ahead."""
        with self._pool.statements() as connection:
            return resolve(connection, as_of, now=self._clock(), models=self._models)

    # -- pledges

    def pledges(
        self,
        filters: PledgeFilters,
        *,
        viewer: Actor | None,
        moment: Moment,
        sort: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
        with_facets: bool = True,
    ) -> PledgeList:
        """A page of pledges, with the total and the counts of what else could be asked for."""
        asked: dict[str, Any] = {"moment": moment, "sort": sort, "limit": limit, "cursor": cursor}
        if filters.wants_drafts:
            begun = self._papers.of(viewer.own_entities, viewer.account) if viewer else []
            papers = [paper for paper in begun if may_see(paper, viewer)]
            with self._snapshot() as connection:
                return self._board.papers(connection, papers, filters, **asked)
        with self._snapshot() as connection:
            return self._board.pledges(connection, filters, viewer=viewer, with_facets=with_facets, **asked)

    def every_pledge(
        self, filters: PledgeFilters, *, viewer: Actor | None, moment: Moment
    ) -> Iterator[dict[str, Any]]:
        """All pledges that meet the filters, streamed."""
        with self._snapshot() as connection:
            yield from self._board.every_pledge(connection, filters, viewer=viewer, moment=moment)

    def pledge(self, id_or_reference: str, *, viewer: Actor | None, moment: Moment) -> dict[str, Any] | None:
        """One pledge, if there is one and the viewer may know of it."""
        paper = self._paper(id_or_reference) if viewer and moment.is_now else None
        with self._statements() as connection:
            return self._board.pledge(connection, id_or_reference, viewer=viewer, moment=moment, paper=paper)

    def paper(self, paper: Paper, *, viewer: Actor, moment: Moment) -> dict[str, Any] | None:
        """A working paper that is at hand, kept or not yet, in the shape of a pledge."""
        with self._statements() as connection:
            return self._board.pledge(connection, str(paper.id), viewer=viewer, moment=moment, paper=paper)

    def _paper(self, pledge_id: str) -> Any:
        try:
            return self._papers.get(UUID(pledge_id))
        except ValueError:
            return None

    def pledge_from(self, pledge: Pledge, *, viewer: Actor | None, moment: Moment) -> dict[str, Any]:
        """A pledge whose state is at hand, in the same shape."""
        with self._statements() as connection:
            return self._board.pledge_from(connection, pledge, viewer=viewer, moment=moment)

    def history(self, pledge: str, *, viewer: Actor | None, moment: Moment) -> list[dict[str, Any]] | None:
        """All that happened to a pledge, oldest first."""
        with self._snapshot() as connection:
            return of_timeline.history(connection, pledge, viewer=viewer, moment=moment)

    def latest_changes(self, *, moment: Moment, limit: int = 10) -> list[dict[str, Any]]:
        """What changed last in public, latest first."""
        with self._snapshot() as connection:
            return of_timeline.latest_changes(connection, moment=moment, limit=limit)

    # -- numbers

    def progress(self, by: str, *, moment: Moment, compare_to: Moment | None = None) -> dict[str, Any]:
        """The numbers for each value of a dimension."""
        with self._snapshot() as connection:
            return of_progress.progress(connection, by, moment=moment, compare_to=compare_to)

    def totals(self, *, moment: Moment, compare_to: Moment | None = None) -> dict[str, Any]:
        """The numbers of the register in all."""
        with self._snapshot() as connection:
            return of_progress.totals(connection, moment=moment, compare_to=compare_to)

    # -- entities

    def entities(
        self,
        q: str | None = None,
        *,
        category: str | None = None,
        moment: Moment,
        limit: int = 50,
        cursor: str | None = None,
    ) -> EntityPage:
        """Those who pledge, by name. `next` of the page is a cursor."""
        listed = cursors.digest_of(["entities", q, category])
        behind = cursors.read(cursor, listed, self._secret) if cursor else None
        if behind is not None:
            moment = cursors.moment_of(behind, moment)
        with self._snapshot() as connection:
            page = of_entities.entities(
                connection, q, categories=[category] if category else (), moment=moment, limit=limit,
                after=(behind.key, behind.last) if behind else None,
            )  # fmt: skip
        return EntityPage(page.items, page.total, self._next(listed, moment, page.next))

    def _next(self, listed: bytes, moment: Moment, place: Any) -> Any:
        if place is None:
            return None
        key, last = place
        return cursors.write(
            cursors.Cursor(listed, moment.position, moment.at, moment.is_now, key, str(last)), self._secret
        )

    def entity(self, key: str, *, moment: Moment) -> dict[str, Any] | None:
        """One who pledges, by id, slug or the code of a State."""
        with self._snapshot() as connection:
            return of_entities.entity(connection, key, moment=moment)

    def entity_named(self, name: str) -> UUID | None:
        """The entity that is exactly so called, in whatever language or time."""
        with self._snapshot() as connection:
            return of_entities.entity_named(connection, name)

    # -- the register itself

    def intake(self, *, viewer: Actor | None, limit: int = 50, cursor: str | None = None) -> dict[str, Any]:
        """What was received, by way and outcome."""
        listed = cursors.digest_of(["intake"])
        behind = cursors.read(cursor, listed, self._secret) if cursor else None
        after = (int(behind.key), int(behind.last)) if behind else None
        with self._snapshot() as connection:
            told = of_intake.intake(connection, viewer=viewer, limit=limit, after=after)
        return {**told, "next": self._next(listed, self.moment(), told["next"])}

    def accounts(self, *, moment: Moment) -> list[dict[str, Any]]:
        """All accounts with their roles."""
        with self._snapshot() as connection:
            return of_accounts.accounts(connection, moment=moment)

    def read_model_status(self) -> list[dict[str, Any]]:
        """How far each read model has come, and how it is. One that nobody has fed yet stands at 0."""
        with self._pool.connection() as connection:
            head = places.head(connection)
            known = {(place.name, place.version): place for place in places.places(connection)}
        found = [
            known.get((m.name, m.version)) or places.Place(m.name, m.version, 0, "building")
            for m in self._models
        ]
        return [
            {
                "name": place.name, "version": place.version, "state": place.state,
                "position": place.position,
                "lag": max(0, head - place.position), "error": place.error,
                "error_position": place.error_position,
            }
            for place in found
        ]  # fmt: skip
