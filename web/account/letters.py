"""What is mailed to people about their accounts. Each is written in the transaction of what it is about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import force_locale

from domain.recording import Recorded
from domain.register import AlsoWrite
from projections.letters.rendering import Words, write
from projections.letters.speech import Speech
from projections.questions import ACCOUNTS
from web.account.forgotten import own_address
from web.api.commanding import actor
from web.pages.blueprint import runtime
from web.pages.labels import label
from web.pages.language import gettext as _
from web.pages.language import locale

FOR_THE_WHOLE = ("administrator", "secretariat")
"""Roles with a say over the whole register."""


def can_mail() -> bool:
    """Whether this register sends mail."""
    return runtime().settings.smtp_url is not None


def inviting(account: UUID, language: str) -> AlsoWrite:
    """Mail an invitation in a language, good once and for a while; those before it are worth nothing."""
    base = own_address()

    def invite(connection: Any, _events: Sequence[Recorded] = ()) -> None:
        secret = runtime().links.invite_in(connection, account)
        link = base + url_for("account.invitation", key=secret, lang=language)
        runtime().people.speaks_in(connection, account, language)
        with force_locale(language):
            _post(connection, account, "invitation", _invitation(link), language)

    return invite


def _invitation(link: str) -> Words:
    return Words(
        subject=_("You are invited to the Register of IMRF pledges"),
        sentences=(
            _(
                "You have been given an account in the Register of IMRF pledges. There governments, "
                "United Nations entities and others record what they promise at the International Migration "
                "Review Forum, and report on it."
            ),
            _("You were named for it by your organisation or by the Secretariat."),
            _("If the link has run out, ask them to have another sent. If you expected none, do nothing."),
        ),
        link=(_("Choose your password within two weeks; the link is good once"), link),
    )


def telling_of_grants(account: UUID, roles: Collection[str], nomination: str) -> AlsoWrite:
    """Tell all who act for the Secretariat or administer accounts that somebody else may do so from now on.

    Whoever administers accounts could otherwise make one for themselves that nobody has heard of.
    """
    given = [role for role in FOR_THE_WHOLE if role in roles]
    told = _who_acts_for_the_whole() - {account, actor().account} if given else set()
    base = own_address() if given and can_mail() else ""

    def tell(connection: Any, made: Sequence[Recorded]) -> None:
        if not (made and base):
            return
        for to, language in runtime().people.languages_of(told).items():
            own = language or str(locale().language)
            with force_locale(own):
                link = base + url_for("desk.account", account=account, lang=own)
                _post(connection, to, "grant", _granted(given, nomination, link), own)

    return tell


def _who_acts_for_the_whole() -> set[UUID]:
    questions = runtime().questions
    return {
        UUID(one["account"])
        for one in questions.accounts(moment=questions.moment(of=ACCOUNTS))
        if not one["suspended"]
        and any(grant["in_force"] and grant["role"] in FOR_THE_WHOLE for grant in one["grants"])
    }


def _granted(roles: Sequence[str], nomination: str, link: str) -> Words:
    return Words(
        subject=_("Somebody has a new role in the Register of IMRF pledges"),
        sentences=(
            _("An administrator gave a role: %(role)s.", role=", ".join(label(one, "role") for one in roles)),
            _("What asks for it, as the administrator wrote: %(nomination)s", nomination=nomination),
            _("If you do not know of it, ask the administrators. What they did stays on record."),
        ),
        link=(_("The account, for administrators"), link),
    )


def telling_of_no_second_factor(connection: Any, account: UUID) -> None:
    """Tell whose account it is that it asks for no code any more: it may not have been them."""
    own = runtime().people.languages_of([account]).get(account) or str(locale().language)
    with force_locale(own):
        _post(connection, account, "second-factor", _no_second_factor(), own)


def _no_second_factor() -> Words:
    return Words(
        subject=_("Your second factor was switched off"),
        sentences=(
            _(
                "Your account in the Register of IMRF pledges asks for no code any more: the password alone "
                "opens it."
            ),
            _("If it was not you who wanted that, tell the Secretariat at once, and choose a new password."),
        ),
    )


def _post(connection: Any, account: UUID, about: str, words: Words, language: str) -> None:
    letter = write(words, Speech(language))
    runtime().outbox.add_in(
        connection, runtime().new_id(), account, about=about, subject=letter.subject, body=letter.body,
        html=letter.html,
    )  # fmt: skip
