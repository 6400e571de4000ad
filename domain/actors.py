"""Who acts: an account with the roles granted to it. Must not know tokens or sessions."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

from domain.recording import Authority

Role = Literal["pledger", "validator", "assessor", "secretariat", "auditor", "administrator"]
ROLES: tuple[Role, ...] = ("pledger", "validator", "assessor", "secretariat", "auditor", "administrator")

OPERATOR_ID = UUID("00000000-0000-4000-8000-000000000001")
"""The account of whoever runs commands on the machine itself, in role secretariat."""


class Grant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One role, for an entity where the role is tied to one. An auditor without an entity sees all."""

    role: Role
    entity: UUID | None = None
    until: str | None = None


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """The account that sends a command, what it may be, and the way the command came in.

    `reads_only`: by the token that it came with, it changes nothing.
    """

    account: UUID
    grants: tuple[Grant, ...] = ()
    office: str | None = None
    channel: str = "api"
    request_id: str | None = None
    reads_only: bool = False

    def has(self, role: Role) -> bool:
        return any(grant.role == role for grant in self.grants)

    def entities(self, role: Role) -> frozenset[UUID]:
        """The entities for which the actor has the role."""
        return frozenset(grant.entity for grant in self.grants if grant.role == role and grant.entity)

    @property
    def own_entities(self) -> frozenset[UUID]:
        return self.entities("pledger")


OPERATOR = Actor(
    account=OPERATOR_ID,
    grants=(Grant(role="secretariat"), Grant(role="administrator")),
    channel="command_line",
)

CALENDAR = Actor(
    account=UUID("00000000-0000-4000-8000-000000000002"),
    grants=(Grant(role="secretariat"),),
    channel="calendar",
)
"""What happens because a day has come: nobody asked for it, the rules did."""

ANYBODY = Actor(account=UUID(int=0))
"""Asks for what is the same for everybody."""

NOBODYS_ACCOUNTS = frozenset({OPERATOR.account, CALENDAR.account})
"""The register's own: they are no person's."""

__all__ = [
    "ANYBODY",
    "CALENDAR",
    "NOBODYS_ACCOUNTS",
    "OPERATOR",
    "OPERATOR_ID",
    "ROLES",
    "Actor",
    "Authority",
    "Grant",
    "Role",
]
