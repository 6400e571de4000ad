"""The account that asks: what its token may do."""

from __future__ import annotations

from typing import Any

from flask import Response

from domain.actors import Grant
from web.api.answers_of_register import AccountAnswer
from web.api.blueprint import ApiBlueprint, as_json
from web.api.commanding import actor
from web.api.entities import entity_in_short

api = ApiBlueprint("accounts", "The account that asks")


@api.reads("/accounts/me", AccountAnswer)
def me() -> Response:
    """The account of the token, and its roles in force today."""
    return as_json({"id": actor().account, "grants": [_grant(grant) for grant in actor().grants]})


def _grant(grant: Grant) -> dict[str, Any]:
    return {
        "role": grant.role,
        "entity": entity_in_short(grant.entity) if grant.entity else None,
        "until": grant.until,
    }
