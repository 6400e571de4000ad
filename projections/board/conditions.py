"""From filters, a viewer and a moment to the conditions that rows of the board must meet.

Each condition remembers the filter that it comes from, so that a facet can leave out its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection

from domain.errors import invalid
from domain.pledges.sight import Eyes
from projections.board import known_entities, tally
from projections.board.codes import (
    CATEGORY,
    FORM,
    KIND,
    NOT_STATED,
    OBJECTIVE,
    PRINCIPLE,
    REGION,
    STATUS,
    TYPE,
    Bits,
    Numbers,
)
from projections.board.filters import PledgeFilters
from projections.board.rows import country, named, party
from projections.board.tally import Held
from projections.board.words import NO_WORD, marks_query, term_query, terms_of
from projections.moments import Moment

_COLUMNS: LiteralString = """
    pledge_id, from_position, state_position, updated_at, objectives, due_until, amber_on, red_on,
    principles, forms, regions, cycle, status, type, category, kind, public, percent, made_on,
    due_on, reference_key
"""
_TODAY: LiteralString = f"SELECT {_COLUMNS} FROM board_today"  # noqa: S608 - our own texts
_TODAY_WITH_TITLES: LiteralString = f"SELECT {_COLUMNS}, title_key FROM board WHERE to_position IS NULL"  # noqa: S608 - ours
_PAST: LiteralString = "FROM board WHERE to_position > %(position)s AND from_position <= %(position)s"
WORDS_NOW: LiteralString = "(SELECT * FROM board_words WHERE to_position IS NULL) AS board_words"
WORDS_THEN: LiteralString = """(
    SELECT * FROM board_words
    WHERE from_position <= %(position)s AND (to_position IS NULL OR to_position > %(position)s)
) AS board_words"""

ENTITY_NAMED: LiteralString = """
SELECT entity_id FROM board_entities
WHERE slug = %(name)s OR country = upper(%(name)s) OR entity_id = %(id)s LIMIT 1
"""
ENTITIES_CALLED: LiteralString = """
SELECT entity_id FROM board_entities
WHERE words @@ %(query)s::tsquery AND from_position <= %(position)s
    AND (to_position IS NULL OR to_position > %(position)s)
"""
HIDDEN: LiteralString = """
SELECT pledge_id FROM board
WHERE NOT public AND status <> %(draft)s AND from_position <= %(position)s
    AND (to_position IS NULL OR to_position > %(position)s)
    AND (entity = ANY(%(owners)s) OR invited && %(invited)s)
"""


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that rows must meet, with the values it speaks of, and the filter that it comes from.

    `held`: the same as numbers of which rows must hold one, where that says it all.
    """

    of: str
    sql: LiteralString
    values: Mapping[str, Any] = field(default_factory=dict)
    held: tuple[int, ...] | None = None


