"""API tokens made on a page: shown once, good for what they say and no more, revoked one by one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

import pytest
import requests

from domain.accounts.commands import GrantRole, RevokeRole
from domain.actors import OPERATOR
from domain.values import utc_day
from tests.web.browsing import HIDDEN, Browser, Somebody, at_desk, sends, signed_in, somebody
from tests.web.live import KENYA, MALI, Client, Register
from tests.web.pledges import pledge_body

PAGE = "/account/tokens"
SHOWN = re.compile(r'<code id="token">(pledges_[\w-]+)</code>')
LAST_DAY = utc_day(datetime.now(UTC)) + timedelta(days=90)
PLEDGER = {"label": "Nightly export", "roles": "pledger", "good_until": LAST_DAY.isoformat()}


def made(browser: Browser, **said: str) -> str:
    answer = sends(browser, PAGE, **{**PLEDGER, **said})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    found = SHOWN.search(answer.text)
    assert found, answer.text
    return found[1]


@pytest.fixture
def person(live: Register) -> Somebody:
    """Somebody who pledges for Kenya and audits."""
    found = somebody(live, "pledger", KENYA)
    command = GrantRole(account=found.account, role="auditor", until="2090")
    live.runtime.register.handle(command, by=OPERATOR)
    return found


def test_a_token_is_shown_once_and_listed_with_its_last_use(live: Register, person: Somebody) -> None:
    browser = signed_in(live, person)
    assert PAGE in browser.get("/account").text
    token = made(browser)
    listed = browser.get(PAGE).text
    assert token not in listed
    assert "Nightly export" in listed
    assert "Never" in listed
    assert Client(live, token).post("/pledges", pledge_body(KENYA)).status == 201
    assert "Never" not in browser.get(PAGE).text
    with live.runtime.pool.connection() as connection:
        kept = connection.execute("SELECT t::text FROM tokens t WHERE account = %s", [person.account])
        assert token not in str(kept.fetchall())


def test_a_token_acts_in_its_roles_alone(live: Register, person: Somebody) -> None:
    browser = signed_in(live, person)
    pledging = Client(live, made(browser))
    auditing = Client(live, made(browser, roles="auditor"))
    assert [one["role"] for one in pledging.get("/accounts/me").json["grants"]] == ["pledger"]
    assert pledging.get("/log/readings").status == 403
    assert auditing.get("/log/readings").status == 200
    assert auditing.post("/pledges", pledge_body(KENYA)).status == 403
    command = RevokeRole(account=person.account, role="pledger", entity=KENYA)
    live.runtime.register.handle(command, by=OPERATOR)
    assert pledging.post("/pledges", pledge_body(KENYA)).status == 403
    assert pledging.get("/accounts/me").status == 403


def test_a_token_that_may_only_read_changes_nothing(live: Register, person: Somebody) -> None:
    reading = Client(live, made(signed_in(live, person), reads_only="true"))
    assert reading.get("/pledges", status="draft").status == 200
    before = live.runtime.recorder.max_notification_id()
    answer = reading.post("/pledges", pledge_body(KENYA))
    assert answer.status == 403
    assert answer.json["detail"].startswith("This token may only read.")
    assert live.runtime.recorder.max_notification_id() == before


def test_one_token_is_revoked_and_the_others_go_on(live: Register, person: Somebody) -> None:
    browser = signed_in(live, person)
    one, other = (Client(live, made(browser, label=name)) for name in ("One", "Other"))
    found = {token.label: token.id for token in live.runtime.tokens.of(person.account)}
    stranger = at_desk(live, "pledger", MALI)
    answer = stranger.send(f"{PAGE}/{found['One']}/revocation", form_of=PAGE)
    assert answer.status_code == 404
    assert one.get("/accounts/me").status == 200
    assert browser.send(f"{PAGE}/{found['One']}/revocation", form_of=PAGE).status_code == 303
    assert one.get("/accounts/me").status == 401
    assert other.get("/accounts/me").status == 200
    administrator = at_desk(live, "administrator")
    assert str(found["Other"]) in administrator.get(f"/desk/accounts/{person.account}").text
    page = f"/desk/accounts/{person.account}/token/{found['Other']}"
    assert sends(administrator, page, reason="Found on a public page").status_code == 303
    assert other.get("/accounts/me").status == 401
    assert sends(administrator, f"{page[:-3]}000").status_code == 404


def test_a_token_runs_out_with_its_last_day(live: Register, person: Somebody) -> None:
    token = made(signed_in(live, person))
    (kept,) = live.runtime.tokens.of(person.account)
    assert kept.expires_at
    assert kept.expires_at == datetime.combine(LAST_DAY + timedelta(days=1), time(), UTC)
    with live.runtime.pool.connection() as connection:
        connection.execute(
            "UPDATE tokens SET expires_at = clock_timestamp() WHERE account = %s", [person.account]
        )
    assert Client(live, token).get("/accounts/me").status == 401
    assert "Run out" in signed_in(live, person).get(PAGE).text


def test_a_form_sent_twice_makes_one_token(live: Register, person: Somebody) -> None:
    browser = signed_in(live, person)
    hidden = dict(HIDDEN.findall(browser.get(PAGE).text))
    first, second = (browser.send(PAGE, **PLEDGER, **hidden) for _ in range(2))
    assert SHOWN.search(first.text)
    assert second.status_code == 409
    assert "shown once" in second.text
    assert len(live.runtime.tokens.of(person.account)) == 1


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"label": ""}, "label"),
        ({"label": "x" * 101}, "label"),
        ({"label": "mine@example.org"}, "label"),
        ({"label": "a\x00b"}, "label"),
        ({"good_until": ""}, "good_until"),
        ({"good_until": "1999"}, "good_until"),
        ({"good_until": "soon"}, "good_until"),
        ({"good_until": "2090"}, "good_until"),
        ({"roles": ""}, "roles"),
        ({"roles": "king"}, "roles"),
        ({"roles": "secretariat"}, "roles"),
    ],
)
def test_a_token_with_something_wrong_is_not_made(
    live: Register, person: Somebody, said: dict[str, str], field: str
) -> None:
    answer = sends(signed_in(live, person), PAGE, **{**PLEDGER, **said})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert live.runtime.tokens.of(person.account) == []


def test_nobody_without_a_role_makes_one(live: Register) -> None:
    person = somebody(live, None)
    browser = signed_in(live, person)
    assert "has no role yet" in browser.get(PAGE).text
    assert browser.send(PAGE, form_of="/account", **PLEDGER).status_code in (403, 422)
    assert live.runtime.tokens.of(person.account) == []


def test_a_forged_form_makes_none(live: Register, person: Somebody) -> None:
    browser = signed_in(live, person)
    assert browser.post(PAGE, **PLEDGER).status_code == 400
    assert live.runtime.tokens.of(person.account) == []


def test_the_page_is_no_api(live: Register, person: Somebody) -> None:
    token = made(signed_in(live, person))
    answer = requests.get(
        live.url + PAGE, headers={"Authorization": f"Bearer {token}"}, timeout=10, allow_redirects=False
    )
    assert answer.status_code == 303
