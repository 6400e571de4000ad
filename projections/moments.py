"""A moment that is asked about: a position in the order of events, and the time that goes with it.

Must not know what is asked about it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, LiteralString, NoReturn

from psycopg import Connection

from domain.errors import invalid
from domain.values import first_day, last_day, parse_partial_date, utc_day
from projections.problems import OperatorProblem
from projections.read_model import ReadModel

LENGTH_MAX = 64
POSITION = re.compile(r"\d{1,18}", re.ASCII)
DATE = re.compile(r"\d{4}-\d\d(-\d\d)?", re.ASCII)
TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)

REACHED: LiteralString = """
SELECT (SELECT min(position) FROM read_models
        WHERE state <> 'failed' AND (name, version) IN (SELECT * FROM unnest(%b::text[], %b::integer[]))),
    (SELECT max(position) FROM events),
    (SELECT recorded_at FROM events ORDER BY position LIMIT 1)
"""
AT_TIME: LiteralString = """
SELECT position FROM events WHERE recorded_at <= %b ORDER BY recorded_at DESC, position DESC LIMIT 1
"""
AT_POSITION: LiteralString = "SELECT recorded_at FROM events WHERE position = %b"


class NotReadYet(OperatorProblem):
    """What is asked about is recorded, but the read models have not come so far."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What was recorded up to `position`, seen at the time `at`. Position 0 is before everything."""

    position: int
    at: datetime
    is_now: bool = False
    recording_began: datetime | None = None

    @property
    def day(self) -> date:
        """The day in UTC for which overdue, stale and the names of entities are asked."""
        return utc_day(self.at)


def resolve(
    connection: Connection[Any], as_of: str | None, *, now: datetime, models: Sequence[ReadModel]
) -> Moment:
    """The moment that somebody means: now; a position; a time; a date, which is its end in UTC.

    InvalidInput for what is none of these and for what lies ahead. A day, month or year not over means
    as much of it as there was.
    """
    keys = [model.name for model in models], [model.version for model in models]
    reached, last, began = connection.execute(REACHED, keys).fetchone() or (None, None, None)
    last = last or 0
    reached = last if reached is None else min(reached, last)
    if as_of is None:
        return Moment(reached, now, is_now=True, recording_began=began)
    if POSITION.fullmatch(as_of):
        position, at = _at_position(connection, int(as_of), last, began or now)
    else:
        at = _time(as_of, now)
        found = connection.execute(AT_TIME, [at]).fetchone()
        position = found[0] if found else 0
    if position > reached:
        raise NotReadYet(f"the read models are at position {reached}, and {position} was asked for")
    return Moment(position, at, recording_began=began)


def _at_position(
    connection: Connection[Any], position: int, last: int, began: datetime
) -> tuple[int, datetime]:
    if position > last:
        raise invalid("as_of", f"lies ahead: the last position is {last}.")
    found = connection.execute(AT_POSITION, [position]).fetchone()
    return position, found[0] if found else began


def _time(text: str, now: datetime) -> datetime:
    if text.startswith("checkpoint:"):
        raise invalid("as_of", "names a checkpoint, and none was signed yet.")
    at = _instant(text) if TIME.fullmatch(text) else _end(text, now)
    if at > now:
        raise invalid("as_of", f"lies in the future (it is {now:%Y-%m-%dT%H:%M:%SZ}).")
    return at


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        _refuse(text)


def _end(text: str, now: datetime) -> datetime:
    if not DATE.fullmatch(text):
        _refuse(text)
    try:
        day = parse_partial_date(text)
    except ValueError as problem:
        raise invalid("as_of", str(problem)) from None
    end = datetime.combine(last_day(day), time.max, UTC)
    return min(end, now) if first_day(day) <= utc_day(now) else end


def _refuse(text: str) -> NoReturn:
    raise invalid(
        "as_of",
        "must be a position such as 1207, a time such as 2026-05-17T12:00:00Z or a date such as 2026-05-17, "
        f"not {text[:LENGTH_MAX]!r}.",
    )
