"""The one face of the read side: what web and workers may ask. Each question sees one snapshot.

Must not know how anything is answered; that is in the modules of the read models.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection, errors, sql

from domain.actors import Actor
from domain.cycles.state import Cycles
from domain.entities.state import Entity
from domain.errors import InvalidInput
from domain.log.checkpoints import Checkpoint
from domain.pledges.sight import Eyes, eyes_of
from domain.pledges.state import Pledge
from domain.recording import Recorded
from projections import comparison, cursors, effective
from projections import cycles as of_cycles
from projections.accounts import questions as of_accounts
from projections.board.filters import PledgeFilters
from projections.board.invitations import invitations
from projections.board.questions import Board, PledgeList
from projections.database import places
from projections.database.working_papers import Paper, WorkingPapers
from projections.documents import questions as of_documents
from projections.documents.questions import DocumentPage
from projections.entities import questions as of_entities
from projections.entities import suggesting
from projections.entities.families import with_families
from projections.entities.questions import EntityPage
from projections.intake import questions as of_intake
from projections.log import questions as of_log
from projections.moments import (
    Asked,
    Moment,
    NotReadYet,
    Standstill,
    read,
    recorded_since,
    resolve,
    settle,
)
from projections.on_the_desk import OnTheDesk
from projections.progress import questions as of_progress
from projections.query_pools import QueryPools
from projections.read_model import ReadModel
from projections.readers import Readers
from projections.timeline import evidence as of_evidence
from projections.timeline import questions as of_timeline
from projections.timeline import search as of_events
from projections.timeline.event_filters import EventFilters
from projections.timeline.evidence import Evidence
from projections.timeline.search import EventPage

# From which read models answers are made.
BOARD, PROGRESS, INTAKE = ("board",), ("progress",), ("intake",)
DOCUMENTS = ("documents",)
HISTORY, ENTITIES, ACCOUNTS = ("timeline", "entities"), ("entities", "progress"), ("accounts", "entities")
COMPARISON = ("board", "progress", "timeline")

# Compiling a question takes longer than answering it, and plans depend on what is asked.
SNAPSHOT: LiteralString = """
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL jit = off; SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL enable_seqscan = on;
SET LOCAL work_mem = '32MB';
"""
WAIT_SECONDS_MAX = 1.0


class Questions(OnTheDesk):
    """Asks the read models."""

    def __init__(
        self,
        pools: QueryPools,
        readers: Readers,
        papers: WorkingPapers,
        read_models: Sequence[ReadModel],
        *,
        secret: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._pools, self._readers, self._papers, self._clock = pools, readers, papers, clock
        self._models = {model.name: model for model in read_models}
        self._secret = secret
        self._board = Board(secret)
        self._held: Connection[Any] | None = None

    @contextmanager
    def _snapshot(self, of: Sequence[str], position: int = 0) -> Iterator[Connection[Any]]:
        """One state of these read models, in which all of them have reached a position."""
        with self._statements(of, position) as connection:
            cursor = connection.execute(sql.SQL(SNAPSHOT) + places.reached(self._of(of), position))
            while cursor.nextset():
                pass
            if cursor.fetchone() != (True,):
                raise NotReadYet(f"not all of {', '.join(of)} have reached position {position}", position)
            yield connection

    @contextmanager
    def _at(self, of: Sequence[str], moment: Moment) -> Iterator[Connection[Any]]:
        """These read models at a moment, or as they were true on the day that the moment asks for."""
        if moment.true_on is None:
            with self._snapshot(of, moment.position) as connection:
                yield connection
            return
        if self._held is not None:
            yield self._held
            return
        with self._pools.of_primary() as connection, connection.transaction(force_rollback=True):
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            effective.build(connection, self._of(of), up_to=moment.position, day=moment.true_on)
            yield connection

    @contextmanager
    def together(self, of: Sequence[str], moment: Moment) -> Iterator[Questions]:
        """For several questions of one moment: what was true on a day is worked out once for all of them.

        In the block, ask these of nothing but the moment and these read models.
        """
        if moment.true_on is None:
            yield self
            return
        with self._at(of, moment) as connection:
            asking = copy(self)
            asking._held = connection  # noqa: SLF001 - of its own kind
            yield asking

    @contextmanager
    def _statements(self, of: Sequence[str], position: int) -> Iterator[Connection[Any]]:
        """For what is the same in every snapshot that has it, as one thing at a position is."""
        models = self._of(of)
        try:
            with self._pools.statements(lambda c: places.have_reached(c, models, position)) as connection:
                yield connection
        except (errors.UndefinedTable, errors.InvalidSchemaName) as error:
            raise NotReadYet("the read models are being built") from error

    def _of(self, names: Iterable[str] | None) -> Sequence[ReadModel]:
        if names is None:
            return tuple(self._models.values())
        return [self._models[name] for name in dict.fromkeys(names) if name in self._models]

    def eyes(self, viewer: Actor | None) -> Eyes:
        """Somebody's eyes, with all that became one with their entities by mergers."""
        eyes = eyes_of(viewer)
        if not (eyes.own or eyes.audited):
            return eyes
        with self._statements(("entities",), 0) as connection:
            return with_families(connection, eyes)

    # -- moments

    def moment(
        self, as_of: str | None = None, *, of: Iterable[str] | None = None, field: str = "as_of"
    ) -> Moment:
        """The moment that somebody means, or now, for an answer made from these read models; else from all.

        InvalidInput if it is no moment or lies ahead. NotReadYet if what answers has not come so far.
        """
        asked, models = read(as_of, self._clock(), field), self._of(of)
        try:
            with self._pools.statements(lambda _: True) as connection:
                return resolve(connection, asked, models)
        except (NotReadYet, InvalidInput):  # here, or now: where events are written, there may be more to it
            return self._settled(asked, models)

    def checkpoint(self, moment: Moment) -> Checkpoint | None:
        """The latest checkpoint that was signed by a moment and holds nothing after it."""
        # Of a past moment, a replica knows every checkpoint once it has something that was recorded later.
        with self._pools.statements(lambda c: moment.is_now or recorded_since(c, moment.at)) as connection:
            return of_log.checkpoint_at(connection, moment.position, moment.at)

    def _settled(self, asked: Asked, models: Sequence[ReadModel]) -> Moment:
        with self._pools.of_primary() as connection:
            if asked.at is not None:
                settle(connection, asked.at)
            try:
                return resolve(connection, asked, models, settled=True)
            except NotReadYet as problem:
                if not problem.position:
                    raise
                position = problem.position
        self._readers.wait_for(position, WAIT_SECONDS_MAX)
        with self._pools.of_primary() as connection:
            return resolve(connection, asked, models, settled=True)

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
        eyes = self.eyes(viewer)
        asked: dict[str, Any] = {"moment": moment, "sort": sort, "limit": limit, "cursor": cursor}
        if filters.wants_drafts:
            begun = self._papers.of(eyes.own, viewer.account) if viewer else []
            papers = [paper for paper in begun if eyes.sees_paper(paper.entity, paper.account)]
            with self._at(BOARD, moment) as connection:
                return self._board.papers(connection, papers, filters, **asked)
        with self._at(BOARD, moment) as connection:
            return self._board.pledges(connection, filters, eyes=eyes, with_facets=with_facets, **asked)

    def every_pledge(
        self, filters: PledgeFilters, *, viewer: Actor | None, moment: Moment
    ) -> Iterator[dict[str, Any]]:
        """All pledges that meet the filters, streamed."""
        eyes = self.eyes(viewer)
        with self._at(BOARD, moment) as connection:
            yield from self._board.every_pledge(connection, filters, eyes=eyes, moment=moment)

    def pledge(
        self, id_or_reference: str, *, viewer: Actor | None, moment: Moment, with_paper: bool = True
    ) -> dict[str, Any] | None:
        """One pledge, if there is one and the viewer may know of it; as it is being written, if it is."""
        eyes = self.eyes(viewer)
        paper = self._paper(id_or_reference) if viewer and moment.is_now and with_paper else None
        asking = (
            self._statements(BOARD, moment.position) if moment.true_on is None else self._at(BOARD, moment)
        )
        with asking as connection:
            return self._board.pledge(connection, id_or_reference, eyes=eyes, moment=moment, paper=paper)

    def several_pledges(
        self, pledges: Collection[UUID], *, viewer: Actor | None, moment: Moment
    ) -> dict[UUID, dict[str, Any]]:
        """Those of some pledges that the viewer may know of, by their ids."""
        eyes = self.eyes(viewer)
        with self._statements(BOARD, moment.position) as connection:
            found = self._board.several(connection, pledges, eyes=eyes, moment=moment)
        return {UUID(one["id"]): one for one in found}

    def paper(self, paper: Paper, *, viewer: Actor, moment: Moment) -> dict[str, Any] | None:
        """A working paper that is at hand, kept or not yet, in the shape of a pledge."""
        eyes = self.eyes(viewer)
        with self._statements(BOARD, moment.position) as connection:
            return self._board.pledge(connection, str(paper.id), eyes=eyes, moment=moment, paper=paper)

    def _paper(self, pledge_id: str) -> Any:
        try:
            return self._papers.get(UUID(pledge_id))
        except ValueError:
            return None

    def pledge_from(
        self,
        pledge: Pledge,
        *,
        viewer: Actor | None,
        moment: Moment,
        entities: Mapping[UUID, Entity] | None = None,
    ) -> dict[str, Any]:
        """A pledge whose state is at hand, in the same shape; with its entities' the board may lag behind."""
        eyes = self.eyes(viewer)
        with self._statements(BOARD, moment.position if entities is None else 0) as connection:
            return self._board.pledge_from(connection, pledge, eyes=eyes, moment=moment, entities=entities)

    def history(self, pledge: str, *, viewer: Actor | None, moment: Moment) -> list[dict[str, Any]] | None:
        """All that happened to a pledge, oldest first."""
        eyes = self.eyes(viewer)
        with self._snapshot(HISTORY, moment.position) as connection:
            return of_timeline.history(connection, pledge, eyes=eyes, moment=moment)

    def latest_changes(self, *, moment: Moment, limit: int = 10) -> list[dict[str, Any]]:
        """What changed last in public, latest first."""
        with self._snapshot(HISTORY, moment.position) as connection:
            return of_timeline.latest_changes(connection, moment=moment, limit=limit)

    def events(
        self,
        filters: EventFilters,
        *,
        viewer: Actor | None,
        moment: Moment,
        sort: str = "-position",
        limit: int = 50,
        cursor: str | None = None,
    ) -> EventPage:
        """The events that the filters leave, of everything. `next` of the page is a cursor."""
        listed = cursors.digest_of(["events", filters.as_plain(), sort])
        behind = cursors.read(cursor, listed, self._secret) if cursor else None
        moment = cursors.moment_of(behind, moment) if behind else moment
        eyes = self.eyes(viewer)
        with self._snapshot(HISTORY, moment.position) as connection:
            page = of_events.events(
                connection, filters, eyes=eyes, moment=moment, newest_first=sort == "-position",
                limit=limit, after=int(behind.key) if behind else None,
            )  # fmt: skip
        return EventPage(page.items, page.total, self._next(listed, moment, page.next and (page.next, "")))

    def evidence(
        self, position: int, *, viewer: Actor | None, moment: Moment | None = None
    ) -> Evidence | None:
        """The bytes behind an event's entry in the log, as far as the viewer may see the event today.

        None too for an event that was recorded after the moment.
        """
        moment, eyes = moment or self.moment(of=HISTORY), self.eyes(viewer)
        if position > moment.position:
            return None
        with self._snapshot(HISTORY, moment.position) as connection:
            return of_evidence.evidence(connection, position, eyes=eyes, moment=moment)

    def invitations(
        self, *, viewer: Actor | None, moment: Moment, of: UUID | None = None
    ) -> list[dict[str, Any]]:
        """The pledges in which an entity, or else the viewer's own, are asked to take part, public or not."""
        eyes = self.eyes(viewer)
        asked = eyes.own
        if of is not None:
            with self._statements(("entities",), 0) as connection:
                asked = with_families(connection, Eyes(own=frozenset({of}))).own
        with self._snapshot(BOARD, moment.position) as connection:
            return invitations(connection, asked, eyes, moment)

    # -- numbers

    def progress(self, by: str, *, moment: Moment, compare_to: Moment | None = None) -> dict[str, Any]:
        """The numbers for each value of a dimension."""
        with self._at(PROGRESS, moment) as connection:
            return of_progress.progress(connection, by, moment=moment, compare_to=compare_to)

    def totals(self, *, moment: Moment, compare_to: Moment | None = None) -> dict[str, Any]:
        """The numbers of the register in all."""
        with self._at(PROGRESS, moment) as connection:
            return of_progress.totals(connection, moment=moment, compare_to=compare_to)

    def compared(self, *, earlier: Moment, later: Moment) -> dict[str, Any]:
        """How the numbers of one moment became those of another."""
        with self._snapshot(COMPARISON, later.position) as connection:
            return comparison.compared(connection, earlier=earlier, later=later)

    def compared_pledges(
        self,
        kind: str,
        *,
        earlier: Moment,
        later: Moment,
        narrowed: comparison.Narrowed | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> Iterator[dict[str, Any]]:
        """The pledges that came in, moved or were otherwise changed between two moments."""
        with self._snapshot(COMPARISON, later.position) as connection:
            yield from comparison.compared_pledges(
                connection, kind, earlier=earlier, later=later, narrowed=narrowed, limit=limit, offset=offset
            )

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
        with self._snapshot(ENTITIES, moment.position) as connection:
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
        with self._snapshot(ENTITIES, moment.position) as connection:
            return of_entities.entity(connection, key, moment=moment)

    def entity_from(self, entity: Entity, *, moment: Moment) -> dict[str, Any]:
        """One whose state is at hand, in the same shape."""
        with self._snapshot(ENTITIES, moment.position) as connection:
            return of_entities.entity_from(connection, entity, moment=moment)

    def entity_named(self, name: str) -> UUID | None:
        """The entity that is exactly so called, in whatever language or time."""
        with self._snapshot(("entities",)) as connection:
            return of_entities.entity_named(connection, name)

    def entity_names(self, language: str, *, moment: Moment) -> list[str]:
        """Names of entities in a language, to choose from."""
        with self._snapshot(ENTITIES, moment.position) as connection:
            return suggesting.names(connection, language, moment=moment)

    def entity_names_near(self, name: str, language: str, *, moment: Moment) -> list[str]:
        """Names, in a language, of the few entities of which some name is like that one."""
        with self._snapshot(ENTITIES, moment.position) as connection:
            return suggesting.near(connection, name, language, moment=moment)

    # -- outside documents

    def documents(self, *, moment: Moment, limit: int = 50, cursor: str | None = None) -> DocumentPage:
        """The outside documents that were deposited, latest first. `next` of the page is a cursor."""
        listed = cursors.digest_of(["documents"])
        behind = cursors.read(cursor, listed, self._secret) if cursor else None
        moment = cursors.moment_of(behind, moment) if behind else moment
        with self._snapshot(DOCUMENTS, moment.position) as connection:
            after = int(behind.key) if behind else None
            page = of_documents.documents(connection, moment=moment, limit=limit, after=after)
        return DocumentPage(page.items, page.total, self._next(listed, moment, page.next and (page.next, "")))

    def document(self, id_or_digest: UUID | str, *, moment: Moment) -> dict[str, Any] | None:
        """One outside document, by its id or the digest of its bytes (hex)."""
        with self._snapshot(DOCUMENTS, moment.position) as connection:
            return of_documents.document(connection, id_or_digest, moment=moment)

    def document_from(self, event: Recorded) -> dict[str, Any]:
        """The outside document that an event at hand deposited, in the same shape."""
        with self._statements(DOCUMENTS, 0) as connection:
            return of_documents.document_from(connection, event)

    # -- the register itself

    def cycles(self, *, moment: Moment) -> Cycles:
        """The cycles of the review forum."""
        with self._statements((), moment.position) as connection:
            return of_cycles.cycles(connection, moment.position)

    def intake(
        self, *, viewer: Actor | None, moment: Moment, limit: int = 50, cursor: str | None = None
    ) -> dict[str, Any]:
        """What was received, by way and outcome."""
        listed = cursors.digest_of(["intake"])
        behind = cursors.read(cursor, listed, self._secret) if cursor else None
        after = (int(behind.key), int(behind.last)) if behind else None
        moment, eyes = cursors.moment_of(behind, moment) if behind else moment, self.eyes(viewer)
        with self._snapshot(INTAKE, moment.position) as connection:
            told = of_intake.intake(connection, eyes=eyes, moment=moment, limit=limit, after=after)
        return {**told, "next": self._next(listed, moment, told["next"])}

    def accounts(self, *, moment: Moment) -> list[dict[str, Any]]:
        """All accounts with their roles."""
        with self._snapshot(ACCOUNTS, moment.position) as connection:
            return of_accounts.accounts(connection, moment=moment)

    def stands_still(self) -> list[Standstill]:
        """The read models that have stopped, or have not made up yet for having stopped."""
        return [
            Standstill(model["name"], model["position"])
            for model in self.read_model_status()
            if model["lag"]
            and (model["state"] == "failed" or (model["been_live"] and model["state"] != "live"))
        ]

    def read_model_status(self) -> list[dict[str, Any]]:
        """How far each read model has come, and how it is. One that nobody has fed yet stands at 0."""
        with self._pools.of_primary() as connection:
            head = places.head(connection)
            known = {(place.name, place.version): place for place in places.places(connection)}
        found = [
            known.get((m.name, m.version)) or places.Place(m.name, m.version, 0, "building")
            for m in self._models.values()
        ]
        return [
            {
                "name": place.name, "version": place.version, "state": place.state,
                "been_live": place.been_live,
                "position": place.position,
                "lag": max(0, head - place.position), "error": place.error,
                "error_position": place.error_position,
            }
            for place in found
        ]  # fmt: skip
