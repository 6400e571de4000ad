"""The 195 States as the register quotes them, and how they are recognised."""

from __future__ import annotations

from collections import Counter

import pytest

from domain.reference.states import (
    STATES,
    find_state,
    find_state_and_office,
    region_of,
    state_id,
    subregion_of,
)
from domain.reference.vocabularies import REGIONS


def test_there_are_193_members_and_two_observers() -> None:
    assert Counter(state.membership for state in STATES.values()) == {"member": 193, "observer": 2}
    assert {iso3 for iso3, state in STATES.items() if state.membership == "observer"} == {"VAT", "PSE"}


def test_codes_are_complete_and_unique() -> None:
    assert all(len(state.m49) == 3 for state in STATES.values())
    assert STATES["AFG"].m49 == "004"
    for code in ("iso2", "iso3", "m49"):
        assert len({getattr(state, code) for state in STATES.values()}) == 195


def test_every_region_is_one_of_m49() -> None:
    assert {state.region for state in STATES.values()} == set(REGIONS)
    assert region_of("KEN") == "Africa"
    assert subregion_of("KEN") == "Sub-Saharan Africa"
    assert region_of("XXX") is None
    assert region_of(None) is None


@pytest.mark.parametrize(
    ("iso3", "name"),
    [
        ("NLD", "هولندا (مملكة هولندا)"),
        ("BOL", "بوليفيا (دولة بوليفيا المتعددة القوميات)"),
        ("IRN", "إيران (جمهورية إيران الإسلامية)"),
        ("FSM", "ميكرونيزيا (ولايات ميكرونيزيا الموحدة)"),
        ("VEN", "فنزويلا (جمهورية فنزويلا البوليفارية)"),
        ("GNB", "غينيا - بيساو"),
    ],
)
def test_arabic_names_have_no_sign_in_the_place_of_a_name(iso3: str, name: str) -> None:
    assert STATES[iso3].name_in("ar") == name


def test_no_arabic_name_is_left_with_a_sign_in_brackets() -> None:
    assert not [
        s.iso3 for s in STATES.values() if "(" in s.name_in("ar") and set("-_") & set(s.name_in("ar"))
    ]


def test_no_name_or_code_means_two_states() -> None:
    for state in STATES.values():
        for said in (*state.names.values(), *state.aliases, state.iso3, state.iso2, state.m49):
            assert find_state(said) is state


@pytest.mark.parametrize(
    ("said", "iso3"),
    [
        ("Kenya", "KEN"),
        ("  kenya ", "KEN"),
        ("KEN", "KEN"),
        ("ken", "KEN"),
        ("KE", "KEN"),
        ("肯尼亚", "KEN"),
        ("Côte d’Ivoire", "CIV"),
        ("Cote d'Ivoire", "CIV"),
        ("Bolivia", "BOL"),
        ("Turkiye", "TUR"),
        ("Nauru", "NRU"),
        ("St. Lucia", "LCA"),
        ("Guinea Bissau", "GNB"),
        ("Holy See", "VAT"),
        ("404", "KEN"),
        ("is", None),
        ("Guinea Ecuatorial", "GNQ"),
        ("Korea", None),
        ("UNECE", None),
        ("", None),
    ],
)
def test_a_state_is_found_by_what_people_write(said: str, iso3: str | None) -> None:
    found = find_state(said)
    assert (found.iso3 if found else None) == iso3


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Portugal", ("PRT", None)),
        ("Portugal (Ministry of Foreign Affairs)", ("PRT", "Ministry of Foreign Affairs")),
        ("Bolivia (Plurinational State of)", ("BOL", None)),
        ("Bolivia (Ministry of Labour)", ("BOL", "Ministry of Labour")),
        ("Bolivia (Plurinational State of) (Ministry of Labour)", ("BOL", "Ministry of Labour")),
        ("United Cities and Local Governments (UCLG)", None),
        ("Portugal ()", None),
        ("(Portugal)", None),
    ],
)
def test_the_office_behind_a_state_is_told_apart(said: str, expected: tuple[str, str | None] | None) -> None:
    found = find_state_and_office(said)
    assert (found and (found[0].iso3, found[1])) == expected


def test_ids_of_states_are_the_same_for_ever() -> None:
    assert str(state_id("AFG")) == "29abb141-a335-5b19-b9b9-8e7f3725f328"
    assert len({state_id(iso3) for iso3 in STATES}) == 195
