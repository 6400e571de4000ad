"""Dates, times, numbers, money and any value of a record as people write them. Knows no page.

A value in words is a list of lines, because some fields hold lists of things.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from itertools import accumulate
from typing import Any
from unicodedata import bidirectional

from babel.dates import format_date
from babel.lists import format_list
from markupsafe import escape

from domain.values import ERASED, first_day
from web.pages.field_names import FIELDS, FIELDS_OF_OTHERS
from web.pages.labels import label
from web.pages.language import gettext as _
from web.pages.language import locale, pgettext

NOTHING = "–"
ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"
DAY = {4: "y", 7: "LLLL y", 10: "d MMMM y"}
"""How a date is written at the precision that it has."""


def text(value: str | None) -> str:
    """Words that somebody wrote. What was erased by law says so."""
    return _("Erased by law") if value == ERASED else value or ""


def abridged(value: str, bytes_max: int | None) -> str:
    """Words as a list shows them: what is longer ends in an ellipsis, and stands whole on its own page.

    Measured in the bytes that a page takes for them, so that lists stay small in every script.
    """
    sizes = accumulate(len(escape(sign).encode()) for sign in value)
    fitting = sum(1 for size in sizes if bytes_max is None or size <= bytes_max)
    return value if fitting == len(value) else value[:fitting].rstrip() + "…"


def name(value: str | None) -> str:
    """A name inside a sentence. One that runs the other way than the page is kept apart from the rest."""
    written = text(value)
    page_is_rtl = locale().text_direction == "rtl"
    is_strange = any(
        (bidirectional(sign) in ("R", "AL")) != page_is_rtl for sign in written if sign.isalpha()
    )
    return f"{ISOLATE}{written}{END_OF_ISOLATE}" if is_strange else written


def day(value: str | date | None) -> str:
    """A date at the precision it has: 5 May 2026, May 2026, 2026."""
    if not value:
        return _("No date given")
    written = value if isinstance(value, str) else value.isoformat()
    try:
        return str(format_date(first_day(written[:10]), DAY[len(written[:10])], locale=locale()))
    except (ValueError, KeyError):
        return text(written)


def instant(value: str | datetime) -> str:
    """A time to the minute, in UTC."""
    moment = (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)
    return _("%(day)s, %(time)s UTC", day=day(moment.date()), time=moment.strftime("%H:%M"))


def days_until(value: str, moment: datetime) -> int:
    """How many whole days passed between a recorded time and another."""
    return max(0, (moment - datetime.fromisoformat(value)).days)


def number(value: str | float | Decimal | None) -> str:
    """A number with its separators and all of its digits; what is none stays as it is."""
    if value is None:
        return NOTHING
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        return text(str(value))
    places = -int(exact.as_tuple().exponent) if exact.is_finite() else 0
    pattern = copy(locale().decimal_formats[None])
    pattern.frac_prec = (max(places, 0), max(places, 0))
    return str(pattern.apply(exact, locale()))


def more(value: int | None) -> str:
    """By how much something grew, with its sign."""
    if not value:
        return "0" if value == 0 else NOTHING
    return apart(f"+{number(value)}" if value > 0 else f"\u2212{number(-value)}")


def apart(value: str) -> str:
    """What begins with a sign, kept in its own order on a page that runs from right to left."""
    return f"{ISOLATE}{value}{END_OF_ISOLATE}" if locale().text_direction == "rtl" else value


def percent(value: int | None) -> str:
    """A percent, or the words for none."""
    return _("not measured") if value is None else _("%(number)s%%", number=value)


def money(value: Mapping[str, str] | None) -> str:
    """An amount in its own currency."""
    return (
        _("%(number)s %(currency)s", number=number(value["value"]), currency=value["currency"])
        if value
        else ""
    )


def either(values: Sequence[str]) -> str:
    """Things of which one is meant, as the language writes them: "this, that or the other"."""
    return str(format_list(list(values), style="or", locale=locale()))


def listed(values: Iterable[Any]) -> str:
    """Things that are all meant, as the language writes them: "this, that, and the other"."""
    return str(format_list([str(value) for value in values], style="standard", locale=locale()))


def size(value: int) -> str:
    """How large a file is."""
    return _("%(number)s kB", number=number(max(1, round(value / 1000))))


# -- a record's fields, one by one


def in_words(value: Any, field: str) -> list[str]:
    """A field's value as lines; none for nothing."""
    if value in (None, "", [], {}):
        return []
    if value == ERASED:
        return [text(ERASED)]
    write = _WRITERS.get(field, _plain)
    return [write(item) for item in value] if isinstance(value, list) else [write(value)]


