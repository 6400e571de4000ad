"""Pages stay below 100 kB, whatever is on record and whatever is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
import requests
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from projections.database.roles import DatabaseUrls
from tests.conftest import new_database
from tests.web.live import SECONDS_MAX, Register, serving
from tests.web.pledges import recorded
from web.pages.blueprint import QUERY_CHARS_MAX
from web.pages.pledges import ROWS

BYTES_MAX = 100_000
LONG = ("W\u00f6rter ", "\u062a\u064a\u0633\u064a\u0631 ", "\u79fb\u6c11\u304d", "<&\"'>")
"""Words in Latin, Arabic and Chinese, and signs that take more room in a page than in a text."""


@pytest.fixture(scope="module")
def crowded(
    admin: Connection,
    cluster_urls: DatabaseUrls,
    template_name: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Register]:
    """A register with more rows than a page has, each with the longest texts that are taken."""
    with new_database(admin, template=template_name) as name:
        owner, app = (make_conninfo(url, dbname=name) for url in (cluster_urls.owner, cluster_urls.app))
        with serving(owner, app, tmp_path_factory.mktemp("crowded")) as live:
            entities = [live.entity((word * 300)[:280].strip()) for word in LONG]
            for number in range(ROWS + 5):
                word, entity = LONG[number % 4], entities[number % 4]
                said = {
                    "title": (f"{number} " + word * 300)[:300].strip(),
                    "through": (word * 300)[:300].strip(),
                    "objectives": list(range(1, 24)),
                    "forms": ["policy", "process"],
                    "countries": ["KEN", "MLI", "FRA", "MEX"],
                    "made_on": "2022-05-17",
                    "due_on": "2023",
                }
                assert recorded(live, entity, **said).status == 201
            yield live


def page(live: Register, path: str) -> requests.Response:
    return requests.get(live.url + path, timeout=SECONDS_MAX)


def page_of(live: Register, path: str) -> tuple[int, int]:
    answer = page(live, path)
    return answer.status_code, len(answer.content)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "q=" + quote("\u062a" * 200),
        "q=" + quote("\u79fb" * 100) + "&sort=title",
        "&".join(f"q={quote(word.strip())}" for word in LONG[:3]),
        "&".join(["q=w\u00f6rter"] * 700),
        "&".join(f"q=w{number}" for number in range(50)),
        "&".join(f"objective={number}" for number in range(1, 24)),
        "&".join(f"objective={number}&cycle=2022&region=Africa" for number in range(1, 24)),
        "country=" + "&country=".join(["KEN", "MLI", "FRA", "MEX"] * 12),
        "q=" + "%3C%27%22" * 66,
        "as_of=2199-01-01&q=" + "%22" * 400,
        "lang=ar",
        "x=" + "%22" * 5000,
    ],
)
def test_lists_stay_small(crowded: Register, query: str) -> None:
    for path in ("/pledges", "/", "/progress", "/help", "/nowhere"):
        status, size = page_of(crowded, f"{path}?{query}")
        assert status in (200, 404, 422)
        assert size < BYTES_MAX, (path, size)


def test_comparisons_stay_small(crowded: Register) -> None:
    for query in ("", "&kind=came_in", "&kind=came_in&page=2&objective=7", "&objective=7&lang=ar"):
        status, size = page_of(crowded, f"/compare?compare_to=1{query}")
        assert status == 200
        assert size < BYTES_MAX, (query, size)


def test_many_values_are_refused_by_name(crowded: Register) -> None:
    told = page(crowded, "/pledges?" + "&".join(f"q=w{number}" for number in range(51)))
    assert told.status_code == 422
    assert "<dt>Words</dt>" in told.text
    assert "has 51 values; at most 50 can be asked for at once." in told.text
    answer = crowded.anonymous.get("/pledges", country=["KEN"] * 51)
    assert (answer.status, answer.errors) == (
        422,
        {"country": ["has 51 values; at most 50 can be asked for at once."]},
    )


def test_long_addresses_are_refused_with_their_rule(crowded: Register) -> None:
    told = page(crowded, "/pledges?q=" + "x" * QUERY_CHARS_MAX)
    assert told.status_code == 422
    assert f"must have at most {QUERY_CHARS_MAX} characters, it has {QUERY_CHARS_MAX + 2};" in told.text
    assert page(crowded, "/pledges?q=" + "\u062a" * 200).status_code == 200, (
        "200 letters are 1,200 characters"
    )
    answer = crowded.anonymous.get("/pledges", q=["\u062a" * 150] * 40)
    assert (answer.status, list(answer.errors)) == (422, ["query"])
    assert "at most 8000 characters" in answer.errors["query"][0]
    assert crowded.anonymous.get("/pledges", q=["\u062a" * 30] * 40).status == 200


def test_what_a_list_shortens_stands_whole_in_the_record(crowded: Register) -> None:
    listed = page(crowded, "/pledges").text
    item = crowded.anonymous.get("/pledges").json["items"][0]
    assert "\u2026</bdi>" in listed
    assert len(item["title"]) > 200


def test_where_too_much_is_chosen_the_page_offers_to_clear_it(crowded: Register) -> None:
    shown = page(crowded, "/pledges?" + "&".join(f"objective={number}" for number in range(1, 24))).text
    assert "Clear all filters" in shown
    assert "Clear the filters to choose others." in shown
    assert 'class="also"' not in shown
