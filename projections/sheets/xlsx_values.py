"""Numbers and dates of Excel files as texts: a date keeps the precision in which its cell shows it.

Must not know where cells are.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

DateFormat = Literal["day", "month", "year", "time"]

EXACT_BELOW = 1e15
_BUILT_IN: dict[int, DateFormat] = {
    **dict.fromkeys((14, 15, 16, *range(27, 37), *range(50, 59)), "day"),
    17: "month",
    **dict.fromkeys((18, 19, 20, 21, 45, 46, 47), "time"),
    22: "day",
}
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
FALSE_LEAP_DAY = 60
SECONDS_A_DAY = 86_400


def date_format(number: int, code: str | None) -> DateFormat | None:
    """How precisely a number format shows a date; None for formats of other numbers."""
    if code is None:
        return _BUILT_IN.get(number)
    signs = _QUOTED.sub("", code.split(";")[0]).lower()
    if signs in ("general", "@") or not re.search(r"[ymdhs]", signs):
        return None
    if "d" in signs:
        return "day"
    if "y" in signs:
        return "month" if "m" in signs else "year"
    return "time" if re.search(r"[hs]", signs) else "month"


def number_text(value: str) -> str:
    """A number as one would type it: 200000, 0.1."""
    try:
        number = float(value)
    except ValueError:
        return value
    if number.is_integer() and abs(number) < EXACT_BELOW:
        return str(int(number))
    return format(Decimal(repr(number)), "f") if abs(number) != float("inf") and number == number else value  # noqa: PLR0124


def serial_text(value: str, shown: DateFormat, from_1904: bool) -> str:  # noqa: FBT001
    """A day number as an ISO date, or as the month or year that its cell shows."""
    try:
        days = float(value)
        moment = _moment(days, from_1904=from_1904)
    except (ValueError, OverflowError):
        return number_text(value)
    if shown == "time":
        return moment.time().isoformat("seconds") if days < 1 else moment.isoformat(" ", "seconds")
    day: date = moment.date()
    if shown == "day" and moment.time().isoformat() != "00:00:00":
        return moment.isoformat("T", "seconds")
    return {"day": day.isoformat(), "month": day.isoformat()[:7], "year": day.isoformat()[:4]}[shown]


def _moment(days: float, *, from_1904: bool) -> datetime:
    if from_1904:
        start = datetime(1904, 1, 1)  # noqa: DTZ001 - a sheet knows no time zone
    elif days < FALSE_LEAP_DAY:
        start = datetime(1899, 12, 31)  # noqa: DTZ001
    else:  # Excel counts 29 February 1900, which never was
        start = datetime(1899, 12, 30)  # noqa: DTZ001
    seconds = round((days - int(days)) * SECONDS_A_DAY)
    return start + timedelta(days=int(days), seconds=seconds)