def told_changes(changes: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The changes that words can tell: not those that say that nothing was said."""
    return [change for change in changes if _says_something(change)]


def _says_something(change: Mapping[str, Any]) -> bool:
    before, after, field = change["before"], change["after"], change["field"]
    if _is_nothing(before) and _is_nothing(after):
        return False
    return in_words(before, field) != in_words(after, field)


def _is_nothing(value: Any) -> bool:
    return value is None or value is False or value in ("", [], {})


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return pgettext("as an answer", "Yes") if value else pgettext("as an answer", "No")
    return text(str(value))


def _label(of: str) -> Callable[[Any], str]:
    return lambda value: text(value) if value == ERASED else label(value, of)


def _entity(value: Any) -> str:
    return name(value.get("name")) or _("An entity without a name") if isinstance(value, dict) else str(value)


def target_line(target: Mapping[str, Any]) -> str:
    """A target in a line: what, from where, how far, where to."""
    what = text(target.get("description")) or text(target.get("unit"))
    if target.get("target") is None:
        return what
    numbers = {which: number(target.get(which)) for which in ("baseline", "value", "target")}
    if target.get("value") is None:
        return _(
            "%(what)s (%(unit)s): from %(baseline)s to %(target)s, nothing reported yet",
            what=what,
            unit=text(target.get("unit")),
            baseline=numbers["baseline"],
            target=numbers["target"],
        )
    return _(
        "%(what)s (%(unit)s): from %(baseline)s to %(target)s, now %(value)s",
        what=what,
        unit=text(target.get("unit")),
        **numbers,
    )


def _partner(partner: Mapping[str, Any]) -> str:
    return _(
        "%(name)s (%(standing)s)",
        name=_entity(partner["entity"]),
        standing=label(partner["state"], "partner"),
    )


def _verdict(verdict: Mapping[str, Any]) -> str:
    return _(
        "%(verdict)s, %(day)s", verdict=label(verdict["kind"], "verdict"), day=day(verdict["effective_on"])
    )


def _money_report(report: Mapping[str, Any]) -> str:
    return _(
        "%(stage)s: %(amount)s (%(day)s)",
        stage=label(report["stage"], "stage"),
        amount=money(report["amount"]),
        day=day(report["date"]),
    )


def _terms(terms: Mapping[str, Any]) -> str:
    asked = money(terms.get("amount")) or number(terms.get("count"))
    return _(
        "%(kind)s: %(asked)s until %(day)s",
        kind=label(terms["kind"], "terms"),
        asked=asked,
        day=day(terms["deadline"]),
    )


def _source(source: Mapping[str, Any]) -> str:
    return text(source.get("ref"))


def _pledge(value: Any) -> str:
    return text(value.get("reference")) if isinstance(value, dict) else str(value)


_WRITERS: Mapping[str, Callable[[Any], str]] = {
    "amount": money,
    "countries": _label("country"),
    "due_on": day,
    "entity": _entity,
    "forms": _label("form"),
    "language": _label("language"),
    "last_report_on": day,
    "levels": _label("level"),
    "made_on": day,
    "matches": _pledge,
    "measured_percent": percent,
    "money": _money_report,
    "objectives": _label("objective"),
    "objectives_basis": _label("basis"),
    "outlook": _label("outlook"),
    "own_percent": percent,
    "partners": _partner,
    "percent": percent,
    "principles": _label("principle"),
    "regions": _label("region"),
    "source": _source,
    "status": _label("status"),
    "targets": target_line,
    "terms": _terms,
    "type": _label("type"),
    "verdicts": _verdict,
}


def field_name(field: str) -> str:
    """What a field is called."""
    return str(FIELDS.get(field) or FIELDS_OF_OTHERS.get(field, field))


def field_of_part(part: str) -> str:
    """The field of a pledge that a part of an event holds; the part itself, if it holds none."""
    return next((step for step in part.split(".")[1:] if step in FIELDS or step in FIELDS_OF_OTHERS), part)


def erased_by_field(erased: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """What was erased by law, by the field that held it."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in erased:
        found.setdefault(field_of_part(one["part"]), []).append(one)
    return found


_DIGEST = re.compile(r"([0-9a-f]{12})[0-9a-f]{52}")


def shortened(reference: str) -> str:
    """A reference with its long digest cut to what people compare; the data beside the page has all of it."""
    return _DIGEST.sub("\\1…", text(reference))
