"""Whether the register lives (`/healthz`) and can do its work (`/readyz`).

Must not know how any part works: each says itself how it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, jsonify

from projections.database.migrate import migration_gap
from projections.problems import OperatorProblem

if TYPE_CHECKING:
    from projections.composition import Runtime

RETRY_SECONDS = 2
LAG_MAX = 10_000
"""A read model further behind than this many events is catching up, not up to date."""


def init_app(app: Flask) -> None:
    """Add the two addresses."""
    app.add_url_rule("/healthz", "healthz", alive)
    app.add_url_rule("/readyz", "readyz", ready)


def alive() -> Response:
    """This process answers. It says nothing of the database, so that nobody restarts the web for it."""
    return _uncached(jsonify(status="alive"))


def ready() -> Response:
    """Database, migrations and read models, each with what is wrong with it."""
    checks = _checked(current_app.extensions["pledges"])
    well = all(check["ok"] for check in checks.values())
    response = jsonify(status="ready" if well else "not ready", checks=checks)
    if not well:
        response.status_code = 503
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return _uncached(response)


def _uncached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _checked(runtime: Runtime) -> dict[str, dict[str, Any]]:
    """What each part says, as far as there is a database to say it from."""
    found: dict[str, dict[str, Any]] = {}
    for name, check in CHECKS.items():
        try:
            found[name] = check(runtime)
        except OperatorProblem as problem:
            found[name] = {"ok": False, "problem": str(problem)}
            break
    return found


def _database(runtime: Runtime) -> dict[str, Any]:
    return {"ok": True, "position": runtime.recorder.max_notification_id() or 0}


def _migrations(runtime: Runtime) -> dict[str, Any]:
    with runtime.pool.connection() as connection:
        gap = migration_gap(connection)
    return {"ok": gap is None, **({"problem": gap} if gap else {})}


def _read_models(runtime: Runtime) -> dict[str, Any]:
    models = runtime.questions.read_model_status()
    failed = [model["name"] for model in models if model["state"] == "failed"]
    built = [model["name"] for model in models if model["state"] != "failed" and not model["been_live"]]
    late = [model["name"] for model in models if model["been_live"] and model["lag"] > LAG_MAX]
    problems = [f"{name} has failed" for name in failed] + [f"{name} is being built" for name in built]
    problems += [f"{name} is far behind" for name in late if name not in failed]
    shown = {model["name"]: {key: model[key] for key in SHOWN} for model in models}
    return {"ok": not problems, "models": shown, **({"problem": "; ".join(problems)} if problems else {})}


def _log(runtime: Runtime) -> dict[str, Any]:
    """What was found when events, tree and checkpoints were last held against each other."""
    found = runtime.log.last_check()
    if found is None:
        return {"ok": True, "checked_at": None}
    said = {
        "ok": found.problem is None,
        "size": found.size,
        "checked_at": f"{found.checked_at:%Y-%m-%dT%H:%M:%SZ}",
    }
    return {**said, **({"problem": found.problem} if found.problem else {})}


SHOWN = ("state", "position", "lag")
# In this order: what comes later is only asked where the earlier ones could answer.
CHECKS: Mapping[str, Callable[[Runtime], dict[str, Any]]] = {
    "database": _database,
    "migrations": _migrations,
    "read_models": _read_models,
    "log": _log,
}
