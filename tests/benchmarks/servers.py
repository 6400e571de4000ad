"""A PostgreSQL for benchmarks: that of DATABASE_URL, or an embedded one that is thrown away, with fsync."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from projections.composition import with_read_models
from projections.database.embedded import running_cluster
from projections.database.migrate import migrate
from projections.database.roles import DatabaseUrls, urls_of
from projections.read_model import ReadModel


@contextmanager
def benchmark_database(read_models: Sequence[ReadModel] = ()) -> Iterator[DatabaseUrls]:
    """A migrated database whose sessions see these read models."""
    if "DATABASE_URL" in os.environ:
        yield _migrated(urls_of(os.environ["DATABASE_URL"]), read_models)
    else:
        with TemporaryDirectory(prefix="pledges-benchmark-") as folder, running_cluster(Path(folder)) as urls:
            yield _migrated(urls, read_models)


def _migrated(urls: DatabaseUrls, read_models: Sequence[ReadModel]) -> DatabaseUrls:
    migrate(urls.owner)
    app = with_read_models(urls.app, read_models)
    return DatabaseUrls(owner=urls.owner, app=app, queries=app)
