"""One pledge of each type, from an invitation to verified, by those whose work it is, each in a browser."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from domain.accounts.commands import AddAccount, GrantRole
from domain.actors import OPERATOR
from tests.conftest import Database
from tests.journeys.test_access import NARROWEST, RULES
from tests.peers.running import free_port
from tests.web.browsing import PASSWORD, link_of
from tests.web.live import Register, serving
from tests.web.pledges import DESCRIPTION, NEXT_YEAR
from tests.workers.mail_server import arrived, mail_server, mailing_to
from workers.mailing import send_mail
from workers.noticing import notice_facts

pytestmark = pytest.mark.browser


INVITED, OPENED = "You are invited to the Register of IMRF pledges", "The forum of 2022 takes pledges"
TOLD = {
    "Secretariat": [INVITED],
    "validator": [INVITED],
    "assessor": [INVITED, "A reply to your contest of pledge 2022-0004"],
    "Mexico": [INVITED, OPENED],
    "Portugal": [
        INVITED, OPENED, "Your pledge is published: 2022-0005",
        "Your match for pledge 2022-0004 was accepted", "Your pledge is published: 2022-0006",
    ],
    "Kenya": [
        INVITED, OPENED, "Your pledge 2022-0001 was returned for changes",
        "Your pledge is published: 2022-0001", "Mexico takes part in pledge 2022-0002",
        "Your pledge is published: 2022-0002", "Mexico takes part in pledge 2022-0003",
        "Your pledge is published: 2022-0003", "Your pledge is published: 2022-0004",
    ],
}  # fmt: skip
"""Every letter that the four lives make, by whom it goes to; none asks for what was done before."""
ISOLATES = re.compile("[\u2066-\u2069]")


@dataclass
class Person:
    """Somebody at their desk; `runs_scripts`: in a browser that does."""

    page: Page
    looked_at: set[str]
    runs_scripts: bool = True
    email: str = ""

    def looks(self, what: str) -> None:
        """See that the page that is open is open to everybody, if none of its kind was looked at yet."""
        if self.runs_scripts and what not in self.looked_at:
            self.looked_at.add(what)
            found = Axe().run(self.page, options=RULES)
            assert found.violations_count == 0, found.generate_report()
            assert self.page.evaluate("document.documentElement.scrollWidth") <= NARROWEST, what

    def opens(self, title: str) -> None:
        """A pledge that waits on their desk."""
        self.page.goto("/desk")
        self.page.get_by_role("link", name=title).first.click()
        self.looks("a pledge at the desk")

    def does(self, action: str, button: str, **said: str) -> None:
        """Fill in the form of a command of the pledge that is open, and send it."""
        self.page.get_by_role("link", name=action, exact=True).click()
        self.looks(action)
        self.sends(button, **said)
        assert self.page.get_by_role("status").inner_text().startswith("Done: "), self.page.content()

    def sends(self, button: str, **said: str) -> None:
        """Fill in the form that is open, and send it."""
        for name, text in said.items():
            self._fill(name.replace("__", "-"), text)
        self.page.get_by_role("button", name=button, exact=True).click()
        refused = self.page.locator(".problems")
        assert not refused.count(), refused.inner_text()

    def _fill(self, name: str, text: str) -> None:
        tick = self.page.locator(f"input[name='{name.replace('-', '.')}'][value='{text}']:not([type=text])")
        field = self.page.locator(f"#{name}")
        if tick.count():
            tick.check()
        elif field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(text)
        else:
            field.fill(text)

    def status(self) -> str:
        """What the pledge that is open says of its status."""
        return self.page.locator(".status, mark").first.inner_text()


@pytest.fixture
def live(database: Database, tmp_path: Path) -> Iterator[Register]:
    """An empty register."""
    with serving(database.owner_url, database.app_url, tmp_path) as register:
        yield register


@pytest.fixture
def people(
    browser: Browser, live: Register, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Person]]:
    """Whoever an administrator invites to a role, each in a browser of their own."""
    contexts, looked_at, runs_scripts = [], set[str](), getattr(request, "param", True)

    def enter(address: str) -> Person:
        context = browser.new_context(
            base_url=live.url, viewport={"width": NARROWEST, "height": 900}, java_script_enabled=runs_scripts
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.goto(address)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Keep it and sign in").click()
        page.wait_for_url("**/desk*")
        person = Person(page, looked_at, runs_scripts)
        person.looks("a desk")
        return person

    administrator = enter(f"/invitation?key={link_of(live, _first_administrator(live), 'invitation')}")

    def invited(role: str, entity: str = "", **more: str) -> Person:
        administrator.page.goto("/desk/accounts/invitation")
        administrator.looks("an invitation")
        email = f"{uuid4()}@example.org"
        said = {"roles__0__role": role} | ({"roles__0__entities": entity} if entity else {}) | more
        administrator.sends("Invite", email=email, mail_language="en", nomination="NV 1/2026", **said)
        person = enter(_mailed(live, email))
        person.email = email
        return person

    yield invited
    for context in contexts:
        context.close()


def _first_administrator(live: Register) -> UUID:
    """The one whom the operator of the machine makes."""
    account = uuid4()
    live.runtime.register.handle(AddAccount(account=account), by=OPERATOR)
    live.runtime.register.handle(GrantRole(account=account, role="administrator"), by=OPERATOR)
    live.runtime.people.add(account, f"{account}@example.org")
    return account


def _mailed(live: Register, email: str) -> str:
    """The link in the one mail that somebody was sent."""
    account = live.runtime.people.account_of(email)
    with live.runtime.pool.connection() as connection:
        ((body,),) = connection.execute("SELECT body FROM outbox WHERE account = %s", [account]).fetchall()
    return re.findall(r"http\S+/invitation\S+", body)[0]


def begin(pledger: Person, title: str, kind: str, **said: str) -> None:
    """Write a pledge, and submit it."""
    pledger.page.goto("/desk")
    pledger.page.get_by_role("link", name="Begin a new pledge").click()
    pledger.sends("Begin", title=title, type=kind)
    pledger.sends(
        "Save and check", changes__description=DESCRIPTION, changes__due_on=NEXT_YEAR,
        changes__objectives="15", **said,
    )  # fmt: skip
    pledger.page.get_by_role("button", name="Submit").click()
    assert pledger.page.get_by_role("status").inner_text().startswith("Submitted.")


def conclude(pledger: Person, secretariat: Person, validator: Person, title: str) -> None:
    """Report, have it confirmed, declare the pledge fulfilled, and have that checked."""
    pledger.opens(title)
    pledger.does("Report progress", "Report", narrative="All of it is done.", percent="100")
    validator.opens(title)
    validator.does("Say that this was checked", "Say so", reason="Our books say so.")
    pledger.opens(title)
    pledger.does("Declare this pledge fulfilled", "Declare fulfilled", narrative="Done.")
    assert pledger.status() == "Fulfilled"
    secretariat.page.goto(pledger.page.url)
    secretariat.does("Say that this was checked", "Say so", report="", reason="The evidence is there.")


def contest(pledger: Person, assessor: Person, title: str) -> None:
    """Say that the fulfilment is not one, and answer that."""
    pledger.opens(title)
    assessor.page.goto(pledger.page.url)
    assessor.does("Contest what was reported", "Contest", report="", reason="Half of it is missing.")
    pledger.opens(title)
    pledger.does("Answer a contest", "Answer", report="", reason="It came in June.")


def mailed(live: Register, folder: Path) -> list[tuple[str, str]]:
    """To whom a mail server was given which letters, after the worker looked twice at what is to be told."""
    port = free_port()
    runtime = mailing_to(live.runtime, port)
    with mail_server(port, folder):
        for _ in range(2):
            notice_facts(runtime)
            held = [one.id for one in runtime.outbox.latest(500) if one.standing == "held"]
            runtime.outbox.let_go(held, uuid4())
            send_mail(runtime)
        return [(str(one["To"]), ISOLATES.sub("", str(one["Subject"]))) for one in arrived(folder)]


def publish(secretariat: Person, title: str) -> None:
    secretariat.opens(title)
    secretariat.does("Publish this pledge", "Publish")


def match(kenya: Person, portugal: Person, secretariat: Person) -> str:
    """Ask for a match, offer one and accept it; where the record is of what was asked."""
    begin(
        kenya, "Who gives as much?", "matching", changes__forms="financial", changes__terms__kind="financial",
        changes__terms__condition="Others give as much", changes__terms__amount__value="1000",
        changes__terms__amount__currency="EUR", changes__terms__deadline=NEXT_YEAR,
    )  # fmt: skip
    publish(secretariat, "Who gives as much?")
    begin(
        portugal, "We give as much", "individual", changes__forms="financial", changes__amount__value="1000",
        changes__amount__currency="EUR",
    )  # fmt: skip
    publish(secretariat, "We give as much")
    kenya.opens("Who gives as much?")
    kenya.page.get_by_role("link", name="Its record and history").click()
    asked = kenya.page.url
    portugal.opens("We give as much")
    offered = portugal.page.locator(".reference").inner_text()
    portugal.page.goto(asked)
    portugal.page.get_by_role("link", name="What you can do with it, at your desk").click()
    portugal.does("Offer a pledge as a match", "Offer", pledge=offered)
    kenya.opens("Who gives as much?")
    kenya.does("Accept this match", "Accept")
    assert kenya.status() == "Matched"
    return asked


def test_one_pledge_of_each_type_from_draft_to_verified(
    people: Callable[..., Person], live: Register, tmp_path: Path
) -> None:
    secretariat, validator = people("secretariat"), people("validator", "Kenya")
    kenya, mexico, portugal = (people("pledger", name) for name in ("Kenya", "Mexico", "Portugal"))

    begin(kenya, "Advice for everybody", "individual", changes__forms="policy")
    secretariat.opens("Advice for everybody")
    secretariat.does("Return this submission for changes", "Return", reason="Say how many.")
    kenya.opens("Advice for everybody")
    assert kenya.page.get_by_text("Say how many.").is_visible()
    kenya.page.get_by_role("link", name="Go on writing").click()
    kenya.sends(
        "Save and check", changes__targets__0__description="Offices", changes__targets__0__unit="offices",
        changes__targets__0__target="20",
    )  # fmt: skip
    kenya.sends("Submit")
    publish(secretariat, "Advice for everybody")
    kenya.opens("Advice for everybody")
    kenya.does(
        "Report progress", "Report", narrative="Ten.", measures__0__target="t1", measures__0__value="10"
    )
    assert kenya.status() == "Partially fulfilled"
    conclude(kenya, secretariat, validator, "Advice for everybody")

    for title, kind in (("A common road", "common"), ("A road in partnership", "partnership")):
        begin(kenya, title, kind, changes__forms="policy", changes__partners="Mexico")
        mexico.opens(title)
        mexico.does("Take part", "Take part", part__description="Our half of the road")
        publish(secretariat, title)
        mexico.opens(title)
        mexico.does("Report progress", "Report", narrative="Our half is done.", percent="100", part="1")
        conclude(kenya, secretariat, validator, title)

    asked = match(kenya, portugal, secretariat)
    conclude(kenya, secretariat, validator, "Who gives as much?")
    begin(
        portugal, "Our match", "matching", changes__forms="policy", changes__matches=asked.rsplit("/", 1)[1]
    )
    publish(secretariat, "Our match")
    assessor = people("assessor", "Mali", roles__0__mandate="GA resolution 73/326")
    contest(kenya, assessor, "Who gives as much?")
    portugal.page.goto(asked)
    assert portugal.page.get_by_text("Half of it is missing.").first.is_visible()
    assert portugal.page.get_by_text("It came in June.").first.is_visible()
    portugal.page.goto("/pledges?status=fulfilled")
    for title in ("Advice for everybody", "A common road", "A road in partnership", "Who gives as much?"):
        assert portugal.page.get_by_role("link", name=title).is_visible()

    everybody = (secretariat, validator, assessor, mexico, portugal, kenya)
    called = {person.email: name for person, name in zip(everybody, TOLD, strict=True)}
    told = Counter((called[to], subject) for to, subject in mailed(live, tmp_path / "mail"))
    assert told == Counter((who, subject) for who, subjects in TOLD.items() for subject in subjects)


@pytest.mark.parametrize("people", [False], indirect=True)
def test_a_pledge_is_brought_to_its_end_without_scripts(people: Callable[..., Person]) -> None:
    secretariat, validator = people("secretariat"), people("validator", "Kenya")
    kenya, mexico = people("pledger", "Kenya"), people("pledger", "Mexico")
    begin(kenya, "A common road", "common", changes__forms="policy", changes__partners="Mexico")
    mexico.opens("A common road")
    mexico.does("Take part", "Take part", part__description="Our half of the road")
    publish(secretariat, "A common road")
    conclude(kenya, secretariat, validator, "A common road")
    mexico.page.goto("/pledges?status=fulfilled")
    assert mexico.page.get_by_role("link", name="A common road").is_visible()
