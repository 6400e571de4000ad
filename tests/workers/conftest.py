"""Tests of commands run them in this process, on a database of their own: `pledges("import", path)`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import structlog
from click.testing import CliRunner, Result

from projections.composition import Runtime, build
from projections.database.roles import urls_of
from projections.settings import read_settings
from tests.conftest import Database
from workers.cli import main

Pledges = Callable[..., Result]


@pytest.fixture
def environment(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> dict[str, str]:
    """What a command finds in its environment: this test's database."""
    variables = {
        "DATABASE_URL": database.owner_url,
        "PLEDGES_SECRET_KEY": "x" * 40,
        "PLEDGES_DATA": f"{tmp_path}/data",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


def run(*arguments: object) -> Result:
    """Run one command in this process."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def pledges(environment: dict[str, str]) -> Iterator[Pledges]:
    """Runs one command, after the database was prepared by `pledges migrate`."""
    assert run("migrate").exit_code == 0
    yield run
    structlog.reset_defaults()


@pytest.fixture
def runtime(pledges: Pledges) -> Iterator[Runtime]:
    """The register that the commands work on."""
    settings = read_settings()
    assert settings.database_url is not None
    found = build(settings, urls_of(settings.database_url))
    yield found
    found.close()
