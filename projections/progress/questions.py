"""What may be asked of the numbers: by a dimension, in all, of some entities; at a moment, and since another.

Must not know who asks: all numbers are public. The rules of counting are in `counting.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from psycopg import Connection

from domain.errors import invalid
from domain.pledges.measure import whole_percent
from domain.values import rfc3339
from projections.moments import Moment
from projections.progress.counting import DIMENSIONS, RULES, TOTAL
from projections.progress.keys import LABELS, label, listed, shown_key

NUMBERS = "SELECT * FROM progress_at(%s, %s) ORDER BY key, currency"
SUM_OF_DAYS = """
SELECT coalesce(sum(pledges), 0)::integer FROM progress_at(%(dimension)s, %(position)s)
WHERE key COLLATE "C" >= %(first)s AND key COLLATE "C" < %(behind)s
"""
ENTITIES_THAT_PLEDGED = "SELECT count(*) FROM progress_at('entity', %s) WHERE pledges > 0"
OF_ENTITIES = """
SELECT split_part(key, '/', 1)::uuid, split_part(key, '/', 2), pledges::integer
FROM progress_at('entity_status', %(position)s) WHERE key = ANY(%(keys)s) AND currency = ''
"""
CYCLES = "SELECT cycle::text FROM progress_cycles WHERE position <= %s"

FIRST_DAY, BEHIND_ALL = "0", "~"
NO_DAY = ("", FIRST_DAY)
"""Between which keys days stand, and no day."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What one value counts, and its money by currency."""

    pledges: int = 0
    measured: int = 0
    percent_sum: int = 0
    reported: int = 0
    closed: int = 0
    amounts: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict)

    @property
    def percent(self) -> int | None:
        return whole_percent(Fraction(self.percent_sum, self.measured)) if self.measured else None

    def told(self) -> dict[str, Any]:
        return {
            "pledges": self.pledges, "percent": self.percent, "not_measured": self.pledges - self.measured,
            "reported": self.reported, "closed": self.closed,
            "amounts": [_amount(currency, sums) for currency, sums in self.amounts.items() if any(sums)],
        }  # fmt: skip

    def told_since(self, then: Numbers) -> dict[str, Any]:
        """By how much each number is more than it was."""
        now, was = self.told(), then.told()
        whole = {name: _more(now[name], was[name]) for name in now if name != "amounts"}
        nothing = (Decimal(0),) * 3
        grown = {
            currency: tuple(a - b for a, b in zip(_of(self, currency), _of(then, currency), strict=True))
            for currency in sorted({*self.amounts, *then.amounts})
        }
        changed = [_amount(currency, sums) for currency, sums in grown.items() if sums != nothing]
        return {**whole, "amounts": changed}


def _of(numbers: Numbers, currency: str) -> tuple[Decimal, ...]:
    return numbers.amounts.get(currency, (Decimal(0),) * 3)


def _amount(currency: str, sums: Iterable[Decimal]) -> dict[str, str]:
    promised, committed, paid = (format(value, "f") for value in sums)
    return {"currency": currency, "value": promised, "committed": committed, "paid": paid}


def _more(now: int | None, then: int | None) -> int | None:
    return None if now is None or then is None else now - then


# -- the numbers of a dimension


def progress(
    connection: Connection[Any], by: str, *, moment: Moment, compare_to: Moment | None = None
) -> dict[str, Any]:
    """The numbers for each value of a dimension, also for those that nobody pledged for."""
    if by not in DIMENSIONS:
        raise invalid("by", f"must be one of {', '.join(DIMENSIONS)}.")
    now = _numbers(connection, by, moment)
    then = _numbers(connection, by, compare_to) if compare_to else None
    keys = listed(by, [*_with_pledges(now), *_with_pledges(then or {}), *_cycles(connection, by, moment)])
    items = [_item(by, key, now, then) for key in keys]
    return {"items": items, **_asked(moment, compare_to)}


def _item(
    by: str, key: str, now: Mapping[str, Numbers], then: Mapping[str, Numbers] | None
) -> dict[str, Any]:
    numbers = now.get(key, Numbers())
    item = {"key": shown_key(by, key), "label": label(by, key), **numbers.told()}
    return item if then is None else {**item, "difference": numbers.told_since(then.get(key, Numbers()))}


