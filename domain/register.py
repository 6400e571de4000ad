"""The one door of the register: a command and who gives it go in, a position comes out.

The only module of the domain that knows the event store library. Must not know SQL or HTTP.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import ApplicationRecorder, Mapper
from eventsourcing.utils import Environment, EnvType

from domain.actors import Actor
from domain.deciding import Context
from domain.errors import Conflict, RegisterError
from domain.recording import Acting, Fact, Recorded, record
from domain.unit_of_work import Aggregate, Named, ReliedOn, Session, SlowCache, UnitOfWork
from domain.values import utc_day

ATTEMPTS_MAX = 12
COLLISIONS_MAX = 3
"""After so many the next attempt lets nobody else store anything from before its first look."""
FASTER_EACH_TIME = "Others changed the same thing at the same time, again and again. Try once more."
T = TypeVar("T")

AlsoWrite = Callable[[Any, Sequence[Recorded]], None]
"""Writes something of the caller's in the transaction that stores the events.

It is given the store's connection and the events with their positions; what it raises undoes everything.
"""


class Collision(Exception):
    """Somebody else stored something in between: reload and decide again."""


class AlreadyCarriedOut(Exception):
    """A command with this id was stored before."""


class ConnectionLost(Exception):
    """The connection broke while storing: nobody knows yet whether it was stored."""


@dataclass(slots=True)
class Entry:
    """What one command adds to the store. The store replaces the events by what was recorded."""

    command_id: UUID
    account: UUID
    stream: UUID
    version: int
    position: int
    events: Sequence[Recorded]
    also: Sequence[AlsoWrite] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """What a transaction learns first, in one question."""

    events: Mapping[UUID, Sequence[Recorded]]
    logged: Mapping[UUID, Entry]
    position: int
    changed: Sequence[UUID]


class StoreSession(Session, Protocol):
    """One transaction of the store, from the first look to the commit."""

    def look(self, streams: Sequence[UUID], command_ids: Sequence[UUID], since: int | None) -> Look:
        """The events of some streams; what the log knows of some commands.

        And what changed since a position, of that which rarely changes.
        """
        ...

    def is_logged(self, command_id: UUID) -> bool:
        """Whether a command was carried out, without reading what it recorded."""
        ...

    def begin_alone(self) -> None:
        """Begin a transaction in which nobody else stores anything, so that it cannot collide."""
        ...

    def hold(self, relied_on: ReliedOn) -> None:
        """Let nobody else store anything until the end of the transaction.

        Raises Collision if what was relied on has changed since it was read.
        """
        ...


class Store(Protocol):
    """What the register asks of its recorder beside the library's own questions."""

    def session(self) -> AbstractContextManager[StoreSession]: ...

    def wait_until_settled(self) -> None:
        """Return when no transaction that began to store before now can still do so."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command with what its sender knows: its id, the version it rests on, what else is to be written."""

    command: Any
    command_id: UUID | None = None
    expected_version: int | None = None
    also: Sequence[AlsoWrite] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where what was said can be read: the last position, the stream, its version, and the events.

    No events: there was nothing to say, and position and version are those before. `repeated`: the command
    had been carried out before, and these are its events of then. `state`: what the stream's thing then is,
    as readers will see it at that position; none of what is repeated.
    """

    position: int
    stream: UUID
    version: int
    events: tuple[Recorded, ...]
    repeated: bool = False
    state: Any = field(default=None, compare=False, repr=False)


class Register(Application[UUID]):
    """Commands in, events out."""

    name = "register"

    def __init__(
        self,
        recorder: Any,
        mapper: Mapper[UUID],
        aggregates: Mapping[type, Aggregate],
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], UUID],
        pause: Callable[[int], None],
    ) -> None:
        """`pause(n)` waits a short random while before the attempt n."""
        self._given_recorder, self._given_mapper = recorder, mapper
        super().__init__()
        self._store: Store = recorder
        self._aggregates = aggregates
        self._kinds = {aggregate.kind: aggregate for aggregate in aggregates.values()}
        self._clock, self._new_id, self._pause = clock, new_id, pause
        self._slow = SlowCache()

    # The library would read the environment of the process and build a recorder and a mapper of its own.

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        return Environment(name, dict(env or {}))

    def construct_mapper(self) -> Mapper[UUID]:
        return self._given_mapper

    def construct_recorder(self) -> ApplicationRecorder:
        recorder: ApplicationRecorder = self._given_recorder
        return recorder

    # -- commands

    def handle(
        self,
        command: Any,
        *,
        by: Actor,
        expected_version: int | None = None,
        command_id: UUID | None = None,
        also: Sequence[AlsoWrite] = (),
    ) -> Outcome:
        """Carry out one command, once.

        Raises what its decision raises, StaleVersion if `expected_version` is not the latest, and Conflict if
        others were faster each time. A `command_id` that was carried out before answers what happened then.
        """
        order = Order(command=command, command_id=command_id, expected_version=expected_version, also=also)
        outcome = self._until_stored([order], by)[0]
        if isinstance(outcome, RegisterError):
            raise outcome
        return outcome

    def handle_many(
        self, orders: Sequence[Order], *, by: Actor, all_or_none: bool = False
    ) -> list[Outcome | RegisterError]:
        """Carry out many commands in one transaction, each deciding after the ones before it.

        A command that is refused says why in its place and takes nothing else with it; with `all_or_none` it
        takes everything with it, and nothing is stored.
        """
        return self._until_stored(orders, by, all_or_none=all_or_none) if orders else []

    def carried_out(self, command_id: UUID) -> Outcome | None:
        """What a command led to, if it was carried out."""
        with self._store.session() as session:
            logged = session.look([], [command_id], None).logged
        return _outcome(logged[command_id], repeated=True) if command_id in logged else None

    def consult(self, question: Callable[[Context], T], *, by: Actor) -> T:
        """Ask something of the register as it is now, as a decision would see it. Nothing is recorded."""
        with self._store.session() as session:
            since = self._slow.position
            look = session.look([], [], since)
            self._slow.catch_up(look.position, look.changed, since=since)
            work = UnitOfWork(session, self._kinds, self._aggregate_of, self._slow, look.position)
            return question(Context(now=self._clock(), actor=by, world=work, new_id=self._new_id))

    def record_once(self, facts: Sequence[tuple[UUID, Fact]], *, command_id: UUID, acting: Acting) -> None:
        """Record the first facts of streams, once for ever, whoever else tries at the same time."""
        now = self._clock()
        versions: Counter[UUID] = Counter()
        events = []
        for stream, fact in facts:
            versions[stream] += 1
            events.append(
                record(
                    fact,
                    stream=stream,
                    version=versions[stream],
                    acting=acting,
                    effective_on=utc_day(now).isoformat(),
                    now=now,
                )
            )
        entry = Entry(command_id, acting.actor, events[0].originator_id, 1, 0, events)
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                with self._store.session() as session, suppress(AlreadyCarriedOut, Collision):
                    if not session.is_logged(command_id):
                        self.save(*events, session=session, entries=[entry])
                    return
            except ConnectionLost:
                self._store.wait_until_settled()
            self._pause(attempt)
        raise Conflict(FASTER_EACH_TIME)

    def _until_stored(
        self, orders: Sequence[Order], by: Actor, *, all_or_none: bool = False
    ) -> list[Outcome | RegisterError]:
        ids = [order.command_id or self._new_id() for order in orders]
        suspects = {order.command_id for order in orders if order.command_id}
        collisions = 0
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                with self._store.session() as session:
                    if collisions >= COLLISIONS_MAX:
                        session.begin_alone()
                    return self._attempt(orders, ids, suspects, by, session, all_or_none=all_or_none)
            except Collision:
                collisions += 1
                # Among what collided may be the same command, sent twice at once.
                suspects = set(ids)
                self._pause(attempt)
            except AlreadyCarriedOut:
                suspects = set(ids)
            except ConnectionLost:
                self._store.wait_until_settled()
                suspects = set(ids)
        raise Conflict(FASTER_EACH_TIME)

    def _attempt(
        self,
        orders: Sequence[Order],
        ids: Sequence[UUID],
        suspects: AbstractSet[UUID],
        by: Actor,
        session: StoreSession,
        *,
        all_or_none: bool,
    ) -> list[Outcome | RegisterError]:
        streams, since = self._streams(orders), self._slow.position
        look = session.look([stream for _, stream in streams], list(suspects), since)
        self._slow.catch_up(look.position, look.changed, since=since)
        work = UnitOfWork(session, self._kinds, self._aggregate_of, self._slow, look.position)
        for kind, stream in streams:
            work.know(kind, stream, look.events[stream])
        known, answers = dict(look.logged), []
        for order, command_id in zip(orders, ids, strict=True):
            repeated = command_id in known
            result = known.get(command_id) or self._decided(order, command_id, work, by)
            if isinstance(result, Entry) and (result.events or result.also):
                known[command_id] = result
            answers.append((result, repeated))
        if all_or_none and any(isinstance(result, RegisterError) for result, _ in answers):
            known = {}
        new = [entry for command_id, entry in known.items() if command_id not in look.logged]
        self._store_entries(new, work.relied_on(), session)
        return [
            result if isinstance(result, RegisterError) else self._outcome(order, result, repeated, work)
            for order, (result, repeated) in zip(orders, answers, strict=True)
        ]

    def _outcome(self, order: Order, entry: Entry, repeated: bool, work: UnitOfWork) -> Outcome:  # noqa: FBT001
        if repeated:
            return _outcome(entry, repeated=True)
        kind = self._aggregate_of(order.command).kind
        return _outcome(entry, state=work.recorded((kind, entry.stream), entry.events))

    def _streams(self, orders: Sequence[Order]) -> list[Named]:
        """The streams that some commands are about, with their kinds."""
        aggregates = [(self._aggregate_of(order.command), order.command) for order in orders]
        named = [(aggregate.kind, aggregate.stream_of(command)) for aggregate, command in aggregates]
        return list(dict.fromkeys((kind, stream) for kind, stream in named if stream is not None))

    def _decided(self, order: Order, command_id: UUID, work: UnitOfWork, by: Actor) -> Entry | RegisterError:
        context = Context(now=self._clock(), actor=by, world=work, new_id=self._new_id, command_id=command_id)
        try:
            carried = work.carry_out(order.command, context, order.expected_version)
        except RegisterError as refusal:
            return refusal
        return Entry(
            command_id=command_id,
            account=by.account,
            stream=carried.stream,
            version=carried.version,
            position=carried.position,
            events=carried.events,
            also=order.also,
        )

    def _store_entries(self, entries: Sequence[Entry], relied_on: ReliedOn, session: StoreSession) -> None:
        if entries:
            if relied_on:
                session.hold(relied_on)
            events = [event for entry in entries for event in entry.events]
            self.save(*events, session=session, entries=entries)

    def _aggregate_of(self, command: Any) -> Aggregate:
        return self._aggregates[type(command)]


def _outcome(entry: Entry, *, repeated: bool = False, state: Any = None) -> Outcome:
    return Outcome(entry.position, entry.stream, entry.version, tuple(entry.events), repeated, state)
