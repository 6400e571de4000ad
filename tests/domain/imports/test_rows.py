"""Rows: each cell is read or refused by its column; blank is unknown, and nothing is guessed."""

from __future__ import annotations

import pytest

from domain.errors import InvalidInput
from domain.imports.rows import Named, Row, clean_cells, levels_of, read_row
from domain.values import Money

LEAST = {"ref": "A-1", "title": "Schools for all", "pledger": "City of Arua"}


def row(**cells: str) -> Row:
    return read_row(clean_cells({**LEAST, **cells}))


def refusal(**cells: str) -> dict[str, list[str]]:
    with pytest.raises(InvalidInput) as refused:
        row(**cells)
    return refused.value.errors


def test_what_is_blank_is_unknown() -> None:
    assert row() == Row(ref="A-1", title="Schools for all", pledger=Named(name="City of Arua"))


def test_a_full_row_is_read() -> None:
    said = row(
        pledger="Portugal (Ministry of Foreign Affairs)", co_pledgers="Kenya; UNICEF", pledge_type="Common",
        forms="policy; in-kind", objectives="15;16; Objective 23", objectives_basis="stated",
        principles="people-centred; Human rights", amount="200000", currency="EUR",
        scope="National; Regional (UNECE)",
        country_of_implementation="Portugal; KEN; Türkiye", announced_on="2022-05", due_on="2026",
        targets="10 schools; a law", status_note="Begun.", summary="All children.",
    )  # fmt: skip
    assert said.pledger == Named(
        name="Portugal (Ministry of Foreign Affairs)", state="PRT", office="Ministry of Foreign Affairs"
    )
    assert said.category == "state"
    assert said.co_pledgers == (Named(name="Kenya", state="KEN"), Named(name="UNICEF"))
    assert (said.type, said.forms) == ("common", ("policy", "in_kind"))
    assert (said.objectives, said.objectives_basis) == ((15, 16, 23), "stated")
    assert said.principles == ("people-centred", "human-rights")
    assert said.amount == Money(value="200000", currency="EUR")
    assert (said.levels, said.scope_in_words) == (("national", "regional"), "National; Regional (UNECE)")
    assert said.countries == ("PRT", "KEN", "TUR")
    assert (said.announced_on, said.due_on) == ("2022-05", "2026")
    assert said.targets == ("10 schools", "a law")
    assert (said.status_note, said.summary) == ("Begun.", "All children.")


@pytest.mark.parametrize(
    ("column", "cell", "rule"),
    [
        ("ref", " ", "must be given"),
        ("ref", "x" * 201, "at most 200"),
        ("title", "", "must be given"),
        ("title", "(none)", "must be given"),
        ("title", "a\0b", "control characters"),
        ("title", "\u202eoverride", "reading direction"),
        ("title", "#REF!", "formula has no result"),
        ("pledger_category", "club", "is not one of state, un_entity, stakeholder"),
        ("pledge_type", "sole", "is not one of individual"),
        ("forms", "policy; magic", "is not one of financial"),
        ("objectives", "1; 24", "“24” is not an objective"),
        ("objectives", "3; 3", "no duplicates"),
        ("objectives_basis", "stated", "without objectives"),
        ("principles", "honesty", "ten guiding principles"),
        ("scope", "Here", "is not Local"),
        ("country_of_implementation", "Atlantis", "is not a country"),
        ("announced_on", "17/05/2022", "must be a date"),
        ("due_on", "2022-02-30", "no day of the calendar"),
        ("co_pledgers", "Kenya; KEN", "no duplicates"),
    ],
)
def test_what_is_there_must_be_valid(column: str, cell: str, rule: str) -> None:
    errors = refusal(**{column: cell})
    assert list(errors) == [column]
    assert rule in errors[column][0]


