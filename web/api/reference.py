"""The words of the register: the closed lists that pledges are described with."""

from __future__ import annotations

from typing import Any, get_args

from flask import Response

from domain.actors import ROLES
from domain.pledges.decide_submission import REJECTION_CODES
from domain.reference.compact import LANGUAGES, OBJECTIVES, PRINCIPLES, Objective, Principle
from domain.reference.currencies import CURRENCIES
from domain.reference.vocabularies import (
    REGIONS,
    AuthorityKind,
    Category,
    Form,
    Kind,
    Level,
    MoneyStage,
    Outlook,
    PledgeType,
    Status,
    TermsKind,
)
from web import moments
from web.api.answers_of_register import ReferenceAnswer
from web.api.blueprint import ApiBlueprint, as_json
from web.api.cycles import all_cycles
from web.api.queries import AsOf
from web.api.shapes import POSITION

api = ApiBlueprint("reference", "The words of the register")


def _titled(thing: Objective | Principle) -> dict[str, Any]:
    titles = {
        language: {"text": title.text, "basis": title.basis} for language, title in thing.titles.items()
    }
    return {"slug": thing.slug, "short": thing.short, "titles": titles}


LISTS: dict[str, Any] = {
    "objectives": [{"number": number, **_titled(thing)} for number, thing in OBJECTIVES.items()],
    "principles": [{"letter": thing.letter, **_titled(thing)} for thing in PRINCIPLES.values()],
    "forms": get_args(Form),
    "types": get_args(PledgeType),
    "statuses": get_args(Status),
    "levels": get_args(Level),
    "entity_categories": get_args(Category),
    "entity_kinds": get_args(Kind),
    "roles": ROLES,
    "languages": LANGUAGES,
    "regions": REGIONS,
    "outlooks": get_args(Outlook),
    "terms_kinds": get_args(TermsKind),
    "money_stages": get_args(MoneyStage),
    "authority_kinds": get_args(AuthorityKind),
    "rejection_codes": REJECTION_CODES,
    "currencies": sorted(CURRENCIES),
}


@api.reads("/reference", ReferenceAnswer, query=AsOf, headers=POSITION)
def show(query: dict[str, Any]) -> Response:
    """Objectives, principles, forms, types, statuses, levels, categories, kinds, roles, cycles, languages."""
    moment = moments.asked(query.get("as_of"), of=())
    answer = {**LISTS, "cycles": all_cycles(moment), **moments.told(moment)}
    return as_json(answer, headers={"X-Position": str(moment.position)})
