"""`pledges migrate`, `status` and `rebuild`: what an operator does to the database as a whole.

Must not know what read models hold.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import click

from domain.actors import OPERATOR
from domain.cycles.commands import OpenCycle
from domain.founding import found
from projections.composition import Runtime
from projections.database.embedded import running_database
from projections.database.migrate import known_migrations, migrate
from projections.database.places import head, places
from projections.files.storage import StorageAway
from projections.problems import OperatorProblem
from projections.rebuild import rebuild
from projections.settings import read_settings
from workers.logs import configure_logs
from workers.progress import Bar
from workers.running import wait_until_readable, wired


def migrate_database() -> None:
    """Apply what is missing, and record what is there from the start."""
    settings = read_settings()
    configure_logs(settings.log, quiet=True)
    with running_database(settings) as urls:
        for migration in migrate(urls.owner):
            click.echo(f"applied {migration.name}")
        with wired(settings, urls) as runtime:
            found(runtime.register)
    click.echo(f"the database is at migration {known_migrations()[-1].number:04}")


def say_status(*, as_json: bool) -> int:
    """Versions, positions, how far each read model is behind, what the self-check found, where files are.

    The exit status is 1 if a read model has stopped, something in the store does not fit, or files are away.
    """
    settings = read_settings()
    configure_logs(settings.log, quiet=True)
    with running_database(settings) as urls, wired(settings, urls) as runtime:
        found_status = status_of(runtime)
    if as_json:
        click.echo(json.dumps(found_status, indent=2))
    else:
        for line in _in_words(found_status):
            click.echo(line)
    checked, models = found_status["self_check"], found_status["read_models"]
    has_problem = bool(checked and checked["problem"]) or bool(found_status["files"]["problem"])
    return int(has_problem or any(model["state"] == "failed" for model in models))


def _self_check(runtime: Runtime) -> dict[str, Any] | None:
    """What the register found when it last looked at itself: how many events, when, and what does not fit."""
    found = runtime.log.last_check()
    if found is None:
        return None
    return {
        "size": found.size,
        "checked_at": f"{found.checked_at:%Y-%m-%dT%H:%M:%SZ}",
        "problem": found.problem,
    }


def _files(runtime: Runtime) -> dict[str, Any]:
    """Where files of evidence are kept, and why they cannot be reached."""
    try:
        runtime.files.require()
    except StorageAway as problem:
        return {"at": runtime.settings.files_at, "problem": str(problem)}
    return {"at": runtime.settings.files_at, "problem": None}


def _notices(runtime: Runtime) -> dict[str, Any]:
    """How many facts nobody was told of yet whom they concern, and since when the first of them waits."""
    found = runtime.notices.waiting()
    since = found.since and f"{found.since:%Y-%m-%dT%H:%M:%SZ}"
    return {"waiting": found.facts, "since": since}


def _checkpoint(runtime: Runtime) -> dict[str, Any] | None:
    """The latest checkpoint: how many events it holds, and when it was signed."""
    signed = runtime.log.latest()
    if signed is None:
        return None
    return {"size": signed.checkpoint.size, "signed_at": f"{signed.signed_at:%Y-%m-%dT%H:%M:%SZ}"}


def status_of(runtime: Runtime) -> dict[str, Any]:
    """How the register stands, for programs."""
    with runtime.pool.connection() as connection:
        position, known = head(connection), places(connection)
        server = connection.info.server_version
    wanted = {model.name: model.version for model in runtime.read_models}
    standing = {place.name: place for place in known if wanted.get(place.name) == place.version}
    return {
        "version": version("pledges"),
        "postgresql": f"{server // 10_000}.{server % 10_000}",
        "python": platform.python_version(),
        "migration": f"{known_migrations()[-1].number:04}",
        "position": position,
        "checkpoint": _checkpoint(runtime),
        "self_check": _self_check(runtime),
        "files": _files(runtime),
        "notices": _notices(runtime),
        "read_models": [
            {
                "name": name,
                "version": number,
                "state": standing[name].state if name in standing else "missing",
                "position": standing[name].position if name in standing else 0,
                "lag": position - (standing[name].position if name in standing else 0),
                "error": standing[name].error if name in standing else None,
                "error_position": standing[name].error_position if name in standing else None,
            }
            for name, number in wanted.items()
        ],
    }


def _in_words(found_status: dict[str, Any]) -> list[str]:
    signed = found_status["checkpoint"]
    checkpoint = f"checkpoint {signed['size']} of {signed['signed_at']}" if signed else "no checkpoint yet"
    first = (
        f"pledges {found_status['version']}, PostgreSQL {found_status['postgresql']}, "
        f"Python {found_status['python']}, migration {found_status['migration']}, "
        f"position {found_status['position']}, {checkpoint}"
    )
    lines = [first]
    for model in found_status["read_models"]:
        error = f": {model['error']} at position {model['error_position']}" if model["error"] else ""
        lines.append(
            f"{model['name']} {model['version']}: {model['state']}, position {model['position']}, "
            f"{model['lag']} behind{error}"
        )
    if checked := found_status["self_check"]:
        found = checked["problem"] or f"{checked['size']} events, the tree and all checkpoints fit together"
        lines.append(f"self-check of {checked['checked_at']}: {found}")
    notices = found_status["notices"]
    since = f", the first since {notices['since']}" if notices["since"] else ""
    lines.append(f"notices: {notices['waiting']} facts wait for their letters{since}")
    files = found_status["files"]
    lines.append(f"files of evidence: {files['problem'] or 'in ' + files['at']}")
    return lines


def rebuild_read_models(runtime: Runtime, names: Sequence[str]) -> int:
    """Rebuild some read models, or all; the exit status says whether each was as it should have been."""
    known = {model.name: model for model in runtime.read_models}
    if unknown := [name for name in names if name not in known]:
        raise OperatorProblem(f"there is no read model {unknown[0]}; there are {', '.join(known)}")
    wanted = [known[name] for name in names or known]
    with Bar("rebuilding") as bar:
        results = rebuild(runtime.urls.app, wanted, lambda _, reached, total: bar.at(reached, total))
    for result in results:
        compared = {None: "nothing to compare with", True: "equal", False: "different from what was there"}
        click.echo(
            f"{result.name} {result.version}: rebuilt up to position {result.position} "
            f"in {result.seconds:.1f} s, {compared[result.equal]}"
        )
    return int(any(result.equal is False for result in results))


def open_a_cycle(runtime: Runtime, command: OpenCycle) -> None:
    """Open a review cycle."""
    outcome = runtime.register.handle(command, by=OPERATOR)
    click.echo(
        f"cycle {command.cycle} takes pledges from {command.opened_on} on"
        if outcome.events
        else "it was open before"
    )
    wait_until_readable(runtime, outcome.position)
