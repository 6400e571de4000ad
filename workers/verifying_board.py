"""Folds pledges from a bundle's events, a partition at a time, and compares them with the board in it.

By the rules of the domain, without read models. A pledge whose first events are withheld is folded from its
publication on. What cannot be compared is counted. Must not know how events are read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, cached_property, lru_cache, partial
from typing import Any
from uuid import UUID

import msgspec

from domain import aggregates  # noqa: F401 - knows all events
from domain.entities.document import entity_document
from domain.entities.evolve import evolve as evolve_entity
from domain.entities.state import Entity, survivor
from domain.errors import UnreadableEvent
from domain.log.events import FieldErased
from domain.pledges.derived import is_overdue, staleness
from domain.pledges.document import document
from domain.pledges.events import PledgeMade
from domain.pledges.evolve import evolve as evolve_pledge
from domain.pledges.sight import PUBLIC, PUBLIC_PARTNERS, Sight, words_read
from domain.pledges.state import Pledge
from domain.recording import Recorded, read_fact, read_header
from domain.values import rfc3339
from workers.setting_aside import brought_together
from workers.verifier import Event, Order, Wrong
from workers.verifying_events import Kept

Places = tuple[tuple[str, int, int], ...]
Entities = Mapping[UUID, Entity]
EntityOf = Callable[[str | None], dict[str, Any] | None]
_Step = tuple[Recorded, Pledge | None, Pledge]
MADE_TELLS_ALL_SINCE = 2
"""The version of `pledge.made` from which a pledge can be folded without what was before it."""
NAMING = ("erased", "entity", "partners", "money", "verdicts")
"""Fields that tell what other events say: what entities are called, and what was erased."""
_UNREADABLE = (UnreadableEvent, ValueError, KeyError, TypeError, AttributeError)
_encode = msgspec.json.Encoder().encode
_encode_sorted = msgspec.json.Encoder(order="sorted").encode


class Named(msgspec.Struct, gc=False):
    """As much of a header as says what it is of."""

    name: Any = None
    version: Any = None


_named = msgspec.json.Decoder(Named).decode


class Line(msgspec.Struct, array_like=True, gc=False):
    """A line of the board, set aside until the events of its pledge are together."""

    number: int
    id: str
    line: bytes


@dataclass(frozen=True)
class Shown:
    """What the board shows of a pledge, on which of its lines."""

    number: int
    id: str
    line: bytes

    @cached_property
    def fields(self) -> dict[str, Any]:
        """What it says. Raises Wrong."""
        return board_object(self.line, f"board.jsonl, line {self.number}")

    def is_later_than(self, events: int) -> bool:
        """Whether it says that the pledge has had more events than so many."""
        version = self.fields.get("version")
        return type(version) is int and version > events


@dataclass(frozen=True)
class Task:
    """Where the events and lines of a partition are, and what they are looked at with."""

    events: Places
    lines: Places
    for_all: Places
    day: date
    first_withheld: int | None
    erased_since: Sequence[dict[str, Any]] = ()


FIRST_ALONE = frozenset({"of_order", "of_events", "of_board", "missing"})


@dataclass
class Folded:
    """What came of a partition. Problems are told by the smallest place: of events, then of the board."""

    of_order: list[tuple[int, str]] = field(default_factory=list)
    of_events: list[tuple[int, str]] = field(default_factory=list)
    of_board: list[tuple[int, str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    matches: list[tuple[int, str, str | None, Any]] = field(default_factory=list)
    compared: int = 0
    open: int = 0
    withheld: int = 0
    unnamed: int = 0
    versions_withheld: int = 0

    def add(self, other: Folded) -> None:
        """Take what came of another partition. Of problems the first is told, so that alone is kept."""
        for name in self.__dataclass_fields__:
            both = getattr(self, name) + getattr(other, name)
            setattr(self, name, sorted(both)[:1] if name in FIRST_ALONE else both)

    def check_events(self) -> None:
        """Raises Wrong for the first event that cannot be where it is, or says what cannot be."""
        for problems in (self.of_order, self.of_events):
            if problems:
                raise Wrong(min(problems)[1])


def check_order(places: Places, first_withheld: int | None, up_to: int) -> Folded:
    """See that the versions of each stream follow one another, up to a position."""
    kept = [one for one in brought_together(places, Kept) if one.position <= up_to]
    return Folded(of_order=_order_problems(kept, first_withheld))


def fold(task: Task) -> Folded:
    """Fold the pledges of a partition, and compare them with their lines of the board."""
    kept = brought_together(task.events, Kept)
    found = Folded(of_order=_order_problems(kept, task.first_withheld))
    if found.of_order:
        return found
    lines = _lines(task.lines, found)
    comparison = _Comparison(task, found, _for_all(task.for_all))
    for stream, events in _by_stream(kept):
        comparison.take(events, lines.pop(stream, None))
    for shown in lines.values():
        comparison.unfounded(shown, 0)
    return found


def _lines(places: Places, found: Folded) -> dict[str, Shown]:
    """The lines of a partition, by their pledges; of those that are none, the problems."""
    lines: dict[str, Shown] = {}
    for line in brought_together(places, Line):
        if line.id in lines:
            said = f"board.jsonl, line {line.number}: shows the pledge {line.id} once more"
            found.of_board.append((line.number, said))
        else:
            lines[line.id] = Shown(line.number, line.id, line.line)
    return lines


def fold_for_all(places: Places, first_withheld: int | None) -> Folded:
    """See that the events that all pledges are compared with follow from one another."""
    problems = _order_problems(brought_together(places, Kept), first_withheld)
    return Folded(of_order=problems, of_events=[] if problems else _for_all(places).problems)


def _order_problems(kept: list[Kept], first_withheld: int | None) -> list[tuple[int, str]]:
    if _are_consecutive(kept):
        return []
    order = Order()
    for one in kept:
        if first_withheld is not None and one.position > first_withheld:
            order.check(Event(first_withheld, b""))
            first_withheld = None
        # Times were looked at among all events; these rise as well.
        header = {"recorded_at": f"{one.position:020}", "stream": one.stream, "stream_version": one.version}
        try:
            order.check(Event(one.position, b"", header))
        except Wrong as problem:
            return [(one.position, str(problem))]
    return []


def _are_consecutive(kept: list[Kept]) -> bool:
    versions: dict[str, int] = {}
    for one in kept:
        if one.version != versions.get(one.stream, 0) + 1 or type(one.version) is not int:
            return False
        versions[one.stream] = one.version
    return True


def _by_stream(kept: list[Kept]) -> Iterator[tuple[str, list[Kept]]]:
    streams: dict[str, list[Kept]] = {}
    for one in kept:
        if one.header:
            streams.setdefault(one.stream, []).append(one)
    yield from streams.items()


def _is_whole(kept: list[Kept]) -> bool:
    return bool(kept[-1].version == len(kept))


def _foldable(kept: list[Kept]) -> list[Kept]:
    """A pledge's events: all of them or, where some are missing, those since a publication that tells all."""
    if _is_whole(kept):
        return kept
    return kept[next((place for place, one in enumerate(kept) if _tells_all(one)), len(kept)) :]


