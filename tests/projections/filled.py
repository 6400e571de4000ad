"""A register on a database of its own, and what fills it. Its fixtures are offered by conftest.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from domain.actors import OPERATOR
from domain.entities.commands import RegisterEntity
from domain.founding import found
from domain.pledges.commands import RecordPledge
from domain.pledges.content import Content
from domain.recording import Authority
from domain.register import Outcome, Register
from projections.database.roles import DatabaseUrls
from projections.read_model import ReadModel
from projections.settings import Settings

if TYPE_CHECKING:
    from projections.composition import Runtime
    from tests.conftest import Database

    BuildRuntime = Callable[..., Runtime]
else:
    BuildRuntime = Callable
AUTHORITY = Authority(kind="email", reference="test")


@pytest.fixture
def build_runtime(database: Database, tmp_path: Path) -> Iterator[BuildRuntime]:
    """Builds the register on this test's database, as often as it is asked."""
    # Not before it is needed: what the register is made of must not stop the tests of its parts.
    from projections.composition import build  # noqa: PLC0415

    built: list[Runtime] = []

    def build_one(read_models: Sequence[ReadModel] = (), app_url: str = database.app_url) -> Runtime:
        urls = DatabaseUrls(owner=database.owner_url, app=app_url, queries=app_url)
        runtime = build(Settings(data_dir=tmp_path, secret_key="x" * 40), urls, read_models=read_models)
        built.append(runtime)
        return runtime

    yield build_one
    for runtime in built:
        runtime.close()


@pytest.fixture
def founded(build_runtime: BuildRuntime) -> Runtime:
    """The register with what is there from the start, and no read models."""
    runtime = build_runtime()
    found(runtime.register)
    return runtime


def bank(register: Register, name: str = "World Bank") -> UUID:
    """An entity."""
    command = RegisterEntity(name=name, category="stakeholder", kind="international_financial_institution")
    return register.handle(command, by=OPERATOR).stream


def record_pledge(register: Register, entity: UUID, title: str = "More places of learning") -> Outcome:
    """A pledge that is public at once."""
    command = RecordPledge(
        pledge_id=uuid4(), content=Content(title=title, entity=entity), authority=AUTHORITY
    )
    return register.handle(command, by=OPERATOR)
