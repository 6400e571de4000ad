"""The orders in which the board is read, and where in an order a page begins.

What has no value stands last, whichever way one sorts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString

from domain.errors import invalid

RELEVANCE = "relevance"
DEFAULT = "-updated_at"

# Of words in the title, those of the lead's name, those in the description and all others.
_RANK: LiteralString = "ts_rank('{0.1, 0.3, 0.4, 1.0}', board_words.words, %(q)s::tsquery)::float8"


@dataclass(frozen=True, slots=True)
class _Key:
    sql: LiteralString
    type: LiteralString
    may_be_null: bool = False


_KEYS: Mapping[str, _Key] = {
    "updated_at": _Key("board.updated_at", "timestamptz"),
    "made_on": _Key("board.made_on", "date", may_be_null=True),
    "due_on": _Key("board.due_on", "date", may_be_null=True),
    "percent": _Key("board.percent", "smallint", may_be_null=True),
    "title": _Key('board.title_key COLLATE "C"', "text"),
    "reference": _Key("board.reference_key", "bigint", may_be_null=True),
}
_RELEVANCE_KEY = _Key(_RANK, "float8")

SORTS = tuple(f"{way}{name}" for name in _KEYS for way in ("", "-"))


@dataclass(frozen=True, slots=True)
class Order:
    """One order of the rows."""

    name: str
    key: _Key
    descending: bool

    @property
    def by_relevance(self) -> bool:
        return self.name == RELEVANCE

    @property
    def by_title(self) -> bool:
        return self.name.removeprefix("-") == "title"

    @property
    def key_sql(self) -> LiteralString:
        return self.key.sql

    @property
    def order_by(self) -> LiteralString:
        way: LiteralString = "DESC" if self.descending else "ASC"
        nulls: LiteralString = " NULLS LAST" if self.key.may_be_null else ""
        return f"{self.key.sql} {way}{nulls}, board.pledge_id {way}"

    def after(self, key: Any) -> LiteralString:
        """What rows behind a row with that key must meet; takes `after_key` and `after_id`."""
        than: LiteralString = "<" if self.descending else ">"
        behind: LiteralString = f"board.pledge_id {than} %(after_id)s::uuid"
        if key is None:
            return f"({self.key.sql} IS NULL AND {behind})"
        value: LiteralString = f"%(after_key)s::{self.key.type}"
        if not self.key.may_be_null:
            return f"({self.key.sql}, board.pledge_id) {than} ({value}, %(after_id)s::uuid)"
        return (
            f"({self.key.sql} {than} {value} OR {self.key.sql} IS NULL"
            f" OR {self.key.sql} = {value} AND {behind})"
        )


def order_of(sort: str | None, *, searched: bool) -> Order:
    """The order that somebody asked for; without any, what fits best or what changed last comes first."""
    if sort == RELEVANCE or (sort is None and searched):
        if searched:
            return Order(RELEVANCE, _RELEVANCE_KEY, descending=True)
        sort = None
    sort = sort or DEFAULT
    key = _KEYS.get(sort.removeprefix("-"))
    if key is None:
        raise invalid("sort", f"must be one of {', '.join((*SORTS, RELEVANCE))}.")
    return Order(sort, key, descending=sort.startswith("-"))


def plain(key: Any) -> Any:
    """A key as it is kept in a cursor."""
    return key.isoformat() if isinstance(key, date | datetime) else key
