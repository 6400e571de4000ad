"""Partners are reminded of their own part and of an invitation; an owner, of an offer that will expire."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from domain.actors import OPERATOR
from domain.pledges import commands
from domain.pledges.content import Part
from projections.composition import Runtime
from tests.peers.running import free_port
from tests.workers.mail_server import mailing_to
from tests.workers.parties import DEADLINE, KENYA, TERMS, Letter, Parties, content
from workers.reminding import remind

TODAY = datetime.now(UTC).date()
OWN, WHOLE = TODAY + timedelta(days=60), TODAY + timedelta(days=200)


@pytest.fixture
def parties(runtime: Runtime) -> Parties:
    """Lyon, Dakar, Lima, Quito and Kenya have an account each."""
    found = Parties(mailing_to(runtime, free_port()))
    for name in ("lyon", "dakar", "lima", "quito"):
        found.account(name, "pledger", found.entity(name.title()))
    found.account("kenya", "pledger", KENYA)
    found.account("secretariat", "secretariat")
    found.actors["operator"] = OPERATOR
    return found


def published(parties: Parties, who: str, **said: object) -> UUID:
    pledge = parties.runtime.new_id()
    given = content(parties.entity(who.title()), **said)
    parties.does(who, commands.SubmitPledge(pledge_id=pledge, content=given))
    parties.does("secretariat", commands.PublishPledge(pledge_id=pledge))
    return pledge


def reminded(parties: Parties, day: date) -> set[Letter]:
    """The letters that a look on a day makes; looking again makes no more."""
    on = parties.on(datetime.combine(day, time(12), UTC))
    remind(on.runtime)
    assert remind(on.runtime) == 0
    return parties.unseen()


def to(about: str, *names: str, standing: str = "waiting") -> set[Letter]:
    return {(about, name, standing) for name in names}


def joint(parties: Parties) -> UUID:
    """A pledge of Lyon's, which Dakar has joined with a date of its own, and Kenya without one."""
    pledge = published(parties, "lyon", type="common", due_on=WHOLE.isoformat())
    for who, entity, part in (
        ("dakar", parties.entity("Dakar"), Part(description="Desks", due_on=OWN.isoformat())),
        ("kenya", KENYA, Part(description="Books")),
    ):
        parties.does("lyon", commands.InvitePartner(pledge_id=pledge, entity=entity))
        parties.does(who, commands.AcceptInvitation(pledge_id=pledge, entity=entity, part=part))
    return pledge


def test_a_partner_is_reminded_of_its_own_date_and_else_of_the_pledges(parties: Parties) -> None:
    joint(parties)
    assert reminded(parties, OWN - timedelta(days=31)) == set()
    assert reminded(parties, OWN - timedelta(days=30)) == to("due-soon", "dakar")
    assert reminded(parties, OWN) == to("due-today", "dakar")
    assert reminded(parties, OWN + timedelta(days=1)) == to("overdue", "dakar")
    whole = to("due-today", "lyon") | to("due-today", "kenya", standing="held")
    assert reminded(parties, WHOLE) == whole
    (held,) = parties.runtime.outbox.latest(9, standing="held")
    assert "Kenya" in str(held.body)
    assert "Schools" in str(held.body)


def test_a_partner_that_reported_is_not_asked_for_it_and_who_did_not_is(parties: Parties) -> None:
    pledge = joint(parties)
    report = {"pledge_id": pledge, "effective_on": TODAY.isoformat()}
    assert reminded(parties, WHOLE) == (
        to("overdue", "dakar") | to("due-today", "lyon") | to("due-today", "kenya", standing="held")
    )
    parties.does("kenya", commands.ReportProgress(percent=100, **report))
    assert reminded(parties, WHOLE) == set()
    (dropped,) = parties.runtime.outbox.latest(9, standing="dropped")
    assert dropped.problem == "no longer due"
    year_on = TODAY + timedelta(days=400)
    assert reminded(parties, year_on) == to("overdue", "lyon") | to("report-amber", "dakar")


def test_an_invitation_that_nobody_answers_is_asked_about_once(parties: Parties) -> None:
    pledge = parties.runtime.new_id()
    given = content(parties.entity("Lyon"), type="common", due_on=WHOLE.isoformat())
    parties.does("lyon", commands.SubmitPledge(pledge_id=pledge, content=given))
    for name in ("Dakar", "Lima"):
        parties.does("lyon", commands.InvitePartner(pledge_id=pledge, entity=parties.entity(name)))
    parties.does("lima", commands.DeclineInvitation(pledge_id=pledge, entity=parties.entity("Lima")))
    assert reminded(parties, TODAY + timedelta(days=13)) == set()
    assert reminded(parties, TODAY + timedelta(days=14)) == to("partner-unanswered", "dakar")
    assert reminded(parties, TODAY + timedelta(days=100)) == set()


def test_an_owner_is_asked_to_answer_an_offer_before_it_expires(parties: Parties) -> None:
    asking = published(parties, "lyon", type="matching", terms=TERMS, due_on="2040")
    offering = published(parties, "lima", due_on="2040")
    offer = commands.OfferMatch(pledge_id=asking, offering=offering)
    match = parties.does("lima", offer).events[0].fact.match
    last = date.fromisoformat(DEADLINE)
    pressing = to("match-deadline", "lyon")
    assert not reminded(parties, last - timedelta(days=15)) & pressing
    assert reminded(parties, last - timedelta(days=14)) == pressing
    parties.does("lyon", commands.AcceptMatch(pledge_id=asking, match=match))
    assert not reminded(parties, last) & pressing
