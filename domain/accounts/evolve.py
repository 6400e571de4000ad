"""How events change an account. Takes every event as it is stored, erased words included; refuses nothing."""

from __future__ import annotations

from msgspec.structs import replace

from domain.accounts.events import (
    AccountAdded,
    AccountReinstated,
    AccountSuspended,
    RoleGranted,
    RoleRevoked,
    SecondFactorEnded,
    SessionsEnded,
    TokenIssued,
    TokenRevoked,
)
from domain.accounts.state import Account, GrantedRole, Token
from domain.errors import UnreadableEvent
from domain.recording import Fact, Recorded


def evolve(account: Account | None, recorded: Recorded) -> Account:
    """The account after an event."""
    header = recorded.header
    if account is not None:
        return replace(_after(account, recorded.fact), version=header.stream_version)
    if isinstance(recorded.fact, AccountAdded):
        return Account(id=header.stream, version=header.stream_version)
    raise UnreadableEvent(f"{header.name} came before the account {header.stream} was added.")


def _after(account: Account, fact: Fact) -> Account:
    match fact:
        case RoleGranted():
            return _granted(account, fact)
        case RoleRevoked():
            return _revoked(account, fact)
        case AccountSuspended():
            return replace(account, suspended=True)
        case AccountReinstated():
            return replace(account, suspended=False)
        case SecondFactorEnded() | SessionsEnded():
            return account
        case TokenIssued():
            token = Token(id=fact.token, label=fact.label, until=fact.until)
            return replace(account, tokens=(*account.tokens, token))
        case TokenRevoked(token=revoked):
            tokens = tuple(
                replace(known, revoked=known.revoked or known.id == revoked) for known in account.tokens
            )
            return replace(account, tokens=tokens)
    raise UnreadableEvent(f"{fact.NAME} is nothing that happens to an account that is there.")


def _granted(account: Account, fact: RoleGranted) -> Account:
    held = GrantedRole(
        role=fact.role, entity=fact.entity, until=fact.until, nomination=fact.nomination, mandate=fact.mandate
    )
    others = tuple(grant for grant in account.grants if grant.key != held.key)
    return replace(account, grants=(*others, held))


def _revoked(account: Account, fact: RoleRevoked) -> Account:
    key = (fact.role, fact.entity)
    return replace(
        account,
        grants=tuple(grant for grant in account.grants if grant.key != key),
        once_held=account.once_held | {key},
    )
