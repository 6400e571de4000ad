"""Filters are links: each says how many pledges it leaves, and leaves as many."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.web.demonstration import Demonstration
from web.pages import filter_links as links
from web.pages import pledges

LINK = re.compile(
    r'<li><a href="([^"]*)"( class="on" aria-current="true")?>.*?<span class="number">(\d+)</span>', re.DOTALL
)
ALSO = re.compile(r'<a class="also" href="([^"]*)"')


def filter_links(shown: str) -> list[tuple[str, bool, int]]:
    """Address, whether it is on, and count, of each filter on a page."""
    inside = shown.split('<nav class="filters"')[1].split("</nav>", maxsplit=1)[0]
    return [(unescape(url), bool(on), int(count)) for url, on, count in LINK.findall(inside)]


def total(demonstration: Demonstration, path: str) -> int:
    path, _, query = path.partition("?")
    return int(demonstration.get(f"{path}.json?{query}").json()["total"])


@pytest.mark.parametrize(
    "asked",
    [
        "/pledges",
        "/pledges?objective=15",
        "/pledges?objective=7&region=Africa&q=cit",
        "/pledges?overdue=true",
    ],
)
def test_a_click_leaves_what_its_count_says(demonstration: Demonstration, asked: str) -> None:
    links = filter_links(demonstration.get(asked).text)
    assert len(links) > 10 or "overdue" in asked
    for url, is_on, count in links:
        if not is_on:
            assert total(demonstration, url) == count, url


@pytest.mark.parametrize("by", ["objective", "principle", "region", "category", "type", "form"])
def test_numbers_that_are_not_stated_lead_to_as_many_pledges(demonstration: Demonstration, by: str) -> None:
    (unstated,) = [
        item for item in demonstration.get(f"/progress.json?by={by}").json()["items"] if not item["key"]
    ]
    assert total(demonstration, f"/pledges?{by}=not_stated") == unstated["pledges"]
    assert (f'href="/pledges?{by}=not_stated"' in demonstration.get(f"/progress?by={by}").text) == bool(
        unstated["pledges"]
    )


def test_a_chosen_value_can_be_taken_away_again(demonstration: Demonstration) -> None:
    shown = demonstration.get("/pledges?objective=15&region=Africa&sort=title").text
    on = [url for url, is_on, _ in filter_links(shown) if is_on]
    assert on == ["/pledges?region=Africa&sort=title", "/pledges?objective=15&sort=title"]
    chips = shown.split('<ul class="chosen"')[1].split("</ul>")[0]
    assert [unescape(url) for url in re.findall('href="([^"]*)"', chips)] == [*on, "/pledges"]


def test_a_value_can_be_added_to_others_of_its_field(demonstration: Demonstration) -> None:
    shown = demonstration.get("/pledges?region=Africa").text
    also = [unescape(url) for url in ALSO.findall(shown)]
    assert "/pledges?region=Africa&region=Europe" in also
    both = demonstration.get("/pledges?region=Africa&region=Europe").text
    assert "for Region: Africa or Europe</h1>" in both
    assert total(demonstration, "/pledges?region=Africa&region=Europe") > total(
        demonstration, "/pledges?region=Africa"
    )


def test_the_question_is_told_in_words(demonstration: Demonstration) -> None:
    asked = (
        "/pledges?objective=15&overdue=true&entity=germany&country=KEN&updated_since=2026-05-01"
        "&q=fund&type=not_stated"
    )
    heading = demonstration.get(asked).text.split("<h1>")[1].split("</h1>")[0]
    assert heading == (
        "0 pledges for Words: fund; Objective: 15 Access to basic services; Type: Not stated; "
        "Pledged by: Germany; Country of implementation: Kenya; Overdue: Date passed, no report; "
        "Changed since: 1 May 2026"
    )


def test_a_heading_tells_how_many_values_where_it_would_be_a_list(demonstration: Demonstration) -> None:
    shown = demonstration.get("/pledges?" + "&".join(f"objective={number}" for number in range(1, 7))).text
    assert " for Objective: any of 6</h1>" in shown
    assert "Objective: <strong>6 Recruitment and decent work</strong>" in shown


def test_an_empty_list_says_why_and_what_to_do(demonstration: Demonstration) -> None:
    shown = demonstration.get("/pledges?q=zzzz&status=made").text
    assert "No pledge answers to all of this at once" in shown
    assert "Remove one of the filters above" in shown
    assert "Clear all filters" in shown


def test_a_search_is_ordered_by_what_fits_best(demonstration: Demonstration) -> None:
    shown = demonstration.get("/pledges?q=migrants").text
    assert '<strong aria-current="true">Best match</strong>' in shown
    assert "Best match" not in demonstration.get("/pledges").text


def test_a_search_keeps_filters_and_moment(demonstration: Demonstration) -> None:
    shown = demonstration.get(f"/pledges?region=Africa&sort=title&as_of={demonstration.samples_alone}").text
    form = shown.split('<form class="search"')[1].split("</form>")[0]
    hidden = dict(re.findall('type="hidden" name="([^"]*)" value="([^"]*)"', form))
    assert hidden == {"region": "Africa", "sort": "title", "as_of": demonstration.samples_alone}


def test_the_entity_page_counts_pledges_as_partner_too(demonstration: Demonstration) -> None:
    pledge = demonstration.get(f"/pledges/{demonstration.joint}.json").json()["pledge"]
    partner = pledge["partners"][0]["entity"]["slug"]
    assert pledge["reference"] in demonstration.get(f"/entities/{partner}").text


def test_what_would_cost_too_much_to_count_has_no_count(
    demonstration: Demonstration, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = filter_links(demonstration.get("/pledges").text)
    assert any(url.startswith("/pledges?overdue=true") for url, _, _ in counted)
    monkeypatch.setattr(links, "COUNTED_UP_TO_POSITION", 0)
    shown = demonstration.get("/pledges").text
    assert 'href="/pledges?overdue=true"' in shown
    assert not any("overdue" in url or "stale" in url for url, _, _ in filter_links(shown))


def test_pages_follow_each_other_and_end(
    demonstration: Demonstration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pledges, "ROWS", 20)
    seen: list[str] = []
    path, number = "/pledges?sort=title", 1
    while path:
        shown = demonstration.get(path).text
        assert f"<span>Page {number} of 3</span>" in shown
        seen += re.findall(r'<h2><a href="/pledges/([^"]*)"', shown)
        following = re.search(r'<a rel="next" href="([^"]*)"', shown)
        path, number = unescape(following[1]) if following else "", number + 1
    assert len(seen) == len(set(seen)) == total(demonstration, "/pledges?")
    assert 'href="/pledges?sort=title">First page</a>' in shown
