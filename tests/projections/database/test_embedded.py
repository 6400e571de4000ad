"""The embedded PostgreSQL: started once, shared, stopped by the last, and found again after any kill."""

from __future__ import annotations

import os
import pwd
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
import pytest
from psycopg import errors

from projections.database import postgres_programs, postgres_server
from projections.database.embedded import revive_cluster, running_cluster
from projections.database.postgres_programs import EmbeddedDatabaseProblem
from projections.database.postgres_server import identity_of

ROOT = Path(__file__).parents[3]
MODULES = os.pathsep.join([str(ROOT), *(path for path in sys.path if path.endswith("site-packages"))])
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as other users")

HOLDER = """
import signal, sys
from pathlib import Path
from projections.database.embedded import revive_cluster, running_cluster

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
with running_cluster(Path(sys.argv[1])) as urls:
    print((Path(sys.argv[1]) / "postgresql" / "postmaster.pid").read_text().splitlines()[0], flush=True)
    print(urls.owner, flush=True)
    sys.stdin.read()
"""


class Holder:
    """Another process that holds the database of a data directory."""

    def __init__(self, data_dir: Path, python: str = sys.executable, **how: object) -> None:
        self.process = subprocess.Popen(
            [python, "-c", HOLDER, data_dir],
            cwd=ROOT,
            env=dict(os.environ, PYTHONPATH=MODULES),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            **how,  # type: ignore[call-overload]
        )

    def server(self) -> int:
        """The number of the server's process, once it answers."""
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())

    def url(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def leave(self) -> int:
        self.process.communicate(timeout=90)
        return self.process.returncode

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=90)


@pytest.fixture(scope="module")
def made_once() -> Iterator[Path]:
    with TemporaryDirectory(prefix="pledges-made-") as folder:
        data_dir = Path(folder) / "data"
        with running_cluster(data_dir) as urls, psycopg.connect(urls.owner) as connection:
            connection.execute("CREATE TABLE kept (what text)")
        yield data_dir


@pytest.fixture
def data_dir(made_once: Path) -> Iterator[Path]:
    """A data directory whose server does not run, and in which one table is."""
    yield made_once
    for process in processes_of(made_once):
        process.kill()


def processes_of(data_dir: Path) -> list[psutil.Process]:
    """Every living process of the data directory's server."""
    mark = f"pledges-{identity_of(data_dir / 'postgresql')}"
    found = []
    for process in psutil.process_iter():
        try:
            if mark in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def python_for_all() -> str:
    """A Python like ours that any account may start, with this project's modules."""
    nobody = pwd.getpwnam("nobody")
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        with suppress(OSError):
            check = [python, "-c", "import psycopg, projections.database.embedded"]
            environment = {"PYTHONPATH": MODULES}
            if (
                subprocess.run(
                    check, env=environment, user=nobody.pw_uid, capture_output=True, check=False
                ).returncode
                == 0
            ):
                return python
    pytest.skip("nobody cannot reach these modules")


def eventually_gone(data_dir: Path) -> bool:
    deadline = time.monotonic() + 60
    while processes_of(data_dir) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not processes_of(data_dir)


