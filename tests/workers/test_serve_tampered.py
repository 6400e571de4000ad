"""A store that was tampered with is served, says what is wrong, and lets whoever looks into it read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import requests
from psycopg.conninfo import make_conninfo

from projections.database.embedded import running_cluster
from tests.workers.served import Served, wait_for

UNREADABLE = "UPDATE pledges.events SET payload = set_byte(payload, 2, 255) WHERE {}"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path / "data")
    yield served
    served.end()


def tamper(data_dir: Path, statement: str) -> None:
    with (
        running_cluster(data_dir) as urls,
        psycopg.connect(make_conninfo(urls.owner), autocommit=True) as owner,
    ):
        owner.execute("SET session_replication_role = replica")  # as a superuser can
        assert owner.execute(statement).rowcount == 1


@pytest.mark.parametrize(("which", "position"), [("position = 100", 100), ("name = 'log.key-adopted'", None)])
def test_an_event_that_no_longer_reads_is_named_and_the_rest_can_be_read(
    served: Served, which: str, position: int | None
) -> None:
    served.start()
    size = served.status()["position"]
    served.run("checkpoint")
    served.stop()
    tamper(served.data_dir, UNREADABLE.format(which))
    served.start()
    answer = wait_for(lambda: unhealthy(served))
    said = f"The event at position {position or size} cannot be read"
    assert said in answer["checks"]["log"]["problem"]
    for path in ("/", "/pledges", "/log", f"/log/{position or size}", "/log/events", "/log.json"):
        assert requests.get(served.url + path, timeout=30).status_code == 200, path
    assert said in requests.get(f"{served.url}/log", timeout=30).text
    told = served.run("status")
    assert (told.returncode, said in told.stdout) == (1, True)
    if position:  # a bundle needs the key
        assert f"event {position}, payload" in bundle_and_verify(served, served.data_dir.parent / "pack.zip")


def unhealthy(served: Served) -> dict[str, dict[str, dict[str, str]]] | None:
    answer = requests.get(f"{served.url}/readyz", timeout=30)
    return (
        answer.json() if answer.status_code == 503 and answer.json()["checks"]["log"].get("problem") else None
    )


def bundle_and_verify(served: Served, pack: Path) -> str:
    made = served.run("bundle", "-o", str(pack))
    assert made.returncode == 0, made.stderr
    said = served.run("verify", str(pack))
    assert said.returncode == 1
    return said.stderr
