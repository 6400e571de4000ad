"""As little of an HTTP client as a benchmark needs, so that the server is what is measured."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

HEADERS_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    head: bytes
    body: bytes


class Connection:
    """One connection to a port of this machine."""

    def __init__(self, port: int, token: str | None = None) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = b"Host: localhost\r\n" + (
            f"Authorization: Bearer {token}\r\n".encode() if token else b""
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def get(self, path: str) -> Answer:
        return self._send(b"GET %b HTTP/1.1\r\n%b\r\n" % (path.encode(), self._head))

    def send(self, method: str, path: str, body: Any, *, key: str | None = None) -> Answer:
        """Send JSON, under an Idempotency-Key if there is one."""
        sent = json.dumps(body).encode()
        once = f"Idempotency-Key: {key}\r\n".encode() if key else b""
        head = b"%b %b HTTP/1.1\r\n%b%b" % (method.encode(), path.encode(), self._head, once)
        return self._send(
            b"%bContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (head, len(sent), sent)
        )

    def _send(self, request: bytes) -> Answer:
        self._socket.sendall(request)
        received = b""
        while HEADERS_END not in received:
            received += self._more()
        head, _, body = received.partition(HEADERS_END)
        length = _length(head)
        while len(body) < length:
            body += self._more()
        return Answer(int(head[9:12]), head, body)

    def _more(self) -> bytes:
        received = self._socket.recv(65_536)
        if not received:
            raise ConnectionError("the server closed the connection")
        return received


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
