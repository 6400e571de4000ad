"""An account as its events have made it, and the actor that it is on a given day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from domain.actors import Actor, Grant, Role
from domain.values import Value, last_day


class GrantedRole(Value, kw_only=True):
    """A role that an account holds, and what that rests on."""

    role: Role
    entity: UUID | None = None
    until: str | None = None
    nomination: str | None = None
    mandate: str | None = None

    @property
    def key(self) -> tuple[Role, UUID | None]:
        return self.role, self.entity

    def holds_on(self, day: date) -> bool:
        """Whether the role is in force on a day; the last day counts."""
        return self.until is None or day <= last_day(self.until)


class Token(Value, kw_only=True):
    """A token that was issued: never its secret."""

    id: UUID
    label: str | None = None
    until: str | None = None
    revoked: bool = False

    def is_good_on(self, day: date) -> bool:
        return not self.revoked and (self.until is None or day <= last_day(self.until))


class Account(Value, kw_only=True):
    """One account. `once_held` are the roles that were revoked. `version` is that of its last event."""

    id: UUID
    version: int
    grants: tuple[GrantedRole, ...] = ()
    once_held: frozenset[tuple[Role, UUID | None]] = frozenset()
    suspended: bool = False
    tokens: tuple[Token, ...] = ()

    def grant(self, role: Role, entity: UUID | None) -> GrantedRole | None:
        """The grant of a role, for an entity or for none."""
        return next((grant for grant in self.grants if grant.key == (role, entity)), None)

    def token(self, token_id: UUID) -> Token | None:
        return next((token for token in self.tokens if token.id == token_id), None)

    def grants_on(self, day: date) -> tuple[GrantedRole, ...]:
        """The roles in force on a day: none while the account is suspended."""
        return () if self.suspended else tuple(grant for grant in self.grants if grant.holds_on(day))


def actor_of(
    account: Account,
    day: date,
    *,
    channel: str = "api",
    request_id: str | None = None,
    office: str | None = None,
    resolve: Callable[[UUID], UUID] = lambda entity: entity,
) -> Actor:
    """Who the account is when it acts on a day. `resolve` gives the survivor of an entity that was merged."""
    return Actor(
        account=account.id,
        grants=tuple(_grant(held, resolve) for held in account.grants_on(day)),
        office=office,
        channel=channel,
        request_id=request_id,
    )


def _grant(held: GrantedRole, resolve: Callable[[UUID], UUID]) -> Grant:
    return Grant(role=held.role, entity=resolve(held.entity) if held.entity else None, until=held.until)
