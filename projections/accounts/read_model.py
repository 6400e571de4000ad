"""Keeps every account with the roles it holds and the tokens issued for it. Must not know whose it is."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from domain.accounts.evolve import evolve
from domain.accounts.state import Account
from projections.batch import Batch
from projections.folded_states import FoldedStates

ACCOUNTS = FoldedStates("accounts_accounts", Account, has_sets=True)


class AccountsModel:
    """The read model of accounts."""

    name = "accounts"
    version = 1

    def create(self, connection: Connection[Any]) -> None:
        ACCOUNTS.create(connection)

    def apply(self, connection: Connection[Any], batch: Batch) -> None:
        events = [event for event in batch if event.header.name.startswith("account.")]
        accounts = ACCOUNTS.load(connection, (event.header.stream for event in events))
        for event in events:
            accounts[event.header.stream] = evolve(accounts.get(event.header.stream), event)
        ACCOUNTS.save(connection, accounts)
