"""`pledges accounts …`: who may act in the register, in which role, for whom.

Must not know how accounts decide.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import click
from msgspec.structs import replace

from domain.accounts.commands import (
    AddAccount,
    GrantRole,
    IssueToken,
    ReinstateAccount,
    RevokeRole,
    RevokeToken,
    SuspendAccount,
)
from domain.accounts.decide import decide
from domain.accounts.state import Account
from domain.actors import OPERATOR, Actor, Role
from domain.deciding import Context
from domain.entities.names import NAME
from domain.entities.state import survivor
from domain.reservations import name_key
from projections.composition import Runtime
from projections.database.people import IssuedToken, is_address
from projections.problems import OperatorProblem
from workers.running import wait_until_readable

CHANNEL = "command_line"


def actor_called(runtime: Runtime, email: str | None) -> Actor:
    """Who acts: the account with that address, or the operator of the machine."""
    if email is None:
        return OPERATOR
    actor = runtime.signing_in.actor_of_account(account_called(runtime, email), channel=CHANNEL)
    if actor is None or not actor.grants:
        raise OperatorProblem(f"the account of {email} is suspended or has no role")
    return actor


def account_called(runtime: Runtime, email: str) -> UUID:
    """The account with that address."""
    account = runtime.people.account_of(email)
    if account is None:
        raise OperatorProblem(f"there is no account of {email}: `pledges accounts list` shows all")
    return account


def entity_called(runtime: Runtime, name: str) -> UUID:
    """The entity with exactly that name or alias, in any language, or that ISO 3166 code."""

    def look(context: Context) -> UUID | None:
        holder = context.world.holder(NAME, name_key(name))
        found = context.world.entity(holder) if holder else None
        return survivor(found, context.world.entity).id if found else None

    entity = runtime.register.consult(look, by=OPERATOR)
    if entity is None:
        raise OperatorProblem(
            f"“{name}” is no entity of the register: "
            "give its exact name, an alias in any language, or its ISO3 code"
        )
    return entity


def add(
    runtime: Runtime, email: str, grant: GrantRole | None, *, with_token: bool, label: str | None = None
) -> str | None:
    """Make an account, unless there is one of that address; grant it a role; answer a new token if wanted."""
    if not is_address(email):
        raise OperatorProblem(f"“{email}” is no e-mail address")
    account = runtime.people.account_of(email) or runtime.new_id()
    if grant is not None:
        grant = replace(grant, account=account)
        _refuse_before_anything_is_done(runtime, grant)
    account = runtime.people.add(account, email)
    outcome = runtime.register.handle(AddAccount(account=account), by=OPERATOR)
    click.echo(f"account {account}")
    if grant is not None:
        outcome = runtime.register.handle(replace(grant, account=account), by=OPERATOR)
    token = None
    if with_token:
        command = IssueToken(account=account, token=runtime.new_id(), label=label)
        outcome = runtime.register.handle(command, by=OPERATOR)
        token = runtime.tokens.issue(account, token_id=command.token, label=label or "")
    wait_until_readable(runtime, outcome.position)
    return token


def invite(runtime: Runtime, email: str) -> None:
    """Say the link of a new invitation; those before it are worth nothing any more."""
    account = account_called(runtime, email)
    with runtime.pool.connection() as connection:
        secret = runtime.links.invite_in(connection, account)
    base = runtime.settings.base_url or "http://127.0.0.1:8000"
    click.echo(f"{base}/invitation?key={secret}")


def grant_of(runtime: Runtime, role: Role, entity: str | None, **said: str | None) -> GrantRole:
    """A grant whose account is still to be filled in. An unknown entity is refused here, before all else."""
    return GrantRole(
        account=OPERATOR.account, role=role, entity=entity_called(runtime, entity) if entity else None, **said
    )


def _refuse_before_anything_is_done(runtime: Runtime, grant: GrantRole) -> None:
    account = runtime.signing_in.account(grant.account) or Account(id=grant.account, version=1)
    runtime.register.consult(lambda context: decide(grant, account, context), by=OPERATOR)


def grant(runtime: Runtime, email: str, wanted: GrantRole) -> None:
    """Let an account act in a role."""
    command = replace(wanted, account=account_called(runtime, email))
    _done(runtime, runtime.register.handle(command, by=OPERATOR))


def revoke(runtime: Runtime, email: str, role: Role, entity: str | None, reason: str | None) -> None:
    """Take a role from an account."""
    named = entity_called(runtime, entity) if entity else None
    command = RevokeRole(account=account_called(runtime, email), role=role, entity=named, reason=reason)
    _done(runtime, runtime.register.handle(command, by=OPERATOR))


def suspend(runtime: Runtime, email: str, reason: str) -> None:
    """Stop an account from doing anything."""
    command = SuspendAccount(account=account_called(runtime, email), reason=reason)
    _done(runtime, runtime.register.handle(command, by=OPERATOR))


def reinstate(runtime: Runtime, email: str) -> None:
    """Let a suspended account act again."""
    command = ReinstateAccount(account=account_called(runtime, email))
    _done(runtime, runtime.register.handle(command, by=OPERATOR))


def revoke_token(runtime: Runtime, email: str, token: UUID, reason: str | None) -> None:
    """Make one token of an account worthless, at once; its other tokens go on."""
    account = account_called(runtime, email)
    command = RevokeToken(account=account, token=token, reason=reason)
    also = (runtime.tokens.revoking(account, token),)
    _done(runtime, runtime.register.handle(command, by=OPERATOR, also=also))


def tokens(runtime: Runtime, email: str, *, as_json: bool) -> None:
    """The tokens of an account, never what they are."""
    found = [_told_token(token) for token in runtime.tokens.of(account_called(runtime, email))]
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for token in found:
        used = f"last used {token['last_used_at'] or 'never'}"
        revoked = f", revoked {token['revoked_at']}" if token["revoked_at"] else ""
        label = f" “{token['label']}”" if token["label"] else ""
        click.echo(f"{token['id']}{label}: made {token['made_at']}, {used}{revoked}")


def _told_token(token: IssuedToken) -> dict[str, Any]:
    return {
        "id": str(token.id),
        "label": token.label or None,
        "made_at": _to_the_minute(token.created_at),
        "last_used_at": _to_the_minute(token.last_used_at),
        "revoked_at": _to_the_minute(token.revoked_at),
    }


def _to_the_minute(time: datetime | None) -> str | None:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ") if time else None


def _done(runtime: Runtime, outcome: Any) -> None:
    click.echo("done" if outcome.events else "nothing to do: it was so before")
    wait_until_readable(runtime, outcome.position)


def listed(runtime: Runtime, *, as_json: bool) -> None:
    """Everybody who has an account, and in which roles."""
    people = [_shown(runtime, person.email, person.account) for person in runtime.people.all()]
    if as_json:
        click.echo(json.dumps(people, indent=2, ensure_ascii=False))
        return
    for person in people:
        roles = "; ".join(_in_words(grant) for grant in person["roles"]) or "no role"
        click.echo(f"{person['email']}: {roles}{' (suspended)' if person['suspended'] else ''}")


def _shown(runtime: Runtime, email: str, account_id: UUID) -> dict[str, Any]:
    account = runtime.signing_in.account(account_id) or Account(id=account_id, version=0)
    roles = [
        {"role": grant.role, "entity": _name_of(runtime, grant.entity), "until": grant.until}
        for grant in account.grants
    ]
    return {"email": email, "account": str(account_id), "suspended": account.suspended, "roles": roles}


def _name_of(runtime: Runtime, entity_id: UUID | None) -> str | None:
    if entity_id is None:
        return None
    entity = runtime.register.consult(lambda context: context.world.entity(entity_id), by=OPERATOR)
    return entity.name if entity else str(entity_id)


def _in_words(grant: dict[str, Any]) -> str:
    entity = f" for {grant['entity']}" if grant["entity"] else ""
    until = f" until {grant['until']}" if grant["until"] else ""
    return f"{grant['role']}{entity}{until}"
