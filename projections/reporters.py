"""Who acts for which entity today, and in which role. Must not know why anybody asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from domain.pledges.concerned import Party
from projections.questions import ACCOUNTS, Questions


def who_acts(questions: Questions) -> Mapping[Party, list[UUID]]:
    """The accounts that act for each entity in a role today; without an entity, all in that role."""
    found: dict[Party, list[UUID]] = defaultdict(list)
    for account in questions.accounts(moment=questions.moment(of=ACCOUNTS)):
        for grant in () if account["suspended"] else account["grants"]:
            if grant["in_force"]:
                entity = UUID(str(grant["entity"]["id"])) if grant["entity"] else None
                found[Party(entity, grant["role"])].append(UUID(account["account"]))
    return found


def reporters(questions: Questions) -> dict[UUID, list[UUID]]:
    """The accounts that report for each entity today."""
    return {
        party.entity: accounts
        for party, accounts in who_acts(questions).items()
        if party.role == "pledger" and party.entity
    }
