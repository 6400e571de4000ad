"""What a WSGI server is pointed at: `web.wsgi:application`, built once in each process that serves.

Must not know which server that is.
"""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from typing import TYPE_CHECKING

from projections.composition import build
from projections.database.embedded import running_database
from projections.settings import read_settings
from web.app import create_app

if TYPE_CHECKING:
    from flask import Flask


def application_factory() -> Flask:
    """The application on the database that the settings name, which it holds for as long as the process lives."""
    settings = read_settings()
    stack = ExitStack()
    atexit.register(stack.close)
    runtime = build(settings, stack.enter_context(running_database(settings)))
    stack.callback(runtime.close)
    return create_app(runtime)
