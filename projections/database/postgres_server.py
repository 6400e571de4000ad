"""One PostgreSQL server over one cluster directory: made, started, found again and stopped.

The caller sees to it that one process at a time is in here.
Must not know who uses the server, nor what is in it.
"""

# PostgreSQL refuses to run as root, so as root the server runs as an unprivileged account. That account needs
# no way to the cluster's parent folders: the server is started inside the cluster's folder, looks for it at
# /proc/self/cwd, and puts its socket there too. So no folder of anybody's has to be opened for it.

from __future__ import annotations

import hashlib
import os
import pwd
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from projections.database.postgres_programs import EmbeddedDatabaseProblem, installed_version, programs_for

START_SECONDS_MAX = 60
# After a crash the server may replay much before it answers; it is waited for as long as it lives.
RECOVERY_SECONDS_MAX = 600
# The whole register has ten seconds to stop; a checkpoint on a slow disk may not use them up.
# What an immediate stop leaves undone, the next start does from the log: nothing is lost.
FAST_STOP_SECONDS_MAX = 5
IMMEDIATE_STOP_SECONDS_MAX = 2
POLL_SECONDS = 0.05
LOG_BYTES_MAX = 10_000_000
LAST_WORDS_BYTES_MAX = 4_000

LOG = "server.log"
SOCKET = ".s.PGSQL.5432"
PID_FILE = "postmaster.pid"
STATE_LINE = 7
SUPERUSER = "postgres"
ACCOUNTS_FOR_ROOT = ("postgres", "nobody", "daemon")


@dataclass(frozen=True)
class Server:
    """The server of one cluster directory."""

    cluster: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    def start(self) -> None:
        """Start the server unless it runs; either way it accepts connections afterwards."""
        if not (self.cluster / "PG_VERSION").exists():
            _make_cluster(self.cluster)
        _refuse_other_version(self.cluster)
        if self._state() == "stopping":
            _wait_until(lambda: not self.is_alive(), f"the server of {self.cluster} does not stop")
        if not self.is_alive():
            self._start()
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop the server, cleanly if there is time for it; no process is left either way."""
        processes = self._processes()
        if not processes:
            return
        self._control("stop", "-m", "fast", "-t", str(FAST_STOP_SECONDS_MAX))
        if self.is_alive():
            self._control("stop", "-m", "immediate", "-t", str(IMMEDIATE_STOP_SECONDS_MAX))
        if self.is_alive():
            for process in processes:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        # The server takes its number back a moment before it ends.
        _wait_until(lambda: not any(map(_lives, processes)), f"the server of {self.cluster} does not stop")

    def is_alive(self) -> bool:
        return self._postmaster() is not None

    def _start(self) -> None:
        _write_access_rules(self.cluster)
        _bound_log(self.cluster / LOG)
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            # Whatever these name is not our server: it may be a zombie, or a stranger with the same number.
            for lock in (PID_FILE, f"{SOCKET}.lock"):
                (self.cluster / lock).unlink(missing_ok=True)
            said_before = _log_size(self.cluster)
            started = self._control("start", "-l", LOG, "-t", str(START_SECONDS_MAX), "-o", self._options())
            if started.returncode == 0 or self.is_alive():
                return
            reason = _last_words(self.cluster, said_before)
            if "shared memory" not in reason or time.monotonic() > deadline:
                raise EmbeddedDatabaseProblem(
                    f"the embedded PostgreSQL in {self.cluster} did not start: {reason}"
                )
            self._end_orphans()
            time.sleep(POLL_SECONDS)

    def _end_orphans(self) -> None:
        """Backends whose server was killed end by themselves, but first finish their statement."""
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if f"postgres: {self._identity()}:" in "".join(process.cmdline()):
                    process.kill()

    def _control(self, action: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return _run("pg_ctl", action, "-w", "-D", _inside(self.cluster), *arguments, cwd=self.cluster)

    def _options(self) -> str:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": ".",
            "cluster_name": self._identity(),
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        return shlex.join(
            part
            for name, value in (settings | dict(self.settings)).items()
            for part in ("-c", f"{name}={value}")
        )

    def _identity(self) -> str:
        """Stands in the server's command line, so that it is told from all others."""
        return f"pledges-{identity_of(self.cluster)}"

    def _postmaster(self) -> psutil.Process | None:
        lines = self._pid_file()
        if not lines or not lines[0].strip().isdigit():
            return None
        with suppress(psutil.Error):
            process = psutil.Process(int(lines[0]))
            # A zombie has no command line any more.
            if f"cluster_name={self._identity()}" in process.cmdline():
                return process
        return None

    def _processes(self) -> Sequence[psutil.Process]:
        with suppress(psutil.Error):
            if (postmaster := self._postmaster()) is not None:
                return [postmaster, *postmaster.children()]
        return []

    def _state(self) -> str | None:
        lines = self._pid_file()
        return lines[STATE_LINE].strip() if len(lines) > STATE_LINE and self.is_alive() else None

    def _pid_file(self) -> list[str]:
        try:
            return (self.cluster / PID_FILE).read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + RECOVERY_SECONDS_MAX
        while self._state() != "ready":
            if not self.is_alive() or time.monotonic() > deadline:
                raise EmbeddedDatabaseProblem(
                    f"the embedded PostgreSQL in {self.cluster} does not answer: {_last_words(self.cluster)}"
                )
            time.sleep(POLL_SECONDS)


