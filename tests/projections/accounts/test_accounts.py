"""Accounts are listed with what they may do, and never with who they are."""

from __future__ import annotations

from uuid import UUID

import pytest

from domain.accounts.events import (
    AccountAdded,
    AccountSuspended,
    RoleGranted,
    RoleRevoked,
    TokenIssued,
    TokenRevoked,
)
from projections.accounts import questions
from projections.accounts.read_model import AccountsModel
from projections.entities.read_model import EntitiesModel
from tests.conftest import Database
from tests.projections.feeding import Story, fed, rows_of
from tests.projections.pledges import KENYA, with_entities

MODELS = [EntitiesModel(), AccountsModel()]
FIRST, SECOND, TOKEN = UUID(int=501), UUID(int=502), UUID(int=503)


def story() -> Story:
    told = with_entities()
    told.tell(FIRST, AccountAdded())
    told.tell(FIRST, RoleGranted(role="pledger", entity=KENYA, nomination="Letter 7"))
    told.tell(FIRST, RoleGranted(role="validator", entity=KENYA, until="2026-01-02"))
    told.tell(SECOND, AccountAdded())
    told.tell(SECOND, RoleGranted(role="secretariat"))
    told.tell(SECOND, RoleRevoked(role="secretariat"))
    told.tell(SECOND, TokenIssued(token=TOKEN, label="Scripts"))
    told.tell(SECOND, AccountSuspended(reason="Left."))
    return told


def test_roles_are_listed_with_what_they_rest_on(database: Database) -> None:
    told = story()
    with fed(database, MODELS, told.events) as connection:
        first, second = questions.accounts(connection, moment=told.moment())
    assert first["account"] == str(FIRST)
    assert [(g["role"], g["entity"]["name"], g["in_force"], g["nomination"]) for g in first["grants"]] == [
        ("pledger", "Kenya", True, "Letter 7"),
        ("validator", "Kenya", False, None),
    ]
    assert second["suspended"]
    assert second["grants"] == []
    assert [(token["label"], token["good"]) for token in second["tokens"]] == [("Scripts", True)]


@pytest.mark.parametrize("batch", [1, 4])
def test_batches_do_not_matter(database: Database, batch: int) -> None:
    told = story()
    told.tell(SECOND, TokenRevoked(token=TOKEN))
    with fed(database, MODELS, told.events, batch) as connection:
        cut = rows_of(connection, MODELS[1])
    with fed(database, MODELS, told.events) as connection:
        assert rows_of(connection, MODELS[1]) == cut