def _tells_all(kept: Kept) -> bool:
    """Whether an event says all that everybody may know of a pledge by then."""
    said = _named(kept.header)
    is_made = said.name == PledgeMade.NAME and type(said.version) is int
    return is_made and said.version >= MADE_TELLS_ALL_SINCE


@dataclass
class ForAll:
    """All entities, and what was erased of which thing; events that do not follow."""

    entities: dict[UUID, Entity] = field(default_factory=dict)
    erased: dict[UUID, list[dict[str, Any]]] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)

    def take(self, recorded: Recorded) -> None:
        """Take one more event."""
        if isinstance(fact := recorded.fact, FieldErased):
            self.erased.setdefault(fact.stream, []).append(_erasure(recorded))
        elif recorded.header.name.startswith("entity."):
            stream = recorded.header.stream
            self.entities[stream] = evolve_entity(self.entities.get(stream), recorded)


@lru_cache(maxsize=1)
def _for_all(places: Places) -> ForAll:
    found = ForAll()
    for _, kept in _by_stream(brought_together(places, Kept)):
        for one in kept:
            try:
                found.take(_recorded(one))
            except _UNREADABLE as problem:
                if _is_whole(kept):
                    found.problems.append(_does_not_follow(one, problem))
                break
    return found


def _erasure(recorded: Recorded) -> dict[str, Any]:
    fact, authority = recorded.fact, recorded.header.authority
    decision = {"reference": authority.reference, "date": authority.date} if authority else None
    return {
        "position": fact.position, "part": fact.part, "ground": fact.ground, "decision": decision,
        "erased_at": recorded.position, "recorded_at": rfc3339(recorded.header.recorded_at),
    }  # fmt: skip


