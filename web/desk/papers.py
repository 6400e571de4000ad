"""Working papers as forms: begun, saved as one goes, checked, submitted or thrown away; and amendments.

The register's memory begins when a paper is submitted.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, abort, g, make_response, redirect, request, url_for

from domain.pledges.commands import SubmitPledge
from domain.pledges.rules import NEEDED_TO_SUBMIT, ONE_OF_NEEDED_TO_SUBMIT
from web.api import orders, writing
from web.desk.blueprint import desk
from web.desk.carrying_out import Sent, carry_out, form_page
from web.desk.commands import ANY_AUTHORITY, lacks
from web.desk.meanwhile import OPENED, unpacked
from web.desk.naming import NAMED, NAMES, name_of_entity
from web.desk.paper_sections import PAPER, sections_of
from web.desk.pledges import shown
from web.forms.contact import warnings_of
from web.forms.inputs import Choices, Filling, Input, inputs_of
from web.pages.refusals import told

BEGINNING = ("entity", "title", "type")
AMENDABLE = tuple(name for name in PAPER if name not in {"partners", "matches", "cycle"})
IN_HAND = frozenset({"draft", "returned"})


@desk.get("/desk/new")
def new() -> Response:
    """The beginning of a working paper."""
    return _new(Sent())


@desk.post("/desk/new")
def begin() -> Response:
    """Begin a working paper, and go on writing it."""
    sent = carry_out(orders.NewPledge(), writing.create, NAMED, public={})
    if sent.answer is None:
        return _new(sent)
    return _on_to("desk.edit", pledge=sent.answer.get_json()["id"])


def _new(sent: Sent) -> Response:
    names = (*BEGINNING, *(["authority"] if g.actor.has("secretariat") else []))
    choices = _own_entities()
    own = choices.get("entity", ())
    begun = {"entity": own[0][0]} if len(own) == 1 else {}  # nobody has to choose from one
    needed = ("type", *([] if g.actor.own_entities else ["authority"]))
    filling = Filling(values=begun | dict(sent.body), choices=choices, names=NAMES, needed=needed)
    inputs = inputs_of(orders.NewPledge(), filling, names)
    return form_page("desk/new.html", sent, inputs=inputs)


def _own_entities() -> dict[str, Choices]:
    """Those for whom somebody pledges, to choose from; the Secretariat writes a name."""
    if g.actor.has("secretariat"):
        return {}
    return {"entity": [(str(one), name_of_entity(str(one))) for one in sorted(g.actor.own_entities)]}


@desk.get("/desk/pledges/<pledge:pledge>/edit")
def edit(pledge: str) -> Response:
    """A working paper, or a pledge that was returned, to go on writing; what was submitted is on its page."""
    found = shown(pledge)
    if found["status"] not in IN_HAND:
        return _on_to("desk.pledge", pledge=pledge)
    return _edit(found, Sent())


def _in_hand(pledge: str) -> Mapping[str, Any]:
    found = shown(pledge)
    if found["status"] not in IN_HAND:
        abort(HTTPStatus.NOT_FOUND)
    return found


@desk.post("/desk/pledges/<pledge:pledge>/edit")
def save(pledge: str) -> Response:
    """Save what was written."""
    found = _in_hand(pledge)
    sent = carry_out(
        orders.ChangePledge(), lambda body: writing.change(body, pledge=pledge), NAMED, public=found
    )
    if sent.answer is None:
        return _edit(found, sent)
    return _on_to("desk.check" if "check" in request.form else "desk.edit", pledge=pledge, saved="1")


def _edit(found: Mapping[str, Any], sent: Sent) -> Response:
    written = _typed(found, sent)
    filling = Filling(values=written, names=NAMES, needed=(*NEEDED_TO_SUBMIT, *ONE_OF_NEEDED_TO_SUBMIT))
    inputs = inputs_of(orders.PledgeFields(), filling, PAPER, within="changes.")
    authority = _authority(sent) if _in_their_place(found) else []
    sections = list(sections_of(inputs, written, sent.errors))
    return form_page("desk/edit.html", sent, sections=sections, authority=authority, pledge=found)


def _typed(found: Mapping[str, Any], sent: Sent) -> dict[str, Any]:
    """What is to stand in the form: what was typed, or what the pledge says.

    In one that is stale, a field in which nothing was typed says what the pledge says now.
    """
    typed = {**_written(found), **(sent.body.get("changes") or {})}
    opened = unpacked(request.form.get(OPENED, "")) if sent.is_stale else {}
    if not opened:
        return typed
    before = _inputs_by_name(_written({**found, **opened}))
    now, untouched = _written(found), _inputs_by_name(typed)
    return {name: now.get(name) if untouched.get(name) == before.get(name) else value
            for name, value in typed.items()}  # fmt: skip


def _inputs_by_name(written: Mapping[str, Any]) -> dict[str, Input]:
    """The fields of a paper as its form shows them, to compare."""
    filling = Filling(values=written, names=NAMES)
    return {one.path: one for one in inputs_of(orders.PledgeFields(), filling, PAPER)}


def _content(found: Mapping[str, Any]) -> dict[str, Any]:
    """What a paper says in its own fields."""
    return {name: found.get(name) for name in PAPER}


def _authority(sent: Sent) -> list[Input]:
    return inputs_of(orders.Order(), Filling(values=sent.body, needed=("authority",)), ("authority",))


def _in_their_place(found: Mapping[str, Any]) -> bool:
    """Whether whoever is signed in would act for an entity that is not theirs."""
    return found["entity"]["id"] not in {str(one) for one in g.actor.own_entities}


def _written(found: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in a paper, as its form has it."""
    noted = [partner["entity"]["id"] for partner in found["partners"] if partner["state"] != "uninvited"]
    matches = found["matches"]
    return {
        **found,
        "partners": noted,
        "matches": (matches["reference"] or matches["id"]) if matches else None,
    }


