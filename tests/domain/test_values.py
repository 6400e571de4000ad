"""Values refuse what they cannot be, and keep what they are given as it came."""

from __future__ import annotations

import calendar
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.values import (
    ERASED,
    Money,
    Value,
    clean_text,
    duplicates,
    first_day,
    last_day,
    parse_money,
    parse_number,
    parse_partial_date,
    remembered,
    utc_day,
)

DAYS = st.dates(date(1945, 1, 1), date(2200, 12, 31))


@given(DAYS, st.sampled_from(["%Y", "%Y-%m", "%Y-%m-%d"]))
def test_a_date_keeps_the_precision_it_came_with(day: date, precision: str) -> None:
    said = day.strftime(precision)
    assert parse_partial_date(said) == said
    assert first_day(said) <= day <= last_day(said)


@given(DAYS)
def test_a_month_ends_on_its_last_day(day: date) -> None:
    said = f"{day:%Y-%m}"
    assert first_day(said).day == 1
    assert last_day(said).day == calendar.monthrange(day.year, day.month)[1]


def test_a_year_runs_from_its_first_day_to_its_last() -> None:
    assert (first_day("2022"), last_day("2022")) == (date(2022, 1, 1), date(2022, 12, 31))


@pytest.mark.parametrize(
    "said",
    [
        "", "22", "2022-5", "2022-13", "2022-00", "2022-05-00", "2022-02-30", "2023-02-29",
        "2022-05-17T00:00", "1944", "2201", "0000", "2022-05-17\n", " 2022", "٢٠٢٢", "２０２２",
        "2022/05", "17.05.2022", "-2022", "20220517",
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match=r"must|calendar"):
        parse_partial_date(said)


def test_a_moment_falls_on_its_day_in_utc() -> None:
    late = datetime(2026, 1, 1, 1, 0, tzinfo=timezone(timedelta(hours=2)))
    assert utc_day(late) == date(2025, 12, 31)
    assert utc_day(datetime(2026, 1, 1, tzinfo=UTC)) == date(2026, 1, 1)


@pytest.mark.parametrize("value", ["1", "200000", "200000.00", "0.0001", "9" * 18])
def test_money_is_kept_as_it_came(value: str) -> None:
    money = parse_money(value, "EUR")
    assert money == Money(value=value, currency="EUR")
    assert money.amount == Decimal(value)


@pytest.mark.parametrize(
    ("value", "currency", "rule"),
    [
        ("100", "XYZ", "ISO 4217"),
        ("100", "eur", "ISO 4217"),
        ("100", "E" * 5000, "ISO 4217"),
        ("0", "EUR", "positive"),
        ("0.00", "EUR", "positive"),
        ("-5", "EUR", "positive"),
        ("+5", "EUR", "positive"),
        ("1e6", "EUR", "positive"),
        ("1,000", "EUR", "positive"),
        ("NaN", "EUR", "positive"),
        ("Infinity", "EUR", "positive"),
        ("1.00001", "EUR", "positive"),
        ("9" * 19, "EUR", "positive"),
        (" 5", "EUR", "positive"),
        ("5\n", "EUR", "positive"),
        ("٥", "EUR", "positive"),
        ("", "EUR", "positive"),
    ],
)
def test_what_is_no_money_is_refused(value: str, currency: str, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        parse_money(value, currency)


@pytest.mark.parametrize("text", ["0", "-5", "240", "0.5", "-0.000001", "9" * 18])
def test_a_number_is_read_exactly(text: str) -> None:
    assert parse_number(text) == Decimal(text)


@pytest.mark.parametrize(
    "text", ["", "1e5", "NaN", "inf", "1_000", "1,5", ".5", "5.", "٥", "0.0000001", "9" * 19, "5\n"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="decimal number"):
        parse_number(text)


@given(st.text())
def test_clean_text_is_clean_or_refused(text: str) -> None:
    try:
        clean = clean_text(text)
    except ValueError as problem:
        assert "must not" in str(problem)  # noqa: PT017 - both ways out are the subject
        return
    assert clean_text(clean) == clean
    assert clean == clean.strip()
    assert unicodedata.is_normalized("NFC", clean)
    assert not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in clean.replace("\n", ""))


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_ordinary_words_are_never_refused(text: str) -> None:
    assume(text.strip() != ERASED)
    assert clean_text(text) == unicodedata.normalize("NFC", text).strip()


def test_line_breaks_stay_and_become_one_kind() -> None:
    assert clean_text(" a\r\nb\rc\n") == "a\nb\nc"


@pytest.mark.parametrize(
    "text", ["a\0b", "a\tb", "a\x1bb", "a\x85b", "a\u202eb", "a\u2066b", "a\ud800b", ERASED, f" {ERASED} "]
)
def test_what_could_deceive_or_break_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must not"):
        clean_text(text)


@pytest.mark.parametrize("text", ["שלום\u200f!", "\u061cنص", "a\u200db", "e\u0301"])
def test_marks_that_writers_need_stay(text: str) -> None:
    assert clean_text(text) == unicodedata.normalize("NFC", text)


def test_duplicates_are_named_in_order() -> None:
    assert duplicates([1, 2, 1, 3, 2, 1]) == [1, 2, 1]
    assert duplicates([]) == []


@pytest.mark.parametrize("text", ["\u200b\u200b\u200b", "\ufeff" * 4, " \u200d \n "])
def test_signs_without_a_shape_alone_are_blank(text: str) -> None:
    assert clean_text(text) == ""


def test_what_was_remembered_of_a_value_is_no_part_of_it() -> None:
    class Named(Value, dict=True):
        name: str

    asked: list[str] = []

    @remembered
    def length(value: Named) -> int:
        asked.append(value.name)
        return len(value.name)

    first = Named(name="four")
    assert [length(first), length(first)] == [4, 4]
    assert asked == ["four"]
    assert first == Named(name="four")
    assert msgspec.json.encode(first) == b'{"name":"four"}'
    assert length(msgspec.structs.replace(first, name="seven")) == 5