ONLY_PUBLIC = Condition(tally.PUBLIC, "board.public", held=(1,))


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows are asked about: where they are read from, and what they must meet."""

    position: int
    live: bool
    met: Sequence[Condition]

    def rows(self, *, with_titles: bool = False) -> LiteralString:
        """Where the rows are read from: what is open now and, for a past moment, what was open then."""
        columns: LiteralString = f"{_COLUMNS}, title_key" if with_titles else _COLUMNS
        now: LiteralString = _TODAY_WITH_TITLES if with_titles else _TODAY
        if self.live:
            return f"({now}) AS board"
        before: LiteralString = f"SELECT * FROM ({now}) AS now WHERE from_position <= %(position)s"  # noqa: S608 - ours
        return f"({before} UNION ALL SELECT {columns} {_PAST}) AS board"

    @property
    def words(self) -> LiteralString:
        return WORDS_NOW if self.live else WORDS_THEN

    @property
    def values(self) -> dict[str, Any]:
        values = {name: value for condition in self.met for name, value in condition.values.items()}
        return {**values, "position": self.position}

    @property
    def held(self) -> Held | None:
        """What is asked, as numbers of which rows must hold one in each field; None: that is not all."""
        held = {condition.of: condition.held for condition in self.met if condition.held is not None}
        return held if len(held) == len(self.met) else None

    def where(self, *, leaving_out: str | None = None) -> LiteralString:
        kept = [condition.sql for condition in self.met if condition.of != leaving_out]
        return " AND ".join(kept) if kept else "true"


def asked(
    connection: Connection[Any], filters: PledgeFilters, eyes: Eyes, moment: Moment, *, live: bool
) -> Asked:
    """What somebody asks. `live`: the moment is where the board stands."""
    words: LiteralString = WORDS_NOW if live else WORDS_THEN
    met = [_seen(connection, eyes, moment), *_numbered(filters), *_masked(filters)]
    met += _of_the_day(filters, moment.day)
    if filters.updated_since:
        since = {"updated_since": min(filters.updated_since)}
        met.append(Condition("updated_since", "board.updated_at >= %(updated_since)s", since))
    if filters.entity:
        met.append(_marked("entity", words, map(party, _entities(connection, filters.entity, moment))))
    if filters.country:
        met.append(_found("country", words, _countries(filters.country)))
    if filters.q:
        met.append(_found("q", words, words_query(connection, filters.q, moment)))
    return Asked(moment.position, live, met)


# -- for whom


def _seen(connection: Connection[Any], eyes: Eyes, moment: Moment) -> Condition:
    """What `Eyes.is_shown` says of a pledge, of all of them at once."""
    draft = {"draft": STATUS.number("draft")}
    if eyes.sees_all:
        return Condition("", "board.status <> %(draft)s", draft)
    owners = eyes.own | eyes.audited
    if not owners:
        return ONLY_PUBLIC
    values = {**draft, "position": moment.position, "owners": sorted(owners), "invited": sorted(eyes.own)}
    hidden = [pledge for (pledge,) in connection.execute(HIDDEN, values)]
    if not hidden:
        return ONLY_PUBLIC
    return Condition("", "(board.public OR board.pledge_id = ANY(%(seen)s))", {"seen": hidden})


# -- closed lists


def _numbered(filters: PledgeFilters) -> Iterable[Condition]:
    if filters.status:
        yield _one_of("status", "board.status = ANY(%(status)s)", filters.status, STATUS)
    if filters.type:
        yield _one_of("type", "board.type = ANY(%(type)s)", filters.type, TYPE)
    if filters.category:
        yield _one_of("category", "board.category = ANY(%(category)s)", filters.category, CATEGORY)
    if filters.kind:
        yield _one_of("kind", "board.kind = ANY(%(kind)s)", filters.kind, KIND)
    if filters.cycle:
        cycles = {"cycle": list(filters.cycle)}
        yield Condition("cycle", "board.cycle = ANY(%(cycle)s)", cycles, held=filters.cycle)


def _one_of(name: str, sql: LiteralString, values: Iterable[str], numbers: Numbers) -> Condition:
    asked_for = [numbers.number(value) for value in values]
    return Condition(name, sql, {name: asked_for}, held=tuple(asked_for))


def _masked(filters: PledgeFilters) -> Iterable[Condition]:
    if filters.objective:
        yield _any_of("objective", "board.objectives", filters.objective, OBJECTIVE)
    if filters.principle:
        yield _any_of("principle", "board.principles", filters.principle, PRINCIPLE)
    if filters.form:
        yield _any_of("form", "board.forms", filters.form, FORM)
    if filters.region:
        yield _any_of("region", "board.regions", filters.region, REGION)


def _any_of(name: LiteralString, column: LiteralString, values: Sequence[Any], bits: Bits) -> Condition:
    met: LiteralString = f"{column} & %({name})s <> 0"
    mask = bits.mask(values)
    held = tuple(tally.numbers_of_bits(mask))
    if NOT_STATED in values:
        met, held = f"({met} OR {column} = 0)", (0, *held)
    return Condition(name, met, {name: mask}, held=held)


# -- derived for a day

_STALE: Mapping[str, LiteralString] = {
    "amber": "(board.amber_on <= %(day)s AND board.red_on > %(day)s)",
    "red": "board.red_on <= %(day)s",
    "true": "board.amber_on <= %(day)s",
    "false": "board.amber_on > %(day)s",
}
_OVERDUE: Mapping[bool, LiteralString] = {
    True: "board.due_until < %(day)s",
    False: "board.due_until >= %(day)s",
}


def _of_the_day(filters: PledgeFilters, day: date) -> Iterable[Condition]:
    if filters.stale:
        yield Condition("stale", _either([_STALE[value] for value in filters.stale]), {"day": day})
    if filters.overdue:
        yield Condition("overdue", _either([_OVERDUE[value] for value in filters.overdue]), {"day": day})


def _either(alternatives: Sequence[LiteralString]) -> LiteralString:
    return "(" + " OR ".join(alternatives) + ")"


# -- entities, countries, words


def _entities(connection: Connection[Any], names: Iterable[str], moment: Moment) -> set[UUID]:
    found = {name: _entity_named(connection, name) for name in names}
    unknown = [name for name, entity in found.items() if entity is None]
    if unknown:
        raise invalid(
            "entity",
            f"is not known: {', '.join(unknown)}. "
            "Give its id, its slug or, of a State, the ISO 3166 alpha-3 code.",
        )
    ids = [entity for entity in found.values() if entity]
    known = known_entities.load_at(connection, ids, moment.position)
    return {known.survivor(entity) for entity in ids}


def _entity_named(connection: Connection[Any], name: str) -> UUID | None:
    try:
        entity_id = UUID(name)
    except ValueError:
        entity_id = None
    row = connection.execute(ENTITY_NAMED, {"name": name, "id": entity_id}).fetchone()
    return row[0] if row else None


def _countries(codes: Iterable[str]) -> str:
    """Led by one of these countries, or for one; "not stated" is without the mark of any."""
    any_country = country("")
    found = [f"!'{any_country}':*" if code == NOT_STATED else f"'{country(code)}'" for code in codes]
    return "(" + " | ".join(sorted(found)) + ")"


def _marked(of: str, words: LiteralString, marks: Iterable[str]) -> Condition:
    return _found(of, words, marks_query(sorted(marks)))


def _found(of: str, words: LiteralString, query: str) -> Condition:
    sql: LiteralString = (
        f"board.pledge_id IN (SELECT board_words.pledge_id FROM {words}"  # noqa: S608 - our own texts
        f" WHERE board_words.words @@ %({of})s::tsquery)"
    )
    return Condition(of, sql, {of: query})


def words_query(connection: Connection[Any], texts: Iterable[str], moment: Moment) -> str:
    """What stands in a tsquery for what somebody looks for.

    Every word has to be there, in the pledge itself or in a name of one of its entities.
    """
    queries = []
    for term in terms_of(" ".join(texts)):
        asked_for = {"query": term_query(term), "position": moment.position}
        entities = [entity for (entity,) in connection.execute(ENTITIES_CALLED, asked_for)]
        queries.append(term_query(term, sorted(map(named, entities))))
    return " & ".join(queries) or f"'{NO_WORD}'"
