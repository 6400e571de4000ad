"""The header of a sheet: what it needs, what it ignores, what is never kept."""

from __future__ import annotations

import pytest

from domain.imports.columns import (
    COLUMNS,
    NEEDED,
    WrongHeader,
    is_contact_like,
    read_header,
    said_beside,
    told_apart,
)


def test_order_is_free_and_case_and_spaces_do_not_count() -> None:
    header = read_header([" Pledger", "TITLE", "ref "])
    assert header.places == {"pledger": 0, "title": 1, "ref": 2}


def test_other_columns_are_named_as_ignored() -> None:
    header = read_header(["ref", "title", "pledger", "confidence", "", "status", "version", ""])
    assert header.ignored == ("confidence", "(column 5, without a name)", "status", "version")
    assert header.beside == {}


def test_the_columns_that_name_a_pledge_of_an_export_are_no_cells() -> None:
    header = read_header(["ref", "title", "pledger", "Reference", "status", "version"])
    assert (header.beside, header.ignored) == ({"reference": 3, "version": 5}, ("status",))
    assert said_beside(["A", "B", "C", " 2022-0001 "], header) == {"reference": "2022-0001"}
    assert told_apart(["A", "B", "C", "2022-0001"], header, pads=True) == dict(
        zip(NEEDED, "ABC", strict=True)
    )
    kept = read_header(["ref", "title", "pledger", "reference"], keep=["reference"])
    assert (kept.beside, kept.kept) == ({}, ("reference",))


def test_a_column_is_kept_under_the_name_it_has() -> None:
    header = read_header([*COLUMNS, "Source Kind"], ["source kind"])
    assert header.kept == ("Source Kind",)
    assert header.ignored == ()


@pytest.mark.parametrize(
    ("cells", "keep", "said"),
    [
        ([], [], "is empty"),
        (["", " "], [], "is empty"),
        (["ref", "title"], [], "no column pledger"),
        (["title", "pledger"], [], "no column ref"),
        (["ref;title;pledger"], [], "separated by semicolons"),
        (["ref\ttitle\tpledger"], [], "separated by tabs"),
        (["ref", "title", "pledger", "Title"], [], "title stands twice"),
        (["ref", "title", "pledger", "x", "x"], ["x"], "x stands twice"),
        (["ref", "title", "pledger"], ["region"], "no column region that could be kept"),
        (["ref", "title", "pledger", "E-mail"], ["E-mail"], "never kept"),
        (["ref", "title", "pledger", *map(str, range(500))], [], "500 is the most"),
    ],
)
def test_a_wrong_header_says_what_is_wrong(cells: list[str], keep: list[str], said: str) -> None:
    with pytest.raises(WrongHeader, match=said):
        read_header(cells, keep)


def test_a_sheet_that_is_handed_in_may_come_without_references() -> None:
    assert read_header(["title", "pledger"], needs_ref=False).places == {"title": 0, "pledger": 1}


@pytest.mark.parametrize(
    "name",
    [
        "email", "E-Mail", "contact", "Contact person", "phone", "Telephone number", "fax", "name",
        "First name", "contact_email", "focal point", "address", "Postal address", "filer",
        "Submitter's name", "mobile", "WhatsApp",
    ],
)  # fmt: skip
def test_contact_columns_are_recognised(name: str) -> None:
    assert is_contact_like(name)


@pytest.mark.parametrize(
    "name", ["confidence", "source_kind", "number_of_persons", "web page", "telework", "region"]
)
def test_other_columns_are_no_contact_columns(name: str) -> None:
    assert not is_contact_like(name)
