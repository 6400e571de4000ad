"""What is kept of a person is told to them, and erased with their account; the events stay."""

from __future__ import annotations

from domain.recording import canonical
from projections.credentials.personal_data import ERASED, STAYS, TOLD
from tests.web.browsing import at_desk, sends, signed_in, somebody
from tests.web.live import Register

OF_ACCOUNTS = """
SELECT table_name FROM information_schema.columns
WHERE table_schema = 'pledges' AND column_name = 'account' AND table_name IN (
    SELECT tablename FROM pg_tables WHERE schemaname = 'pledges')
"""


def test_it_is_decided_of_every_table_whether_it_is_erased_with_a_person(live: Register) -> None:
    with live.runtime.pool.connection() as connection:
        found = {name for (name,) in connection.execute(OF_ACCOUNTS)}
    assert found == {*ERASED, *STAYS}
    assert not set(ERASED) & STAYS.keys()
    assert TOLD.keys() == found - {"command_log"}


def test_somebody_takes_what_is_kept_of_them_with_them(live: Register) -> None:
    person = somebody(live)
    answer = signed_in(live, person).get("/account/data.json")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "private, no-store"
    told = answer.json()
    assert [one["email"] for one in told["people"]] == [person.email]
    assert len(told["web_sessions"]) == 1
    assert "hash" not in answer.text


def test_a_person_is_erased_and_what_they_recorded_stays(live: Register) -> None:
    administrator, person = at_desk(live, "administrator"), somebody(live)
    browser = signed_in(live, person)
    events = live.runtime.signing_in.events_of(person.account)
    page = f"/desk/accounts/{person.account}"
    assert "Erase what is kept of this person" in administrator.get(page).text
    assert sends(administrator, f"{page}/erasure", reason="").status_code == 422
    assert live.runtime.people.email_of(person.account) == person.email
    assert sends(administrator, f"{page}/erasure", reason="They asked.").status_code == 303
    assert browser.get("/account").status_code == 303
    assert "do not belong together" in browser.send("/sign-in", email=person.email, password="?" * 12).text
    kept = live.runtime.personal_data.of(person.account)
    assert not any(kept[table] for table in ERASED)
    assert person.email not in administrator.get(page).text
    after = live.runtime.signing_in.events_of(person.account)
    assert [canonical(one.header) for one in after[: len(events)]] == [canonical(e.header) for e in events]
    assert person.email.encode() not in b"".join(canonical(one.fact) for one in after)


def test_nobody_erases_themselves_by_mistake(live: Register) -> None:
    own = somebody(live, "administrator")
    administrator = signed_in(live, own)
    answer = sends(administrator, f"/desk/accounts/{own.account}/erasure", reason="By mistake")
    assert answer.status_code in (403, 409, 422)
    assert live.runtime.people.email_of(own.account) == own.email
