"""A forgotten password: a link is mailed, whoever asks. Whether there is an account is told to nobody."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, request, url_for

from web.account.blueprint import account, page, runtime, said
from web.errors import RequestProblem
from web.limits import count_guess
from web.pages.language import gettext as _

LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


@account.get("/forgotten")
def forgotten() -> Response:
    """Ask for a link."""
    return page("account/forgotten.html", is_asked=False, can_mail=runtime().settings.smtp_url is not None)


@account.post("/forgotten")
def ask_for_link() -> Response:
    """Mail a link to a new password, if there is an account with that address."""
    count_guess()
    found = runtime().people.account_of(said("email"))
    base = own_address()
    if found is not None and runtime().signing_in.actor_of_account(found, channel="form") is not None:
        with runtime().pool.connection() as connection:
            secret = runtime().links.make_in(connection, found, "reset")
            link = base + url_for("account.new_password", key=secret)
            runtime().outbox.add_in(
                connection, runtime().new_id(), found, about="reset", subject=_("Your new password"),
                body=_words(link),
            )  # fmt: skip
    return page("account/forgotten.html", is_asked=True, can_mail=True)


def _words(link: str) -> str:
    return _(
        "Somebody, most likely you, asked for a new password in the Register of IMRF pledges.\n\n"
        "Choose it here within an hour:\n%(link)s\n\n"
        "If you did not ask, do nothing: your password stays as it is.\n",
        link=link,
    )


def own_address() -> str:
    """The register's own address, for links in mail. What a request says is believed on loopback alone."""
    if base := runtime().settings.base_url:
        return base
    if urlsplit(request.host_url).hostname in LOCAL:
        return request.host_url.rstrip("/")
    raise RequestProblem(503, _("No mail can be sent yet: the operator has to set PLEDGES_BASE_URL."))
