"""What auditors read: their own for each of them, everybody's for the Secretariat."""

from __future__ import annotations

from flask import Response, g, make_response, render_template, request, url_for

from domain.actors import Actor
from projections.database.readings import ReadingFilters
from web.desk.blueprint import desk
from web.desk.reading_words import asked_in_words, operation_in_words
from web.pages.blueprint import runtime

ROWS = 50


@desk.get("/desk/readings")
def readings() -> Response:
    """The record of what auditors read, the latest first."""
    actor: Actor = g.actor
    whose = None if actor.has("secretariat") else [actor.account]
    cursor = request.args.get("cursor")
    found = runtime().readings.listed(ReadingFilters(accounts=whose), limit=ROWS, cursor=cursor)
    accounts = {one["account"] for one in found.items}
    people = {account: runtime().people.email_of(account) for account in accounts}
    said = render_template(
        "desk/readings.html",
        moment=None,
        forms={},
        found=found,
        people=people,
        operation=operation_in_words,
        asked=asked_in_words,
        first=url_for("desk.readings") if cursor else None,
        following=url_for("desk.readings", cursor=found.next) if found.next else None,
    )
    return make_response(said, {"Cache-Control": "no-store"})
