"""What was true on a day, as known at a moment, on pages; and how a report that was corrected is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import uuid4

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from domain.actors import OPERATOR
from domain.founding import found
from domain.pledges.commands import CorrectReport, RecordPledge, ReportProgress
from domain.pledges.content import Content
from projections import effective
from projections.composition import Runtime, build
from projections.database.roles import DatabaseUrls
from projections.settings import Settings
from tests.conftest import new_database
from tests.projections.filled import AUTHORITY, bank
from web.app import create_app
from workers.running import wait_until_readable

BEFORE_DONE, DONE = "2026-03-09", "2026-03-10"
PAGES = ("/", "/pledges", "/pledges/2022-0001", "/progress?by=status")


def _let_it_be(owner_url: str, days_ago: int, original: str) -> None:
    with psycopg.connect(owner_url) as owner:
        owner.execute(
            original.replace("clock_timestamp()", f"clock_timestamp() - interval '{days_ago} days'")
        )


@pytest.fixture(scope="module")
def told(
    admin: Connection,
    cluster_urls: DatabaseUrls,
    template_name: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[FlaskClient]:
    """Done on 10 March 2026, reported some months ago, corrected some weeks ago."""
    with new_database(admin, template=template_name) as name:
        owner, app = (make_conninfo(url, dbname=name) for url in (cluster_urls.owner, cluster_urls.app))
        urls = DatabaseUrls(owner=owner, app=app, queries=app)
        runtime = build(Settings(data_dir=tmp_path_factory.mktemp("told"), secret_key="x" * 40), urls)
        try:
            _record(runtime, owner)
            yield create_app(runtime).test_client()
        finally:
            runtime.close()


def _record(runtime: Runtime, owner: str) -> None:
    with psycopg.connect(owner) as connection:
        (original,) = connection.execute(
            "SELECT pg_get_functiondef('pledges.begin_append()'::regprocedure)"
        ).fetchone() or ("",)
    assert "clock_timestamp()" in original
    handle, pledge = runtime.register.handle, uuid4()
    report = {"pledge_id": pledge, "authority": AUTHORITY, "effective_on": DONE}
    _let_it_be(owner, 160, original)
    found(runtime.register)
    content = Content(title="Schools for all", entity=bank(runtime.register), made_on="2022-05-17")
    handle(RecordPledge(pledge_id=pledge, content=content, authority=AUTHORITY), by=OPERATOR)
    wrong = handle(ReportProgress(**report, percent=60), by=OPERATOR).events[0].position
    _let_it_be(owner, 70, original)
    outcome = handle(CorrectReport(**report, report=wrong, percent=40, reason="Miscounted"), by=OPERATOR)
    assert wait_until_readable(runtime, outcome.position)


def text(client: FlaskClient, path: str) -> str:
    plain = re.sub(r"<[^>]+>", " ", client.get(path).text.split('<main id="main">')[1])
    return " ".join(unescape(plain).split())


def days_ago(days: int) -> str:
    return f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%d}"


def test_done_then_reported_then_corrected_reads_so(told: FlaskClient) -> None:
    life = text(told, "/pledges/2022-0001").split("Its life")[1]
    course = r"Done: 10 March 2026 · reported: (\d+ \w+ 2026), \d\d:\d\d UTC · corrected: (\d+ \w+ 2026), "
    seen = re.findall(course, life)
    assert len(seen) == 2
    assert len({*seen}) == 1
    assert len({*seen[0]}) == 2


def test_a_report_is_not_called_corrected_before_it_was(told: FlaskClient) -> None:
    life = text(told, f"/pledges/2022-0001?as_of={days_ago(100)}").split("Its life")[1]
    assert "Done: 10 March 2026 · reported:" in life
    assert "corrected:" not in life


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", "40%"),
        (f"effective_at={DONE}", "40%"),
        (f"effective_at={DONE}&as_of={{before}}", "60%"),
        (f"effective_at={BEFORE_DONE}", "Nothing reported yet"),
    ],
)
def test_a_pledge_as_it_was_true_and_known(told: FlaskClient, asked: str, expected: str) -> None:
    shown = text(told, f"/pledges/2022-0001?{asked.format(before=days_ago(100))}").split("The promise")[0]
    assert expected in shown


OF_TODAY = re.compile(r"/api/|^/follow\?|\.(atom|ics)$")
"""What is for programs, or about what comes."""


@pytest.mark.parametrize("path", PAGES)
def test_pages_tell_it_keep_it_in_links_and_cite_it(told: FlaskClient, path: str) -> None:
    joined = "&" if "?" in path else "?"
    page = told.get(f"{path}{joined}effective_at={BEFORE_DONE}").text
    assert "What was true on 9 March 2026, as known on" in page
    main = page.split('<main id="main">')[1].split("<footer>")[0]
    ways = [way for way in re.findall(r'href="(/[^"]*)"', main) if not OF_TODAY.search(way)]
    without = [way for way in ways if f"effective_at={BEFORE_DONE}" not in way]
    assert len(without) == 1, without  # the way to all that was known
    lasting = unescape(page.split("<cite>")[1].split("</cite>")[0])
    assert "what was true on 9 March 2026" in lasting
    assert f"effective_at={BEFORE_DONE}" in lasting


@pytest.mark.parametrize("path", PAGES)
def test_the_form_offers_both_days(told: FlaskClient, path: str) -> None:
    page = told.get(path).text
    for name in ("effective_at", "as_of"):
        assert f'<label for="{name}">' in page
        assert re.search(rf'<input type="date" id="{name}" name="{name}"', page)
    blank = "&" if "?" in path else "?"
    assert told.get(f"{path}{blank}effective_at=&as_of=").status_code == 200


def test_the_data_follow(told: FlaskClient) -> None:
    def numbers(path: str) -> dict[str, int]:
        found = told.get(f"{path}effective_at={BEFORE_DONE}").json
        assert found is not None
        assert found["effective_at"] == BEFORE_DONE
        return {item["key"]: item["pledges"] for item in (found.get("items") or found["by"]["status"])}

    for path in ("/progress.json?by=status&", "/dashboard.json?"):
        assert (numbers(path)["made"], numbers(path)["partially_fulfilled"]) == (1, 0)
    listed, record = (
        told.get(f"{path}.json?effective_at={BEFORE_DONE}").json
        for path in ("/pledges", "/pledges/2022-0001")
    )
    assert listed is not None
    assert record is not None
    assert [item["status"] for item in listed["items"]] == [record["pledge"]["status"]] == ["made"]
    assert [entry["name"] for entry in record["history"]] == ["pledge.made"]
    csv = told.get(f"/pledges.csv?effective_at={BEFORE_DONE}").text
    assert ",made," in csv
    assert "partially_fulfilled" not in csv
    assert "progress" not in told.get(f"/pledges/2022-0001.csv?effective_at={BEFORE_DONE}").text


def test_what_is_refused_is_said(told: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for given, said in (("2099-01-01", "lies ahead"), ("soon", "effective_at")):
        answer = told.get(f"/?effective_at={given}")
        assert answer.status_code == 422
        assert said in answer.text
    monkeypatch.setattr(effective, "EVENTS_MAX", 1)
    for path in ("/", "/pledges.csv"):
        answer = told.get(f"{path}?effective_at={DONE}")
        assert answer.status_code == 422
        assert "give an earlier as_of" in answer.text


def test_pages_that_cannot_tell_say_so(told: FlaskClient) -> None:
    page = text(told, f"/log?effective_at={DONE}")
    assert "This page tells what was recorded." in page
    assert told.get(f"/help?effective_at={DONE}").text.count(f"effective_at={DONE}") > 1


def test_that_others_ask_too_is_told_with_a_way_on(told: FlaskClient) -> None:
    runtime: Runtime = told.application.extensions["pledges"]
    with runtime.pool.connection() as other:
        other.execute(effective.FIND_FIRST, [effective.ONE_AT_A_TIME])
        page = told.get(f"/progress?by=status&as_of=200&effective_at={BEFORE_DONE}")
        data = told.get(f"/progress.json?by=status&effective_at={BEFORE_DONE}")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "2")
    assert "cannot be worked out just now" in page.text
    way = '<a href="/progress?by=status&amp;as_of=200">Show what was recorded, without the day</a>'
    assert way in page.text
    assert data.json is not None
    assert (data.status_code, data.json["code"]) == (503, "others-ask")
    assert told.get("/progress?by=status&as_of=200").status_code == 200


def test_that_too_much_happened_since_is_told(told: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effective, "EVENTS_MAX", 100)
    page = told.get(f"/?as_of=150&effective_at={BEFORE_DONE}")
    assert page.status_code == 422
    assert "first 100 events alone, and 150 are asked about" in page.text
    assert '<a href="/?as_of=150">Show this page without it</a>' in page.text