def _wait_until(is_so: Callable[[], bool], problem: str) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while not is_so():
        if time.monotonic() > deadline:
            raise EmbeddedDatabaseProblem(problem)
        time.sleep(POLL_SECONDS)


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        # A zombie has no command line any more.
        return bool(process.cmdline())
    return False


def identity_of(folder: Path) -> str:
    """The same for as long as the folder exists, wherever it is moved; another one for a copy of it."""
    status = folder.stat()
    return hashlib.sha256(f"{status.st_dev}:{status.st_ino}".encode()).hexdigest()[:16]


def _make_cluster(cluster: Path) -> None:
    # Made aside and renamed, so that a half-made cluster is never taken for a whole one.
    unfinished = cluster.with_name(cluster.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    if (account := _account_for(unfinished)) is not None:
        os.chown(unfinished, account.pw_uid, account.pw_gid)
    made = _run(
        "initdb",
        f"--pgdata={_inside(unfinished)}",
        f"--username={SUPERUSER}",
        "--auth=peer",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        cwd=unfinished,
    )
    if made.returncode != 0:
        raise EmbeddedDatabaseProblem(
            f"the embedded PostgreSQL could not make {cluster}: {_one_line(made.stderr or made.stdout)}"
        )
    unfinished.rename(cluster)


def _refuse_other_version(cluster: Path) -> None:
    made_by = (cluster / "PG_VERSION").read_text(encoding="utf-8").strip()
    installed = installed_version().split(".")[0]
    if made_by != installed:
        raise EmbeddedDatabaseProblem(
            f"{cluster} was made by PostgreSQL {made_by}, and {installed} is installed: "
            "make a backup with the version that made it and restore it into an empty data directory"
        )


def _write_access_rules(cluster: Path) -> None:
    """Whoever owns the cluster's folder, and root, may connect as any role; nobody else may at all."""
    names = {"root", pwd.getpwuid(cluster.stat().st_uid).pw_name}
    (cluster / "pg_hba.conf").write_text("local all all peer map=pledges\n", encoding="utf-8")
    mapping = "".join(f'pledges "{name}" all\n' for name in sorted(names))
    (cluster / "pg_ident.conf").write_text(mapping, encoding="utf-8")


def _bound_log(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        log.replace(log.with_suffix(".log.old"))


def _log_size(cluster: Path) -> int:
    log = cluster / LOG
    return log.stat().st_size if log.exists() else 0


def _last_words(cluster: Path, said_before: int = 0) -> str:
    if _log_size(cluster) <= said_before:
        return f"it left no word in {cluster / LOG}"
    with (cluster / LOG).open(encoding="utf-8", errors="replace") as log:
        log.seek(max(said_before, _log_size(cluster) - LAST_WORDS_BYTES_MAX))
        lines = log.read().splitlines()
    telling = [line for line in lines if any(word in line for word in ("FATAL", "PANIC", "error"))]
    return (telling or lines)[-1]


def _one_line(text: str) -> str:
    return " ".join(line.strip() for line in text.splitlines() if "error" in line) or text.strip()[-200:]


def _run(program: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    account = _account_for(cwd)
    return subprocess.run(
        [programs_for(account) / program, *arguments],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        # Ctrl-C is meant for the register, which then stops the server when nobody needs it any more.
        start_new_session=True,
        user=account and account.pw_uid,
        group=account and account.pw_gid,
        extra_groups=account and [],
    )


def _inside(cluster: Path) -> str:
    return "/proc/self/cwd" if os.geteuid() == 0 else str(cluster)


def _account_for(folder: Path) -> pwd.struct_passwd | None:
    """The account that the server runs as, where it cannot be our own."""
    if os.geteuid() != 0:
        return None
    if (owner := folder.stat().st_uid) != 0:
        return pwd.getpwuid(owner)
    for name in ACCOUNTS_FOR_ROOT:
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise EmbeddedDatabaseProblem(
        "PostgreSQL does not run as root, and none of the accounts "
        f"{', '.join(ACCOUNTS_FOR_ROOT)} exists: start the register as another user, or set DATABASE_URL"
    )
