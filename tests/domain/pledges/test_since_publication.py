"""What everybody may read of a pledge since its publication is enough to know how it stands."""

from __future__ import annotations

from typing import Any

import pytest

from domain.pledges import events
from domain.pledges.commands import PublishPledge
from domain.pledges.content import Changes, Part
from domain.pledges.document import document, public_document
from domain.pledges.evolve import evolve
from domain.pledges.sight import audience_of
from domain.pledges.state import Pledge
from domain.recording import Fact
from tests.domain.pledges.life import (
    CITY,
    FUND,
    GHANA,
    KENYA,
    MALTA,
    PLEDGE,
    SECRETARIAT,
    TRAINED,
    fulfilled,
    given,
    happened,
    reported,
    submitted,
    withdrawn,
)

ASKED = {"type": "common", "partners": (GHANA, MALTA), "named": (CITY, FUND), "targets": (TRAINED,)}
BEFORE = (
    submitted(title="At first", **ASKED),
    events.PartnerInvited(entity=GHANA),
    events.PartnerInvited(entity=MALTA),
    events.PledgeReturned(reason="Say by when"),
    events.PartnerJoined(entity=MALTA, part=Part(description="Ships"), number=4),
    submitted(**ASKED),
    events.PartnerUninvited(entity=FUND),
)
SINCE: dict[str, tuple[Fact, ...]] = {
    "nothing": (),
    "a partner that was asked before": (events.PartnerJoined(entity=GHANA, number=1), reported(50, part=1)),
    "who was named joins": (events.PartnerJoined(entity=CITY, number=3), reported(50, part=3)),
    "a partner leaves": (reported(50, part=2), events.PartnerLeft(entity=MALTA, reason="No money")),
    "the lead passes": (reported(40), events.LeadTransferred(old_lead=KENYA, new_lead=MALTA, reason="So")),
    "an amendment": (events.PledgeAmended(changes=Changes(title="Less", targets=()), reason="So"),),
    "the end": (reported(40), fulfilled, events.FulfilmentRetracted(reason="So"), withdrawn),
}


@pytest.mark.parametrize("what", SINCE)
def test_it_is_folded_the_same_without_what_was_before(what: str) -> None:
    (made,) = given(*BEFORE).when(PublishPledge, SECRETARIAT).said.facts
    whole: Pledge | None = None
    told: Pledge | None = None
    for event in happened((*BEFORE, made, *SINCE[what]), PLEDGE):
        before, whole = whole, evolve(whole, event)
        if audience_of(event.fact, before, whole) == "public":
            told = evolve(told, event)
    assert whole is not None
    assert told is not None
    assert shown(told) == shown(whole)
    places = [(one["number"], one["state"]) for one in shown(whole)["partners"]]
    assert (2, "joined" if what != "a partner leaves" else "left") in places


def shown(pledge: Pledge) -> dict[str, Any]:
    return public_document(document(pledge))
