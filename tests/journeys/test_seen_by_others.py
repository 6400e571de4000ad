"""What one does, another sees: a reader follows, the Secretariat asks and decides, somebody is shut out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from projections.composition import Runtime
from tests.conftest import Database
from tests.journeys.test_access import NARROWEST
from tests.journeys.test_auditing import reach
from tests.journeys.test_desk import is_open_to_everybody
from tests.journeys.test_people import on_a_phone, signs_in
from tests.peers.running import free_port
from tests.web.browsing import PASSWORD, somebody
from tests.web.live import BY_LETTER, KENYA, Register, serving
from tests.web.pledges import day, published, recorded
from tests.workers.mail_server import BASE, arrived, mail_server, mailing_to
from workers.digesting import write_digests
from workers.ending_cycles import end_cycles
from workers.mailing import send_mail

pytestmark = pytest.mark.browser
LINK = re.compile(rf"{re.escape(BASE)}(/\S+)")


@pytest.fixture
def live(database: Database, tmp_path: Path) -> Iterator[Register]:
    """An empty register."""
    with serving(database.owner_url, database.app_url, tmp_path) as register:
        yield register


def amended(live: Register, pledge: str, title: str) -> None:
    body = {"changes": {"title": title}, "reason": "Agreed", **BY_LETTER}
    assert live.as_("secretariat").patch(f"/pledges/{pledge}", body).status == 200


def later(runtime: Runtime, days: int) -> Runtime:
    moment = datetime.now(UTC) + timedelta(days=days)
    return replace(runtime, clock=lambda: moment)


def test_a_reader_follows_a_pledge_by_mail_and_stops(
    browser: Browser, live: Register, tmp_path: Path
) -> None:
    pledge = recorded(live, KENYA, title="Followed from afar").json["id"]
    page, port, email = on_a_phone(browser, live), free_port(), f"{uuid4()}@example.org"
    page.goto(f"/pledges/{pledge}")
    page.get_by_role("link", name="Follow by mail").press("Enter")
    is_open_to_everybody(page, "**/follow?*")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("At most once a day").check()
    page.get_by_role("button", name="Send me the link to confirm").press("Enter")
    page.get_by_role("status").wait_for()
    runtime = mailing_to(live.runtime, port)
    with mail_server(port, tmp_path / "mail"):
        assert send_mail(runtime) == 1
        (asked,) = arrived(tmp_path / "mail")
        confirm = re.findall(r"https?://\S+", asked.get_body(("plain",)).get_content())[0]  # type: ignore[union-attr]
        page.goto(confirm)
        is_open_to_everybody(page, "**/follow/*")
        page.get_by_role("button", name="Follow", exact=True).press("Enter")
        page.get_by_role("status").wait_for()

        amended(live, pledge, "Followed from near")
        assert write_digests(later(runtime, 1)) == 1
        assert send_mail(runtime) == 1
        digest = next(one for one in arrived(tmp_path / "mail") if one["List-Unsubscribe"])
        assert "Followed from near" in digest.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        leave = LINK.search(str(digest["List-Unsubscribe"]).rstrip(">"))
        assert leave
        page.goto(leave[1])
        is_open_to_everybody(page, "**/unfollow?*")
        page.get_by_role("button", name="Stop all letters").press("Enter")
        expect(page.get_by_text("You follow nothing.")).to_be_visible()
        amended(live, pledge, "Followed by nobody")
        assert write_digests(later(runtime, 2)) == 0
    page.context.close()


def test_the_secretariat_asks_lets_the_letter_go_and_decides_on_a_closed_forum(
    browser: Browser, live: Register, tmp_path: Path
) -> None:
    owner, port = somebody(live, "pledger", KENYA), free_port()
    for title in ("Long overdue", "Goes on"):
        recorded(live, KENYA, title=title, made_on="2022-05-17", due_on="2023")
    page = on_a_phone(browser, live)
    signs_in(page, somebody(live).email)
    page.wait_for_url("**/desk")
    page.get_by_role("link", name="Whom to ask").press("Enter")
    is_open_to_everybody(page, "**/desk/chase")
    page.get_by_label("Kenya").check()
    page.get_by_label("Answer by").fill(day(30))
    page.get_by_label("What you ask").fill("Please tell us how far these have come.")
    page.get_by_role("button", name="Write the letters").press("Enter")
    is_open_to_everybody(page, "**/desk/chase/*")
    page.get_by_role("link", name="1 letter waits for your word").press("Enter")
    is_open_to_everybody(page, "**/desk/outbox?standing=held")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Let the chosen letters go").press("Enter")
    page.get_by_role("status").wait_for()
    with mail_server(port, tmp_path / "mail"):
        assert send_mail(mailing_to(live.runtime, port)) == 1
        (letter,) = arrived(tmp_path / "mail")
    assert letter["To"] == owner.email
    assert "Long overdue" in letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]

    page.goto("/desk/forums")
    is_open_to_everybody(page, "**/desk/forums")
    page.get_by_label("Reason").fill("The forum is over.")
    page.get_by_role("button", name="Close it").press("Enter")
    page.get_by_role("status").wait_for()
    page.goto("/desk/forums/2022")
    is_open_to_everybody(page, "**/desk/forums/2022")
    for title, button in (
        ("Long overdue", "Let the chosen pledges lapse"),
        ("Goes on", "Carry the chosen pledges over"),
    ):
        page.get_by_label(f"Choose {title}").check()
        page.get_by_label("Reason").fill("After notice of 1 May.")
        page.get_by_role("button", name=button).press("Enter")
        page.get_by_role("status").wait_for()
    assert end_cycles(live.runtime) == 2
    page.context.close()

    pledger = on_a_phone(browser, live)
    signs_in(pledger, owner.email)
    pledger.wait_for_url("**/desk")
    pledger.goto("/pledges?status=lapsed")
    pledger.get_by_role("link", name="Long overdue").press("Enter")
    expect(pledger.get_by_text("After notice of 1 May.").first).to_be_visible()
    pledger.goto("/pledges?cycle=2026")
    expect(pledger.get_by_role("link", name="Goes on")).to_be_visible()
    pledger.context.close()


def test_what_an_auditor_reads_is_seen_and_who_is_suspended_is_shut_out(
    browser: Browser, live: Register
) -> None:
    pledge = published(live, KENYA, title="Read by an auditor")
    reader, administrator = somebody(live, "auditor"), somebody(live, "administrator")
    auditor = on_a_phone(browser, live)
    signs_in(auditor, reader.email)
    is_open_to_everybody(auditor, "**/desk")
    auditor.goto(f"/pledges/{pledge}")
    expect(auditor.get_by_text("Read by an auditor").first).to_be_visible()

    secretariat = on_a_phone(browser, live)
    signs_in(secretariat, somebody(live).email)
    secretariat.wait_for_url("**/desk")
    secretariat.get_by_role("link", name="What auditors read").press("Enter")
    is_open_to_everybody(secretariat, "**/desk/readings")
    expect(secretariat.get_by_text(reader.email).first).to_be_visible()
    expect(secretariat.get_by_text("A pledge", exact=False).first).to_be_visible()

    page = on_a_phone(browser, live)
    signs_in(page, administrator.email)
    page.wait_for_url("**/desk")
    page.goto(f"/desk/accounts/{reader.account}?lang=ar")
    is_open_to_everybody(page, "**/desk/accounts/*")
    page.goto(f"/desk/accounts/{reader.account}/suspension")
    page.get_by_label("Reason").fill("The mandate ended.")
    page.get_by_role("button", name="Suspend").press("Enter")
    page.get_by_role("status").wait_for()
    auditor.goto("/desk")
    is_open_to_everybody(auditor, "**/sign-in?next=/desk")
    signs_in(auditor, reader.email)
    expect(auditor.get_by_text("This account is suspended.").first).to_be_visible()
    for one in (auditor, secretariat, page):
        one.context.close()


def typed(page: Page, name: str, text: str) -> None:
    """Reach a field by Tab alone and type into it."""
    reach(page, page.get_by_label(name).first)
    page.keyboard.type(text)


def pressed(page: Page, button: str) -> None:
    reach(page, page.get_by_role("button", name=button, exact=True))
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_pledge_is_written_submitted_and_reported_on_by_keyboard_alone(
    browser: Browser, live: Register
) -> None:
    person = somebody(live, "pledger", KENYA)
    page = browser.new_context(viewport={"width": NARROWEST, "height": 800}, base_url=live.url).new_page()
    page.goto("/sign-in")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')").startswith("#"), "past the navigation"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('#main').contains(document.activeElement)")
    typed(page, "E-mail address", person.email)
    typed(page, "Password", PASSWORD)
    pressed(page, "Sign in")
    reach(page, page.get_by_role("link", name="Begin a new pledge"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    typed(page, "Title", "Typed without a mouse")
    reach(page, page.get_by_label("Individual"))
    page.keyboard.press("Space")
    pressed(page, "Begin")
    reach(page, page.locator("#changes-description"))
    page.keyboard.type("Twenty offices give advice in the languages of those who ask. " * 6)
    for tick in ("Policy", "6 Recruitment and decent work"):
        reach(page, page.get_by_label(tick))
        page.keyboard.press("Space")
    reach(page, page.locator("#changes-due_on"))
    page.keyboard.type("soon")
    pressed(page, "Save and check")
    expect(page.locator(".problems")).to_be_focused()
    reach(page, page.locator(".problems a").first)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "changes-due_on", "the error leads to its field"
    page.keyboard.press("Control+A")
    page.keyboard.type("2030")
    pressed(page, "Save and check")
    pressed(page, "Submit")
    pledge = UUID(page.url.split("/desk/pledges/")[1].partition("?")[0])
    answer = live.as_("secretariat").post(f"/pledges/{pledge}/publication", {})
    assert answer.status == 200, answer.body
    page.goto(f"/desk/pledges/{pledge}")
    reach(page, page.get_by_role("link", name="Report progress", exact=True))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    reach(page, page.locator("#narrative"))
    page.keyboard.type("Ten are open.")
    pressed(page, "Report")
    page.get_by_role("status").wait_for()
    page.goto(f"/pledges/{pledge}")
    expect(page.get_by_text("Ten are open.").first).to_be_visible()
    page.context.close()
