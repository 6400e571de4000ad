"""kill -9 of each process under load: nothing that was acknowledged is lost, nothing is there twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from projections.database.embedded import running_cluster
from projections.database.places import read_events
from tests.workers.served import Served, is_alive, wait_for
from tests.workers.writers import WRITERS, Writers


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    register = Served(tmp_path / "data")
    yield register
    register.end()


def kill_everything(served: Served) -> None:
    seen = served.processes()
    for process in seen:
        with suppress(Exception):
            process.kill()
    assert served.process is not None
    served.process.wait()
    wait_for(lambda: not any(is_alive(process) for process in seen))
    served.start()


def kill_one(find: Callable[[Served], object]) -> Callable[[Served], None]:
    def kill(served: Served) -> None:
        victim = find(served)
        assert victim is not None
        victim.kill()  # type: ignore[attr-defined]

    return kill


KILLS = {
    "one that answers requests": kill_one(Served.web_worker),
    "the web server": kill_one(lambda served: served.child("web")),
    "the projector": kill_one(lambda served: served.child("work")),
    "the database": kill_one(Served.postmaster),
    "everything": kill_everything,
}


def test_no_kill_loses_or_doubles_what_was_acknowledged(served: Served) -> None:
    served.start()
    token = served.token("--role", "secretariat")
    with Writers(served.url, token) as writers:
        writers.go_on()
        for kill in KILLS.values():
            kill(served)
            writers.go_on()
    wait_for(served.is_ready)
    status = served.status()
    rebuilt = served.run("rebuild")
    assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr
    assert [line for line in rebuilt.stdout.splitlines() if not line.endswith("equal")] == []
    shown = all_titles(served)
    served.stop()
    check_events(served, writers.acknowledged, status["position"])
    assert Counter(shown) == Counter(recorded_titles(served))


def all_titles(served: Served) -> list[str]:
    exported = served.run("export", "pledges", "--format", "jsonl")
    return [json.loads(line)["title"] for line in exported.stdout.splitlines()]


def recorded_titles(served: Served) -> list[str]:
    return [title for title, _ in recorded(served)]


def recorded(served: Served) -> list[tuple[str, str]]:
    """Title and id of every pledge in the log, whose positions have no gap."""
    with running_cluster(served.data_dir) as urls, psycopg.connect(urls.app, autocommit=True) as connection:
        events = read_events(connection, 0, 1_000_000)
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    made = [event for event in events if event.header.name == "pledge.made"]
    return [(event.fact.content.title, str(event.header.stream)) for event in made]


def check_events(served: Served, acknowledged: dict[str, str], position: int) -> None:
    found = recorded(served)
    assert max(Counter(title for title, _ in found).values()) == 1, "something was recorded twice"
    assert acknowledged.items() <= dict(found).items(), "something that was acknowledged is lost"
    # At most what was on its way when the writers stopped is there without having been acknowledged.
    assert len(found) - len(acknowledged) <= WRITERS
    assert position >= len(found)
