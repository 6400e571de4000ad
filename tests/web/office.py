"""A register in the middle of its work: something of everything that its pages show, and every page of it.

Which page has which address is told by endpoint, so that a page that is added and not told of is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import pytest
from flask import Flask
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from domain.actors import ROLES
from projections.database.roles import DatabaseUrls
from projections.followers import Following
from tests.conftest import new_database
from tests.web.browsing import Browser, Somebody, link_of, signed_in, somebody
from tests.web.demonstration import Demonstration, demonstrating
from tests.web.live import AUTHORITY, Register
from tests.web.pledges import TARGET, TERMS, TODAY, day, drafted, published, recorded, submitted
from web.desk.lists import LISTS
from web.doors import door_of

MANY = 20
OF_ONE_ENTITY = ("pledger", "validator", "assessor")
SHEET = """No,Name of pledge,Member State,Deadline
J-1,Advice for migrants in every language of those who ask,Kenya,2030
J-2,نصائح للمهاجرين بكل اللغات,Mali,soon
"""
OFFERED = {
    "desk.command": r"/desk/pledges/[^/?#\"]+/[^\"]+",
    "desk.account_form": r"/desk/accounts/[^/?#\"]+/[^\"]+",
}
"""Forms that are there for whom another page offers them: the addresses by which it does."""
OFFERING = ("desk.pledge", "desk.account")
Values = Mapping[str, list[str]]


@dataclass
class Office:
    """What is in it, and who works there: by role, and by name where several have one role."""

    demonstration: Demonstration
    entity: UUID
    partner: UUID
    people: dict[str, Somebody] = field(default_factory=dict)
    of: dict[str, str] = field(default_factory=dict)
    """Pledges and other things by what they are here for."""

    @property
    def live(self) -> Register:
        return self.demonstration.live

    def browser(self, role: str | None) -> Browser:
        """Somebody's browser; of nobody in particular without a role."""
        return signed_in(self.live, self.people[role]) if role else Browser(self.live)


@contextmanager
def in_office(owner: str, app: str, folder: Path) -> Iterator[Office]:
    """Serve it for as long as the block lasts."""
    with demonstrating(owner, app, folder) as demonstration:
        live = demonstration.live
        office = Office(demonstration, live.entity("Ministry of Schools"), live.entity("Office of Partners"))
        for role in ROLES:
            office.people[role] = somebody(live, role, office.entity if role in OF_ONE_ENTITY else None)
        office.people["partner"] = somebody(live, "pledger", office.partner)
        _pledges(office)
        _mail(office)
        _sheets(office)
        yield office


def _pledges(office: Office) -> None:
    live, entity = office.live, office.entity
    owner, secretariat = live.as_("pledger", entity), live.as_("secretariat")
    targets = [{**TARGET, "description": f"Children in school in county {n}"} for n in range(MANY)]
    partners = [str(office.partner), *(str(live.entity(f"Partner {n}")) for n in range(MANY - 1))]
    many = {"type": "common", "targets": targets, "partners": partners}
    office.of["draft"] = drafted(live, entity, title="A draft about schools", **many)
    office.of["submitted"] = submitted(live, entity, title="Schools on the coast", **many)
    office.of["returned"] = submitted(live, entity, title="Schools in the hills")
    said = {"reason": "Two points.", "fields": {"title": "Which hills?", "due_on": "Too late."}}
    secretariat.post(f"/pledges/{office.of['returned']}/return", said)
    office.of["live"] = published(live, entity, title="Schools in twenty counties", **many)
    part = {"description": "Our own counties", "targets": [{**TARGET, "target": "10"}]}
    live.as_("pledger", office.partner).post(
        f"/pledges/{office.of['live']}/partners/{office.partner}/acceptance", {"part": part}
    )
    report = {"effective_on": TODAY, "narrative": "Half.", "measures": [{"target": "t1", "value": "100"}]}
    owner.post(f"/pledges/{office.of['live']}/progress-reports", report)
    office.of["contested"] = published(live, entity, title="Evening schools")
    owner.post(f"/pledges/{office.of['contested']}/fulfilment", {"effective_on": TODAY, "narrative": "Done."})
    doubt = {"effective_on": TODAY, "reason": "Half of them are shut."}
    live.as_("assessor", entity).post(f"/pledges/{office.of['contested']}/contest", doubt)
    office.of["matching"] = published(live, entity, type="matching", terms=TERMS, forms=["financial"])
    giving = {"value": "600.00", "currency": "EUR"}
    office.of["offered"] = published(live, office.partner, amount=giving, forms=["financial"])
    offer = {"pledge": office.of["offered"]}
    answer = live.as_("pledger", office.partner).post(f"/pledges/{office.of['matching']}/matches", offer)
    office.of["match"] = answer.json["id"]
    late = recorded(live, entity, title="Schools promised long ago", made_on="2022-05-17", due_on="2023")
    office.of["late"] = late.json["id"]
    secretariat.post("/cycles", {"cycle": 2030, "opens_on": TODAY})


