"""Cells: every way of writing has its way of reading back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.imports.cells import clears, guard, read_list, read_text, unguard, write_list, write_text

MESSY = st.text(alphabet=" ;a\n'(none)=é\u200f\u0645,\"", min_size=1, max_size=12)
ITEMS = st.lists(MESSY.map(str.strip).filter(bool), max_size=5)


@given(ITEMS)
def test_a_list_reads_back_as_it_was_written(items: list[str]) -> None:
    assert read_list(write_list(items)) == items


@given(ITEMS.filter(bool))
def test_no_written_list_clears(items: list[str]) -> None:
    assert not clears(write_list(items))


@given(MESSY)
def test_a_text_reads_back_as_it_was_written(text: str) -> None:
    assert read_text(write_text(text)) == text
    assert not clears(write_text(text))


@given(st.text(alphabet="'=+-@\t\ra1", max_size=8))
def test_a_guarded_cell_is_no_formula_and_reads_back(cell: str) -> None:
    assert unguard(guard(cell)) == cell
    assert guard(cell)[:1] not in ("=", "+", "-", "@", "\t", "\r")


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ("15; 16", ["15", "16"]),
        ("a;b", ["a;b"]),
        ("a; b;", ["a", "b"]),
        ("a;\nb", ["a", "b"]),
        ("; a; ; b", ["a", "b"]),
        ("", []),
        ("one;; two", ["one; two"]),
    ],
)
def test_lists_are_separated_by_semicolon_and_space(cell: str, items: list[str]) -> None:
    assert read_list(cell) == items


@pytest.mark.parametrize("cell", ["(none)", "(None)", " (NONE) "])
def test_one_word_clears(cell: str) -> None:
    assert clears(cell)
