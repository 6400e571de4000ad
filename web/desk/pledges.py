"""One pledge on the desk: how it stands, what may be done with it now, and the form of each command."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, abort, g, make_response, redirect, render_template, request, url_for

from projections.questions import BOARD
from web.api.commanding import pledge_id
from web.api.fields import parse_id
from web.desk.actions import Group, groups_of
from web.desk.blueprint import desk
from web.desk.carrying_out import NOT_KEPT, Sent, carry_out, form_page
from web.desk.commands import FORMS, CommandForm, Right, right_to
from web.desk.contacts import acts_for
from web.desk.naming import NAMED, NAMES
from web.desk.uploads import form_brought, uploaded_words
from web.forms.inputs import Choices, Filling, Input, inputs_of
from web.pages.blueprint import runtime
from web.pages.formats import name as name_of

AUTHORITY = "authority"


def seen(pledge: str) -> Mapping[str, Any] | None:
    """The pledge as whoever is signed in may see it; None if they may not know of it."""
    questions = runtime().questions
    return questions.pledge(pledge, viewer=g.actor, moment=questions.moment(of=BOARD))


def shown(pledge: str) -> Mapping[str, Any]:
    """The same; 404 if they may not know of it."""
    found = seen(pledge)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return found


@desk.get("/desk/pledges/<pledge:pledge>")
def pledge(pledge: str) -> Response:
    """How the pledge stands for whoever is signed in, and what may be done with it."""
    found = shown(pledge)
    done = FORMS.get(request.args.get("done", ""))
    said = render_template(
        "desk/pledge.html", pledge=found, groups=_groups(found), done=done, moment=None, forms={},
        acts=acts_for(g.actor, UUID(found["entity"]["id"])),
    )  # fmt: skip
    return make_response(said, NOT_KEPT)


def _groups(found: Mapping[str, Any]) -> list[Group]:
    return groups_of(found, {offer["id"]: _match_words(offer) for offer in found["offers"]})


def _match_words(offer: Mapping[str, Any]) -> str:
    other = seen(str(offer["pledge"]))
    return str(other["title"]) if other else ""


def _about(form: CommandForm, about: str | None) -> dict[str, Any]:
    """What the command is about, as the API's view and the command take it."""
    if not form.about:
        return {}
    try:
        value: Any = int(about or "") if form.about == "position" else parse_id(about or "")
    except ValueError:
        abort(HTTPStatus.NOT_FOUND)
    return {form.about: value}


@desk.get("/desk/pledges/<pledge:pledge>/<name>", defaults={"about": None})
@desk.get("/desk/pledges/<pledge:pledge>/<name>/<about>")
def command(pledge: str, name: str, about: str | None) -> Response:
    """The form of a command."""
    form, found = _form(name), shown(pledge)
    right = right_to(form, pledge_id(pledge), **_about(form, about))
    return _page(form, found, right, Sent())


@desk.post("/desk/pledges/<pledge:pledge>/<name>", defaults={"about": None})
@desk.post("/desk/pledges/<pledge:pledge>/<name>/<about>")
def give(pledge: str, name: str, about: str | None) -> Response:
    """Carry a command out, and go back to the pledge; or show the form with what is wrong in it."""
    form, said = _form(name), _about(_form(name), about)
    extra = {key: str(value) if key == "entity" else value for key, value in said.items()}
    sent = carry_out(
        form.schema(), lambda body: form.view(body, pledge=pledge, **extra), NAMED, public=seen(pledge) or {},
        brought=form_brought(),
    )  # fmt: skip
    if sent.answer is not None:
        # Who declined, or left, may not know of the pledge any more.
        address = url_for("desk.pledge", pledge=pledge, done=name) if seen(pledge) else url_for("desk.desk")
        return make_response(redirect(address, HTTPStatus.SEE_OTHER))
    return _page(form, shown(pledge), right_to(form, pledge_id(pledge), **said), sent)


def _form(name: str) -> CommandForm:
    if name not in FORMS:
        abort(HTTPStatus.NOT_FOUND)
    return FORMS[name]


def _page(form: CommandForm, found: Mapping[str, Any], right: Right, sent: Sent) -> Response:
    inputs = _inputs(form, found, right, sent.body)
    return form_page("desk/command.html", sent, pledge=found, form=form, right=right, inputs=inputs)


def _inputs(
    form: CommandForm, found: Mapping[str, Any], right: Right, body: Mapping[str, Any]
) -> list[Input]:
    choices = _choices(found)
    names = [name for name in form.fields if name != "part" or form.about == "entity" or "part" in choices]
    names += [AUTHORITY] if right == "by_authority" else []
    if not names:
        return []
    names_of = {**NAMES, "file": uploaded_words}
    filling = Filling(
        values=_begun(form, found, choices) | dict(body), choices=choices, names=names_of, needed=(AUTHORITY,)
    )
    return inputs_of(form.schema(), filling, names)


def _begun(form: CommandForm, found: Mapping[str, Any], choices: Mapping[str, Choices]) -> dict[str, Any]:
    """What a form begins with."""
    today = runtime().clock().date().isoformat()
    begun: dict[str, Any] = {"effective_on": today} if "effective_on" in form.fields else {}
    if "report" in form.fields and choices["report"]:
        begun["report"] = choices["report"][-1][0]
    if "changes" in form.fields:
        begun["changes"] = {name: found[name] for name in ("type", "objectives", "principles", "regions")}
    return begun


def _choices(found: Mapping[str, Any]) -> dict[str, Choices]:
    """What may be chosen from where it follows from the pledge: its targets, its parts, its reports."""
    targets = [
        (target["id"], target["description"] or target["unit"] or target["id"])
        for target in found["targets"]
        if target["target"] is not None and not target["retired"]
    ]
    history = (
        runtime().questions.history(found["id"], viewer=g.actor, moment=runtime().questions.moment()) or []
    )
    reports = [
        (str(entry["position"]), f"{entry['effective_on']}: {_short(entry)}")
        for entry in history
        if entry["name"] == "pledge.progress-reported"
    ]
    found_choices = {"report": reports, "target": targets, "part": _parts(found)}
    return {name: one for name, one in found_choices.items() if one or name == "report"}


def _parts(found: Mapping[str, Any]) -> Choices:
    """The parts of a joint pledge, each by who answers for it: the lead, and each partner that takes part."""
    joined = [one for one in found["partners"] if one["state"] == "joined"]
    parts = [(0, found["entity"]), *((one["number"], one["entity"]) for one in joined)]
    return [(str(number), name_of(entity["name"])) for number, entity in parts] if joined else []


def _short(entry: Mapping[str, Any]) -> str:
    return str(entry["said"].get("narrative") or entry["name"])[:80]
