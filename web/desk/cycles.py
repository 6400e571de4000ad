"""The forums: opened, closed, and what becomes of the pledges that are open when one is closed.

Decisions are recorded here; the worker carries them out. Must not know which commands follow.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, abort, g, make_response, redirect, render_template, request, url_for

from domain.cycles.commands import CloseCycle, CycleCommand, DecideOnPledges, OpenCycle
from domain.cycles.decide import PLEDGES_AT_ONCE_MAX
from domain.cycles.events import CycleOutcome, PledgesDecided
from domain.cycles.state import CYCLES_ID, Cycle
from domain.errors import InvalidInput, RegisterError
from domain.reference.vocabularies import OPEN
from projections.board.filters import PledgeFilters
from projections.board.questions import PledgeList
from projections.entities.search_key import is_text
from projections.processes import ENDING_CYCLES
from projections.questions import BOARD
from web.api.commanding import readable
from web.api.fields import parse_id
from web.desk.blueprint import desk
from web.desk.carrying_out import NOT_KEPT, id_of_form
from web.errors import of_register
from web.pages.addresses import link
from web.pages.blueprint import runtime
from web.pages.language import gettext as _
from web.pages.language import ngettext
from web.pages.paging import Pager
from web.pages.refusals import in_words, told

ROWS = 50
WORDS_MAX = 4_000
OUTCOMES: tuple[CycleOutcome, ...] = ("carry-over", "lapse")
OLDEST_FIRST = "updated_at"
Errors = dict[str, list[str]]


@desk.get("/desk/forums")
def cycles() -> Response:
    """All forums, and the forms to open and close one."""
    return _overview()


@desk.post("/desk/forums")
def open_cycle() -> Response:
    """Open a forum for pledges."""
    said = {name: _said(name) for name in ("cycle", "opened_on", "forum_from", "forum_to", "basis")}
    year = said["cycle"]
    if not (year.isascii() and year.isdecimal() and len(year) == len("2026")):
        return _overview({"cycle": [_("Write the year of the forum, such as 2026.")]}, said)
    if not said["opened_on"]:
        return _overview({"opened_on": [_("Say from which day on it takes pledges.")]}, said)
    command = OpenCycle(
        cycle=int(year), opened_on=said["opened_on"], forum_from=said["forum_from"] or None,
        forum_to=said["forum_to"] or None, basis=said["basis"] or None,
    )  # fmt: skip
    return _done(command, said) or _to_overview("opened")


@desk.post("/desk/forums/<int:cycle>/closing")
def close_cycle(cycle: int) -> Response:
    """Close a forum: what is open of it waits for a decision."""
    said = {"reason": _said("reason"), "closing": str(cycle)}
    if not said["reason"]:
        return _overview({"reason": [_("Say why.")]}, said)
    command = CloseCycle(cycle=cycle, reason=said["reason"])
    return _done(command, said) or _to_list(cycle, "closed")


@desk.get("/desk/forums/<int:cycle>")
def cycle(cycle: int) -> Response:
    """The pledges that are open although their forum is closed."""
    return _list(_known(cycle))


@desk.post("/desk/forums/<int:cycle>")
def decide_on_pledges(cycle: int) -> Response:
    """Decide on some of them at once: they lapse, or are carried over."""
    found, said = _known(cycle), {"reason": _said("reason")}
    chosen = [one for one in map(_id, request.form.getlist("pledge")[: PLEDGES_AT_ONCE_MAX + 1]) if one]
    outcome = next((one for one in OUTCOMES if one == request.form.get("outcome")), None)
    errors: Errors = {}
    if not chosen or outcome is None:
        errors["pledges"] = [_("Choose the pledges, and what becomes of them.")]
    if not said["reason"]:
        errors["reason"] = [_("Say why.")]
    if errors:
        return _list(found, errors, said, chosen)
    waiting = set(_decided(cycle))
    left = tuple(one for one in chosen if one not in waiting)
    command = DecideOnPledges(cycle=cycle, outcome=outcome or "lapse", pledges=left, reason=said["reason"])
    try:
        recorded = runtime().register.handle(command, by=g.actor, command_id=id_of_form()) if left else None
    except InvalidInput as error:
        return _list(found, told(error.errors), said, chosen)
    except RegisterError as refusal:
        errors["pledges"] = [in_words(refusal.detail)]
        return _list(found, errors, said, chosen, of_register(refusal).status)
    events = recorded.events if recorded else ()
    number = len(events[0].fact.pledges) if events else 0
    return _to_list(cycle, f"{number}:{len(chosen)}")


def _done(command: CycleCommand, said: Mapping[str, str]) -> Response | None:
    """Carry a command out; the page with what is wrong, if something is."""
    try:
        outcome = runtime().register.handle(command, by=g.actor, command_id=id_of_form())
    except InvalidInput as error:
        return _overview(told(error.errors), said)
    except RegisterError as refusal:
        return _overview({"cycle": [in_words(refusal.detail)]}, said, of_register(refusal).status)
    readable(outcome.position)
    return None


def _said(name: str) -> str:
    text = request.form.get(name, "").strip()[:WORDS_MAX]
    return text if is_text(text) else ""


def _id(text: str) -> UUID | None:
    try:
        return parse_id(text)
    except ValueError:
        return None


def _known(year: int) -> Cycle:
    return runtime().questions.cycles(moment=runtime().questions.moment()).get(year) or abort(404)


def _decided(cycle: int) -> dict[UUID, str]:
    """What was decided and is being carried out, by pledge."""
    facts = runtime().processes.ahead(ENDING_CYCLES, stream=CYCLES_ID, name=PledgesDecided.NAME)
    return {one: fact.fact.outcome for fact in facts if fact.fact.cycle == cycle for one in fact.fact.pledges}


def open_in(cycle: int, *, limit: int = 1, cursor: str | None = None) -> PledgeList:
    """The pledges that are open in a cycle, the longest unchanged first."""
    questions = runtime().questions
    filters = PledgeFilters(cycle=(cycle,), status=tuple(OPEN))
    return questions.pledges(
        filters, viewer=g.actor, moment=questions.moment(of=BOARD), sort=OLDEST_FIRST, limit=limit,
        cursor=cursor, with_facets=False,
    )  # fmt: skip


def left_open() -> list[tuple[int, int]]:
    """The closed forums of which pledges are open, and how many."""
    known = runtime().questions.cycles(moment=runtime().questions.moment()).all
    found = [(one.cycle, open_in(one.cycle).total) for one in known if one.closed_on]
    return [(year, total) for year, total in found if total]


# -- pages


def _overview(
    errors: Errors | None = None, said: Mapping[str, str] | None = None, status: int = 0
) -> Response:
    known = runtime().questions.cycles(moment=runtime().questions.moment()).all
    return _page(
        "desk/forums.html", errors, status, said=said or {},
        forums=[(one, open_in(one.cycle).total) for one in known], done=request.args.get("done"),
    )  # fmt: skip


def _list(
    found: Cycle, errors: Errors | None = None, said: Mapping[str, str] | None = None,
    chosen: list[UUID] | None = None, status: int = 0,
) -> Response:  # fmt: skip
    pledges = open_in(found.cycle, limit=ROWS, cursor=request.args.get("cursor") or None)
    return _page(
        "desk/forum.html", errors, status, said=said or {}, forum=found, pledges=pledges,
        pager=Pager.of_list(pledges, ROWS), decided={str(k): v for k, v in _decided(found.cycle).items()},
        chosen={str(one) for one in chosen or ()}, done=_done_words(),
    )  # fmt: skip


def _page(template: str, errors: Errors | None, status: int, **context: Any) -> Response:
    once = request.form.get("once", "")[:100] or secrets.token_urlsafe(12)
    page = render_template(template, errors=errors or {}, once=once, moment=None, forms={}, **context)
    wrong = status or HTTPStatus.UNPROCESSABLE_ENTITY
    return make_response(page, wrong if errors else HTTPStatus.OK, NOT_KEPT)


def _to_overview(done: str) -> Response:
    return make_response(redirect(url_for("desk.cycles", done=done), HTTPStatus.SEE_OTHER))


def _to_list(cycle: int, done: str) -> Response:
    return make_response(redirect(link("desk.cycle", cycle=cycle, done=done), HTTPStatus.SEE_OTHER))


def _done_words() -> str | None:
    """What was done a moment ago."""
    done = request.args.get("done", "")[:20]
    if done == "closed":
        return _("The forum is closed.")
    number, _colon, asked = done.partition(":")
    if not (number.isdecimal() and asked.isdecimal()):
        return None
    said = ngettext(
        "Decided on %(num)s pledge; it is being recorded.",
        "Decided on %(num)s pledges; they are being recorded.",
        int(number),
    )
    if int(asked) <= int(number):
        return said
    return f"{said} " + _("Others were not open any more, or were decided on before.")
