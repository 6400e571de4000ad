"""`pledges web`: the web application on an HTTP server of several processes.

Must not know the application; it is asked for by its name, as any WSGI server would.
"""

from __future__ import annotations

import importlib
import os
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from projections.composition import build
from projections.database.embedded import running_database
from projections.database.roles import DatabaseUrls
from projections.settings import Settings, read_settings
from workers.lifeline import die_with
from workers.logs import configure_logs
from workers.ports import refuse_taken_port
from workers.running import wired

THREADS = 12
"""More than wait for slow senders at once (`web/bodies.py`), so that some always answer everybody else."""
KILL_AFTER_SECONDS = 2
APPLICATION = "web.app"
SHARED_COUNTERS = "PROMETHEUS_MULTIPROC_DIR"


def serve_web(host: str, port: int, processes: int) -> None:
    """Serve until told to stop. The database has to have this code's shape already."""
    settings = read_settings()
    configure_logs(settings.log)
    refuse_taken_port(host, port)
    importlib.import_module(APPLICATION)  # once for all processes; what is wrong with it shows here
    with running_database(settings) as urls:
        with wired(settings, urls):
            pass  # says what is wrong before the port is taken
        counters = tempfile.mkdtemp(prefix="pledges-counters-")
        os.environ[SHARED_COUNTERS] = counters
        try:
            _server(host, port, processes).serve(
                target_loader=partial(_application, settings, urls, os.getpid()), wrap_loader=False
            )
        finally:
            shutil.rmtree(counters, ignore_errors=True)


def _server(host: str, port: int, processes: int) -> Any:
    return Server(
        APPLICATION,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_AFTER_SECONDS,
        log_level=LogLevels.error,
    )


def _application(settings: Settings, urls: DatabaseUrls, parent: int) -> Callable[..., Any]:
    """The application of one process. Everything that connects is built after the fork."""
    die_with(parent)
    create_app: Callable[..., Any] = importlib.import_module(APPLICATION).create_app
    application: Callable[..., Any] = create_app(build(settings, urls))
    return application
