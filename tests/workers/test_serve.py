"""`pledges serve`: one command brings everything up, and when it ends nothing of it is left."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.workers.served import PROGRAM, Served, is_alive, wait_for


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    register = Served(tmp_path / "data")
    yield register
    register.end()


def test_one_command_serves_the_sample_and_stops_without_a_trace(served: Served) -> None:
    served.start("--sample")
    assert served.lines[-3:-2] == [f"Ready on {served.url}"]
    assert f"PLEDGES_DATA={served.data_dir} " in served.lines[-1], (
        "else a command would make another register"
    )
    assert "accounts add" in served.lines[-1]
    assert served.is_ready()
    assert requests.get(f"{served.url}/api/v1/pledges", timeout=10).json()["total"] == 38
    seen = served.processes()
    assert len(seen) > 5
    served.stop()
    assert served.process is not None
    assert served.process.returncode == 0
    assert [process for process in seen if is_alive(process)] == []

    served.start("--sample")
    assert requests.get(f"{served.url}/api/v1/pledges", timeout=10).json()["total"] == 38
    seen = served.processes()
    served.stop(signal.SIGINT)
    assert [process for process in seen if is_alive(process)] == []


def test_what_was_killed_leaves_no_process_that_a_clean_stop_does_not_end(served: Served) -> None:
    served.start()
    seen = served.processes()
    server = served.postmaster()
    ours = [process for process in seen if "postgres" not in process.name()]
    assert served.process is not None
    served.process.kill()
    served.process.wait()
    wait_for(lambda: not any(is_alive(process) for process in ours))
    served.start()
    assert served.postmaster() == server
    seen += served.processes()
    served.stop()
    assert [process for process in seen if is_alive(process)] == []


def test_other_commands_attach_to_what_runs_and_leave_it_running(served: Served) -> None:
    served.start()
    server = served.postmaster()
    token = served.token("--role", "secretariat")
    answer = requests.get(
        f"{served.url}/api/v1/intake", headers={"Authorization": f"Bearer {token}"}, timeout=10
    )
    assert answer.status_code == 200
    assert served.status()["read_models"]
    assert served.postmaster() == server
    assert served.is_ready()


def test_a_part_that_ends_is_started_again(served: Served) -> None:
    served.start()
    for victim in (served.child("work"), served.web_worker(), served.child("web"), served.postmaster()):
        assert victim is not None
        victim.kill()
        wait_for(lambda victim=victim: not is_alive(victim))
        wait_for(served.is_ready)


@pytest.mark.parametrize("command", ["serve", "web"])
def test_a_port_in_use_is_said_in_one_line_before_anything_is_started(served: Served, command: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", served.port))
        other.listen()
        done = served.run(command, "--port", str(served.port))
    assert done.returncode == 1
    assert done.stderr == (
        f"pledges: port {served.port} of 127.0.0.1 cannot be used: Address already in use; "
        "choose another with --port or PORT\n"
    )
    assert not (served.data_dir / "postgresql").exists()


def test_a_command_that_is_stopped_stops_the_server_it_started(served: Served) -> None:
    process = subprocess.Popen([*PROGRAM, "work"], env=served.environment, stderr=subprocess.DEVNULL)
    try:
        wait_for(served.postmaster)
    finally:
        process.terminate()
        process.wait(timeout=90)
    wait_for(lambda: served.postmaster() is None)


def test_the_port_may_be_set_in_the_environment(served: Served) -> None:
    served.environment["PORT"] = "99999"
    done = served.run("serve")
    assert done.returncode == 1
    assert done.stderr == "pledges: PORT: 99999 is not in the range 1<=x<=65535.\n"
    assert "--port" in served.run("serve", "--port", "99999").stderr


def test_a_command_that_finds_no_register_says_that_it_makes_one(served: Served) -> None:
    added = served.run("accounts", "add", "first@example.org", "--role", "administrator")
    assert added.returncode == 0
    assert f"there was no register in {served.data_dir} (PLEDGES_DATA): one is made now" in added.stderr
    again = served.run("accounts", "add", "second@example.org", "--role", "administrator")
    assert "no register" not in again.stderr