def _mail(office: Office) -> None:
    """Letters that wait for a word, contacts, and somebody who follows."""
    live = office.live
    kept = {"mailbox": "schools@example.org", "alternate": "desk@example.org", "language": "en"}
    live.runtime.contacts.keep(office.entity, kept, by=UUID(int=1), version=0)
    browser = office.browser("secretariat")
    once = browser.get("/desk/chase").text.partition('name="once" value="')[2].partition('"')[0]
    said = {"reply_by": day(30), "words": "Please tell us how far this has come.", "once": once}
    answer = browser.send("/desk/chase", **said, entity=str(office.entity))
    assert answer.status_code == 303, answer.text
    office.of["asking"] = answer.headers["Location"].rsplit("/", 1)[-1].partition("?")[0]
    follower, followed = office.people["partner"].account, Following("objective", "3")
    with live.runtime.pool.connection() as connection:
        live.runtime.followers.ask_in(connection, follower, followed, "day", "en")
    office.of["confirming"] = quote(live.runtime.followers.confirming_key(follower, followed))
    # Once: nobody is mailed a new password without end.
    office.of["invited"], office.of["reset"] = (link_of(live, follower, of) for of in ("invitation", "reset"))
    office.of["leaving"] = quote(live.runtime.followers.leaving_key(follower))


def _sheets(office: Office) -> None:
    """A sheet of others whose columns wait to be told, an outside document, and what an auditor has read."""
    live, browser = office.live, office.browser("secretariat")
    page = browser.get("/desk/imports").text
    hidden = {
        name: page.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("csrf_token", "once")
    }
    said = {**hidden, "mode": "record", **{f"authority.{name}": text for name, text in AUTHORITY.items()}}
    answer = browser.session.post(
        f"{live.url}/desk/imports", data=said, files={"file": ("list.csv", SHEET.encode())},
        allow_redirects=False, timeout=90,
    )  # fmt: skip
    assert answer.status_code == 303, answer.text
    office.of["sheet"] = answer.headers["Location"].split("/imports/")[1].partition("/")[0]
    office.browser("auditor").get(f"/pledges/{office.demonstration.joint}")


@pytest.fixture(scope="session")
def office(
    admin: Connection,
    cluster_urls: DatabaseUrls,
    template_name: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Office]:
    """The register of this module, for the whole run. Tests only read it."""
    with new_database(admin, template=template_name) as name:
        owner, app = (make_conninfo(url, dbname=name) for url in (cluster_urls.owner, cluster_urls.app))
        with in_office(owner, app, tmp_path_factory.mktemp("office")) as found:
            yield found


# -- its pages


