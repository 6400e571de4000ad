"""What every template may use beside what its page gives it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, request
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from domain.reference.licence import LICENCE
from projections.moments import Moment
from web.addresses import is_framed
from web.forms.words import path_name
from web.pages import addresses, evidence, formats, labels, life, refusals, sentences
from web.pages.browser_names import browser_in_words
from web.pages.field_names import BY, FILTERS, SORTS
from web.pages.language import available, language_tag, locale, own_name, pgettext
from web.pages.language import gettext as _
from web.pages.samples import shows_samples
from web.pages.self_check import found_by_self_check

FILTERS_OF_TEMPLATES: dict[str, Callable[..., Any]] = {
    "called": formats.field_name,
    "day": formats.day,
    "days_until": formats.days_until,
    "file_words": evidence.file_words,
    "in_words": formats.in_words,
    "listed": formats.listed,
    "instant": formats.instant,
    "label": labels.label,
    "money": formats.money,
    "more": formats.more,
    "name": formats.name,
    "number": formats.number,
    "percent": formats.percent,
    "abridged": formats.abridged,
    "lines_within": life.lines_within,
    "text": formats.text,
    "told_changes": formats.told_changes,
    "path_name": path_name,
    "refusal": refusals.in_words,
    "browser_in_words": browser_in_words,
}


def citation(title: str, moment: Moment) -> str:
    """How to cite a page: what it is, true when, as recorded when, and where it can be found unchanged."""
    plain = Markup(title).unescape() if isinstance(title, Markup) else title  # noqa: S704 - unescaped, never trusted
    said = {
        "title": formats.name(plain.strip()),
        "when": formats.instant(moment.at),
        "position": formats.number(moment.position),
        "address": addresses.lasting(moment),
    }
    if moment.true_on is None:
        return _(
            "Register of IMRF pledges, “%(title)s”, as recorded on %(when)s, position %(position)s, "
            "%(address)s",
            **said,
        )
    return _(
        "Register of IMRF pledges, “%(title)s”, what was true on %(day)s, as recorded on %(when)s, "
        "position %(position)s, %(address)s",
        day=formats.day(moment.true_on),
        **said,
    )


def _words() -> dict[str, Any]:
    return {
        "language_tag": language_tag(),
        "direction": locale().text_direction,
        "navigation": [
            ("pages.dashboard", _("Dashboard")),
            ("pages.pledges", _("Pledges")),
            ("pages.progress", _("Progress")),
            ("pages.log", pgettext("navigation", "Log")),
            ("pages.help", _("Help")),
        ],
        "languages": [(code, own_name(code), addresses.in_language(code)) for code in available()],
        "comma": pgettext("between two remarks", ", "),
        "at": addresses.at(),
        "is_framed": is_framed(request.path), "this_page": addresses.this_page,
        "licence": LICENCE, "file_endings": evidence.ENDINGS,
        "shows_samples": shows_samples, "found_by_self_check": found_by_self_check,
        "citation": citation,
        "address": addresses.address, "own_address": life.own_address,
        "kept": addresses.kept,
        "rows_shown": life.ROWS_SHOWN, "verdicts_shown": life.VERDICTS_SHOWN,
        "parts_with_targets_shown": life.PARTS_WITH_TARGETS_SHOWN,
        "by_titles": BY, "filter_names": FILTERS, "sort_names": SORTS,
        "field_name": formats.field_name, "field_of_part": formats.field_of_part,
        "sentence": sentences.sentence, "who": sentences.who, "by_what_right": sentences.by_what_right,
    }  # fmt: skip


def _asked_each_time(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that Jinja must not work out when it compiles a template: the language is known later."""

    @pass_context
    def asked(_: Context, *args: Any) -> Any:
        return function(*args)

    return asked


def init_app(app: Flask) -> None:
    """Give templates their words and filters."""
    filters = {name: _asked_each_time(function) for name, function in FILTERS_OF_TEMPLATES.items()}
    app.jinja_env.filters.update(filters)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(_words)
