"""Columns of others' sheets are guessed by their headings."""

from __future__ import annotations

import pytest

from domain.imports.columns import COLUMNS, read_header
from domain.imports.matching import as_ours, guessed


@pytest.mark.parametrize(
    ("heading", "places"),
    [
        (COLUMNS, {column: place for place, column in enumerate(COLUMNS)}),
        (
            ["No.", "Member State", "Pledge Title", "Due-Date", "Colour"],
            {"ref": 0, "pledger": 1, "title": 2, "due_on": 3},
        ),
        (
            ["Numéro", "Pays", "Titre de l’engagement", "Écheance"],
            {"ref": 0, "pledger": 1, "title": 2, "due_on": 3},
        ),
        (["المرجع", "الدولة", "عنوان التعهد"], {"ref": 0, "pledger": 1, "title": 2}),
        (["", "  ", "title", "Title"], {"title": 2}),
        ([], {}),
    ],
)
def test_columns_are_guessed_by_similar_names(heading: list[str], places: dict[str, int]) -> None:
    assert guessed(heading) == places


def test_a_column_that_was_not_matched_is_not_read_although_it_has_our_name() -> None:
    header = read_header(
        as_ours(["id", "title", "short title", "country"], {"ref": 0, "title": 2, "pledger": 3})
    )
    assert header.places == {"ref": 0, "title": 2, "pledger": 3}
    assert header.ignored == ("“title”",)
