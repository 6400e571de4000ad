"""What one transaction knows and has decided: the world of a decision, read through the store's session.

Must not know the event store library, nor how the session reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Protocol
from uuid import UUID

from domain.cycles.state import CYCLES_ID, Cycles
from domain.deciding import Context, Decision
from domain.entities.state import Entity
from domain.errors import NotFound, NotPermitted, RegisterError, StaleVersion
from domain.log.state import LOG_ID, LogState
from domain.pledges.state import Pledge
from domain.recording import Recorded, record
from domain.reservations import reservations_of

CONSEQUENCES_DEEP_MAX = 8
OFFER = "offer"
"""The kind of reservation that remembers which pledge was offered to which."""
SLOW_KINDS = ("entity", "cycle")
"""What changes rarely."""

Named = tuple[str, UUID]
"""A kind of thing and an id. A stream is of one kind, but people may name its id as one of another."""


class Session(Protocol):
    """One transaction of the store, as far as deciding needs it."""

    def events(self, stream: UUID) -> Sequence[Recorded]:
        """All events of a stream, oldest first."""
        ...

    def event(self, position: int) -> Recorded | None:
        """The event at a position, as it is stored."""
        ...

    def holder(self, kind: str, key: str) -> UUID | None:
        """Who holds a reservation."""
        ...

    def holders(self, kind: str, prefix: str) -> Sequence[UUID]:
        """Who hold the reservations whose keys begin so, in the order of the keys."""
        ...

    def last_number(self, cycle: int) -> int:
        """The highest running number of a cycle; whoever asks next waits for the end of this transaction."""
        ...


@dataclass(frozen=True, slots=True)
class Aggregate:
    """How one kind of thing is decided and what its events make of it.

    The names of its events begin with its kind.
    """

    kind: str
    decide: Callable[[Any, Any, Context], Decision]
    evolve: Callable[[Any, Recorded], Any]
    stream_of: Callable[[Any], UUID | None]
    consequences: Callable[[Sequence[Recorded], Any, Context], Sequence[Any]] | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A thing as its stream has made it; no state if there is none, or if the stream is of another kind."""

    state: Any
    version: int
    position: int
    is_new: bool = False
    """Whether some of it is decided and not stored yet."""


def fold(aggregate: Aggregate, events: Sequence[Recorded]) -> Loaded:
    """What the events of a stream make."""
    if not events:
        return Loaded(None, 0, 0)
    state = None
    if events[0].header.name.startswith(f"{aggregate.kind}."):
        for event in events:
            state = aggregate.evolve(state, event)
    return Loaded(state, events[-1].header.stream_version, events[-1].position)


class SlowCache:
    """Things that change rarely, kept from one transaction to the next.

    Every transaction first learns which of them changed since; what was loaded by one that began before the
    latest of these looks is not kept.
    """

    def __init__(self) -> None:
        self.position: int | None = None
        self._lock = Lock()
        self._loaded: dict[Named, Loaded] = {}

    def catch_up(self, position: int, changed: Sequence[UUID], *, since: int | None) -> None:
        """Forget what changed since a position. Who asked before anything was known cannot say what did.

        What happened to the log may have erased words of anything.
        """
        with self._lock:
            if since is None or LOG_ID in changed:
                self._loaded.clear()
            for named in [(kind, stream) for stream in changed for kind in SLOW_KINDS]:
                self._loaded.pop(named, None)
            self.position = max(position, self.position or 0)

    def get(self, named: Named) -> Loaded | None:
        return self._loaded.get(named)

    def keep(self, named: Named, loaded: Loaded, *, looked_at: int) -> None:
        with self._lock:
            if self.position is not None and looked_at >= self.position and loaded.state is not None:
                self._loaded[named] = loaded


@dataclass(slots=True)
class ReliedOn:
    """What decisions have read beside the streams that they write, as it was stored.

    The store checks the versions of what is written alone. Whoever stores sees that this is unchanged too.
    """

    streams: dict[UUID, int] = field(default_factory=dict)
    """The version of each pledge; and of each entity that was read to decide on another."""
    offers: dict[str, int] = field(default_factory=dict)
    """How many offers are remembered under each beginning of their keys."""

    def __bool__(self) -> bool:
        return bool(self.streams or self.offers)