def keep(url: str, what: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO kept VALUES (%s)", [what])


def kept(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT what FROM kept ORDER BY what")]


def server_of(data_dir: Path) -> int:
    return int((data_dir / "postgresql" / "postmaster.pid").read_text().splitlines()[0])


def test_what_was_kept_is_there_at_the_next_start(data_dir: Path) -> None:
    with running_cluster(data_dir) as urls:
        keep(urls.owner, "kept")
    assert processes_of(data_dir) == []
    with running_cluster(data_dir) as urls:
        assert "kept" in kept(urls.owner)


def test_many_processes_share_the_server_that_the_first_starts() -> None:
    with TemporaryDirectory(prefix="pledges-data-") as folder:
        data_dir = Path(folder) / "new" / "data"
        holders = [Holder(data_dir) for _ in range(8)]
        assert len({holder.server() for holder in holders}) == 1
        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(Holder.leave, holders)) == [0] * 8
        assert processes_of(data_dir) == []


def test_the_server_stays_until_the_last_has_left(data_dir: Path) -> None:
    first, second = Holder(data_dir), Holder(data_dir)
    server = first.server()
    assert second.server() == server
    first.leave()
    with psycopg.connect(second.url()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    second.leave()
    assert processes_of(data_dir) == []


def test_one_process_may_hold_it_twice(data_dir: Path) -> None:
    with running_cluster(data_dir) as outer:
        with running_cluster(data_dir):
            pass
        psycopg.connect(outer.owner).close()
    assert processes_of(data_dir) == []


def test_after_a_kill_of_the_holder_the_next_takes_over_the_server(data_dir: Path) -> None:
    holder = Holder(data_dir)
    server = holder.server()
    holder.kill()
    assert psutil.pid_exists(server)
    with running_cluster(data_dir):
        assert server_of(data_dir) == server
    assert processes_of(data_dir) == []


def test_after_a_kill_of_everything_the_next_start_recovers(data_dir: Path) -> None:
    holder = Holder(data_dir)
    holder.server()
    keep(holder.url(), "before the kill")
    holder.kill()
    for process in processes_of(data_dir):
        process.kill()
    assert (data_dir / "postgresql" / "postmaster.pid").exists()
    with running_cluster(data_dir) as urls:
        assert "before the kill" in kept(urls.owner)
    assert processes_of(data_dir) == []


def test_after_a_kill_of_the_server_the_holder_still_leaves_cleanly(data_dir: Path) -> None:
    holder = Holder(data_dir)
    psutil.Process(holder.server()).kill()
    assert holder.leave() == 0
    assert eventually_gone(data_dir)


def test_a_server_that_was_killed_is_revived_for_its_holders(data_dir: Path) -> None:
    with running_cluster(data_dir) as urls:
        keep(urls.owner, "before the revival")
        assert not revive_cluster(data_dir)
        with psycopg.connect(urls.owner, autocommit=True) as busy:
            busy.execute("SET statement_timeout = 0")
            with ThreadPoolExecutor(1) as thread:
                counting = thread.submit(busy.execute, "SELECT count(*) FROM generate_series(1, 1e8)")
                time.sleep(0.2)
                server = psutil.Process(server_of(data_dir))
                server.kill()
                server.wait()
                assert revive_cluster(data_dir)
                # Whoever had waited for what was busy would have let it finish.
                assert isinstance(counting.exception(), psycopg.OperationalError)
        assert "before the revival" in kept(urls.owner)
    assert processes_of(data_dir) == []


def test_a_number_that_now_belongs_to_a_stranger_is_not_taken_for_the_server(data_dir: Path) -> None:
    pid_file = data_dir / "postgresql" / "postmaster.pid"
    lines = [str(os.getpid()), "/elsewhere", "1", "5432", ".", "", "1 1", "ready"]
    pid_file.write_text("\n".join(lines) + "\n")
    with running_cluster(data_dir):
        assert server_of(data_dir) != os.getpid()


def test_a_zombie_is_not_taken_for_the_server(data_dir: Path) -> None:
    zombie = subprocess.Popen(["true"])
    try:
        while psutil.Process(zombie.pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        pid_file = data_dir / "postgresql" / "postmaster.pid"
        pid_file.write_text(f"{zombie.pid}\n/elsewhere\n1\n5432\n.\n\n1 1\nready\n")
        with running_cluster(data_dir):
            assert server_of(data_dir) != zombie.pid
    finally:
        zombie.wait()


def test_a_server_that_is_dying_is_waited_for_and_another_one_started(data_dir: Path) -> None:
    """A killed server keeps its number and its command line for a moment, and its file says "ready"."""
    cluster = data_dir / "postgresql"
    named = f"cluster_name=pledges-{identity_of(cluster)}"
    dying = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1)", named])
    reaper = threading.Thread(target=dying.wait)
    reaper.start()
    (cluster / "postmaster.pid").write_text(f"{dying.pid}\n/elsewhere\n1\n5432\n.\n\n1 1\nready\n")
    with running_cluster(data_dir) as urls:
        assert server_of(data_dir) != dying.pid
        psycopg.connect(urls.owner).close()
    reaper.join()


def test_sigterm_stops_holder_and_server_whatever_clients_do(data_dir: Path) -> None:
    holder = Holder(data_dir)
    holder.server()
    with psycopg.connect(holder.url()) as connection:
        connection.execute("INSERT INTO kept VALUES ('not committed')")
        holder.process.send_signal(signal.SIGTERM)
        assert holder.leave() == 0
        assert processes_of(data_dir) == []
        connection.close()
    with running_cluster(data_dir) as urls:
        assert "not committed" not in kept(urls.owner)


def test_a_server_that_does_not_stop_in_time_is_stopped_at_once(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_server, "FAST_STOP_SECONDS_MAX", 1)
    with running_cluster(data_dir) as urls:
        keep(urls.owner, "before the stop")
        # A stopped backend cannot answer the server's request to end.
        connection = psycopg.connect(urls.owner)
        os.kill(connection.info.backend_pid, signal.SIGSTOP)
        connection.close()
    assert processes_of(data_dir) == []
    with running_cluster(data_dir) as urls:
        assert "before the stop" in kept(urls.owner)


def test_a_cluster_that_was_half_made_is_made_again() -> None:
    with TemporaryDirectory(prefix="pledges-data-") as folder:
        unfinished = Path(folder) / "postgresql.unfinished"
        unfinished.mkdir()
        (unfinished / "PG_VERSION").write_text("18\n")
        with running_cluster(Path(folder)):
            assert not unfinished.exists()


@pytest.mark.parametrize("name", ["long-" * 30, "comma,in,it", "a space 'and' quotes", "ümläut"])
def test_any_name_of_a_folder_will_do(data_dir: Path, name: str) -> None:
    moved = data_dir.rename(data_dir.parent / name)
    try:
        with running_cluster(moved) as urls:
            psycopg.connect(urls.owner).close()
            psycopg.connect(urls.app).close()
        assert processes_of(moved) == []
    finally:
        moved.rename(data_dir)


def test_the_application_cannot_become_a_stronger_role(data_dir: Path) -> None:
    with running_cluster(data_dir) as urls, psycopg.connect(urls.app, autocommit=True) as connection:
        connection.execute("RESET ROLE")
        connection.execute("RESET SESSION AUTHORIZATION")
        assert connection.execute("SELECT current_user, session_user").fetchone() == ("pledges_app",) * 2
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("SET ROLE postgres")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM pg_authid")


def test_the_server_listens_on_its_socket_alone(data_dir: Path) -> None:
    with running_cluster(data_dir):
        for process in processes_of(data_dir):
            with suppress(psutil.NoSuchProcess):  # the server's helpers come and go
                connections = process.net_connections("inet")
                assert [known for known in connections if known.status == psutil.CONN_LISTEN] == []
        assert stat.S_IMODE((data_dir / "postgresql").stat().st_mode) == 0o700


def test_a_cluster_of_another_version_is_refused_and_left_alone(data_dir: Path) -> None:
    made_by = data_dir / "postgresql" / "PG_VERSION"
    made_by.write_text("17\n")
    try:
        with (
            pytest.raises(EmbeddedDatabaseProblem, match=r"made by PostgreSQL 17.*backup"),
            running_cluster(data_dir),
        ):
            pass
        assert processes_of(data_dir) == []
    finally:
        made_by.write_text("18\n")


def test_why_the_server_does_not_start_is_said_in_one_line(data_dir: Path) -> None:
    with (
        pytest.raises(EmbeddedDatabaseProblem) as caught,
        running_cluster(data_dir, settings={"shared_buffers": "nonsense"}),
    ):
        pass
    assert "shared_buffers" in str(caught.value)
    assert "\n" not in str(caught.value)


@AS_ROOT
def test_as_root_no_parent_folder_is_opened_and_no_other_user_gets_in(data_dir: Path) -> None:
    parent = data_dir.parent
    parent.chmod(0o700)
    with running_cluster(data_dir) as urls:
        assert stat.S_IMODE(parent.stat().st_mode) == 0o700
        assert processes_of(data_dir)[0].username() != "root"
        # Even with a way to the socket, only root and the server's own account are let in.
        folders = (parent, data_dir, data_dir / "postgresql")
        for folder in folders:
            folder.chmod(0o755)
        stranger = next(name for name in ("daemon", "nobody") if name != processes_of(data_dir)[0].username())
        refused = subprocess.run(
            [python_for_all(), "-c", f"import psycopg; psycopg.connect({urls.owner!r})"],
            env={"PYTHONPATH": MODULES},
            user=stranger,
            capture_output=True,
            text=True,
            check=False,
        )
        for folder in folders:
            folder.chmod(0o700)
        assert "Peer authentication failed" in refused.stderr


@AS_ROOT
def test_programs_out_of_reach_are_copied_to_where_the_servers_account_reaches_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with TemporaryDirectory(prefix="pledges-copies-") as folder, TemporaryDirectory() as data:
        Path(folder).chmod(0o755)
        copies = (Path("/proc/no"), Path(folder) / "copies")
        monkeypatch.setattr(postgres_programs, "is_open_to_all", lambda path: str(path).startswith(folder))
        monkeypatch.setattr(postgres_programs, "COPIES_FOR_ROOT", copies)
        with running_cluster(Path(data)):
            (copy,) = copies[1].iterdir()
            assert copy.stat().st_uid == 0
            assert processes_of(Path(data))[0].exe().startswith(f"{copy}/")


@AS_ROOT
def test_another_user_than_root_runs_the_server_as_itself() -> None:
    nobody = pwd.getpwnam("nobody")
    python = python_for_all()
    with TemporaryDirectory(prefix="pledges-data-") as folder:
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        holder = Holder(Path(folder), python, user="nobody", group=nobody.pw_gid, extra_groups=[])
        assert psutil.Process(holder.server()).username() == "nobody"
        assert holder.leave() == 0
        assert processes_of(Path(folder)) == []
