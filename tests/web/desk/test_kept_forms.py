"""A form that is sent when the session has ended is shown again to who opened it, and to nobody else."""

from __future__ import annotations

from html import unescape

from tests.web.browsing import HIDDEN, TOKEN, Browser, Somebody, sends, signed_in, somebody
from tests.web.desk.test_lives import begun
from tests.web.live import KENYA, Register
from tests.web.pledges import TODAY, published

TYPED = {"changes.title": "Office of the <b>President</b>", "changes.due_on": "soon", "save": "1"}


def sent_too_late(live: Register, who: Somebody, browser: Browser, pledge: str) -> str:
    """The form of a paper, sent once the session had ended; where it leads."""
    page = browser.get(f"{pledge}/edit").text
    token = TOKEN.search(page)
    assert token
    with live.runtime.pool.connection() as connection:
        live.runtime.sessions.end_all_in(connection, who.account)
    hidden = {**dict(HIDDEN.findall(page)), "csrf_token": unescape(token[1])}
    answer = browser.post(f"{pledge}/edit", **hidden, **TYPED)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def again(browser: Browser, who: Somebody, sign_in: str) -> str:
    """Where signing in leads."""
    answer = browser.send(sign_in, email=who.email, password="correct horse battery")
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_what_was_typed_is_there_again_and_not_carried_out(live: Register) -> None:
    who = somebody(live, "pledger", KENYA)
    browser = signed_in(live, who)
    pledge = begun(browser)
    assert again(browser, who, sent_too_late(live, who, browser, pledge)) == f"{pledge}/edit"
    page = browser.get(f"{pledge}/edit").text
    assert "Your session had ended" in page
    assert "Office of the &lt;b&gt;President" in page
    assert 'value="soon"' in page
    assert "President" not in browser.get(pledge).text
    with live.runtime.pool.connection() as connection:
        kept = connection.execute("SELECT body FROM kept_forms WHERE account = %s", [who.account]).fetchall()
    assert len(kept) == 1
    assert b"President" not in kept[0][0]
    hidden = dict(HIDDEN.findall(page))
    sent = browser.send(f"{pledge}/edit", **{**hidden, **TYPED, "changes.due_on": "2030"})
    assert sent.status_code == 303, sent.text
    assert "Your session had ended" not in browser.get(f"{pledge}/edit").text
    assert "President" in browser.get(pledge).text


def test_it_is_never_another_persons(live: Register) -> None:
    who, other = (somebody(live, "pledger", KENYA) for _ in range(2))
    browser = signed_in(live, who)
    pledge = begun(browser)
    sign_in = sent_too_late(live, who, browser, pledge)
    assert again(browser, other, sign_in) == f"{pledge}/edit"
    assert "President" not in browser.get(f"{pledge}/edit").text


def test_a_form_that_nobody_opened_is_not_kept(live: Register) -> None:
    who = somebody(live, "pledger", KENYA)
    browser = signed_in(live, who)
    hidden = dict(HIDDEN.findall(browser.get("/desk/new").text))
    stranger = Browser(live)
    for forged in ("", "x", "é", hidden["writer"][:-1], f"{'0' * 32}.{hidden['writer'][33:]}"):
        answer = stranger.post("/desk/new", **{**hidden, "writer": forged, "title": "Forged"})
        assert answer.status_code == 400, forged
    without_cookie = stranger.post("/desk/new", **hidden, title="Opened by them")
    assert without_cookie.headers["Location"] == "/sign-in?next=/desk/new"


def test_a_report_is_kept_too_and_its_file_is_chosen_again(live: Register) -> None:
    who = somebody(live, "pledger", KENYA)
    browser = signed_in(live, who)
    path = f"/desk/pledges/{published(live, KENYA, title='Reported too late')}/report"
    page = browser.get(path).text
    token = TOKEN.search(page)
    assert token
    with live.runtime.pool.connection() as connection:
        live.runtime.sessions.end_all_in(connection, who.account)
    said = {
        **dict(HIDDEN.findall(page)),
        "csrf_token": unescape(token[1]),
        "narrative": "Ten <b>are</b> open.",
    }
    for size, kept in ((1_000_001, False), (1000, True)):
        files = {"evidence.0.file": ("present.csv", b"x" * size)}
        answer = browser.session.post(
            live.url + path, data=said, files=files, timeout=90, allow_redirects=False
        )
        assert answer.status_code == (303 if kept else 401), answer.text
    assert again(browser, who, answer.headers["Location"]) == path
    page = browser.get(path).text
    assert "Your session had ended" in page
    assert "Files are not kept: choose them again." in page
    assert "Ten &lt;b&gt;are&lt;/b&gt; open." in page
    sent = sends(browser, path, narrative="Ten are open, and a school.", effective_on=TODAY)
    assert sent.status_code == 303, sent.text