def _recorded(kept: Kept) -> Recorded:
    header, erased = read_header(kept.header), frozenset(kept.erased)
    return Recorded(header, read_fact(header.name, header.version, kept.payload, erased), erased)


def _does_not_follow(kept: Kept, problem: Exception) -> tuple[int, str]:
    return kept.position, f"event {kept.position}: does not follow from those before it: {problem}"


class _Comparison:
    """Compares pledges of a partition, one by one, with what the board shows of them."""

    def __init__(self, task: Task, found: Folded, for_all: ForAll) -> None:
        self._day, self._found, self._for_all = task.day, found, for_all
        self._entity_of = cache(partial(entity_shown, for_all.entities, task.day))
        self._some_withheld = task.first_withheld is not None
        self._since = task.erased_since

    def take(self, kept: list[Kept], line: Shown | None) -> None:
        """Fold a pledge from its events, and compare it."""
        pledge: Pledge | None = None
        steps = []
        for one in _foldable(kept):
            try:
                event, before = _recorded(one), pledge
                pledge = evolve_pledge(before, event)
            except _UNREADABLE as problem:
                self._found.of_events.append(_does_not_follow(one, problem))
                return
            steps.append((event, before, pledge))
        if pledge is None or pledge.phase != "public":
            if line is not None:
                self.unfounded(line, len(kept))
        elif line is None:
            self._found.missing.append(str(pledge.id))
        else:
            try:
                self._compare(pledge, line, steps, kept)
            except Wrong as problem:
                self._problem(line, str(problem))

    def unfounded(self, line: Shown, events: int) -> None:
        """A line whose pledge does not follow from the events that are there; maybe from withheld ones."""
        try:
            self._unfounded(line, events)
        except Wrong as problem:
            self._problem(line, str(problem))

    def _unfounded(self, line: Shown, events: int) -> None:
        if self._some_withheld and line.is_later_than(events):
            self._found.withheld += 1
            self._found.versions_withheld += line.fields["version"] - events
        else:
            self._problem(line, f"board.jsonl, line {line.number}: no event makes a public pledge {line.id}")

    def _problem(self, line: Shown, said: str) -> None:
        self._found.of_board.append((line.number, said))

    def _compare(self, pledge: Pledge, line: Shown, steps: Sequence[_Step], kept: list[Kept]) -> None:
        """Compare a pledge. Raises Wrong if its line cannot be read.

        Since a publication that tells all, only what happened to partners can be withheld from anybody.
        """
        expected = self._expected(pledge, steps)
        has_gaps = pledge.version - steps[0][0].header.stream_version + 1 > len(steps)
        if not has_gaps and _encode(expected) == line.line and expected["matches"] is None:
            self._found.compared += 1  # as the register writes it: there is no need to read it
            self._found.versions_withheld += pledge.version - len(kept)
            return
        is_later = self._some_withheld and line.is_later_than(pledge.version)
        is_open = has_gaps or is_later
        if is_open and not any(map(_tells_all, kept)):
            self._unfounded(line, len(kept))
            return
        last = line.fields["version"] if is_later else pledge.version
        self._found.versions_withheld += last - len(kept)
        self._compare_fields(line, expected, is_open=is_open)

    def _compare_fields(self, line: Shown, expected: dict[str, Any], *, is_open: bool) -> None:
        shown = line.fields
        match, told = expected.pop("matches"), shown.pop("matches", "nothing")
        if match is not None or told is not None:
            self._found.matches.append((line.number, line.id, match, told))
        if is_open:
            expected |= _left_open(expected, shown)
        if _same(expected, shown):
            self._found.open += is_open
            self._found.compared += not is_open
        else:
            self._tell(line, expected, shown, "; events of it are withheld" if is_open else "")

    def _tell(self, line: Shown, expected: dict[str, Any], shown: dict[str, Any], note: str) -> None:
        """Say which field is the first that differs, unless it may be for what an entity is called."""
        for name in (*expected, *sorted(shown.keys() - expected.keys())):
            if name in expected and name in shown and _same(expected[name], shown[name]):
                continue
            if (
                self._some_withheld
                and name in NAMING
                and _same(*(_bare(name, of.get(name)) for of in (expected, shown)))
            ):
                continue
            due = repr(msgspec.to_builtins(expected[name])) if name in expected else "nothing"
            found = repr(shown[name]) if name in shown else "nothing"
            said = f"board.jsonl, pledge {line.id}, {name}: expected {due}, found {found}{note}"
            self._problem(line, said)
            return
        self._found.unnamed += 1

    def _expected(self, pledge: Pledge, steps: Sequence[_Step]) -> dict[str, Any]:
        found = expected_fields(document(pledge), self._entity_of, self._day)
        erased = [*self._for_all.erased.get(pledge.id, ()), *self._erased_since(pledge)]
        read = set(words_read(steps, Sight(PUBLIC))) if erased else set()
        found["erased"] = [one for one in erased if (one["position"], one["part"].partition(".")[0]) in read]
        return found

    def _erased_since(self, pledge: Pledge) -> Iterator[dict[str, Any]]:
        of = str(pledge.id)
        for one in self._since:
            if one.get("stream") == of:
                yield {name: told for name, told in one.items() if name != "stream"}


