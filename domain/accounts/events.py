"""What can have happened to an account. Docstrings are the entries of the event catalogue (docs/events.md).

Must never hold a person's name or address, nor any part of a token.
"""

from __future__ import annotations

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


@recorded_as("account.token-issued")
class TokenIssued(Fact):
    """An access token for programs was issued: its id, what it is called, the last day it is good for."""

    token: UUID
    label: str | None = None
    until: str | None = None


@recorded_as("account.token-revoked")
class TokenRevoked(Fact):
    """A token is no longer good."""

    token: UUID
    reason: str | None = None