@dataclass(slots=True)
class _Layer:
    """What has been decided and not stored yet."""

    loaded: dict[Named, Loaded] = field(default_factory=dict)
    relied_on: ReliedOn = field(default_factory=ReliedOn)
    reserved: dict[tuple[str, str], UUID] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)

    def take_over(self, other: _Layer) -> None:
        self.loaded.update(other.loaded)
        self.relied_on.streams.update(other.relied_on.streams)
        self.relied_on.offers.update(other.relied_on.offers)
        self.reserved.update(other.reserved)
        self.numbers.update(other.numbers)


class UnitOfWork:
    """The world as one transaction sees it: what is stored, and what its own commands have decided on top."""

    def __init__(
        self,
        session: Session,
        aggregates: Mapping[str, Aggregate],
        aggregate_of: Callable[[Any], Aggregate],
        cache: SlowCache,
        looked_at: int,
    ) -> None:
        self._session = session
        self._aggregates = aggregates
        self._aggregate_of = aggregate_of
        self._cache = cache
        self._looked_at = looked_at
        self._stored: dict[Named, Loaded] = {}
        self._decided = _Layer()
        self._current = _Layer()
        self._deciding_on = ""

    # -- the world, as decisions see it

    def entity(self, entity_id: UUID) -> Entity | None:
        loaded = self._load_slow("entity", entity_id)
        # Two that are merged into each other at once would leave none. Pledges stay with whichever entity
        # they name, and are shown under the one that stands for it, so they need not rely on it.
        if self._deciding_on == "entity" and loaded.state is not None:
            self._current.relied_on.streams[entity_id] = loaded.version
        state: Entity | None = loaded.state
        return state

    def pledge(self, pledge_id: UUID) -> Pledge | None:
        state: Pledge | None = self.load("pledge", pledge_id).state
        stored = self._stored.get(("pledge", pledge_id))
        if stored is not None:
            self._current.relied_on.streams[pledge_id] = stored.version
        return state

    def cycles(self) -> Cycles:
        return self._load_slow("cycle", CYCLES_ID).state or Cycles()

    def log(self) -> LogState:
        return self.load("log", LOG_ID).state or LogState()

    def event(self, position: int) -> Recorded | None:
        return self._session.event(position)

    def next_number(self, cycle: int) -> int:
        last = self._current.numbers.get(cycle) or self._decided.numbers.get(cycle)
        number = (self._session.last_number(cycle) if last is None else last) + 1
        self._current.numbers[cycle] = number
        return number

    def holder(self, kind: str, key: str) -> UUID | None:
        pending = self._current.reserved.get((kind, key)) or self._decided.reserved.get((kind, key))
        return pending or self._session.holder(kind, key)

    def offers_by(self, pledge_id: UUID) -> list[UUID]:
        prefix = f"{pledge_id}:"
        pending = {**self._decided.reserved, **self._current.reserved}
        made = [holder for (kind, key), holder in pending.items() if kind == OFFER and key.startswith(prefix)]
        stored = self._session.holders(OFFER, prefix)
        # Of several looks the first counts: it did not see what was stored before the others.
        before = self._decided.relied_on.offers.get(prefix, len(stored))
        self._current.relied_on.offers.setdefault(prefix, before)
        return list(dict.fromkeys([*stored, *made]))

    def relied_on(self) -> ReliedOn:
        """What was read for what was decided, and is not written by it."""
        read = self._decided.relied_on
        written = {stream for (_, stream), loaded in self._decided.loaded.items() if loaded.is_new}
        streams = {stream: version for stream, version in read.streams.items() if stream not in written}
        return ReliedOn(streams, read.offers)

    def recorded(self, named: Named, events: Sequence[Recorded]) -> Any:
        """What a thing is by a command's events, once they are recorded: with their positions and times.

        To be asked of all commands, in their order.
        """
        for event in events:
            header = event.header
            kind = header.name.partition(".")[0]
            before = self._stored.get((kind, header.stream), Loaded(None, 0, 0))
            state = self._aggregates[kind].evolve(before.state, event)
            self._stored[kind, header.stream] = Loaded(state, header.stream_version, header.position)
        return self._stored.get(named, Loaded(None, 0, 0)).state

    # -- loading

    def load(self, kind: str, stream: UUID) -> Loaded:
        """A thing as it is, with what was decided in this transaction."""
        named = (kind, stream)
        pending = self._current.loaded.get(named) or self._decided.loaded.get(named)
        if pending is not None:
            return pending
        if named not in self._stored:
            self.know(kind, stream, self._session.events(stream))
        return self._stored[named]

    def know(self, kind: str, stream: UUID, events: Sequence[Recorded]) -> None:
        """Take note of a stream that was read already."""
        self._stored[kind, stream] = fold(self._aggregates[kind], events)

    def _load_slow(self, kind: str, stream: UUID) -> Loaded:
        named = (kind, stream)
        pending = self._current.loaded.get(named) or self._decided.loaded.get(named)
        cached = pending or self._cache.get(named)
        if cached is None:
            cached = self.load(kind, stream)
            self._cache.keep(named, cached, looked_at=self._looked_at)
        return cached

    # -- deciding

    def carry_out(self, command: Any, context: Context, expected_version: int | None) -> Carried:
        """Decide a command and all that follows from it. Whatever is raised leaves nothing decided."""
        self._current = _Layer()
        try:
            carried = self._decide(command, context, expected_version)
            self._decided.take_over(self._current)
        finally:
            self._current = _Layer()
        return carried

    def _decide(
        self, command: Any, context: Context, expected_version: int | None, depth: int = 0
    ) -> Carried:
        aggregate = self._aggregate_of(command)
        self._deciding_on = aggregate.kind
        stream = aggregate.stream_of(command)
        before = Loaded(None, 0, 0) if stream is None else self.load(aggregate.kind, stream)
        if before.state is None and before.version:
            raise NotFound(f"There is no {aggregate.kind} with the id {stream}.")
        decision = self._fresh(aggregate, command, before, context, expected_version)
        target = stream or decision.stream or context.new_id()
        events = _events_of(decision, target, before.version, context)
        after = self._evolve(aggregate, target, before, events)
        if events and aggregate.consequences is not None:
            if depth >= CONSEQUENCES_DEEP_MAX:
                raise RecursionError("consequences of consequences do not come to an end")
            for order in aggregate.consequences(events, after.state, context):
                events.extend(self._decide(order, context, None, depth + 1).events)
        return Carried(target, after.version, after.position, tuple(events))

    def _fresh(
        self,
        aggregate: Aggregate,
        command: Any,
        before: Loaded,
        context: Context,
        expected_version: int | None,
    ) -> Decision:
        """The decision, if the caller's version is the latest.

        Who may not know of the thing learns nothing of its version.
        """
        if expected_version is None or expected_version == before.version:
            return aggregate.decide(command, before.state, context)
        try:
            aggregate.decide(command, before.state, context)
        except (NotFound, NotPermitted):
            raise
        except RegisterError as refusal:
            raise _stale(expected_version, before.version) from refusal
        raise _stale(expected_version, before.version)

    def _evolve(
        self, aggregate: Aggregate, stream: UUID, before: Loaded, events: Sequence[Recorded]
    ) -> Loaded:
        state = before.state
        for event in events:
            state = aggregate.evolve(state, event)
            for reservation in reservations_of(event):
                self._current.reserved[reservation.kind, reservation.key] = reservation.holder
        after = Loaded(
            state, before.version + len(events), before.position, is_new=before.is_new or bool(events)
        )
        self._current.loaded[aggregate.kind, stream] = after
        return after


@dataclass(frozen=True, slots=True)
class Carried:
    """What one command has led to: all its events, its own stream's first, and where that stream stands."""

    stream: UUID
    version: int
    position: int
    events: tuple[Recorded, ...]


def _stale(named: int, latest: int) -> StaleVersion:
    return StaleVersion(f"Version {named} was named, but the latest is {latest}.")


def _events_of(decision: Decision, stream: UUID, version: int, context: Context) -> list[Recorded]:
    return [
        record(
            fact,
            stream=stream,
            version=version + number,
            acting=decision.acting,
            effective_on=decision.effective_on,
            now=context.now,
        )
        for number, fact in enumerate(decision.facts, 1)
    ]
