"""A moment that is asked about: a position in the order of events, and the time that goes with it.

Must not know what is asked about it. All that `as_of` can say is read here, and nowhere else.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from typing import Any, LiteralString, NoReturn

from psycopg import Connection

from domain.errors import invalid
from domain.values import (
    INSTANT,
    INSTANT_PATTERN,
    first_day,
    last_day,
    parse_instant,
    utc_day,
)
from projections.database import places
from projections.problems import OperatorProblem
from projections.read_model import ReadModel

LENGTH_MAX = 64
POSITION_MAX = 10**18 - 1
POSITION = re.compile(r"\d{1,18}", re.ASCII)
NUMBER = re.compile(r"\d+", re.ASCII)
DATE = re.compile(r"\d{4}-\d\d(-\d\d)?", re.ASCII)
CHECKPOINT = "checkpoint:"
POINT_PATTERN = (
    f"^({POSITION.pattern}|{CHECKPOINT}{POSITION.pattern}|{DATE.pattern}|{INSTANT_PATTERN})$".replace(
        r"\d", "[0-9]"
    )
)
"""All of it, as specifications tell it (ECMA 262)."""
CLOCKS_DIFFER_SECONDS_MAX = 1.0

STANDING: LiteralString = """
SELECT last.position, last.recorded_at, (SELECT recorded_at FROM events ORDER BY position LIMIT 1),
    asked.name, coalesce(place.position, 0), coalesce(place.state = 'live', false),
    coalesce(place.been_live, false)
