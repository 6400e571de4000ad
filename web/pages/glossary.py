"""The field's terms, each explained once."""

from __future__ import annotations

from flask import Response

from web.pages.blueprint import asked_moment, page, pages


@pages.get("/help", endpoint="help")
def glossary() -> Response:
    """What the words on the pages mean, and how the numbers are counted."""
    return page("pages/help.html", asked_moment(()))
