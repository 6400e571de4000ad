"""The search over all events: each finds what it may see. What a filter means is the trail's to say."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request
from marshmallow import fields, validate

from domain.actors import ROLES
from projections.board.filters import VALUES_MAX
from projections.questions import HISTORY
from projections.timeline.event_filters import SORTS, EventFilters
from web import moments
from web.api.answers import EventList
from web.api.blueprint import ApiBlueprint, as_json
from web.api.commanding import runtime
from web.api.fields import Text
from web.api.queries import AsOf, Page
from web.api.shapes import POSITION

api = ApiBlueprint("events", "Search over all events")


def _words(about: str) -> Any:
    return fields.List(Text(chars_max=100), metadata={"description": about, "maxItems": VALUES_MAX})


def _bound(about: str, **kwargs: Any) -> Text:
    return Text(chars_max=40, metadata={"description": about}, **kwargs)


class EventQuery(AsOf, Page):
    """Which events: values of one field are alternatives, fields narrow each other."""

    name = _words("Names of events such as `pledge.made`; `pledge.` means all that begin so.")
    role = fields.List(
        fields.String(metadata={"enum": list(ROLES)}),
        metadata={"description": "In which role somebody acted.", "maxItems": VALUES_MAX},
    )
    entity = _words("Ids, slugs, or codes of States: whose it is, who did it, for whom, about whom.")
    pledge = _words("Ids or references of pledges.")
    field = _words("Fields that an event changes or says.")
    since = _bound("Recorded from this time or the beginning of this date on.", data_key="from")
    until = _bound("Recorded up to this time or the end of this date.", data_key="to")
    effective_from = _bound("Effective from this date on; a month or year counts as its first day.")
    effective_to = _bound("Effective up to the end of this date.")
    sort = fields.String(load_default=SORTS[0], validate=validate.OneOf(SORTS))


@api.reads("/log/events", EventList, query=EventQuery, headers=POSITION)
def found(query: dict[str, Any]) -> Response:
    """Events by name, role, entity, pledge, period and field, newest or oldest first."""
    moment = moments.asked(query.get("as_of"), of=HISTORY)
    page = runtime().questions.events(
        EventFilters.from_args(request.args),
        viewer=g.actor,
        moment=moment,
        sort=query["sort"],
        limit=query["limit"],
        cursor=query.get("cursor"),
    )
    answer = {"items": page.items, "total": page.total, "next": page.next}
    return as_json(answer, headers={"X-Position": str(moment.position)})
