"""All that an entity has on its hands, on one page that can be printed, for whoever takes over.

Made from what the register answers anyway, of one moment. Must not know how anything is answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, g, make_response, render_template, request

from domain.pledges.decide_matching import STANDING
from projections.board.filters import PledgeFilters
from projections.board.questions import PledgeList
from projections.moments import Moment
from projections.questions import BOARD, ENTITIES, HISTORY
from web import moments
from web.desk.blueprint import desk
from web.desk.carrying_out import NOT_KEPT
from web.desk.contacts import entity_in_hand
from web.desk.to_ask import FILTERS
from web.pages.blueprint import runtime
from web.pages.paging import Pager

ROWS = 20
REPORTS_SHOWN, ELSEWHERE_MAX, MATCHES_SHOWN = 3, 50, 20
REPORTED = frozenset({
    "pledge.progress-reported", "pledge.progress-corrected", "pledge.fulfilled",
    "pledge.fulfilment-retracted",
})  # fmt: skip
OF_RETURNS = frozenset({"pledge.returned", "pledge.rejected"})
OF_CONTESTS = frozenset({"pledge.contested", "pledge.replied"})
Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Match:
    """An offer to match that stands, to a pledge or by it; the pledge on the other side if seen."""

    offer: Mapping[str, Any]
    other: Mapping[str, Any] | None
    is_own: bool
    """Whether the entity offered."""


@dataclass(frozen=True)
class Held:
    """A pledge in the entity's hands: as it stands, what was reported last, what was asked and answered."""

    pledge: Mapping[str, Any]
    leads: bool
    reports: Sequence[Entry] = ()
    more_reports: int = 0
    asked: Sequence[Entry] = ()
    matches: Sequence[Match] = ()
    more_matches: int = 0

    @property
    def open_contests(self) -> list[Mapping[str, Any]]:
        """Contests that nobody replied to."""
        return [
            said
            for said in self.pledge["verdicts"]
            if said["kind"] == "contested" and not said["replies"] and not said["before_correction"]
        ]

    @property
    def waits_for_offers(self) -> int:
        """Matches that are offered and not answered."""
        return sum(offer["state"] == "offered" for offer in self.pledge["offers"]) if self.leads else 0

    @property
    def is_due(self) -> bool:
        """Whether something is to be done about it now."""
        one = self.pledge
        return bool(
            one["status"] == "returned" or one["overdue"] or one["staleness"] in ("amber", "red")
            or self.open_contests or self.waits_for_offers
        )  # fmt: skip


@desk.get("/desk/entities/<entity:entity>/handover")
def handover(entity: str) -> Response:
    """What was promised, with whom, on what terms, what was reported, what was asked, what is due."""
    found = entity_in_hand(entity)
    questions = runtime().questions
    moment = questions.moment(of=(*BOARD, *HISTORY, *ENTITIES))
    listed = questions.pledges(
        PledgeFilters(entity=(found["id"],)), viewer=g.actor, moment=moment, sort="due_on", limit=ROWS,
        cursor=request.args.get("cursor") or None, with_facets=False,
    )  # fmt: skip
    held = list(_held(listed, found))
    elsewhere = list(_due_elsewhere(found, listed)) if listed.total > ROWS else []
    said = render_template(
        "desk/handover.html", moment=listed.moment, checkpoint=moments.checkpoint(listed.moment), forms={},
        entity=found, held=held, elsewhere=elsewhere, total=listed.total,
        invited=questions.invitations(viewer=g.actor, moment=listed.moment, of=UUID(found["id"])),
        pager=Pager.of_list(listed, ROWS), public="nothing",
        contact=runtime().contacts.of(UUID(found["id"])),
        last_asked=runtime().askings.last_of([UUID(found["id"])]).get(UUID(found["id"])),
    )  # fmt: skip
    return make_response(said, NOT_KEPT)


def _due_elsewhere(entity: Mapping[str, Any], listed: PledgeList) -> Iterator[Held]:
    """What is overdue, stale or came back and stands on another page than this."""
    told = {pledge["id"] for pledge in listed.items}
    for filters in FILTERS.values():
        found = runtime().questions.pledges(
            PledgeFilters(**filters, entity=(entity["id"],)), viewer=g.actor, moment=listed.moment,
            sort="due_on", limit=ELSEWHERE_MAX, with_facets=False,
        )  # fmt: skip
        for pledge in found.items:
            if pledge["id"] not in told:
                told.add(pledge["id"])
                yield Held(pledge, pledge["entity"]["id"] == entity["id"])


def _held(listed: PledgeList, entity: Mapping[str, Any]) -> Iterator[Held]:
    led = [pledge for pledge in listed.items if pledge["entity"]["id"] == entity["id"]]
    matches = _matches(led, listed.moment)
    for pledge in listed.items:
        history = runtime().questions.history(pledge["id"], viewer=g.actor, moment=listed.moment) or []
        reports = [entry for entry in history if entry["name"] in REPORTED]
        asked = [entry for entry in history if entry["name"] in OF_RETURNS | OF_CONTESTS]
        own = matches.get(pledge["id"], [])
        yield Held(
            pledge, pledge["id"] in matches, reports[::-1][:REPORTS_SHOWN],
            max(0, len(reports) - REPORTS_SHOWN), asked[::-1][: 2 * REPORTS_SHOWN],
            own[:MATCHES_SHOWN], max(0, len(own) - MATCHES_SHOWN),
        )  # fmt: skip


def _matches(led: Sequence[Mapping[str, Any]], moment: Moment) -> dict[str, list[Match]]:
    """By pledge the offers that stand: those to it, then those that it made. One question reads all."""
    offered_to = _offered_to([UUID(pledge["id"]) for pledge in led])
    to_each = {one["id"]: [offer for offer in one["offers"] if offer["state"] in STANDING] for one in led}
    others = {UUID(offer["pledge"]) for offers in to_each.values() for offer in offers}
    others.update(target for targets in offered_to.values() for target in targets)
    known = runtime().questions.several_pledges(others, viewer=g.actor, moment=moment) if others else {}
    return {
        pledge: [
            *(Match(offer, known.get(UUID(offer["pledge"])), is_own=False) for offer in offers),
            *_made_by(pledge, [known[target] for target in offered_to[UUID(pledge)] if target in known]),
        ]
        for pledge, offers in to_each.items()
    }


def _offered_to(pledges: Sequence[UUID]) -> Mapping[UUID, list[UUID]]:
    """The pledges to which each of some was ever offered."""
    return runtime().register.consult(
        lambda context: {one: context.world.offers_by(one) for one in pledges}, by=g.actor
    )


def _made_by(pledge: str, targets: Sequence[Mapping[str, Any]]) -> Iterator[Match]:
    for other in targets:
        for offer in other["offers"]:
            if offer["pledge"] == pledge and offer["state"] in STANDING:
                yield Match(offer, other, is_own=True)
