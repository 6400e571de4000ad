"""Pages for people to read: dashboard, list, record, progress, entity, words explained.

They ask questions; they know no SQL and decide nothing.
"""

from __future__ import annotations

from flask import Flask

from web.pages import (
    addresses,
    comparison,
    context,
    dashboard,
    documents,
    embed,
    entities,
    events,
    evidence,
    glossary,
    keeping_up,
    language,
    log,
    pledges,
    problems,
    progress,
    reconciliation,
    record,
    versions,
)
from web.pages.blueprint import pages


def init_app(app: Flask) -> None:
    """Add the pages, their words and their template helpers to the application."""
    language.init_app(app)
    addresses.init_app(app)
    context.init_app(app)
    problems.init_app(app)
    app.register_blueprint(pages)
    app.register_blueprint(embed.embed)


__all__ = [
    "comparison",
    "dashboard",
    "documents",
    "embed",
    "entities",
    "events",
    "evidence",
    "glossary",
    "init_app",
    "keeping_up",
    "log",
    "pledges",
    "progress",
    "reconciliation",
    "record",
    "versions",
]
