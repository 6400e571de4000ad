"""What follows from a command about accounts. Administrators only, who hold accounts and never content."""

from __future__ import annotations

from uuid import UUID

from domain.accounts.commands import (
    AccountCommand,
    AddAccount,
    ChangeOfAccount,
    EndSecondFactor,
    EndSessions,
    GrantRole,
    IssueToken,
    ReinstateAccount,
    RevokeRole,
    RevokeToken,
    SuspendAccount,
)
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
from domain.accounts.rules import check_grant, check_token, free_words, future_day
from domain.accounts.state import Account
from domain.actors import OPERATOR_ID
from domain.deciding import Context, Decision, acting_as
from domain.errors import NotFound, Refused
from domain.recording import Acting, Fact
from domain.values import utc_day


def decide(command: AccountCommand, account: Account | None, context: Context) -> Decision:
    """The facts that follow from a command, for the account as it is (None if there is none)."""
    acting = _acting(command, context)
    if isinstance(command, AddAccount):
        stream = command.account or context.new_id()
        _not_the_operator(stream)
        return Decision(() if account else (AccountAdded(),), acting, context.today(), stream)
    _not_the_operator(command.account)
    if account is None:
        raise NotFound(f"There is no account {command.account}.")
    return Decision(_follows(command, account, context), acting, context.today(), command.account)


def _acting(command: AccountCommand, context: Context) -> Acting:
    """An administrator; over the tokens of an account also whoever acts with it, in a role of theirs."""
    is_own = isinstance(command, IssueToken | RevokeToken) and command.account == context.actor.account
    own = context.actor.grants if is_own else ()
    return acting_as(context, own[0].role if own else "administrator")


def _not_the_operator(account: UUID) -> None:
    if account == OPERATOR_ID:
        raise Refused(
            "The operator's account belongs to the machine and does not change.", code="operator-account"
        )


def _follows(command: ChangeOfAccount, account: Account, context: Context) -> tuple[Fact, ...]:
    match command:
        case GrantRole():
            return _grant(command, account, context)
        case RevokeRole():
            return _revoke(command, account)
        case SuspendAccount():
            return _suspend(command, account, context)
        case ReinstateAccount():
            reason = free_words(command.reason, "reason")
            return (AccountReinstated(reason=reason),) if account.suspended else ()
        case EndSecondFactor():
            return (SecondFactorEnded(reason=free_words(command.reason, "reason", required=True) or ""),)
        case EndSessions():
            return (SessionsEnded(reason=free_words(command.reason, "reason")),)
        case IssueToken():
            return _issue(command, account, context)
        case RevokeToken():
            return _revoke_token(command, account)


def _grant(command: GrantRole, account: Account, context: Context) -> tuple[Fact, ...]:
    check_grant(command, account, context)
    fact = RoleGranted(
        role=command.role,
        entity=command.entity,
        until=future_day(command.until, context),
        nomination=free_words(command.nomination, "nomination"),
        mandate=free_words(command.mandate, "mandate"),
    )
    held = account.grant(command.role, command.entity)
    said = (fact.until, fact.nomination, fact.mandate)
    return () if held and said == (held.until, held.nomination, held.mandate) else (fact,)


def _revoke(command: RevokeRole, account: Account) -> tuple[Fact, ...]:
    reason, nomination = free_words(command.reason, "reason"), free_words(command.nomination, "nomination")
    if account.grant(command.role, command.entity):
        return (RoleRevoked(role=command.role, entity=command.entity, reason=reason, nomination=nomination),)
    if (command.role, command.entity) in account.once_held:
        return ()
    whom = f" for the entity {command.entity}" if command.entity else ""
    raise Refused(f"The account was never granted the role {command.role}{whom}.", code="no-such-grant")


def _suspend(command: SuspendAccount, account: Account, context: Context) -> tuple[Fact, ...]:
    reason = free_words(command.reason, "reason", required=True)
    if context.actor.account == account.id:
        raise Refused("Nobody suspends the account they act with.", code="own-account")
    return () if account.suspended else (AccountSuspended(reason=reason or ""),)


def _issue(command: IssueToken, account: Account, context: Context) -> tuple[Fact, ...]:
    if account.token(command.token):
        return ()
    if account.suspended:
        raise Refused("The account is suspended; reinstate it first.", code="account-suspended")
    until, label = future_day(command.until, context), free_words(command.label, "label")
    check_token(command, account, utc_day(context.now))
    fact = TokenIssued(
        token=command.token, label=label, until=until, roles=command.roles, reads_only=command.reads_only
    )
    return (fact,)


def _revoke_token(command: RevokeToken, account: Account) -> tuple[Fact, ...]:
    token = account.token(command.token)
    if token is None:
        raise NotFound(f"The account has no token {command.token}.")
    reason = free_words(command.reason, "reason")
    return () if token.revoked else (TokenRevoked(token=command.token, reason=reason),)
