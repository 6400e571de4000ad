"""Who connects as whom: one role owns the tables, another reads and writes them and owns nothing.

Must not know where the database runs, nor which tables there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from projections.problems import OperatorProblem

OWNER_ROLE = "pledges_owner"
APP_ROLE = "pledges_app"
SCHEMA = "pledges"

# Extensions may have been installed in public by an administrator.
SEARCH_PATH = f"{SCHEMA},public"

CONNECT_SECONDS_MAX = 2
STATEMENT_SECONDS_MAX = 30
IDLE_IN_TRANSACTION_SECONDS_MAX = 60
# A server that no longer acknowledges what it was sent is given up before a visitor gives up.
UNACKNOWLEDGED_MILLISECONDS_MAX = 2_500

APP_OPTIONS = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "role": APP_ROLE,
        "search_path": SEARCH_PATH,
        "TimeZone": "UTC",
        "statement_timeout": f"{STATEMENT_SECONDS_MAX}s",
        "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_SECONDS_MAX}s",
    }.items()
)


Parameter: TypeAlias = str | int | None


class BadDatabaseUrl(OperatorProblem):
    """The address of the database cannot be read."""


@dataclass(frozen=True)
class DatabaseUrls:
    """The ways into one database, as libpq connection strings."""

    owner: str  # may change tables: for migrations alone
    app: str  # may use them: for everything else
    queries: str  # as app, on a replica if there is one: for questions that may lag behind


def urls_of(database_url: str, replica_url: str | None = None) -> DatabaseUrls:
    """The ways into a database that somebody else runs.

    Whatever role the address names, the application's sessions begin as APP_ROLE. An address that
    names an unprivileged member of APP_ROLE (or APP_ROLE itself) cannot leave it again.
    """
    return DatabaseUrls(
        owner=_owner_url(database_url),
        app=_app_url(database_url),
        queries=_app_url(replica_url or database_url),
    )


def _app_url(database_url: str) -> str:
    parameters = _parameters(database_url)
    options = f"{parameters.get('options') or ''} {APP_OPTIONS}".strip()
    defaults: dict[str, Parameter] = {
        "application_name": "pledges",
        "connect_timeout": CONNECT_SECONDS_MAX,
        "tcp_user_timeout": UNACKNOWLEDGED_MILLISECONDS_MAX,
    }
    return make_conninfo("", **(defaults | parameters | {"options": options}))


def _owner_url(database_url: str) -> str:
    parameters = _parameters(database_url)
    defaults: dict[str, Parameter] = {
        "application_name": "pledges migrate",
        "connect_timeout": CONNECT_SECONDS_MAX,
    }
    return make_conninfo("", **(defaults | parameters))


def _parameters(database_url: str) -> dict[str, Parameter]:
    try:
        return conninfo_to_dict(database_url)
    except ProgrammingError as error:
        reason = str(error).strip().splitlines()[0]
        raise BadDatabaseUrl(f"DATABASE_URL is not an address of a PostgreSQL database: {reason}") from error
