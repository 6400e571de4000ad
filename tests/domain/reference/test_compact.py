"""The objectives and principles as the register quotes them."""

from __future__ import annotations

import pytest

from domain.reference.compact import LANGUAGES, OBJECTIVES, PRINCIPLES, find_objective, find_principle


def test_all_are_there_in_all_languages() -> None:
    assert list(OBJECTIVES) == list(range(1, 24))
    assert [principle.letter for principle in PRINCIPLES.values()] == list("abcdefghij")
    for thing in (*OBJECTIVES.values(), *PRINCIPLES.values()):
        assert set(thing.titles) == set(LANGUAGES)
        assert all(title.text for title in thing.titles.values())


def test_slugs_are_unique_over_both() -> None:
    slugs = [thing.slug for thing in (*OBJECTIVES.values(), *PRINCIPLES.values())]
    assert len(set(slugs)) == len(slugs)
    assert OBJECTIVES[23].slug == "global-partnerships"


def test_a_title_keeps_the_mark_of_what_is_confirmed() -> None:
    bases = {
        language: sum(
            thing.title(language).basis == "confirmed"
            for thing in (*OBJECTIVES.values(), *PRINCIPLES.values())
        )
        for language in LANGUAGES
    }
    assert bases == {"en": 33, "fr": 33, "es": 32, "ru": 1, "zh": 10, "ar": 0}


def test_a_language_that_is_not_kept_gives_the_english_title() -> None:
    assert OBJECTIVES[8].title("pt") == OBJECTIVES[8].title("en")


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("7", 7),
        (" 07 ", 7),
        ("Objective 23", 23),
        ("remittances", 20),
        ("Save Lives", 8),
        ("Collect and utilize accurate and disaggregated data as a basis for evidence-based policies", 1),
        ("Привлечение", None),
        ("0", None),
        ("24", None),
        ("-1", None),
        ("7.5", None),
        ("9" * 5000, None),
        ("", None),
    ],
)
def test_an_objective_is_found_by_what_people_write(said: str, number: int | None) -> None:
    found = find_objective(said)
    assert (found.number if found else None) == number


@pytest.mark.parametrize(
    ("said", "slug"),
    [
        ("people-centred", "people-centred"),
        ("People centered", "people-centred"),
        ("rule of law and due process", "rule-of-law"),
        ("whole-of-government", "whole-of-government"),
        ("Whole\u2011of\u2011society approach", "whole-of-society"),
        ("(g)", "gender-responsive"),
        ("Droits humains", None),
        ("", None),
    ],
)
def test_a_principle_is_found_by_what_people_write(said: str, slug: str | None) -> None:
    found = find_principle(said)
    assert (found.slug if found else None) == slug


def test_every_title_in_every_language_finds_what_it_names() -> None:
    for objective in OBJECTIVES.values():
        assert all(find_objective(title.text) is objective for title in objective.titles.values())
    for principle in PRINCIPLES.values():
        assert all(find_principle(title.text) is principle for title in principle.titles.values())
