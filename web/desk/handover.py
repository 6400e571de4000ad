"""All that an entity has on its hands, on one page that can be printed, for whoever takes over.

Made from what the register answers anyway, of one moment. Must not know how anything is answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, g, make_response, render_template, request

from projections.board.filters import PledgeFilters
from projections.board.questions import PledgeList
from projections.questions import BOARD, ENTITIES, HISTORY
from web import moments
from web.desk.blueprint import desk
from web.desk.carrying_out import NOT_KEPT
from web.desk.chase import FILTERS
from web.desk.contacts import entity_in_hand
from web.pages.blueprint import runtime
from web.pages.paging import Pager

ROWS = 20
REPORTS_SHOWN, ELSEWHERE_MAX = 3, 50
REPORTED = frozenset({
    "pledge.progress-reported", "pledge.progress-corrected", "pledge.fulfilled",
    "pledge.fulfilment-retracted",
})  # fmt: skip
OF_RETURNS = frozenset({"pledge.returned", "pledge.rejected"})
OF_CONTESTS = frozenset({"pledge.contested", "pledge.replied"})
OPEN = frozenset({"made", "matched", "partially_fulfilled"})
Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Held:
    """A pledge in the entity's hands: as it stands, what was reported last, what was asked and answered."""

    pledge: Mapping[str, Any]
    leads: bool
    reports: Sequence[Entry]
    more_reports: int
    asked: Sequence[Entry]

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
    held = [_held(pledge, found, listed.moment) for pledge in listed.items]
    elsewhere = list(_due_elsewhere(found, listed)) if listed.total > ROWS else []
    said = render_template(
        "desk/handover.html", moment=listed.moment, checkpoint=moments.checkpoint(listed.moment), forms={},
        entity=found, held=held, elsewhere=elsewhere, total=listed.total,
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
                yield Held(pledge, pledge["entity"]["id"] == entity["id"], (), 0, ())


def _held(pledge: Mapping[str, Any], entity: Mapping[str, Any], moment: Any) -> Held:
    history = runtime().questions.history(pledge["id"], viewer=g.actor, moment=moment) or []
    reports = [entry for entry in history if entry["name"] in REPORTED]
    asked = [entry for entry in history if entry["name"] in OF_RETURNS | OF_CONTESTS]
    return Held(
        pledge, pledge["entity"]["id"] == entity["id"], reports[::-1][:REPORTS_SHOWN],
        max(0, len(reports) - REPORTS_SHOWN), asked[::-1][: 2 * REPORTS_SHOWN],
    )  # fmt: skip