def _numbers(connection: Connection[Any], dimension: str, moment: Moment) -> dict[str, Numbers]:
    found: dict[str, Numbers] = {}
    amounts: dict[str, dict[str, tuple[Decimal, ...]]] = {}
    for key, currency, *numbers in connection.execute(NUMBERS, [dimension, moment.position]):
        if currency:
            amounts.setdefault(key, {})[currency] = tuple(numbers[5:])
        else:
            pledges, measured, percent_sum, reported, closed = numbers[:5]
            found[key] = Numbers(pledges, measured, percent_sum, reported, closed)
    return {key: replace(numbers, amounts=amounts.get(key, {})) for key, numbers in found.items()}


def _with_pledges(numbers: Mapping[str, Numbers]) -> list[str]:
    return [key for key, found in numbers.items() if found.pledges]


def _cycles(connection: Connection[Any], by: str, moment: Moment) -> list[str]:
    return [cycle for (cycle,) in connection.execute(CYCLES, [moment.position])] if by == "cycle" else []


def _asked(moment: Moment, compare_to: Moment | None) -> dict[str, Any]:
    compared = {"compared_to": _told_moment(compare_to)} if compare_to else {}
    return {**_told_moment(moment), "rules": RULES, **compared}


def _told_moment(moment: Moment) -> dict[str, Any]:
    return {"as_of": rfc3339(moment.at), "position": moment.position}


# -- in all


def totals(
    connection: Connection[Any], *, moment: Moment, compare_to: Moment | None = None
) -> dict[str, Any]:
    """The numbers of the register in all."""
    now = _numbers(connection, TOTAL, moment).get("", Numbers())
    told = {**now.told(), **_plain_totals(connection, moment), **_asked(moment, compare_to)}
    if compare_to is None:
        return told
    then, was = (
        _numbers(connection, TOTAL, compare_to).get("", Numbers()),
        _plain_totals(connection, compare_to),
    )
    statuses = {status: told["by_status"][status] - was["by_status"][status] for status in was["by_status"]}
    more = {name: _more(told[name], was[name]) for name in was if name != "by_status"}
    return {**told, "difference": {**now.told_since(then), **more, "by_status": statuses}}


def _plain_totals(connection: Connection[Any], moment: Moment) -> dict[str, Any]:
    found = _numbers(connection, "status", moment)
    day = moment.day.isoformat()
    after_day = f"{day}{BEHIND_ALL}"
    red = _sum(connection, "red_on", moment, FIRST_DAY, after_day)
    entities = connection.execute(ENTITIES_THAT_PLEDGED, [moment.position]).fetchone()
    return {
        "entities": entities[0] if entities else 0,
        "by_status": {status: found.get(status, Numbers()).pledges for status in LABELS["status"]},
        "overdue": _sum(connection, "due_until", moment, FIRST_DAY, day),
        "no_due_date": _sum(connection, "due_until", moment, *NO_DAY),
        "stale_amber": _sum(connection, "amber_on", moment, FIRST_DAY, after_day) - red,
        "stale_red": red,
    }


def _sum(connection: Connection[Any], dimension: str, moment: Moment, first: str, behind: str) -> int:
    """Over the keys of a dimension from the first to the one before `behind`."""
    asked = {"dimension": dimension, "position": moment.position, "first": first, "behind": behind}
    found = connection.execute(SUM_OF_DAYS, asked).fetchone()
    return int(found[0]) if found else 0


# -- of entities


def of_entities(
    connection: Connection[Any], entities: Iterable[UUID], *, moment: Moment
) -> dict[UUID, dict[str, Any]]:
    """How many pledges each of these entities has, as owner or as a partner that joined, by status."""
    told: dict[UUID, dict[str, Any]] = {
        entity: {"pledges": 0, "by_status": dict.fromkeys(LABELS["status"], 0)} for entity in entities
    }
    keys = [f"{entity}/{status}" for entity in told for status in LABELS["status"]]
    for entity, status, pledges in connection.execute(
        OF_ENTITIES, {"keys": keys, "position": moment.position}
    ):
        told[entity]["pledges"] += pledges
        told[entity]["by_status"][status] = pledges
    return told
