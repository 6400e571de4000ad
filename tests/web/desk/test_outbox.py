"""The page of the mail: what is held is let go or dropped by the Secretariat; nobody reads others."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
import requests

from projections.notices import Notices, Waiting
from projections.outbox import Outbox
from tests.web.browsing import Browser, at_desk, signed_in, somebody
from tests.web.live import KENYA, Register
from tests.web.pledges import recorded


def letter(live: Register, *, held: bool, subject: str = "S") -> UUID:
    account, found = uuid4(), uuid4()
    pledge = UUID(recorded(live, KENYA).json["id"]) if held else None
    live.runtime.people.add(account, f"{account}@example.org")
    with live.runtime.pool.connection() as connection:
        Outbox.add_in(
            connection, found, account, about="overdue" if held else "reset", subject=subject,
            body="Secret words", pledge=pledge, day=date(2026, 1, 1) if pledge else None, is_held=held,
        )  # fmt: skip
    return found


def decide(browser: Browser, decision: str, *letters: UUID) -> requests.Response:
    token = browser.get("/desk/outbox").text.split('name="csrf_token" value="')[1].split('"')[0]
    data = [("csrf_token", token), ("decision", decision), *(("letter", str(one)) for one in letters)]
    return browser.session.post(f"{browser.live.url}/desk/outbox", data=data, timeout=90)


def test_the_secretariat_lets_letters_go_several_at_once(live: Register) -> None:
    letters = [letter(live, held=True, subject="<i>Due</i>") for _ in range(2)]
    dropped = letter(live, held=True)
    browser, other = (signed_in(live, somebody(live)) for _ in range(2))
    page = browser.get("/desk/outbox?standing=held").text
    assert "&lt;i&gt;Due&lt;/i&gt;" in page
    assert "Secret words" in page
    assert "2 letters go out." in decide(browser, "let-go", *letters).text
    assert "0 letters go out. 1 had been decided on before." in decide(other, "let-go", letters[0]).text
    assert "1 letter was dropped." in decide(other, "drop", dropped).text
    standing = {one.id: one.standing for one in live.runtime.outbox.latest(200)}
    assert [standing[one] for one in (*letters, dropped)] == ["waiting", "waiting", "dropped"]


def test_nothing_chosen_is_said(live: Register) -> None:
    browser = signed_in(live, somebody(live))
    letter(live, held=True)
    answer = decide(browser, "let-go")
    assert answer.status_code == 422
    assert "Choose the letters" in answer.text
    assert decide(browser, "burn", uuid4()).status_code == 422


def test_an_administrator_sees_the_mail_and_decides_on_none(live: Register) -> None:
    held, plain = letter(live, held=True), letter(live, held=False)
    browser = signed_in(live, somebody(live, "administrator"))
    page = browser.get("/desk/outbox").text
    assert f'value="{held}"' not in page
    assert "Secret words" not in page, "what is held may tell of what is not public"
    waiting = browser.get("/desk/outbox?standing=waiting").text
    assert "Secret words" not in waiting
    assert "A new password" in waiting
    assert decide(browser, "let-go", held).status_code == 403
    assert {one.standing for one in live.runtime.outbox.latest(2)} == {"held", "waiting"}
    assert plain in {one.id for one in live.runtime.outbox.latest(2)}
    assert signed_in(live, somebody(live, "pledger", KENYA)).get("/desk/outbox").status_code == 403


def test_an_odd_address_is_refused_with_words(live: Register) -> None:
    browser = signed_in(live, somebody(live))
    for query in ("standing=odd", "before=x", "before=%00"):
        assert browser.get(f"/desk/outbox?{query}").status_code == 422
    for done in ("let-go:" + "9" * 5000 + ":1", "let-go:-1:x", "x"):
        assert browser.get(f"/desk/outbox?done={done}").status_code == 200
    assert "Courrier" in browser.get("/desk/outbox?lang=fr").text


def test_the_page_tells_that_the_mail_server_is_away_and_when_it_is_asked_again(live: Register) -> None:
    letter(live, held=False)
    live.runtime.outbox.wait_for_server("[Errno 111] Connection refused")
    page = signed_in(live, somebody(live, "administrator")).get("/desk/outbox?standing=waiting").text
    assert "The mail server cannot be reached; again on " in page
    assert "[Errno 111] Connection refused" in page
    live.runtime.outbox.server_answers()
    assert "Connection refused" not in signed_in(live, somebody(live)).get("/desk/outbox").text


def test_notices_that_are_held_up_are_told(live: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    secretariat = at_desk(live, "secretariat")
    monkeypatch.setattr(Notices, "waiting", lambda _: Waiting(3, datetime(2026, 1, 2, 3, 4, tzinfo=UTC)))
    assert "3 events wait for their letters, the first since" in secretariat.get("/desk/outbox").text
    monkeypatch.setattr(Notices, "waiting", lambda _: Waiting(1, datetime.now(UTC)))
    assert "for its letters" not in secretariat.get("/desk/outbox").text