@pytest.mark.parametrize(
    ("cells", "column", "rule"),
    [
        ({"amount": "-5", "currency": "EUR"}, "amount", "positive decimal"),
        ({"amount": "5", "currency": "XYZ"}, "currency", "ISO 4217"),
        ({"amount": "5"}, "currency", "must be given with the amount"),
        ({"currency": "EUR"}, "amount", "must be given with the currency"),
    ],
)
def test_an_amount_has_a_currency(cells: dict[str, str], column: str, rule: str) -> None:
    assert rule in refusal(**cells)[column][0]


def test_every_broken_rule_is_said_at_once() -> None:
    assert set(refusal(title="", objectives="99", due_on="soon")) == {"title", "objectives", "due_on"}


# -- pledgers


@pytest.mark.parametrize("name", ["Kenya", "kenya", "KEN", "كينيا"])
def test_a_state_is_found_by_name_or_code(name: str) -> None:
    said = row(pledger=name)
    assert (said.pledger.state, said.category) == ("KEN", "state")


def test_a_states_own_brackets_are_no_office() -> None:
    assert row(pledger="Bolivia (Plurinational State of)").pledger.office is None
    with_office = row(pledger="Bolivia (Plurinational State of) (Ministry (North))").pledger
    assert (with_office.state, with_office.office) == ("BOL", "Ministry (North)")


def test_the_category_of_states_is_closed() -> None:
    assert "195 States" in refusal(pledger="Atlantis", pledger_category="state")["pledger"][0]


def test_a_state_is_of_no_other_category() -> None:
    assert "is a State" in refusal(pledger="Kenya", pledger_category="stakeholder")["pledger_category"][0]


def test_a_stakeholder_with_a_states_name_before_its_brackets_is_itself() -> None:
    said = row(pledger="Georgia (University of Tbilisi)", pledger_category="stakeholder")
    assert said.pledger == Named(name="Georgia (University of Tbilisi)")


def test_a_kind_outside_the_list_is_other_with_the_word_kept() -> None:
    said = row(pledger_category="stakeholder", pledger_kind="Sports club")
    assert (said.kind, said.kind_in_words) == ("other", "Sports club")


def test_a_kind_of_the_list_says_the_category() -> None:
    assert row(pledger_kind="Local authority").category == "stakeholder"


def test_a_kind_outside_the_list_does_not_say_the_category() -> None:
    assert "must be given" in refusal(pledger_kind="Sports club")["pledger_category"][0]


@pytest.mark.parametrize("category", ["state", "un_entity"])
def test_kinds_are_for_stakeholders(category: str) -> None:
    errors = refusal(
        pledger="Kenya" if category == "state" else "ILO", pledger_category=category, pledger_kind="academia"
    )
    assert "is for stakeholders" in errors["pledger_kind"][0]


def test_a_co_pledgers_office_is_kept_as_a_fact_of_the_source() -> None:
    said = row(co_pledgers="Kenya (Ministry of Labour); Uganda")
    assert said.kept == {"co_pledgers": "Kenya (Ministry of Labour); Uganda"}


# -- the rest


@pytest.mark.parametrize(
    ("scope", "levels"),
    [
        ("Local", ("local",)), ("national", ("national",)), ("Regional (UNECE)", ("regional",)),
        ("Global", ("international",)), ("International; Global", ("international",)),
        ("Local; National", ("local", "national")),
    ],
)  # fmt: skip
def test_scope_in_words_means_levels(scope: str, levels: tuple[str, ...]) -> None:
    assert levels_of(scope) == levels


def test_kept_columns_are_facts_of_the_source() -> None:
    assert row(**{"Source kind": "press"}).kept == {"Source kind": "press"}


@pytest.mark.parametrize("cell", ["ask me@example.org", "call +41 22 555 01 01"])
def test_kept_columns_hold_no_way_to_reach_somebody(cell: str) -> None:
    assert "stay for ever" in refusal(remark=cell)["remark"][0]


def test_texts_keep_their_direction_marks_and_line_breaks() -> None:
    text = "\u200fالمدارس للجميع\u200e\nالسطر الثاني"
    assert row(title=text).title == text


def test_equal_targets_are_two_targets() -> None:
    assert row(targets="40 people; 40 people").targets == ("40 people", "40 people")
