"""Who reports for which entity today. Must not know why anybody asks."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from projections.questions import ACCOUNTS, Questions


def reporters(questions: Questions) -> dict[UUID, list[UUID]]:
    """The accounts that report for each entity today."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for account in questions.accounts(moment=questions.moment(of=ACCOUNTS)):
        for grant in () if account["suspended"] else account["grants"]:
            if grant["role"] == "pledger" and grant["in_force"] and grant["entity"]:
                found[UUID(str(grant["entity"]["id"]))].append(UUID(account["account"]))
    return found
