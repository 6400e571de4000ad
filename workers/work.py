"""`pledges work`: what goes on beside the web: read models are fed, the calendar kept, sheets imported.

Must not know what read models hold.
"""

from __future__ import annotations

import signal
from threading import Event, Thread

from projections.database.embedded import running_database
from projections.settings import read_settings
from workers.calendar import observed
from workers.imports.sent import keep_importing
from workers.logs import configure_logs
from workers.running import wired

BATCH_SECONDS_MAX = 5.0


def work() -> None:
    """Work until told to stop."""
    stop = Event()
    for wish in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wish, lambda *_: stop.set())
    settings = read_settings()
    configure_logs(settings.log)
    with running_database(settings) as urls, wired(settings, urls) as runtime:
        projector = runtime.projector()
        importing = Thread(target=keep_importing, args=[runtime, stop], daemon=True)
        importing.start()
        with observed(runtime, projector.leads):
            projector.run(stop)
        importing.join(BATCH_SECONDS_MAX)