@desk.get("/desk/pledges/<pledge:pledge>/submission")
def check(pledge: str) -> Response:
    """What makes a pledge measurable and time-bound, and what this one has of it, before it is submitted."""
    found = _in_hand(pledge)
    pledge_id = UUID(found["id"])
    authority = ANY_AUTHORITY if _in_their_place(found) else None
    content = writing.content_in_hand(pledge_id)
    submission = SubmitPledge(pledge_id=pledge_id, content=content, authority=authority)
    return _check(found, Sent(errors=told(lacks(submission))))


@desk.post("/desk/pledges/<pledge:pledge>/submission")
def submit(pledge: str) -> Response:
    """Submit a working paper."""
    found = _in_hand(pledge)
    sent = carry_out(orders.Order(), lambda body: writing.submit(body, pledge=pledge), public=found)
    return _check(found, sent) if sent.answer is None else _on_to("desk.pledge", pledge=pledge, submitted="1")


def _check(found: Mapping[str, Any], sent: Sent) -> Response:
    return form_page(
        "desk/check.html",
        sent,
        inputs=_authority(sent) if _in_their_place(found) else [],
        pledge=found,
        contact=warnings_of(_content(found), {}, ()),
    )


@desk.get("/desk/pledges/<pledge:pledge>/discard")
def discard_form(pledge: str) -> Response:
    """Whether a working paper is really to be thrown away."""
    return form_page("desk/discard.html", Sent(), pledge=_in_hand(pledge))


@desk.post("/desk/pledges/<pledge:pledge>/discard")
def discard(pledge: str) -> Response:
    """Throw a working paper away."""
    found = _in_hand(pledge)
    sent = carry_out(orders.Order(), lambda _: writing.discard(pledge=pledge))
    return form_page("desk/discard.html", sent, pledge=found) if sent.answer is None else _on_to("desk.desk")


@desk.get("/desk/pledges/<pledge:pledge>/amendment")
def amendment(pledge: str) -> Response:
    """What is promised, to be changed with a reason."""
    return _amend(shown(pledge), Sent(), {})


@desk.post("/desk/pledges/<pledge:pledge>/amendment")
def amend(pledge: str) -> Response:
    """Show before and after; then amend."""
    found = shown(pledge)
    changes: dict[str, Any] = {}

    def view(body: dict[str, Any]) -> Any:
        changes.update(_changed(found, body["changes"]))
        if "amend" not in request.form:
            return None
        return writing.change({**body, "changes": changes}, pledge=pledge)

    sent = carry_out(orders.ChangePledge(), view, NAMED, public=found)
    if sent.answer is not None:
        return _on_to("desk.pledge", pledge=pledge, amended="1")
    return _amend(found, sent, changes)


def _changed(found: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that say something else than the pledge does."""
    before = inputs_of(orders.PledgeFields(), Filling(values=_written(found)), AMENDABLE)
    after = inputs_of(orders.PledgeFields(), Filling(values=said), AMENDABLE)
    return {one.path: said[one.path] for was, one in zip(before, after, strict=True)
            if one.path in said and was != one}  # fmt: skip


def _amend(found: Mapping[str, Any], sent: Sent, changes: Mapping[str, Any]) -> Response:
    written = _typed(found, sent)
    filling = Filling(values=written, names=NAMES, needed=("title",))
    inputs = inputs_of(orders.PledgeFields(), filling, AMENDABLE, within="changes.")
    reason = Filling(values=sent.body, needed=("reason",))
    told = [{"field": name, "before": found.get(name), "after": value} for name, value in changes.items()]
    return form_page(
        "desk/amend.html", sent, pledge=found, changes=told,
        reason=inputs_of(orders.ChangePledge(), reason, ("reason",)),
        sections=list(sections_of(inputs, written, sent.errors)),
        authority=_authority(sent) if _in_their_place(found) else [],
    )  # fmt: skip


def _on_to(endpoint: str, **values: Any) -> Response:
    return make_response(redirect(url_for(endpoint, **values), HTTPStatus.SEE_OTHER))
