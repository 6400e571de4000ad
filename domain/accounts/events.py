"""What can have happened to an account. Docstrings are the entries of the event catalogue (docs/events.md).

Must never hold a person's name or address, nor any part of a token.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from domain.actors import Role
from domain.recording import Fact, recorded_as


@recorded_as("account.added")
class AccountAdded(Fact):
    """Somebody was given an account. Who that is stands outside the log, under the account's id."""


@recorded_as("account.role-granted")
class RoleGranted(Fact):
    """The account may act in a role: for one entity where the role needs one, through the day `until`.

    `nomination` cites the letter or decision behind it, `mandate` what an assessor's judgement rests on. A
    second grant of the same role for the same entity takes the place of the first.
    """

    role: Role
    entity: UUID | None = None
    until: str | None = None
    nomination: str | None = None
    mandate: str | None = None


@recorded_as("account.role-revoked")
class RoleRevoked(Fact):
    """The account may no longer act in a role (for one entity, where it was granted for one)."""

    role: Role
    entity: UUID | None = None
    reason: str | None = None
    nomination: str | None = None


@recorded_as("account.suspended")
class AccountSuspended(Fact):
    """The account may do nothing until it is reinstated; its roles and tokens are kept."""

    reason: str


@recorded_as("account.reinstated")
class AccountReinstated(Fact):
    """A suspended account may act again."""

    reason: str | None = None


@recorded_as("account.second-factor-ended")
class SecondFactorEnded(Fact):
    """An administrator let the account in without a second factor; whoever has it may set up another."""

    reason: str


@recorded_as("account.sessions-ended")
class SessionsEnded(Fact):
    """An administrator signed the account out everywhere; whoever has it may sign in again."""

    reason: str | None = None


def _issued_for_all_roles(payload: dict[str, Any]) -> dict[str, Any]:
    """Version 1 had no `roles` and no `reads_only`: a token could do all that its account could."""
    return payload


@recorded_as("account.token-issued", version=2, upcasters={1: _issued_for_all_roles})
class TokenIssued(Fact):
    """An access token for programs was issued: its id, what it is called, the last day it is good for.

    It may use `roles` as far as the account has them, all of them where none are named; with `reads_only` it
    changes nothing.
    """

    token: UUID
    label: str | None = None
    until: str | None = None
    roles: tuple[Role, ...] | None = None
    reads_only: bool = False


@recorded_as("account.token-revoked")
class TokenRevoked(Fact):
    """A token is no longer good."""

    token: UUID
    reason: str | None = None
