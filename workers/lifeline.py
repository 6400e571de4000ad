"""A child that does not outlive its parent, however the parent ends.

Must not know what either does.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from threading import Thread

PR_SET_PDEATHSIG = 1
LOOK_SECONDS = 0.5


def die_with(parent: int) -> None:
    """End this process when its parent ends, also if that was killed. On Linux the kernel sees to it."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        Thread(target=_watch, args=[parent], name="lifeline", daemon=True).start()
    if os.getppid() != parent:  # it ended before the kernel was asked
        os._exit(1)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os._exit(1)
