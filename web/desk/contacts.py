"""How an entity is reached: a page for the Secretariat and for the entity's own pledgers.

None of it is in an event. Must not know how letters are sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, abort, g, make_response, redirect, render_template, request, url_for

from domain.actors import Actor
from projections.database.contacts import FIELDS, ChangedMeanwhile, Contact, ContactChange
from projections.database.people import EMAIL_CHARS_MAX, is_address, same_address
from projections.questions import ENTITIES
from web.desk.blueprint import desk
from web.desk.carrying_out import NOT_KEPT
from web.pages.blueprint import runtime
from web.pages.language import available, own_name
from web.pages.language import gettext as _

ADDRESSES = ("mailbox", "alternate")
DIGITS_MAX = 9


def entity_in_hand(key: str) -> dict[str, Any]:
    """The entity that is meant, for who acts for it and the Secretariat; 404 for others, and for none.

    One that was merged is its heir.
    """
    questions, actor = runtime().questions, g.actor
    moment = questions.moment(of=ENTITIES)
    found = questions.entity(key, moment=moment)
    if found and found["merged_into"]:
        found = questions.entity(found["merged_into"]["id"], moment=moment)
    if found is None or not acts_for(actor, UUID(found["id"])):
        abort(HTTPStatus.NOT_FOUND)
    return found


def acts_for(actor: Actor, entity: UUID) -> bool:
    """Whether somebody manages what belongs to an entity."""
    return actor.has("secretariat") or runtime().questions.eyes(actor).is_own(entity)


@desk.get("/desk/entities/<entity:entity>/contacts")
def contacts(entity: str) -> Response:
    """How the entity is reached, and who changed that."""
    return _page(entity_in_hand(entity))


@desk.post("/desk/entities/<entity:entity>/contacts")
def keep_contacts(entity: str) -> Response:
    """Keep what is said, or delete all of it."""
    found = entity_in_hand(entity)
    actor: Actor = g.actor
    is_deletion = request.form.get("decision") == "delete"
    said = {name: _said(name) for name in FIELDS}
    errors = _unconfirmed() if is_deletion else _errors(said)
    if errors:
        return _page(found, said=said, errors=errors, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    kept = runtime().contacts
    try:
        if is_deletion:
            kept.delete(UUID(found["id"]), by=actor.account, version=_version())
        else:
            kept.keep(UUID(found["id"]), said, by=actor.account, version=_version())
    except ChangedMeanwhile:
        return _page(found, said=said, is_stale=True, status=HTTPStatus.PRECONDITION_FAILED)
    done = "deleted" if is_deletion else "kept"
    address = url_for("desk.contacts", entity=found["slug"], done=done)
    return make_response(redirect(address, HTTPStatus.SEE_OTHER))


def _said(name: str) -> str | None:
    said = request.form.get(name, "").strip()[: EMAIL_CHARS_MAX + 1]
    return (same_address(said) if name in ADDRESSES else said) or None


def _errors(said: Mapping[str, str | None]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for name in ADDRESSES:
        address = said[name]
        if address and not is_address(address):
            errors[name] = [_("must be one e-mail address, such as migration@example.org.")]
    if said["alternate"] and not said["mailbox"]:
        errors["mailbox"] = [_("must be given, if another address is.")]
    if said["alternate"] and said["alternate"] == said["mailbox"]:
        errors["alternate"] = [_("must be another address than the mailbox.")]
    if said["language"] and said["language"] not in available():
        errors["language"] = [_("must be one of those that letters are written in.")]
    return errors


def _unconfirmed() -> dict[str, list[str]]:
    if request.form.get("sure") == "yes":
        return {}
    return {"sure": [_("Say that all of it is to be deleted.")]}


def _version() -> int:
    given = request.form.get("version", "")
    is_number = given.isascii() and given.isdecimal() and len(given) <= DIGITS_MAX
    return int(given) if is_number else -1


def _page(
    found: Mapping[str, Any], *, said: Mapping[str, str | None] | None = None,
    errors: Mapping[str, list[str]] | None = None, is_stale: bool = False, status: int = HTTPStatus.OK,
) -> Response:  # fmt: skip
    entity = UUID(found["id"])
    kept = runtime().contacts
    known, changes = kept.of(entity), kept.changes(entity)
    people = {change.account: runtime().people.email_of(change.account) for change in changes}
    now = {name: getattr(known, name, None) for name in FIELDS}
    written = render_template(
        "desk/contacts.html", moment=None, forms={}, entity=found, known=known, said=said or now, now=now,
        came_back=_came_back(known, changes), errors=errors or {}, is_stale=is_stale, changes=changes,
        people=people, version=kept.version(entity),
        mail_languages=[(code, own_name(code)) for code in available()], done=request.args.get("done"),
    )  # fmt: skip
    return make_response(written, status, NOT_KEPT)


def _came_back(known: Contact | None, changes: Sequence[ContactChange]) -> dict[str, datetime]:
    """Which of the addresses do not work: the last letter came back, and nothing was changed since."""
    ids = {"mailbox": known.mailbox_id, "alternate": known.alternate_id} if known else {}
    back = runtime().outbox.last_came_back(ids.values())
    since = max((one.changed_at for one in changes), default=None)
    return {
        name: back[one] for name, one in ids.items() if one in back and (since is None or since < back[one])
    }
