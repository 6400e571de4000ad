"""What can be asked for about accounts."""

from __future__ import annotations

from uuid import UUID

from domain.actors import Role
from domain.values import Value


class AddAccount(Value, kw_only=True):
    """Make an account, under the id given or a new one."""

    account: UUID | None = None


class GrantRole(Value, kw_only=True):
    """Let an account act in a role."""

    account: UUID
    role: Role
    entity: UUID | None = None
    until: str | None = None
    nomination: str | None = None
    mandate: str | None = None


class RevokeRole(Value, kw_only=True):
    """Take a role from an account, citing what asks for it."""

    account: UUID
    role: Role
    entity: UUID | None = None
    reason: str | None = None
    nomination: str | None = None


class SuspendAccount(Value, kw_only=True):
    """Stop an account from doing anything."""

    account: UUID
    reason: str


class EndSecondFactor(Value, kw_only=True):
    """Let an account in without its second factor, whose owner lost what makes the codes."""

    account: UUID
    reason: str


class EndSessions(Value, kw_only=True):
    """Sign an account out everywhere."""

    account: UUID
    reason: str | None = None


class ReinstateAccount(Value, kw_only=True):
    """Let a suspended account act again."""

    account: UUID
    reason: str | None = None


class IssueToken(Value, kw_only=True):
    """Note that a token was issued. The secret itself never comes here."""

    account: UUID
    token: UUID
    label: str | None = None
    until: str | None = None
    roles: tuple[Role, ...] | None = None
    reads_only: bool = False


class RevokeToken(Value, kw_only=True):
    """Make a token worthless."""

    account: UUID
    token: UUID
    reason: str | None = None


ChangeOfAccount = (
    GrantRole
    | RevokeRole
    | SuspendAccount
    | EndSecondFactor
    | EndSessions
    | ReinstateAccount
    | IssueToken
    | RevokeToken
)
AccountCommand = AddAccount | ChangeOfAccount
