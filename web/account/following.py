"""Following by mail: asked for with an address, confirmed and left by mailed links that act on a button.

Whether an address was known before is told to nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Response, abort, request, url_for

from domain.reference.compact import OBJECTIVES
from projections.database.people import EMAIL_CHARS_MAX, is_address
from projections.followers import CONFIRMATION, RHYTHMS, Following, Rhythm, kind_of
from projections.letters.digests import confirmation
from projections.questions import BOARD, ENTITIES, HISTORY
from web.account.blueprint import account, page, runtime, said
from web.account.even_time import even_time
from web.account.forgotten import own_address
from web.limits import count_guess
from web.pages import labels
from web.pages.formats import name
from web.pages.language import gettext as _
from web.pages.language import locale

CHOSEN_MAX = 200


@dataclass(frozen=True, slots=True)
class Followed:
    """What can be followed: what it is called, and its page."""

    following: Following
    name: str
    address: str


@account.get("/follow")
def follow() -> Response:
    """Ask to be told by mail what changes."""
    return _form(_asked(request.args.get("kind", ""), request.args.get("followed", "")))


@account.post("/follow")
def ask_to_follow() -> Response:
    """Mail a link with which whoever has the address confirms. The answer is the same for every address."""
    count_guess()
    followed = _asked(said("kind"), said("followed"))
    email, rhythm = said("email").strip(), next((one for one in RHYTHMS if one == said("rhythm")), None)
    if not is_address(email) or len(email) > EMAIL_CHARS_MAX:
        return _form(followed, {"email": [_("Write an e-mail address, such as name@example.org.")]})
    if rhythm is None:
        return _form(followed, {"rhythm": [_("Choose how often.")]})
    base = own_address()
    with even_time():
        _mail(followed, email, rhythm, base)
    return page("account/follow.html", followed=followed, is_asked=True, can_mail=True, email="")


@account.get("/follow/confirm")
def confirm_following() -> Response:
    """What a mailed link leads to: a button, for programs that scan mail open links."""
    key = request.args.get("key", "")
    found = runtime().followers.to_confirm(key)
    followed = found and _described(found[1])
    return (
        _no_good() if not followed else page("account/confirm.html", followed=followed, key=key, done=False)
    )


@account.post("/follow/confirm")
def begin_following() -> Response:
    """They follow it from now on."""
    found = runtime().followers.to_confirm(said("key"))
    followed = found and _described(found[1])
    if not found or not followed:
        return _no_good()
    moment = runtime().questions.moment(of=(*BOARD, *HISTORY))
    today = runtime().clock().date()
    if not runtime().followers.confirm(*found, moment=moment, today=today):
        return _no_good()
    return page("account/confirm.html", followed=followed, key="", done=True)


@account.get("/unfollow")
def unfollow() -> Response:
    """What somebody follows, and buttons to leave."""
    who = runtime().followers.leaving(request.args.get("key", ""))
    if who is None:
        return _no_good()
    return _leaving(done=False)


@account.post("/unfollow")
def stop_following() -> Response:
    """Leave some, or all: also for mail programs, which press no button (RFC 8058)."""
    who = runtime().followers.leaving(request.args.get("key", ""))
    if who is None:
        return _no_good()
    chosen = request.form.getlist("followed")[:CHOSEN_MAX]
    some = request.form.get("which") == "some"
    runtime().followers.leave(who, [one.replace("\x00", "") for one in chosen] if some else None)
    return _leaving(done=True)


def _leaving(*, done: bool) -> Response:
    key = request.args.get("key", "")
    who = runtime().followers.leaving(key)
    followed = [found for one in (runtime().followers.of(who) if who else ()) if (found := _described(one))]
    return page("account/unfollow.html", followed=followed, key=key, done=done)


def _form(followed: Followed, errors: dict[str, list[str]] | None = None) -> Response:
    can_mail = runtime().settings.smtp_url is not None
    return page(
        "account/follow.html", errors=errors, followed=followed, is_asked=False, can_mail=can_mail,
        email=said("email"), rhythm=said("rhythm"),
    )  # fmt: skip


def _no_good() -> Response:
    answer = page("account/no_following.html")
    answer.status_code = HTTPStatus.NOT_FOUND
    return answer


def _mail(followed: Followed, email: str, rhythm: Rhythm, base: str) -> None:
    language = str(locale().language)
    with runtime().pool.connection() as connection:
        who = runtime().people.add_in(connection, runtime().new_id(), email)
        if not runtime().followers.ask_in(connection, who, followed.following, rhythm, language):
            return
        key = runtime().followers.confirming_key(who, followed.following)
        link = base + url_for("account.confirm_following", key=key, lang=language)
        letter = confirmation(followed.name, link, language)
        runtime().outbox.add_in(
            connection, runtime().new_id(), who, about=CONFIRMATION, subject=letter.subject,
            body=letter.body, html=letter.html,
        )  # fmt: skip


# -- what can be followed


def _asked(kind: str, followed: str) -> Followed:
    """What an address or a form names; 404 if the public knows of no such thing."""
    found = kind_of(kind)
    return (found and _described(Following(found, followed[:CHOSEN_MAX]))) or abort(HTTPStatus.NOT_FOUND)


def _described(following: Following) -> Followed | None:
    if "\x00" in following.followed:
        return None
    if following.kind == "objective":
        return _objective(following.followed)
    return _pledge(following.followed) if following.kind == "pledge" else _entity(following.followed)


def _objective(number: str) -> Followed | None:
    found = next((one for one in OBJECTIVES if str(one) == number), None)
    if found is None:
        return None
    address = url_for("pages.pledges", objective=found)
    return Followed(Following("objective", number), labels.objective(found), address)


def _pledge(pledge: str) -> Followed | None:
    questions = runtime().questions
    found: Any = questions.pledge(pledge, viewer=None, moment=questions.moment(of=BOARD))
    if found is None:
        return None
    address = url_for("pages.pledge", reference=found["reference"] or found["id"])
    return Followed(Following("pledge", str(found["id"])), name(found["title"]), address)


def _entity(entity: str) -> Followed | None:
    questions = runtime().questions
    found = questions.entity(entity, moment=questions.moment(of=ENTITIES))
    if found is None:
        return None
    address = url_for("pages.entity", slug=found["slug"])
    return Followed(Following("entity", str(found["id"])), name(found["name"]), address)
