"""What is mailed to people about their accounts. Each is written in the transaction of what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import force_locale

from domain.recording import Recorded
from domain.register import AlsoWrite
from projections.letters.rendering import Words, write
from projections.letters.speech import Speech
from web.account.forgotten import own_address
from web.pages.blueprint import runtime
from web.pages.language import gettext as _
from web.pages.language import locale


def can_mail() -> bool:
    """Whether this register sends mail."""
    return runtime().settings.smtp_url is not None


def inviting(account: UUID, language: str) -> AlsoWrite:
    """Mail an invitation in a language, good once and for a while; those before it are worth nothing."""
    base = own_address()

    def invite(connection: Any, _events: Sequence[Recorded] = ()) -> None:
        secret = runtime().links.make_in(connection, account, "invitation")
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
