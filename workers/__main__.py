"""The command line: `pledges …`, also as `python -m workers …`."""

from __future__ import annotations

import signal
import sys

from workers import cli


def main() -> None:
    """Run one command. SIGTERM ends it as Ctrl-C does: what it started is stopped."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    cli.main()


if __name__ == "__main__":
    main()
