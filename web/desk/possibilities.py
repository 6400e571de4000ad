"""What waits for somebody beside lists of pledges, and what they can do at the desk, by what they may do.

Must not know how any of it is done.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from flask import url_for

from domain.actors import Actor
from domain.values import first_day, utc_day
from projections.questions import ACCOUNTS
from web.desk.accounts import NO_ROLE, found_accounts
from web.desk.cycles import left_open
from web.pages.blueprint import runtime
from web.pages.formats import number
from web.pages.language import gettext as _
from web.pages.language import ngettext

ENDS_SOON_DAYS = 30


@dataclass(frozen=True)
class Way:
    """Where something is done, what it is called, and in one line what it is for."""

    address: str
    words: str
    about: str = ""


def notes(actor: Actor) -> Iterator[Way]:
    """What waits beside pledges."""
    if actor.has("secretariat"):
        if held := runtime().outbox.counted()["held"]:
            words = ngettext(
                "%(num)s letter to a State waits for your word",
                "%(num)s letters to States wait for your word",
                held,
            )
            yield Way(url_for("desk.outbox", standing="held"), words)
        for year, count in left_open():
            words = ngettext(
                "Decide on %(num)s open pledge of the closed forum of %(year)s",
                "Decide on %(num)s open pledges of the closed forum of %(year)s",
                count,
                year=year,
            )
            yield Way(url_for("desk.cycle", cycle=year), words)
    if actor.has("administrator"):
        yield from _for_administrator()


def _for_administrator() -> Iterator[Way]:
    counted = runtime().outbox.counted()
    if bounced := counted["bounced"]:
        words = _("Letters that came back: %(number)s", number=number(bounced))
        yield Way(url_for("desk.outbox", standing="bounced"), words)
    if failed := counted["failed"]:
        words = _("Letters that could not be sent: %(number)s", number=number(failed))
        yield Way(url_for("desk.outbox", standing="failed"), words)
    if idle := sum(1 for _one in found_accounts("", NO_ROLE, "active")):
        words = _("Accounts without a role: %(number)s", number=number(idle))
        yield Way(url_for("desk.accounts", role=NO_ROLE, standing="active"), words)
    if ending := _roles_that_end():
        words = _(
            "Roles that end within %(days)s days: %(number)s", days=ENDS_SOON_DAYS, number=number(ending)
        )
        yield Way(url_for("desk.accounts"), words)


def _roles_that_end() -> int:
    questions, today = runtime().questions, utc_day(runtime().clock())
    soon = today + timedelta(days=ENDS_SOON_DAYS)
    known = questions.accounts(moment=questions.moment(of=ACCOUNTS))
    grants = [grant for one in known for grant in one["grants"] if grant["until"] and grant["in_force"]]
    return sum(1 for grant in grants if first_day(grant["until"]) <= soon)


def ways(actor: Actor) -> Iterator[Way]:
    """What somebody can do here at any time."""
    if actor.has("administrator"):
        yield Way(
            url_for("desk.accounts"), _("Accounts"),
            _("Who may do what: grant a role or take it away, suspend and restore, send a new invitation."),
        )  # fmt: skip
        yield Way(
            url_for("desk.invitation"),
            _("Invite somebody"),
            _("Make an account for somebody, with their roles."),
        )
    if actor.has("secretariat"):
        yield from _of_secretariat()
    if actor.has("secretariat") or actor.has("administrator"):
        yield Way(
            url_for("desk.outbox"), _("Mail"), _("What waits to be sent, what was sent, and what came back.")
        )
    if actor.has("secretariat") or actor.has("auditor"):
        yield Way(
            url_for("desk.readings"),
            _("What auditors read"),
            _("Which pledges were opened, and when."),
        )
    yield from _of_overseers(actor)


def _of_secretariat() -> Iterator[Way]:
    yield Way(
        url_for("desk.chase"),
        _("Whom to ask"),
        _("Those who owe a report or an answer, and letters to them."),
    )
    yield Way(
        url_for("desk.cycles"), _("Forums"),
        _("Open and close a forum, and decide what becomes of its open pledges."),
    )  # fmt: skip
    yield Way(
        url_for("desk.imports"), _("Sheets of pledges"),
        _("Take pledges over from a sheet, which is looked at first."),
    )  # fmt: skip


def _of_overseers(actor: Actor) -> Iterator[Way]:
    if actor.has("auditor"):
        yield Way(url_for("pages.log"), _("The log"), _("Check that nothing was changed or left out."))
        yield Way(
            url_for("pages.events"), _("Search all events"), _("Everything that happened, with who did it.")
        )
        yield Way(
            url_for("pages.reconcile"), _("Compare a document with the register"),
            _("An outside list, line by line beside what is recorded."),
        )  # fmt: skip
    if actor.entities("validator"):
        yield Way(
            url_for("desk.listed", name="to-confirm"), _("Reports to confirm"),
            _("Open a pledge, read its report, and say that it was checked, or contest it."),
        )  # fmt: skip
        for entity in sorted(actor.entities("validator")):
            yield Way(
                url_for("pages.pledges", entity=str(entity)), _("All pledges of your institution"),
                _("Any report on them can be confirmed or contested, also one that was before."),
            )  # fmt: skip
    if actor.has("assessor"):
        yield Way(
            url_for("desk.listed", name="to-assess"), _("Pledges to assess"),
            _("Open a pledge on which something was reported, and say what you found."),
        )  # fmt: skip
