from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from projections.database.roles import DatabaseUrls
from tests.conftest import Database, new_database
from tests.web.live import Register, serving
from tests.web.office import office

__all__ = ["office"]


@pytest.fixture(scope="session")
def live(
    admin: Connection,
    cluster_urls: DatabaseUrls,
    template_name: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Register]:
    """A register that is served for the whole run; tests bring their own entities and pledges."""
    with new_database(admin, template=template_name) as name:
        owner, app = (make_conninfo(url, dbname=name) for url in (cluster_urls.owner, cluster_urls.app))
        with serving(owner, app, tmp_path_factory.mktemp("live")) as register:
            yield register


@pytest.fixture
def live_register(database: Database, tmp_path: Path) -> Iterator[Register]:
    """A register that is served for one test alone, for what would disturb others."""
    with serving(database.owner_url, database.app_url, tmp_path) as register:
        yield register
