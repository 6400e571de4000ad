"""What may be asked about accounts. For administrators and the command line; whoever calls checks that.

Must not know people: addresses are joined by whoever may see them, by account id.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg import Connection

from domain.accounts.state import Account, GrantedRole, Token
from domain.entities.document import entity_document
from domain.entities.state import Entity
from projections.accounts.read_model import ACCOUNTS
from projections.entities.questions import survivors_at
from projections.moments import Moment


def accounts(connection: Connection[Any], *, moment: Moment) -> list[dict[str, Any]]:
    """All accounts with the roles they hold now, in the order of their ids."""
    found = ACCOUNTS.load_all(connection)
    named = {grant.entity for account in found for grant in account.grants if grant.entity}
    entities = survivors_at(connection, named, moment.position)
    return [_told(account, entities, moment) for account in found]


def _told(account: Account, entities: dict[UUID, Entity], moment: Moment) -> dict[str, Any]:
    return {
        "account": str(account.id),
        "suspended": account.suspended,
        "grants": [_grant(grant, entities, moment) for grant in account.grants],
        "tokens": [_token(token, moment) for token in account.tokens],
    }


def _grant(grant: GrantedRole, entities: dict[UUID, Entity], moment: Moment) -> dict[str, Any]:
    entity = entities.get(grant.entity) if grant.entity else None
    return {
        "role": grant.role,
        "entity": entity_document(entity, moment.day) if entity else None,
        "until": grant.until,
        "in_force": grant.holds_on(moment.day),
        "nomination": grant.nomination,
        "mandate": grant.mandate,
    }


def _token(token: Token, moment: Moment) -> dict[str, Any]:
    return {
        "token": str(token.id),
        "label": token.label,
        "until": token.until,
        "good": token.is_good_on(moment.day),
    }
