"""What is mailed to people about their accounts. Each is written in the transaction of what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import force_locale

from domain.recording import Recorded
from domain.register import AlsoWrite
from web.account.forgotten import own_address
from web.pages.blueprint import runtime
from web.pages.language import gettext as _


def can_mail() -> bool:
    """Whether this register sends mail."""
    return runtime().settings.smtp_url is not None


def inviting(account: UUID, language: str) -> AlsoWrite:
    """Mail an invitation in a language, good once and for a while; those before it are worth nothing."""
    base = own_address()

    def write(connection: Any, _events: Sequence[Recorded] = ()) -> None:
        secret = runtime().links.make_in(connection, account, "invitation")
        link = base + url_for("account.invitation", key=secret, lang=language)
        runtime().people.speaks_in(connection, account, language)
        with force_locale(language):
            runtime().outbox.add_in(
                connection, runtime().new_id(), account, about="invitation",
                subject=_("You are invited to the Register of IMRF pledges"), body=_invitation(link),
            )  # fmt: skip

    return write


def _invitation(link: str) -> str:
    return _(
        "You have been given an account in the Register of IMRF pledges.\n\n"
        "Choose your password here within two weeks; the link is good once:\n%(link)s\n\n"
        "If you do not know why you get this mail, do nothing.\n",
        link=link,
    )


def telling_of_no_second_factor(connection: Any, account: UUID) -> None:
    """Tell whose account it is that it asks for no code any more: it may not have been them."""
    runtime().outbox.add_in(
        connection, runtime().new_id(), account, about="second-factor",
        subject=_("Your second factor was switched off"), body=_no_second_factor(),
    )  # fmt: skip


def _no_second_factor() -> str:
    return _(
        "Your account in the Register of IMRF pledges asks for no code any more: "
        "the password alone opens it.\n\n"
        "If it was not you who wanted that, tell the Secretariat at once, and choose a new password.\n"
    )
