"""Whether a port is free to be listened on.

Must not know who wants to listen.
"""

from __future__ import annotations

import socket

from projections.problems import OperatorProblem


def refuse_taken_port(host: str, port: int) -> None:
    """Servers of our kind would share a port, and nobody could say which of them answers."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise OperatorProblem(
            f"port {port} of {host} cannot be used: {error.strerror}; choose another with --port or PORT"
        ) from error