FROM (SELECT) AS always
LEFT JOIN (SELECT position, recorded_at FROM events ORDER BY position DESC LIMIT 1) AS last ON true
LEFT JOIN unnest(%b::text[], %b::integer[]) AS asked (name, version) ON true
LEFT JOIN read_models AS place USING (name, version)
"""
AT_TIME: LiteralString = """
SELECT position FROM events WHERE recorded_at <= %b ORDER BY recorded_at DESC, position DESC LIMIT 1
"""
SIGNED_AT: LiteralString = "SELECT signed_at FROM checkpoints WHERE size = %b"
SINCE: LiteralString = "SELECT EXISTS (SELECT FROM events WHERE recorded_at >= %b)"
AT_POSITION: LiteralString = "SELECT recorded_at FROM events WHERE position = %b"


class NotReadYet(OperatorProblem):
    """What is asked about is recorded, but what would answer has not come so far; it may have, soon.

    The text is for whoever asked. `position` is the one to wait for, if waiting may help.
    """

    def __init__(self, reason: str, position: int = 0) -> None:
        super().__init__(reason)
        self.position = position


@dataclass(frozen=True, slots=True)
class Standstill:
    """A read model that has stopped: what it tells is true of its position, and goes no further."""

    name: str
    position: int

    def __str__(self) -> str:
        return f"{self.name} since {self.position}"


@dataclass(frozen=True, slots=True)
class Moment:
    """What was recorded up to `position`, seen at the time `at`. Position 0 is before everything.

    Of now, `stands_still` names what has stopped of that which answers: now is then where that stopped.
    """

    position: int
    at: datetime
    is_now: bool = False
    recording_began: datetime | None = None
    stands_still: tuple[Standstill, ...] = ()
    true_on: date | None = None
    """The day of which it is asked what was true then, as known at this moment; None: what is known."""
    checkpoint: int | None = None
    """The size of the checkpoint that it was named by."""

    @property
    def day(self) -> date:
        """The day in UTC for which overdue, stale and the names of entities are asked."""
        return self.true_on or utc_day(self.at)


def backwards(begin: Any, end: Any, *, first: str, last: str) -> dict[str, list[str]]:
    """What is wrong with a period that ends before it begins, by the name of its beginning; else nothing."""
    if begin is None or end is None or begin <= end:
        return {}
    return {first: [f"must not lie behind `{last}`."]}


def effective(moment: Moment, effective_at: str) -> Moment:
    """The same moment, asked what was true at a time, or at the end of a day, month or year.

    InvalidInput for what is neither, and for a day that lies ahead of the moment.
    """
    field = "effective_at"
    at = (
        _instant(effective_at, field) if INSTANT.match(effective_at) else _end(effective_at, moment.at, field)
    )
    if utc_day(at) > utc_day(moment.at):
        raise invalid(field, f"lies ahead of what was known then, {utc_day(moment.at)}.")
    return replace(moment, true_on=utc_day(at))


# -- what somebody means


@dataclass(frozen=True, slots=True)
class Asked:
    """What `as_of` says: a position, a checkpoint's size or a time; or none of them, which is now.

    `field` is what errors call it.
    """

    now: datetime
    position: int | None = None
    checkpoint: int | None = None
    at: datetime | None = None
    field: str = "as_of"


def read(as_of: str | None, now: datetime, field: str = "as_of") -> Asked:
    """What somebody means: now; a position; `checkpoint:N`; a time; a date, which is its end in UTC.

    InvalidInput for what is none of these and for a time that lies ahead. A day, month or year not over means
    as much of it as there was.
    """
    if as_of is None:
        return Asked(now, field=field)
    if NUMBER.fullmatch(as_of):
        return Asked(now, position=_number(as_of), field=field)
    if as_of.startswith(CHECKPOINT) and NUMBER.fullmatch(size := as_of.removeprefix(CHECKPOINT)):
        return Asked(now, checkpoint=_number(size), field=field)
    if not (INSTANT.match(as_of) or DATE.fullmatch(as_of)):
        raise invalid(
            field,
            "must be a position such as 1207, a checkpoint such as checkpoint:1200, a time such as "
            f"2026-05-17T12:00:00Z or a date such as 2026-05-17, not {as_of[:LENGTH_MAX]!r}.",
        )
    at = _instant(as_of, field) if INSTANT.match(as_of) else _end(as_of, now, field)
    if at > now:
        _refuse_future(field, now)
    return Asked(now, at=at, field=field)


def _number(text: str) -> int:
    """A number that is no position that there can ever be counts as the last of these."""
    return int(text) if POSITION.fullmatch(text) else POSITION_MAX


def _instant(text: str, field: str) -> datetime:
    try:
        return parse_instant(text)
    except ValueError as problem:
        raise invalid(field, str(problem)) from None


def _end(text: str, now: datetime, field: str) -> datetime:
    try:
        first, last = first_day(text), last_day(text)
    except ValueError:
        raise invalid(field, f"is no day of the calendar: {text}.") from None
    end = datetime.combine(last, time_of_day.max, UTC)
    return min(end, now) if first <= utc_day(now) else end


def _refuse_future(field: str, now: datetime) -> NoReturn:
    raise invalid(field, f"lies in the future (it is {now:%Y-%m-%dT%H:%M:%SZ}).")


# -- which moment that is


def settle(connection: Connection[Any], at: datetime) -> None:
    """Return when nothing can be recorded any more at a time that has passed, or before it.

    Recorded times rise, and are given to one append after the other; so only one under way could still fall
    before. The clock that counts is the database's.
    """
    ahead = (at - places.let_appends_end(connection)).total_seconds()
    if ahead > CLOCKS_DIFFER_SECONDS_MAX:
        raise NotReadYet("the clock of this machine is ahead of the database's")
    if ahead >= 0:
        time.sleep(ahead + 0.001)
        places.let_appends_end(connection)


def recorded_since(connection: Connection[Any], at: datetime) -> bool:
    """Whether this database has an event that was recorded at a time or later."""
    return connection.execute(SINCE, [at]).fetchone() == (True,)


def resolve(
    connection: Connection[Any], asked: Asked, models: Sequence[ReadModel], *, settled: bool = False
) -> Moment:
    """The moment that is meant, for an answer from these read models.

    InvalidInput for a position that lies ahead. NotReadYet where a read model has not come so far or was
    never whole, and for a time after the last event, unless it is settled that no event can come before it.
    """
    rows = connection.execute(STANDING, [[m.name for m in models], [m.version for m in models]]).fetchall()
    last, last_at, began = rows[0][0] or 0, rows[0][1], rows[0][2]
    parts = [row[3:] for row in rows] if models else []
    _refuse_half_built(parts, last)
    reached = min((position for _, position, _, _ in parts), default=last)
    still = tuple(Standstill(name, at) for name, at, is_live, _ in parts if not is_live and at < last)
    if asked.position is not None:
        position, at = _at_position(connection, asked, last, began)
    elif asked.checkpoint is not None:
        position, at = _at_checkpoint(connection, asked.checkpoint, asked.field)
    elif asked.at is not None:
        if not settled and (last_at is None or asked.at > last_at):
            raise NotReadYet("events may still be recorded at the time that was asked for")
        found = connection.execute(AT_TIME, [asked.at]).fetchone()
        position, at = found[0] if found else 0, asked.at
    else:
        return Moment(min(reached, last), asked.now, is_now=True, recording_began=began, stands_still=still)
    if position > reached:
        _refuse_unread(position, parts, still)
    return Moment(position, at, recording_began=began, checkpoint=asked.checkpoint)


def _at_position(
    connection: Connection[Any], asked: Asked, last: int, began: datetime | None
) -> tuple[int, datetime]:
    position = asked.position or 0
    if position > last:
        raise invalid(asked.field, f"names a position that is not there yet: the latest is {last}.")
    found = connection.execute(AT_POSITION, [position]).fetchone()
    return position, found[0] if found else began or asked.now


def _at_checkpoint(connection: Connection[Any], size: int, field: str) -> tuple[int, datetime]:
    """The last event that a checkpoint holds, and when it was signed; a checkpoint is named by its size."""
    found = connection.execute(SIGNED_AT, [size]).fetchone()
    if found is None:
        raise invalid(field, f"names the checkpoint {size}, and none of that size was signed.")
    return size, found[0]


def _refuse_half_built(parts: Sequence[tuple[Any, ...]], last: int) -> None:
    """What was never whole is not read: it would show a register that never was."""
    for name, position, _, been_live in parts:
        if not been_live:
            raise NotReadYet(f"the read model {name} is being built: {position} of {last} events are read")


def _refuse_unread(position: int, parts: Sequence[tuple[Any, ...]], still: Sequence[Standstill]) -> None:
    stopped = next((one for one in still if one.position < position), None)
    if stopped:
        reason = f"the read model {stopped.name} stands still since position {stopped.position}"
    else:
        name, reached, *_ = min(parts, key=lambda part: part[1])
        reason = f"the read model {name} is at position {reached}"
    raise NotReadYet(f"{reason}, and {position} was asked for", position)
