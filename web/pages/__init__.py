"""Pages for people to read: dashboard, list, record, progress, entity. They ask questions; they know no SQL and decide nothing."""

from __future__ import annotations

from flask import Flask

from web.pages import dashboard, entities, help, pledges, progress, words
from web.pages.blueprint import pages


def init_app(app: Flask) -> None:
    """Add the pages, their words and their template helpers to the application."""
    words.init_app(app)
    app.register_blueprint(pages)


__all__ = ["dashboard", "entities", "help", "init_app", "pledges", "progress"]
