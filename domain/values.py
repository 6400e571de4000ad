"""Values with rules of their own: partial dates, money, clean text. Each refuses what it cannot be.

Knows nothing of pledges; messages are written for the person who typed the value.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import wraps
from typing import Annotated, Any, TypeVar, dataclass_transform

import msgspec

from domain.reference.currencies import CURRENCIES

ERASED = "[erased]"
"""What stands where a field was erased by law; nobody can type it as a value (see `clean_text`)."""

PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?\Z", re.ASCII)
AMOUNT = re.compile(r"\d{1,18}(?:\.\d{1,4})?\Z", re.ASCII)
INSTANT_PATTERN = r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)"
INSTANT = re.compile(INSTANT_PATTERN + r"\Z", re.ASCII)
YEAR_MIN, YEAR_MAX = 1945, 2200


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The base of facts, commands and states: frozen, written by keyword, silent about what was not said."""

    # Being frozen is inherited; `kw_only` is not, so a subclass with required fields after optional ones says
    # it again. The decorator tells type checkers of both.


V = TypeVar("V", bound=Value)
A = TypeVar("A")


def remembered(derive: Callable[[V], A]) -> Callable[[V], A]:
    """Work out what follows from a value once: it is frozen, so that the answer never changes.

    The value's class has `dict=True`, where answers are kept beside its fields, and who is answered changes
    nothing in it.
    """
    name = f"{derive.__module__}.{derive.__name__}"

    @wraps(derive)
    def answer(value: V) -> A:
        answers: dict[str, Any] = value.__dict__
        if name not in answers:
            answers[name] = derive(value)
        return answers[name]  # type: ignore[no-any-return]

    return answer


PartialDate = Annotated[str, msgspec.Meta(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$", extra={"code": True})]
"""A date with the precision it came with: `2022`, `2022-05` or `2022-05-17`. Kept as written."""


def parse_partial_date(text: str) -> str:
    """The date as it was given, or ValueError with the rule. Years 1945 (the UN Charter) to 2200."""
    found = PARTIAL_DATE.match(text)
    if found is None:
        raise ValueError("must be a date as 2022-05-17, 2022-05 or 2022.")
    year, month, day = (int(part) if part else None for part in found.groups())
    if year is None or not YEAR_MIN <= year <= YEAR_MAX:
        raise ValueError(f"must lie between the years {YEAR_MIN} and {YEAR_MAX}.")
    try:
        date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        raise ValueError(f"is no day of the calendar: {text}.") from None
    return text


def first_day(partial: str) -> date:
    """The first day that a partial date can mean: how dates of making compare."""
    year, month, day = (*map(int, partial.split("-")), 1, 1)[:3]
    return date(year, month, day)


def last_day(partial: str) -> date:
    """The last day that a partial date can mean: how due dates compare."""
    year, *rest = map(int, partial.split("-"))
    month, *days = rest or [12]
    return date(year, month, days[0] if days else calendar.monthrange(year, month)[1])


def utc_day(moment: datetime) -> date:
    """The day in UTC on which a moment falls."""
    return moment.astimezone(UTC).date()


def parse_instant(text: str) -> datetime:
    """A time as RFC 3339 writes it, in UTC. ValueError if it is none."""
    if not INSTANT.match(text):
        raise ValueError("must be a time such as 2026-05-17T12:00:00Z.")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"is no time that can be told in UTC: {text}.") from None
    except ValueError:
        raise ValueError(f"is no time of the calendar: {text}.") from None


def rfc3339(moment: datetime) -> str:
    """A time in words for programs: in UTC, always with microseconds, so that texts sort as times do."""
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return in_utc.isoformat(timespec="microseconds")[: -len("+00:00")] + "Z"


class Money(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An amount in its original currency: a decimal string and an ISO 4217 code. Never converted."""

    value: str
    currency: str

    @property
    def amount(self) -> Decimal:
        return Decimal(self.value)


def parse_money(value: str, currency: str) -> Money:
    """Money from two texts; ValueError names the rule. `200000` and `200000.00` are kept as they came."""
    if currency not in CURRENCIES:
        raise ValueError(f"currency must be an ISO 4217 code such as EUR, not {currency[:20]!r}.")
    if not AMOUNT.match(value) or Decimal(value) <= 0:
        raise ValueError("must be a positive decimal such as 200000.00 (at most 18 digits and 4 decimals).")
    return Money(value=value, currency=currency)


def parse_number(text: str) -> Decimal:
    """A number of a target, from a decimal string; ValueError names the rule."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not re.fullmatch(r"-?\d{1,18}(?:\.\d{1,6})?", text, re.ASCII) or not number.is_finite():
        raise ValueError("must be a decimal number such as 240 or 0.5.")
    return number


# Marks that change the reading direction of the text around them: names and titles with them can be made to
# read as something else. The three that Arabic and Hebrew typists need (ALM, LRM, RLM) are kept.
_DIRECTION_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
# The categories Cc, without the line break, and Cs of Unicode.
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def clean_text(text: str) -> str:
    """The text in NFC, with one kind of line break and no white space at the ends.

    ValueError if it holds control characters other than line breaks, or what else may deceive.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if found := _DIRECTION_OVERRIDES.search(text):
        raise ValueError(f"must not hold signs that override the reading direction (U+{ord(found[0]):04X}).")
    if found := _CONTROLS.search(text):
        raise ValueError(f"must not hold control characters (U+{ord(found[0]):04X}).")
    if not any(unicodedata.category(sign)[0] not in "CZ" for sign in text):
        return ""  # signs without a shape alone say nothing
    if text == ERASED:
        raise ValueError(f"must not be {ERASED}, which marks what was erased by law.")
    return text


def duplicates(items: Iterable[object]) -> list[object]:
    """The items that appear a second time, in order."""
    seen: set[object] = set()
    return [item for item in items if item in seen or seen.add(item)]  # type: ignore[func-returns-value]
