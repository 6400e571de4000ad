"""`pledges work`: what goes on without being asked for: feeding the read models, keeping the calendar.

Must not know what read models hold.
"""

from __future__ import annotations

import signal
from threading import Event

from projections.database.embedded import running_database
from projections.settings import read_settings
from workers.calendar import observed
from workers.logs import configure_logs
from workers.running import wired


def work() -> None:
    """Work until told to stop."""
    stop = Event()
    for wish in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wish, lambda *_: stop.set())
    settings = read_settings()
    configure_logs(settings.log)
    with running_database(settings) as urls, wired(settings, urls) as runtime:
        projector = runtime.projector()
        with observed(runtime, projector.leads):
            projector.run(stop)
