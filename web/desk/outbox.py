"""The register's mail: what waits, is held, was sent or failed. The Secretariat lets mail to States go.

Must not know how mail is sent. The words of a letter are shown while it is held, and never of any other.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, g, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext, lazy_pgettext

from domain.actors import Actor
from domain.errors import InvalidInput
from projections.letters.happenings import PLAIN
from projections.letters.notices import SAID
from projections.notices import LATE, Waiting
from projections.outbox import STANDINGS, Posted, Standing
from projections.questions import BOARD
from web.api.fields import parse_id
from web.desk.blueprint import desk
from web.desk.carrying_out import NOT_KEPT
from web.pages.blueprint import runtime
from web.pages.language import gettext as _
from web.pages.language import ngettext

ROWS = 50
LETTERS_MAX = 500
LET_GO, DROP = "let-go", "drop"
STANDING_WORDS: dict[Standing, Any] = {
    "held": lazy_gettext("Waits for the Secretariat’s word"),
    "waiting": lazy_gettext("Waits to be sent"),
    "sent": lazy_pgettext("of a letter", "Sent"),
    "bounced": lazy_pgettext("of a letter", "Came back"),
    "failed": lazy_pgettext("of a letter", "Failed"),
    "dropped": lazy_pgettext("of a letter", "Dropped"),
}
ABOUT_WORDS: dict[str, Any] = {
    "reset": lazy_gettext("A new password"),
    "asking": lazy_gettext("The Secretariat asks about pledges"),
    "invitation": lazy_gettext("An invitation"),
    "second-factor": lazy_gettext("A second factor was switched off"),
    "grant": lazy_gettext("Somebody has a new role"),
    "follow": lazy_gettext("To confirm that somebody follows"),
    "digest": lazy_gettext("What changed"),
    "due-soon": lazy_gettext("Reminder: due within 30 days"),
    "due-today": lazy_gettext("Reminder: due on that day"),
    "overdue": lazy_gettext("Reminder: date passed, no report"),
    "report-amber": lazy_gettext("Reminder: no report for a year"),
    "report-red": lazy_gettext("Reminder: no report for two years"),
    "partner-unanswered": lazy_gettext("Reminder: an invitation is not answered"),
    "match-deadline": lazy_gettext("Reminder: an offered match is not answered"),
    **{name: lazy_gettext(PLAIN[name]) for name in (*SAID, "cycle.opened", "cycle.closed")},
}


@desk.get("/desk/outbox")
def outbox() -> Response:
    """The mail, the latest first."""
    return _page(standing=_standing(), before=_before())


@desk.post("/desk/outbox")
def decide_mail() -> Response:
    """Let letters go, or drop them; those that somebody else decided on meanwhile stay decided."""
    actor: Actor = g.actor
    letters = [one for one in map(_id, request.form.getlist("letter")[:LETTERS_MAX]) if one]
    decision = request.form.get("decision")
    if not letters or decision not in (LET_GO, DROP):
        problem = _("Choose the letters, and whether they go or are dropped.")
        return _page(standing="held", before=None, problem=problem)
    if decision == LET_GO:
        decided = runtime().outbox.let_go(letters, actor.account)
    else:
        decided = runtime().outbox.drop(letters, actor.account)
    done = f"{decision}:{decided}:{len(letters)}"
    return make_response(redirect(url_for("desk.outbox", standing="held", done=done), HTTPStatus.SEE_OTHER))


def _standing() -> Standing | None:
    asked = request.args.get("standing") or None
    found = next((standing for standing in STANDINGS if standing == asked), None)
    if asked and found is None:
        raise InvalidInput({"standing": [f"must be one of {', '.join(STANDINGS)}."]})
    return found


def _before() -> UUID | None:
    asked = request.args.get("before") or None
    found = _id(asked) if asked else None
    if asked and found is None:
        raise InvalidInput({"before": ["must be the id of a letter."]})
    return found


def _id(text: str) -> UUID | None:
    try:
        return UUID(str(parse_id(text)))
    except ValueError:
        return None


def _page(*, standing: Standing | None, before: UUID | None, problem: str | None = None) -> Response:
    found = runtime().outbox.latest(ROWS + 1, standing=standing, before=before)
    shown = found[:ROWS]
    following = url_for("desk.outbox", standing=standing, before=shown[-1].id) if found[ROWS:] else None
    said = render_template(
        "desk/outbox.html", moment=None, forms={}, letters=shown, titles=_titles(shown), standing=standing,
        counts=runtime().outbox.counted(), standings=STANDING_WORDS, abouts=ABOUT_WORDS, problem=problem,
        done=_done(), can_mail=runtime().settings.smtp_url is not None, following=following,
        first=url_for("desk.outbox", standing=standing) if before else None, late=_late(),
    )  # fmt: skip
    return make_response(said, HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK, NOT_KEPT)


def _late() -> Waiting | None:
    """The facts that wait for their letters longer than they should."""
    found = runtime().notices.waiting()
    return found if found.since and runtime().clock() - found.since > LATE else None


def _titles(letters: list[Posted]) -> dict[UUID, Any]:
    """The pledges that letters remind of, as the public sees them."""
    questions = runtime().questions
    moment = questions.moment(of=BOARD)
    asked = {letter.pledge for letter in letters if letter.pledge}
    return {one: questions.pledge(str(one), viewer=None, moment=moment) for one in asked}


def _done() -> str | None:
    """What was decided a moment ago."""
    decision, _colon, counts = request.args.get("done", "")[:40].partition(":")
    decided, _colon, asked = counts.partition(":")
    if decision not in (LET_GO, DROP) or not (decided.isdecimal() and asked.isdecimal()):
        return None
    number, others = min(int(decided), LETTERS_MAX), min(int(asked), LETTERS_MAX) - int(decided)
    said = (
        ngettext("%(num)s letter goes out.", "%(num)s letters go out.", number)
        if decision == LET_GO
        else ngettext("%(num)s letter was dropped.", "%(num)s letters were dropped.", number)
    )
    if others <= 0:
        return said
    return f"{said} " + ngettext(
        "%(num)s had been decided on before.", "%(num)s had been decided on before.", others
    )
