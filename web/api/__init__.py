"""The HTTP API, version 1: commands in, questions answered, every shape published in its specification."""

from __future__ import annotations

from flask import Flask

from web.api import (
    accounts,
    catalog,
    converters,
    cycles,
    deposits,
    documents,
    entities,
    events,
    exports,
    files,
    log,
    matches,
    partners,
    pledges,
    readings,
    reconciliation,
    reference,
    reporting,
    review,
    versions,
    writing,
)

PREFIX = "/api/v1"
PARTS = (
    reference,
    cycles,
    entities,
    pledges,
    versions,
    writing,
    review,
    reporting,
    files,
    partners,
    matches,
    exports,
    catalog,
    deposits,
    reconciliation,
    log,
    events,
    readings,
    accounts,
)


def init_app(app: Flask) -> None:
    """Add all addresses of the API, and the specification of them."""
    converters.init_app(app)
    specification = documents.init_app(app, PREFIX)
    for part in PARTS:
        specification.register_blueprint(part.api, url_prefix=PREFIX)
