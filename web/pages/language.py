"""Which language a page is in, and gettext with types. Knows no page.

Every string on the pages goes through these functions as a whole sentence, with what varies as named places.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import flask_babel
from babel import Locale, UnknownLocaleError
from flask import Flask, current_app, g, has_request_context, request, session

from domain.reference.compact import LANGUAGES
from projections.translations import ENGLISH, FOLDER, languages
from web.pages.catalogues import Catalogues

TRANSLATIONS = FOLDER
KEPT = "language"
READ_BY_PEOPLE = ("pages.", "account.", "desk.", "embed.")


def gettext(text: str, **values: Any) -> str:
    """The text in the language of the page."""
    return str(flask_babel.gettext(text, **values))


def ngettext(one: str, many: str, number: int, **values: Any) -> str:
    """The text for that number of things."""
    return str(flask_babel.ngettext(one, many, number, **values))


def pgettext(context: str, text: str, **values: Any) -> str:
    """The text, with a word to the translator on what it is about."""
    return str(flask_babel.pgettext(context, text, **values))


def locale() -> Locale:
    """The language of the page with all that belongs to it: direction, months, separators."""
    return flask_babel.get_locale() or Locale(ENGLISH)


def language() -> str:
    """The language of the page among the six in which reference data are kept; else English."""
    found = str(locale().language)
    return found if found in LANGUAGES else ENGLISH


def language_tag() -> str:
    """The language of the page as HTML writes it."""
    return str(locale()).replace("_", "-")


def language_name(code: str) -> str:
    """What a language is called in the language of the page; a code that is none stays as it is."""
    try:
        found: str | None = Locale.parse(code, sep="-").get_language_name(locale().language)
    except (ValueError, UnknownLocaleError):
        found = None
    return found or code


def asked_language() -> str | None:
    """The language that the address names, if there is a translation; links have to carry it on."""
    asked = request.args.get("lang")
    return asked if asked in available() else None


def available() -> Sequence[str]:
    """The languages that pages can be read in, English first."""
    found: Sequence[str] = current_app.extensions["page_languages"]
    return found


def own_name(code: str) -> str:
    """What a language is called by those who speak it."""
    own = Locale.parse(code, sep="-")
    return str(own.get_display_name(own)).capitalize()


def _preferred() -> str | None:
    """The first of the browser's languages that there is; a region (fr-CA) reads its language."""
    wanted = (tag.split("-")[0].lower() for tag in request.accept_languages.values())
    return next((code for code in wanted if code in available()), None)


def keep_language(code: str) -> None:
    """This browser, where somebody is signed in, reads in a language unless an address names another."""
    session[KEPT] = code


def _kept() -> str | None:
    """The language of whoever is signed in. Who is not leaves no cookie to ask."""
    kept = session.get(KEPT) if g.get("session_id") else None
    return kept if kept in available() else None


def _chosen() -> str:
    return asked_language() or _kept() or _preferred() or ENGLISH


def _carry_on(endpoint: str, values: dict[str, Any]) -> None:
    """An address of something to read keeps the language that this one names, also where forms lead to."""
    if endpoint.startswith(READ_BY_PEOPLE) and has_request_context() and (asked := asked_language()):
        values.setdefault("lang", asked)


def init_app(app: Flask) -> None:
    """Install gettext; what can be translated into is looked up once."""
    app.url_defaults(_carry_on)
    babel = flask_babel.Babel(app, locale_selector=_chosen)
    babel.domain_instance = Catalogues(TRANSLATIONS, lambda: str(locale()))
    app.extensions["page_languages"] = (ENGLISH, *languages(TRANSLATIONS))