def _fills(office: Office) -> dict[str, Values]:
    """What stands for the variables in the addresses of an endpoint."""
    demonstration, of, people = office.demonstration, office.of, office.people
    papers = [of["draft"], of["returned"]]
    pledges = [*papers, *(of[name] for name in ("submitted", "live", "contested", "matching", "late"))]
    references = [getattr(demonstration, name) for name in ("joint", "matching", "hostile", "lapsed")]
    return {
        "desk.pledge": {"pledge": pledges},
        "desk.review": {"pledge": [of["submitted"]]},
        "desk.edit": {"pledge": papers}, "desk.check": {"pledge": papers},
        "desk.discard_form": {"pledge": papers},
        "desk.amendment": {"pledge": [of["live"], of["matching"]]},
        "desk.listed": {"name": list(LISTS)},
        "desk.contacts": {"entity": [str(office.entity)]}, "desk.handover": {"entity": [str(office.entity)]},
        "desk.asked": {"asking": [of["asking"]]},
        "desk.sheet": {"sheet": [of["sheet"]]}, "desk.sheet_reading": {"sheet": [of["sheet"]]},
        "desk.cycle": {"cycle": ["2022", "2026"]},
        "desk.account": {"account": [str(people["pledger"].account), str(people["secretariat"].account)]},
        "pages.pledge": {"reference": references}, "pages.changes": {"reference": references},
        "pages.entity": {"slug": ["kenya"]}, "pages.log_event": {"position": ["1", "200"]},
        "embed.entity": {"slug": ["kenya"]}, "embed.pledge": {"reference": references[:1]},
    }  # fmt: skip


def _queries(office: Office) -> dict[str, list[str]]:
    """How an endpoint is asked beside plainly."""
    of = office.of
    return {
        "pages.pledges": ["?objective=15&region=Africa", "?q=zzzz", "?view=table"],
        "pages.progress": ["?by=status&compare_to=150"], "pages.compare": ["?compare_to=200"],
        "pages.dashboard": ["?as_of=nonsense"], "pages.events": ["?from=1999&to=1999"],
        "account.follow": ["?kind=objective&followed=3"],
        "account.confirm_following": [f"?key={of['confirming']}"],
        "account.unfollow": [f"?key={of['leaving']}"],
        "account.invitation": [f"?key={of['invited']}"],
        "account.new_password": [f"?key={of['reset']}"],
        "desk.outbox": ["?standing=held", "?standing=sent"],
        "desk.chase": ["?why=overdue", "?standing=late&sort=asked"],
    }  # fmt: skip


def pages_of(app: Flask, office: Office) -> list[tuple[str, str]]:
    """Endpoint and address of every page of the register, each form of it once."""
    fills, queries, found = _fills(office), _queries(office), []
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or not _is_page(rule.rule, rule.endpoint):
                continue
            if rule.endpoint in OFFERED:
                continue
            names = sorted(rule.arguments - set(rule.defaults or ()))
            for values in product(*(fills[rule.endpoint][name] for name in names)):
                address = adapter.build(rule.endpoint, dict(zip(names, values, strict=True)))
                found += [(rule.endpoint, address + query) for query in ("", *queries.get(rule.endpoint, ()))]
    return sorted(set(found))


def offered_on(page: str) -> set[str]:
    """The addresses of forms to which a page leads."""
    found = re.findall("|".join(f'href="({one})"' for one in OFFERED.values()), page)
    return {address for one in found for address in one if address}


def pages_for(app: Flask, office: Office, role: str | None) -> list[str]:
    """The addresses of all pages that somebody in a role may open, with the forms that these offer them."""
    browser, found = office.browser(role), set[str]()
    for endpoint, address in pages_of(app, office):
        door = door_of(endpoint)
        if not (door.is_open or (role and (not door.needs_role or role in door.roles))):
            continue
        found.add(address)
        if endpoint in OFFERING:
            found |= offered_on(browser.get(address).text)
    return sorted(found)


def _is_page(rule: str, endpoint: str) -> bool:
    """Whether a page is there, and not its data, a file or what programs ask."""
    is_data = "." in rule.rpartition("/")[2] or endpoint == "pages.evidence_file"
    return endpoint.startswith(("pages.", "desk.", "account.", "embed.")) and not is_data
