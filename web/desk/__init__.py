"""The desk: what waits for whoever is signed in. It asks questions and sends commands; it decides nothing."""

from __future__ import annotations

from flask import Flask

from web.desk import (
    accounts,
    chase,
    contacts,
    cycles,
    handover,
    imports,
    lists,
    outbox,
    papers,
    pledges,
    readings,
    review,
    sheet,
    waiting,
)
from web.desk.blueprint import desk


def init_app(app: Flask) -> None:
    """Add the desk's pages."""
    app.register_blueprint(desk)


__all__ = [
    "accounts",
    "chase",
    "contacts",
    "cycles",
    "handover",
    "imports",
    "init_app",
    "lists",
    "outbox",
    "papers",
    "pledges",
    "readings",
    "review",
    "sheet",
    "waiting",
]
