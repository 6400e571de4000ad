"""Addresses that keep what the reader chose: moment, language, and on a list its filters and order.

What an address holds that its page does not know is refused. What others add to links, to see who follows
them, is no question: the page leads on to its address without it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, current_app, g, redirect, request, url_for
from werkzeug import Response

from domain.values import rfc3339
from projections.board.filters import PledgeFilters
from projections.moments import Moment
from web.addresses import refuse_unknown
from web.pages.language import READ_BY_PEOPLE, asked_language

FILTER_NAMES = tuple(field.name for field in fields(PledgeFilters))
KEPT_ANYWHERE = ("as_of", "effective_at", "lang")
KEPT_ON_LISTS = (*FILTER_NAMES, "sort", *KEPT_ANYWHERE, "cursor", "page")
KEPT: Mapping[str, tuple[str, ...]] = {
    "pages.dashboard": (*KEPT_ANYWHERE, "sort"),
    "pages.pledges": KEPT_ON_LISTS,
    "pages.pledge": (*KEPT_ANYWHERE, "history"),
    "pages.progress": ("by", "sort", "compare_to", *KEPT_ANYWHERE),
    "pages.compare": ("compare_to", "kind", "objective", "region", *KEPT_ANYWHERE, "page"),
    "pages.changes": ("from", "to", *KEPT_ANYWHERE),
    "pages.events": (
        "name", "role", "entity", "pledge", "field", "from", "to", "effective_from", "effective_to", "sort",
        *KEPT_ANYWHERE, "cursor",
    ),
    "pages.calendar": (*FILTER_NAMES, "lang"),
    "pages.entity_calendar": ("lang",),
    "pages.pledge_calendar": ("lang",),
    "pages.feed": ("lang",),
    "pages.entity_feed": ("lang",),
    "pages.pledge_feed": ("lang",),
    "pages.log": (*KEPT_ANYWHERE, "before"),
    "pages.documents": (*KEPT_ANYWHERE, "cursor"),
    "pages.entity": (*KEPT_ANYWHERE, "cursor", "page"),
    "desk.accounts": ("q", "role", "standing", "page", "lang"),
    "desk.cycle": ("cursor", "page", "lang"),
    "desk.outbox": ("standing", "before", "lang"),
    "desk.chase": ("q", "why", "standing", "sort", "page", "lang"),
    "desk.handover": ("cursor", "page", "lang"),
    "desk.listed": (
        "q", "category", "region", "type", "objective", "cycle", "stale", "entity", "cursor", "page", "lang",
    ),
    "account.sign_in": ("next", "lang"),
    "account.follow": ("kind", "followed", "lang"),
    "account.confirm_following": ("key", "lang"),
    "account.unfollow": ("key", "lang"),
    "account.ask_provider": ("next", "lang"),
    "account.back_from_provider": ("code", "state", "iss", "session_state", "error", "error_description"),
    "account.second_step": ("next", "lang"),
    "account.invitation": ("key", "lang"),
    "account.new_password": ("key", "lang"),
}  # fmt: skip
ASKED_ONCE: Mapping[str, tuple[str, ...]] = {
    "pages.log": ("position",),
    "desk.pledge": ("done", "submitted", "amended"),
    "desk.edit": ("saved",),
    "desk.check": ("saved",),
    "desk.account": ("done",),
    "desk.readings": ("cursor",),
    "desk.contacts": ("done",),
    "desk.asked": ("done",),
    "desk.sheet": ("show", "after", "still"),
    "desk.outbox": ("done",),
    "desk.cycles": ("done",),
    "desk.cycle": ("done",),
}
"""What a page knows beside that, and does not carry on."""
TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|gad_source|msclkid|yclid|twclid|ttclid|igshid|li_fat_id"
    r"|mc_[ce]id|mkt_tok|_hsenc|_hsmi",
    re.IGNORECASE,
)
"""What newsletters, networks and advertisements add to links."""
OTHER_FORMS = re.compile(r"(_dot|_index)?_(json|csv|xlsx)$")


def init_app(app: Flask) -> None:
    """Refuse addresses of pages that ask for what the page does not know; lead on from what others added."""
    app.before_request(_lead_on)
    app.before_request(_refuse_unknown)


def _is_read_by_people() -> bool:
    return request.method in ("GET", "HEAD") and (request.endpoint or "").startswith(READ_BY_PEOPLE)


def _lead_on() -> Response | None:
    """The same address without what others added to it."""
    asked = list(request.args.items(multi=True))
    own = [(name, value) for name, value in asked if not TRACKING.fullmatch(name)]
    if not _is_read_by_people() or own == asked:
        return None
    return redirect(quote(request.path) + (f"?{urlencode(own, errors='replace')}" if own else ""))


def _refuse_unknown() -> None:
    if _is_read_by_people():
        page = this_page()
        refuse_unknown(request.args, (*_kept_by(page), *ASKED_ONCE.get(page, ())))


def _kept_by(page: str) -> tuple[str, ...]:
    return KEPT.get(page, KEPT_ANYWHERE if page.startswith("pages.") else ("lang",))


def chosen(name: str) -> list[str]:
    """The values of a name in the address, without blanks and repetitions."""
    return list(dict.fromkeys(value.strip() for value in request.args.getlist(name) if value.strip()))


def at() -> dict[str, str]:
    """What every link carries, so that the reader stays at the moment and in the language chosen."""
    said = {name: next(iter(chosen(name)), None) for name in ("as_of", "effective_at")}
    return {name: value for name, value in {**said, "lang": asked_language()}.items() if value}


def this_page() -> str:
    """The endpoint of the page that was asked for, in whatever form, also in a frame; empty for none."""
    endpoint = OTHER_FORMS.sub("", request.endpoint or "")
    return re.sub(r"^embed\.", "pages.", endpoint)


def kept(endpoint: str | None) -> dict[str, list[str]]:
    """What the page of an endpoint carries on of its own address."""
    page = OTHER_FORMS.sub("", endpoint or "")
    return {name: values for name in _kept_by(page) if (values := chosen(name))}


def address(endpoint: str, /, **changes: Any) -> str:
    """This page's address at an endpoint with some values changed; None takes one away."""
    path = {name: value for name, value in (request.view_args or {}).items() if name not in changes}
    query = {**kept(this_page()), **changes}
    said = {name: value for name, value in {**path, **query}.items() if value not in (None, [], "")}
    return link(endpoint, **{"lang": None, **said})


def in_language(code: str) -> str:
    """This very page in another language; also of an address at which there is nothing."""
    return "?" + urlencode({**kept(this_page()), "lang": code}, doseq=True)


def link(endpoint: str, /, **values: Any) -> str:
    """An address. Names that url_for keeps for itself mean nothing on pages."""
    return str(url_for(endpoint, **values))


def lasting(moment: Moment) -> str:
    """The address under which this page shows the same for ever, on the public name.

    With the time rather than the position, because what is overdue depends on the day.
    """
    base = current_app.extensions["pledges"].settings.base_url or request.host_url.rstrip("/")
    compared: Moment | None = g.get("moments", {}).get("compare_to")
    with_other = {"compare_to": _told("compare_to", compared)} if compared else {}
    return base + address(
        this_page() or "pages.dashboard",
        as_of=_told("as_of", moment),
        effective_at=moment.true_on and moment.true_on.isoformat(),
        lang=None,
        **with_other,
    )


def _told(name: str, moment: Moment) -> str:
    given = chosen(name)[:1]
    return given[0] if given and given[0].isdecimal() else rfc3339(moment.at)
