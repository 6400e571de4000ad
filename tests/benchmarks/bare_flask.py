"""The peer of the web application: a bare Flask route with one INSERT and COMMIT, on the same kind of server.

python -m tests.benchmarks.bare_flask PORT PROCESSES, with DATABASE_URL naming a role that may make a table
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
from flask import Flask, jsonify, request
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from workers.lifeline import die_with
from workers.web_server import THREADS, _server

CREATE = "CREATE TABLE IF NOT EXISTS bare_rows (id bigserial PRIMARY KEY, body jsonb NOT NULL)"
INSERT = "INSERT INTO bare_rows (body) VALUES (%s) RETURNING id"
LATEST = "SELECT body FROM bare_rows ORDER BY id DESC LIMIT 50"


def create_app(database_url: str) -> Flask:
    """Two routes: one keeps what is sent, the other shows it."""
    app = Flask("bare")
    pool = ConnectionPool(database_url, min_size=0, max_size=THREADS, open=True)

    @app.post("/rows")
    def keep() -> Any:
        body = request.get_json()
        with pool.connection() as connection:
            row = connection.execute(INSERT, [Jsonb(body)]).fetchone()
        return jsonify(id=row[0] if row else None, body=body)

    @app.get("/rows/last")
    def show() -> Any:
        with pool.connection() as connection:
            rows = connection.execute(LATEST).fetchall()
        return jsonify([body for (body,) in rows])

    return app


def _application(database_url: str, parent: int) -> Callable[..., Any]:
    die_with(parent)
    return create_app(database_url)


def main(port: int, processes: int) -> None:
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url) as connection:
        connection.execute(CREATE)
    loader = partial(_application, url, os.getpid())
    _server("127.0.0.1", port, processes).serve(target_loader=loader, wrap_loader=False)
    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE bare_rows")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
