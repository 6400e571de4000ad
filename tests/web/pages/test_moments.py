"""Every page as of any moment: what was there then, and what to do where nothing was."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest

from domain.actors import OPERATOR
from domain.cycles.commands import OpenCycle
from domain.founding import found
from projections.composition import Runtime, build
from projections.database.roles import DatabaseUrls
from projections.settings import Settings
from tests.conftest import Database
from tests.projections.filled import bank, record_pledge
from tests.web.demonstration import SAMPLES, Demonstration
from tests.web.test_log import sign
from web.app import create_app
from workers.running import wait_until_readable


def test_the_board_as_of_the_samples_shows_the_samples(demonstration: Demonstration) -> None:
    shown = demonstration.get(f"/pledges?as_of={demonstration.samples_alone}").text
    assert f"<h1>{SAMPLES} pledges</h1>" in shown
    assert "Show today</a>" in shown
    assert (
        demonstration.get(f"/pledges/{demonstration.joint}?as_of={demonstration.samples_alone}").status_code
        == 404
    )


def test_links_keep_the_moment(demonstration: Demonstration) -> None:
    moment = demonstration.samples_alone
    for path in (
        "/",
        "/pledges?objective=15",
        "/pledges/2022-0002",
        "/progress",
        "/entities/germany",
        "/help",
    ):
        joined = "&" if "?" in path else "?"
        shown = demonstration.get(f"{path}{joined}as_of={moment}").text
        inside = shown.split('<main id="main">')[0].split("<header")[1]
        to_read = inside.replace('href="/sign-in"', "")
        assert to_read.count("as_of=") == to_read.count("href="), path


def test_before_the_first_event_the_board_is_empty_and_says_when_recording_began(
    demonstration: Demonstration,
) -> None:
    for path in ("/", "/pledges", "/progress"):
        shown = demonstration.get(f"{path}?as_of={demonstration.before_all}").text
        assert "Nothing had been recorded at that moment. Recording began on" in shown, path
        for long_before in ("0001-01-01T00:00:00Z", "1900-01-01"):
            assert demonstration.get(f"{path}?as_of={long_before}").status_code == 200, path
    said = demonstration.get(f"/pledges.json?as_of={demonstration.before_all}").json()
    assert (said["position"], said["total"], said["items"]) == (0, 0, [])
    assert said["recording_began"]


def test_between_the_founding_and_the_first_pledge_the_pages_say_what_to_do(
    demonstration: Demonstration,
) -> None:
    assert "No pledge is on record" in demonstration.get("/?as_of=150").text
    assert "Choose another day" in demonstration.get("/pledges?as_of=150").text


def test_a_comparison_with_a_time_before_the_first_event_says_so(demonstration: Demonstration) -> None:
    shown = demonstration.get(f"/progress?compare_to={demonstration.before_all}").text
    assert "Nothing had been recorded on the day to compare with" in shown


def test_the_board_as_of_yesterday_shows_yesterday(database: Database, tmp_path: Path) -> None:
    """What was recorded yesterday is there as of yesterday, and not as of the day before."""
    now = datetime(2026, 3, 11, 12, tzinfo=UTC)
    _record_at(database, now - timedelta(days=1))
    runtime = _runtime(database, tmp_path, lambda: now)
    try:
        found(runtime.register)
        outcome = record_pledge(runtime.register, bank(runtime.register))
        assert wait_until_readable(runtime, outcome.position)
        client = create_app(runtime).test_client()
        yesterday = now - timedelta(days=1)
        assert "1 pledge</h1>" in client.get(f"/pledges?as_of={yesterday:%Y-%m-%d}").text
        day_before = yesterday - timedelta(days=1)
        assert "0 pledges</h1>" in client.get(f"/pledges?as_of={day_before:%Y-%m-%d}").text
        opened = runtime.register.handle(OpenCycle(cycle=2026, opened_on=f"{now:%Y-%m-%d}"), by=OPERATOR)
        assert wait_until_readable(runtime, opened.position)
        assert "0 since 11 March 2026" in client.get("/").text
    finally:
        runtime.close()


def _record_at(database: Database, at: datetime) -> None:
    with psycopg.connect(database.owner_url) as owner:
        (function,) = owner.execute(
            "SELECT pg_get_functiondef('pledges.begin_append()'::regprocedure)"
        ).fetchone() or ("",)
        assert "clock_timestamp()" in function
        owner.execute(function.replace("clock_timestamp()", f"'{at.isoformat()}'::timestamptz"))


def _runtime(database: Database, folder: Path, clock: Callable[[], datetime]) -> Runtime:
    urls = DatabaseUrls(owner=database.owner_url, app=database.app_url, queries=database.app_url)
    return build(Settings(data_dir=folder, secret_key="x" * 40), urls, clock=clock)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [("200", "210"), ("checkpoint:{size}", "checkpoint:{size}"), ("2026-01-31", ""), ("200", "{time}")],
)
def test_the_form_of_a_comparison_keeps_what_was_chosen(
    demonstration: Demonstration, earlier: str, later: str
) -> None:
    sign(demonstration.live)
    signed = demonstration.live.runtime.log.latest()
    assert signed is not None
    size = signed.checkpoint.size
    chosen = {
        name: said.format(size=size, time=demonstration.samples_alone)
        for name, said in (("compare_to", earlier), ("as_of", later))
    }
    page = demonstration.get(f"/compare?{urlencode(chosen)}")
    assert page.status_code == 200
    form = page.text.split('<form class="as-of compare"')[1].split("</form>")[0]
    sent = dict(re.findall(r'<input type="text" id="\w+" name="(\w+)" value="([^"]*)"', form))
    assert sent == chosen
    if later:  # now goes on
        again = demonstration.get(f"/compare?{urlencode(sent)}").text
        assert again.split("<h1>")[1].split("<form")[0] == page.text.split("<h1>")[1].split("<form")[0]
    assert all(f'<label for="{name}">' in form for name in chosen)
    assert form.count('aria-describedby="moments"') == 2
    assert 'id="moments"' in form
