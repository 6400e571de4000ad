"""The first page of the desk says what waits, and where nothing does, what can be done there."""

from __future__ import annotations

from lxml import html

from domain.accounts.commands import GrantRole
from domain.actors import OPERATOR
from tests.web.browsing import Browser, at_desk, somebody
from tests.web.live import Register
from tests.web.pledges import TODAY, day, published

NOTHING = "Nothing waits for you now."


def desk(browser: Browser) -> html.HtmlElement:
    answer = browser.get("/desk")
    assert answer.status_code == 200, answer.text
    return html.fromstring(answer.content).xpath("//main")[0]


def ways(page: html.HtmlElement) -> dict[str, str]:
    """What can be done: where it leads, by what it is called."""
    heading = page.xpath(".//h2[.='What you can do here']")[0]
    return {one.text_content(): one.get("href") for one in heading.xpath("following-sibling::ul[1]//a")}


def waiting(page: html.HtmlElement) -> dict[str, int]:
    """What waits beside pledges: how often, by what it is."""
    notes = page.xpath(".//h2[.='What waits for you']/following-sibling::ul[1]//a/text()")
    return {words: int(number) for words, _, number in (one.partition(": ") for one in notes)}


def test_an_administrator_is_told_what_waits_and_what_can_be_done(live: Register) -> None:
    administrator, before = at_desk(live, "administrator"), desk(at_desk(live, "administrator"))
    assert (NOTHING in before.text_content()) == (not waiting(before))
    assert ways(before) == {
        "Accounts": "/desk/accounts", "Invite somebody": "/desk/accounts/invitation", "Mail": "/desk/outbox"
    }  # fmt: skip
    idle = somebody(live, None)
    for role, until in (("auditor", day(3)), ("auditor", day(300))):
        grant(live, role, until)
    page = desk(administrator)
    assert NOTHING not in page.text_content()
    for words in ("Accounts without a role", "Roles that end within 30 days"):
        assert waiting(page)[words] == waiting(before).get(words, 0) + 1
    (led_to,) = page.xpath(".//a[starts-with(., 'Accounts without a role')]/@href")
    assert idle.email in administrator.get(f"{led_to}&q={idle.email}").text


def grant(live: Register, role: str, until: str) -> None:
    person = somebody(live, None)
    command = GrantRole(account=person.account, role=role, until=until)  # type: ignore[arg-type]
    outcome = live.runtime.register.handle(command, by=OPERATOR)
    assert live.runtime.readers.wait_for(outcome.position, 10)


def test_a_validator_is_told_what_waits_and_what_can_be_done(live: Register) -> None:
    entity = live.entity("Institution of schools")
    validator, title = at_desk(live, "validator", entity), "Schools to be confirmed"
    page = desk(validator)
    assert NOTHING in page.text_content()
    assert "Every report of your institution was confirmed." in page.text_content()
    assert {"Reports to confirm", "All pledges of your institution"} <= set(ways(page))
    pledge = published(live, entity, title=title)
    report = {"effective_on": TODAY, "narrative": "Half.", "percent": 50}
    assert live.as_("pledger", entity).post(f"/pledges/{pledge}/progress-reports", report).status == 200
    page = desk(validator)
    assert NOTHING not in page.text_content()
    assert title in page.text_content()
    assert title in validator.get(ways(page)["All pledges of your institution"]).text
