"""A forgotten password: a link is mailed, whoever asks. Whether there is an account is told to nobody."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

from flask import Response, request, url_for

from projections.letters.rendering import Words, Written, write
from projections.letters.speech import Speech
from web.account.blueprint import account, page, runtime, said
from web.account.even_time import even_time
from web.errors import RequestProblem
from web.limits import count_guess
from web.pages.language import gettext as _
from web.pages.language import locale

LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


@account.get("/forgotten")
def forgotten() -> Response:
    """Ask for a link."""
    return page("account/forgotten.html", is_asked=False, can_mail=runtime().settings.smtp_url is not None)


@account.post("/forgotten")
def ask_for_link() -> Response:
    """Mail a link to a new password, if there is an account with that address."""
    count_guess()
    base = own_address()
    with even_time():
        found = runtime().people.account_of(said("email"))
        if found is not None and runtime().signing_in.actor_of_account(found, channel="form") is not None:
            _mail(found, base)
    return page("account/forgotten.html", is_asked=True, can_mail=True)


def _mail(to: UUID, base: str) -> None:
    with runtime().pool.connection() as connection:
        secret = runtime().links.reset_in(connection, to)
        if secret is None:
            return
        letter = _letter(base + url_for("account.new_password", key=secret))
        runtime().outbox.add_in(
            connection, runtime().new_id(), to, about="reset", subject=letter.subject,
            body=letter.body, html=letter.html,
        )  # fmt: skip


def _letter(link: str) -> Written:
    words = Words(
        subject=_("Your new password"),
        sentences=(
            _("Somebody, most likely you, asked for a new password in the Register of IMRF pledges."),
            _("If you did not ask, do nothing: your password stays as it is."),
        ),
        link=(_("Choose a new password within an hour"), link),
    )
    return write(words, Speech(str(locale().language)))


def own_address() -> str:
    """The register's own address, for links in mail. What a request says is believed on loopback alone."""
    if base := runtime().settings.base_url:
        return base
    if urlsplit(request.host_url).hostname in LOCAL:
        return request.host_url.rstrip("/")
    raise RequestProblem(503, _("No mail can be sent yet: the operator has to set PLEDGES_BASE_URL."))
