"""Who may be granted what, and what may be said of accounts. Must not know people's names or addresses."""

from __future__ import annotations

import re
from datetime import date, timedelta

from domain.accounts.commands import GrantRole, IssueToken
from domain.accounts.state import Account
from domain.actors import ROLES
from domain.deciding import Context
from domain.entities.state import survivor
from domain.errors import InvalidInput, Refused, invalid
from domain.values import clean_text, last_day, parse_partial_date, utc_day

WORDS_MAX = 1000
TOKENS_MAX = 50
TOKEN_DAYS_MAX = 366
"""A token that has an end is good for a year at most: what is forgotten somewhere does not stay good."""
CONTENT_ROLES = frozenset({"pledger", "validator", "assessor", "secretariat"})
_FOR_AN_ENTITY = frozenset({"pledger", "validator"})
_FOR_NONE = frozenset({"secretariat", "administrator"})
_ADDRESS = re.compile(r"\S@\S+\.\w")


def check_grant(command: GrantRole, account: Account, context: Context) -> None:
    """Raise what forbids granting this role to this account."""
    if context.actor.account == account.id:
        raise Refused("Nobody grants a role to the account they act with.", code="own-account")
    _check_scope(command)
    _check_entity(command, context)
    _check_separation(command.role, account, utc_day(context.now))


def _check_scope(command: GrantRole) -> None:
    errors: dict[str, list[str]] = {}
    if command.role not in ROLES:
        errors["role"] = [f"must be one of {', '.join(ROLES)}."]
    elif command.role in _FOR_AN_ENTITY and command.entity is None:
        errors["entity"] = [f"must be given: a {command.role} acts for an entity."]
    elif command.role in _FOR_NONE and command.entity is not None:
        errors["entity"] = [f"must be left out: the role {command.role} is for the whole register."]
    elif command.role == "assessor" and command.entity is None and not command.mandate:
        errors["entity"] = errors["mandate"] = ["one of the two must say for which body an assessor speaks."]
    if command.mandate and command.role != "assessor":
        errors["mandate"] = ["is for assessors."]
    if errors:
        raise InvalidInput(errors)


def _check_entity(command: GrantRole, context: Context) -> None:
    if command.entity is None:
        return
    entity = context.world.entity(command.entity)
    if entity is None:
        raise invalid("entity", f"there is no entity {command.entity}.")
    lasting = survivor(entity, context.world.entity)
    if lasting.id != entity.id:
        raise invalid(
            "entity", f"{entity.name} was merged into {lasting.name} ({lasting.id}); name that one."
        )
    if command.role == "auditor" and entity.category != "state":
        raise invalid("entity", "must be a State, or left out: an auditor sees one State or all.")


def _check_separation(role: str, account: Account, day: date) -> None:
    held = {grant.role for grant in account.grants if grant.holds_on(day)}
    clash = held & CONTENT_ROLES if role == "administrator" else held & {"administrator"}
    if clash and role in CONTENT_ROLES | {"administrator"}:
        raise Refused(
            f"Who administers accounts has no say over content. The account is {', '.join(sorted(clash))} "
            f"already and cannot be {role} too: use another one.",
            code="roles-apart",
        )


def check_token(command: IssueToken, account: Account, day: date) -> None:
    """Raise what forbids a token: roles that the account lacks, too long a life, too many tokens already."""
    if command.roles is not None:
        held = {grant.role for grant in account.grants_on(day)}
        if not command.roles or not held.issuperset(command.roles):
            raise invalid("roles", "must name one role at least, and only roles that the account has.")
    latest = day + timedelta(days=TOKEN_DAYS_MAX)
    if command.until is not None and last_day(command.until) > latest:
        raise invalid("until", f"must not be later than {latest}: a token is good for a year at most.")
    if sum(token.is_good_on(day) for token in account.tokens) >= TOKENS_MAX:
        raise Refused(
            f"The account has {TOKENS_MAX} tokens that are good: revoke one first.", code="too-many-tokens"
        )


def future_day(until: str | None, context: Context) -> str | None:
    """The last day of something, which must not be over."""
    if until is None:
        return None
    try:
        parse_partial_date(until)
    except ValueError as problem:
        raise invalid("until", str(problem)) from None
    if last_day(until) < utc_day(context.now):
        raise invalid("until", f"must not be over (today is {context.today()} in UTC).")
    return until


def free_words(text: str | None, field: str, *, required: bool = False) -> str | None:
    """Words as they are kept, without people's addresses; blank is None."""
    try:
        words = clean_text(text or "")
    except ValueError as problem:
        raise invalid(field, str(problem)) from None
    if required and not words:
        raise invalid(field, "must say why.")
    if len(words) > WORDS_MAX:
        raise invalid(field, f"must have at most {WORDS_MAX} characters.")
    if _ADDRESS.search(words):
        raise invalid(field, "must not hold an e-mail address: it would be kept for ever. Cite the document.")
    return words or None
