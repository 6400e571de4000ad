"""Forums are opened and closed on the desk, and the Secretariat decides on what is open, several at once."""

from __future__ import annotations

import requests

from tests.web.browsing import Browser, signed_in, somebody
from tests.web.live import KENYA, SECONDS_MAX, Register
from tests.web.pledges import recorded
from workers.ending_cycles import end_cycles


def decide(browser: Browser, outcome: str, reason: str, *pledges: str) -> requests.Response:
    token = browser.get("/desk/forums/2022").text.split('name="csrf_token" value="')[1].split('"')[0]
    data = [
        ("csrf_token", token),
        ("outcome", outcome),
        ("reason", reason),
        *(("pledge", p) for p in pledges),
    ]
    return browser.session.post(f"{browser.live.url}/desk/forums/2022", data=data, timeout=SECONDS_MAX)


def test_a_forum_is_closed_and_its_open_pledges_are_decided_on(live_register: Register) -> None:
    live = live_register
    browser, other = (signed_in(live, somebody(live)) for _ in range(2))
    pledges = [
        recorded(live, KENYA, title=f"<i>{number}</i>", made_on="2022-05-17").json["id"]
        for number in range(3)
    ]
    assert "When it is closed, you decide here" in browser.get("/desk/forums/2022").text
    wrong = browser.send("/desk/forums", cycle="20x6", opened_on="2025-12-01")
    assert wrong.status_code == 422
    assert 'href="#cycle"' in wrong.text
    assert browser.send("/desk/forums", cycle="2026", opened_on="2999-01-01").status_code == 422
    assert browser.send("/desk/forums", cycle="2026", opened_on="2025-12-01").status_code == 303
    assert browser.send("/desk/forums/2022/closing", form_of="/desk/forums", reason="").status_code == 422
    closing = browser.send("/desk/forums/2022/closing", form_of="/desk/forums", reason="2026 began")
    assert closing.headers["Location"] == "/desk/forums/2022?done=closed"
    assert "Decide on 3 open pledges of the closed forum of 2022" in browser.get("/desk").text
    page = browser.get("/desk/forums/2022").text
    assert "&lt;i&gt;0&lt;/i&gt;" in page

    assert decide(browser, "lapse", "", pledges[0]).status_code == 422
    assert f'value="{pledges[0]}" checked' in decide(browser, "burn", "Why", pledges[0]).text
    assert decide(browser, "lapse", "Why", "no-id").status_code == 422
    assert "Decided on 2 pledges" in decide(browser, "carry-over", "Work goes on", *pledges[:2]).text
    assert "Decided: it is carried over." in other.get("/desk/forums/2022").text
    late = decide(other, "lapse", "After notice", *pledges[1:]).text
    assert "Decided on 1 pledge; it is being recorded. Others were not open any more" in late
    assert end_cycles(live.runtime) == 3
    position = live.runtime.recorder.max_notification_id() or 0
    assert live.runtime.readers.wait_for(position, SECONDS_MAX)
    assert "No pledge of it is open." in browser.get("/desk/forums/2022").text
    said = [live.as_("secretariat").get(f"/pledges/{one}").json for one in pledges]
    assert [(one["status"], one["cycle"]) for one in said] == [
        ("made", 2026),
        ("made", 2026),
        ("lapsed", 2022),
    ]
    assert "It was decided what becomes of open pledges of a forum." in browser.get("/log/events").text


def test_an_unknown_forum_is_not_found_and_odd_addresses_are_borne(live_register: Register) -> None:
    browser = signed_in(live_register, somebody(live_register))
    for path in ("/desk/forums/1999", f"/desk/forums/{'9' * 300}"):
        assert browser.get(path).status_code == 404
    for done in ("9" * 19, "1:x", "٣:٣", "-1:2"):
        assert browser.get(f"/desk/forums/2022?done={done}").status_code == 200
    assert "المنتديات" in browser.get("/desk/forums?lang=ar").text
    answer = browser.send("/desk/forums/1999/closing", form_of="/desk/forums", reason="No")
    assert answer.status_code == 422