def expected_fields(full: dict[str, Any], entity_of: EntityOf, day: date) -> dict[str, Any]:
    """What the board shows of a pledge's document on a day, in the order in which the register writes it.

    But the pledge that it matches stands there as its id, and what was erased does not.
    """
    until, stale = full.pop("due_until"), full.pop("stale_since")
    days = (date.fromisoformat(stale[0]), date.fromisoformat(stale[1])) if stale else None
    full["entity"], full["returned"] = entity_of(full["entity"]), None
    full["partners"] = [told for told in full["partners"] if told["state"] in PUBLIC_PARTNERS]
    for name in ("partners", "money", "verdicts"):
        if told := full[name]:
            full[name] = [{**one, "entity": entity_of(one["entity"])} for one in told]
    full["overdue"] = is_overdue(date.fromisoformat(until) if until else None, day)
    full["staleness"] = staleness(days, day)
    return full


def entity_shown(entities: Entities, day: date, entity_id: str | None) -> dict[str, Any] | None:
    """What the board shows of an entity beside its pledges on a day; None for one that is not known."""
    found = entities.get(UUID(entity_id)) if entity_id else None
    if found is None:
        return None
    return entity_document(survivor(found, entities.get), day)


def _left_open(expected: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    """What may be as it is shown, since invitations of partners and their answers are withheld."""
    found: dict[str, Any] = {}
    if type(shown.get("version")) is int and shown["version"] > expected["version"]:
        found["version"] = shown["version"]
        if _is_time(at := shown.get("updated_at")) and at > expected["updated_at"]:
            found["updated_at"] = at
    if isinstance(listed := shown.get("partners"), list):
        found["partners"] = [  # whoever a source named is not shown any more once it is invited
            one
            for one in expected["partners"]
            if one["state"] != "named" or any(_same(one, other) for other in listed)
        ]
    return found


def _is_time(said: Any) -> bool:
    try:
        return isinstance(said, str) and rfc3339(datetime.fromisoformat(said)) == said
    except ValueError:
        return False


def _bare(name: str, told: Any) -> Any:
    """What is told, without what other events say."""
    if name in ("entity", "erased") or not isinstance(told, list):
        return None
    return [{**one, "entity": None} if isinstance(one, dict) else one for one in told]


def _same(expected: Any, found: Any) -> bool:
    return bool(_encode_sorted(expected) == _encode_sorted(found))


class Place(msgspec.Struct, gc=False):
    """As much of a line of the board as says where it stands."""

    id: Any = None
    reference: Any = None


_place = msgspec.json.Decoder(Place).decode


def place_of(line: bytes, where: str) -> Place:
    """Where a line of the board stands. Raises Wrong."""
    try:
        return _place(line)
    except (ValueError, RecursionError):
        shown = board_object(line, where)
        return Place(shown.get("id"), shown.get("reference"))


def board_object(line: bytes, where: str) -> dict[str, Any]:
    """The object on a line of the board, with no field in it twice. Raises Wrong."""
    try:
        said = msgspec.json.decode(line)
        if msgspec.json.encode(said) != line:  # not as the register writes it: look closely
            said = json.loads(line, object_pairs_hook=_once)
    except (ValueError, RecursionError) as problem:
        raise Wrong(f"{where}: is no JSON object: {problem}") from None
    if not isinstance(said, dict):
        raise Wrong(f"{where}: is no JSON object")
    return said


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"it has {next(name for name in names if names.count(name) > 1)!r} twice")
    return found
