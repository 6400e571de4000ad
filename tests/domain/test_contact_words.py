"""E-mail addresses and telephone numbers are found in texts; what is none is left alone."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.contact_words import contact_words

AROUND = st.sampled_from(["", "We promise ", "see ", "قدم ", "(", "« ", "\n", "by "])
AFTER = st.sampled_from(["", " and more.", ".", ", as agreed", ")", " »", "\n", " منها", "; next"])
NAMES = st.text("abcdefghijklmnopqrstuvwxyzé0123456789", min_size=1, max_size=12)
DIGITS = "0123456789"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Write to a.b+c@mail.example.org.", ("a.b+c@mail.example.org",)),
        ("Call +41 22 717 91 11, or 0041 22 717 9111!", ("+41 22 717 91 11", "0041 22 717 9111")),
        ("Tel.: 717 91 11", ("717 91 11",)),
        ("(212) 963-1234 or 212-963-1234", ("(212) 963-1234", "212-963-1234")),
        ("06.12.34.56.78", ("06.12.34.56.78",)),
        ("هاتف ٠٢٢ ٧١٧ ٩١١١", ("٠٢٢ ٧١٧ ٩١١١",)),
        ("a@example.org and again a@example.org", ("a@example.org",)),
    ],
)
def test_what_reaches_somebody_is_found(text: str, found: tuple[str, ...]) -> None:
    assert contact_words(text) == found


@given(AROUND, NAMES, NAMES, AFTER)
def test_an_address_is_found_wherever_it_stands(before: str, name: str, host: str, after: str) -> None:
    assert contact_words(f"{before}{name}@{host}.org{after}") == (f"{name}@{host}.org",)


@given(
    AROUND,
    st.integers(1, 999),
    st.lists(st.text(DIGITS, min_size=2, max_size=4), min_size=3, max_size=3),
    st.sampled_from([" ", "-", ".", ""]),
    AFTER,
)
def test_a_number_with_its_country_is_found(
    before: str, country: int, groups: list[str], between: str, after: str
) -> None:
    number = f"+{country}{between}{between.join([*groups, '71'])}"
    found = contact_words(f"{before}{number}{after}")
    assert found == (() if len(number.replace(between, "")) <= 8 else (number,))


NONE = st.one_of(
    st.integers(1900, 2100).map(str),
    st.tuples(st.integers(1900, 2100), st.integers(1900, 2100)).map("{0[0]}-{0[1]}".format),
    st.dates(date(1990, 1, 1)).flatmap(
        lambda day: st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%y", "%Y/%m/%d"]).map(
            day.strftime
        )
    ),
    st.datetimes().map(lambda time: time.isoformat() + "Z"),
    st.integers(0, 10**12).flatmap(
        lambda amount: st.sampled_from([",", " ", "\u202f", "\u00a0", ""]).map(
            lambda mark: f"{amount:,}".replace(",", mark)
        )
    ),
    st.decimals(0, 10**9, places=2).map(str),
    st.integers(0, 999).map("+{} %".format),
    st.integers(1, 99).map("+{} 000 000".format),
    st.tuples(st.integers(1, 99), st.integers(1, 999)).map("A/RES/{0[0]}/{0[1]}".format),
    st.tuples(st.integers(1, 20), st.integers(1990, 2099)).map("E/CN.{0[0]}/{0[1]}/12".format),
    st.tuples(NAMES, st.text(DIGITS, max_size=14)).map(
        "https://example.org/@{0[0]}/+{0[1]}?m=a@b.org".format
    ),
    st.sampled_from(
        ["SDG 10.7.2", "ISBN 978-3-16-148410-0", "NV 12/2026", "@unmigration", "2022-0042", "3@2.0"]
    ),
)


@given(AROUND, st.lists(NONE, min_size=1, max_size=3), AFTER)
@example("", ["01.02.2026", "10"], " offices")
def test_years_dates_amounts_resolutions_and_links_are_left_alone(
    before: str, said: list[str], after: str
) -> None:
    assert contact_words(before + ", ".join(said) + after) == ()


@given(st.text())
@example("a" * 20_000)
@example("1 " * 10_000 + "x")
@example("1." * 10_000)
def test_any_text_can_be_asked(text: str) -> None:
    assert all(words in text for words in contact_words(text))
