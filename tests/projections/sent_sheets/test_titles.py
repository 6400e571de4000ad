"""Titles of one pledger that are much alike are named, however many there are."""

from __future__ import annotations

from projections.sent_sheets.titles import Titles


def test_titles_are_alike_by_most_of_their_words() -> None:
    titles: Titles[str] = Titles()
    titles.add("a", "Twenty new schools for all children")
    titles.add("b", "Clean water")
    titles.add("c", "مدارس جديدة لجميع الأطفال")
    assert titles.like("For ALL children: twenty new schools") == ["a"]
    assert titles.like("Clean air and twenty trees") == []
    assert titles.like("مدارس جديدة لجميع الأطفال") == ["c"]
    assert titles.like("") == titles.like("?") == []


def test_a_word_that_stands_everywhere_does_not_make_titles_slow_or_lost() -> None:
    titles: Titles[int] = Titles()
    for number in range(2_000):
        titles.add(number, f"Promise {number}")
    assert titles.like("promise 1999") == [1999]
