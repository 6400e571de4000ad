"""A forgotten password, asked for by its owner and by others."""

from __future__ import annotations

import pytest

from projections.credentials.links import RESETS_AN_HOUR_MAX
from tests.web.browsing import Browser, somebody
from tests.web.live import Register
from web.account import even_time


def mails(live: Register) -> list[str]:
    with live.runtime.pool.connection() as connection:
        return [body for (body,) in connection.execute("SELECT body FROM outbox ORDER BY made_at")]


def test_a_link_is_mailed_and_nobody_learns_who_has_an_account(live: Register) -> None:
    person, browser = somebody(live), Browser(live)
    before = len(mails(live))
    known = browser.send("/forgotten", form_of="/sign-in", email=person.email)
    unknown = browser.send("/forgotten", form_of="/sign-in", email="nobody@example.org")
    assert known.status_code == unknown.status_code == 200
    assert "a link is on its way" in known.text
    assert "a link is on its way" in unknown.text
    found = mails(live)[before:]
    assert len(found) == 1
    key = found[0].partition("key=")[2].split()[0]
    answer = browser.send(f"/new-password?key={key}", key=key, password="many words put together")
    assert answer.headers["Location"] == "/desk"


def test_a_link_never_leads_to_a_host_that_a_request_made_up(live: Register) -> None:
    person, browser = somebody(live), Browser(live)
    before = len(mails(live))
    browser.get("/forgotten")
    browser.session.headers["Host"] = "evil.example"
    browser.send("/forgotten", form_of="/sign-in", email=person.email)
    assert all("evil.example" not in body for body in mails(live)[before:])


def test_a_mailbox_is_not_flooded_with_links(live: Register) -> None:
    person, browser = somebody(live), Browser(live)
    before = len(mails(live))
    for _ in range(RESETS_AN_HOUR_MAX + 2):
        answer = browser.send("/forgotten", form_of="/sign-in", email=person.email)
        assert "a link is on its way" in answer.text
    keys = [body.partition("key=")[2].split()[0] for body in mails(live)[before:]]
    assert len(keys) == RESETS_AN_HOUR_MAX
    assert all(Browser(live).get(f"/new-password?key={key}").status_code == 200 for key in keys)


@pytest.mark.parametrize("is_known", [True, False])
def test_the_answer_takes_as_long_whoever_is_asked_for(
    live: Register, monkeypatch: pytest.MonkeyPatch, *, is_known: bool
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(even_time.time, "sleep", slept.append)
    email = somebody(live).email if is_known else "nobody@example.org"
    Browser(live).send("/forgotten", form_of="/sign-in", email=email)
    assert len(slept) == 1
    assert 0 < slept[0] < even_time.SECONDS
