"""What went wrong, as a page: what, where, and what to do.

Asks the register nothing: it may be what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from flask import Flask, render_template, request

from web import kept_forms
from web.addresses import UNKNOWN
from web.errors import NOT_READ_YET, OTHERS_ASK, Problem
from web.pages.addresses import address, this_page
from web.pages.field_names import FIELDS, FIELDS_OF_OTHERS, FILTERS
from web.pages.language import asked_language
from web.pages.language import gettext as _
from web.pages.refusals import in_words
from web.pages.samples import known_to_show_samples


def init_app(app: Flask) -> None:
    """Tell people of problems on pages like all others."""
    app.extensions["page_of_problem"] = page_of


def page_of(problem: Problem) -> str:
    """The page of a problem."""
    heading, advice = _unanswered(problem.code) or _words(problem.status)
    errors = problem.errors or {}
    language = asked_language()
    return render_template(
        "pages/problem.html",
        problem=problem,
        heading=heading,
        advice=advice,
        findings=[(_called(field), list(map(_in_words, said))) for field, said in errors.items()],
        written=_written(problem),
        without=_without(errors or LEFT_OUT.get(problem.code, ("as_of", "effective_at"))),
        without_in_words=_without_in_words(problem),
        at={"lang": language} if language else {},
        shows_samples=known_to_show_samples,
        found_by_self_check=lambda: None,
    )


SHUT = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


def _written(problem: Problem) -> list[tuple[str, str]]:
    """What was typed into a form that was shut meanwhile, so that it is not lost, by its fields' names."""
    if problem.status not in SHUT:
        return []
    return [(str(_field(name)), said) for name, said in kept_forms.written()]


def _field(name: str) -> object:
    called = name.removeprefix("changes.").removeprefix("fields.").partition(".")[0]
    return FIELDS.get(called) or FIELDS_OF_OTHERS.get(called, name)


LEFT_OUT = {OTHERS_ASK: ("effective_at",)}
"""Without what the page can be shown all the same, by the code of a problem."""


def _unanswered(code: str) -> tuple[str, str] | None:
    """The same for questions of the past that cannot be answered now, though nothing is wrong with them."""
    known = {
        OTHERS_ASK: (
            _("What was true on that day cannot be worked out just now"),
            _(
                "For such a question the whole past is read again, one question at a time, and others are "
                "asking too. Nothing is wrong with yours: try again in a few seconds, or see what was "
                "recorded, without the day."
            ),
        ),
        NOT_READ_YET: (
            _("This cannot be shown yet"),
            _(
                "It is recorded, but what this page is made from has not come so far, or has stopped before. "
                "Nothing is lost. Try again in a few seconds."
            ),
        ),
    }
    return known.get(code)


def _words(status: int) -> tuple[str, str]:
    """What happened, and what to do."""
    known = {
        **_of_what_was_sent(),
        HTTPStatus.UNAUTHORIZED: (_("Nobody is signed in"), _("Sign in, and try again.")),
        HTTPStatus.FORBIDDEN: (
            _("This page is not open to you"),
            _(
                "Your roles do not allow it; perhaps one was taken from you since you last opened it. "
                "If it should be open, ask the Secretariat for the role that it needs."
            ),
        ),
        HTTPStatus.NOT_FOUND: (
            _("There is nothing at this address"),
            _("Check the address, or search the pledges."),
        ),
        HTTPStatus.UNPROCESSABLE_ENTITY: (
            _("This address asks for something that cannot be shown"),
            _("Change what is named here, or leave it out."),
        ),
        HTTPStatus.TOO_MANY_REQUESTS: (_("Too many requests at once"), _("Wait a little, and try again.")),
        HTTPStatus.SERVICE_UNAVAILABLE: (
            _("The register does not answer at the moment"),
            _("Nothing is lost. Try again in a few seconds."),
        ),
    }
    if status in known:
        return known[HTTPStatus(status)]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return (
            _("Something went wrong here"),
            _("This is our mistake and was noted. Try again; if it stays, tell us the request id below."),
        )
    return _("This cannot be done here"), _("Go back, or begin at the dashboard.")


def _of_what_was_sent() -> dict[HTTPStatus, tuple[str, str]]:
    again = _("Go back, load the page again, and send the form from there. Copy first what you had typed.")
    meanwhile = (
        _("Something changed meanwhile"),
        _("This cannot be done as things are now. Go back, and load the page again to see how they are."),
    )
    return {
        HTTPStatus.BAD_REQUEST: (_("What was sent could not be read"), again),
        HTTPStatus.METHOD_NOT_ALLOWED: (
            _("This address is not opened in this way"),
            _("It belongs to a form or a button. Go back, and use the button on the page."),
        ),
        HTTPStatus.REQUEST_TIMEOUT: (
            _("What was sent did not arrive in time"),
            _("Go back, and send it again. Over a slow line a smaller file arrives sooner, or a link."),
        ),
        HTTPStatus.CONFLICT: meanwhile,
        HTTPStatus.PRECONDITION_FAILED: meanwhile,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
            _("What was sent is too large"),
            _("A form takes 1 MB of text, and files of at most 25 MB each. Go back, and send less at once."),
        ),
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (_("This address takes something else than was sent"), again),
    }


def _called(field: str) -> str:
    named = {"as_of": _("The moment (as_of)"), "compare_to": _("The moment to compare with (compare_to)"),
             "effective_at": _("The day of which it is asked what was true (effective_at)"),
             "cursor": _("The place in the list (cursor)"), "sort": _("The order (sort)"),
             "by": _("The dimension (by)"), "history": _("The place in the history (history)"),
             "query": _("The address behind its “?”")}  # fmt: skip
    return named.get(field) or str(FILTERS.get(field, field))


def _without_in_words(problem: Problem) -> str:
    if problem.errors:
        return _("Show this page without it")
    if problem.code == OTHERS_ASK:
        return _("Show what was recorded, without the day")
    return _("Show this page as it is today")


def _in_words(said: str) -> str:
    return (
        str(_("This page does not know it; perhaps it is misspelt.")) if said == UNKNOWN else in_words(said)
    )


def _without(fields: Iterable[str]) -> str | None:
    """This address without what it should not hold, if it holds any of it and is a page's."""
    page = this_page()
    if not page.startswith("pages.") or not any(name in request.args for name in fields):
        return None
    # A name that is part of the path is kept: what was refused is one that stands behind the "?".
    left_out = {*fields, "cursor", "page"} - set(request.view_args or ())
    return address(page, **dict.fromkeys(left_out))
