"""People who write over HTTP while something happens to the register, and what was acknowledged to them."""

from __future__ import annotations

from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Self
from uuid import uuid4

import requests

from domain.reference.states import state_id
from tests.workers.served import wait_for

WRITERS = 4
ANSWERED = 20
SECONDS_MAX = 60
AUTHORITY = {"kind": "note_verbale", "reference": "NV 12/2026"}


class Writers:
    """People who write over HTTP until told to stop. Who gets no answer asks again with the same key."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._headers = f"{url}/api/v1/pledges", {"Authorization": f"Bearer {token}"}
        self._stop, self._lock = Event(), Lock()
        self.acknowledged: dict[str, str] = {}
        self.unexpected: list[str] = []
        self._threads = [Thread(target=self._write, args=[number]) for number in range(WRITERS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def go_on(self) -> None:
        """Wait until some more was acknowledged."""
        enough = len(self.acknowledged) + ANSWERED
        wait_for(lambda: len(self.acknowledged) >= enough or self.unexpected, SECONDS_MAX)
        assert self.unexpected == []

    def _write(self, writer: int) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            self._until_answered(f"Pledge {writer}-{number}")

    def _until_answered(self, title: str) -> None:
        body = {
            "title": title,
            "entity": str(state_id("KEN")),
            "type": None,
            "record": True,
            "authority": AUTHORITY,
        }
        headers = {**self._headers, "Idempotency-Key": str(uuid4())}
        while True:
            with suppress(requests.RequestException):
                answer = requests.post(self._url, json=body, headers=headers, timeout=10)
                if answer.status_code == 201:
                    with self._lock:
                        self.acknowledged[title] = answer.json()["id"]
                    return
                # Away for a moment, or the request before, whose answer was lost, is still at work.
                if answer.status_code not in (409, 503):
                    self.unexpected.append(f"{answer.status_code} {answer.text[:500]}")
                    return
            if self._stop.wait(0.1):
                return
