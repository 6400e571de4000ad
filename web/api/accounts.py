"""The account that asks: what its token may do."""

from __future__ import annotations

from typing import Any

from flask import Response

from domain.actors import Grant
from web.api.answers import AccountAnswer
from web.api.blueprint import ApiBlueprint, as_json
from web.api.commanding import actor, runtime

api = ApiBlueprint("accounts", "The account that asks")


@api.reads("/accounts/me", AccountAnswer)
def me() -> Response:
    """The account of the token, and its roles in force today."""
    return as_json({"id": actor().account, "grants": [_grant(grant) for grant in actor().grants]})


def _grant(grant: Grant) -> dict[str, Any]:
    return {"role": grant.role, "entity": _entity(grant), "until": grant.until}


def _entity(grant: Grant) -> dict[str, Any] | None:
    questions = runtime().questions
    found = grant.entity and questions.entity(str(grant.entity), moment=questions.moment(None))
    return {name: found[name] for name in SHORT} if found else None


SHORT = ("id", "name", "slug", "category", "kind", "kind_in_words", "country", "region")
