"""The field's terms, each explained once."""

from __future__ import annotations

from web.pages.blueprint import asked_moment, page, pages


@pages.get("/help")
def help() -> str:
    """What the words on the pages mean, and how the numbers are counted."""
    return page("pages/help.html", asked_moment())
