"""What a pledge's content must be, field by field: while it is drafted, when it is submitted, when it is recorded.

Each rule names its field by a dotted path and says what to do. Sources: contract section 3 "A pledge", the registry's form.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from typing import Literal

from domain.deciding import Context, World
from domain.errors import InvalidInput
from domain.pledges.content import Content, Part, Target, Terms
from domain.reference.compact import OBJECTIVES, PRINCIPLES
from domain.reference.states import STATES
from domain.reference.vocabularies import REGIONS
from domain.values import (
    Money,
    clean_text,
    duplicates,
    first_day,
    last_day,
    parse_money,
    parse_number,
    parse_partial_date,
    utc_day,
)

Purpose = Literal["draft", "submission", "record"]
TITLE_CHARS_MIN, TITLE_CHARS_MAX = 3, 300
DESCRIPTION_CHARS_MIN, DESCRIPTION_CHARS_MAX = 300, 3000
WORDS_CHARS_MAX = 1000
LIST_ITEMS_MAX = 200
LANGUAGE = re.compile(r"[a-z]{2,3}\Z", re.ASCII)


class Findings:
    """The broken rules found so far, by field."""

    def __init__(self) -> None:
        self.errors: dict[str, list[str]] = defaultdict(list)

    def say(self, field: str, message: str) -> None:
        self.errors[field].append(message)

    def attempt(self, field: str, check: Callable[[], object]) -> bool:
        """Run a check that raises ValueError with a rule; whether it held."""
        try:
            check()
        except ValueError as problem:
            self.say(field, str(problem))
            return False
        return True

    def raise_if_any(self) -> None:
        if self.errors:
            raise InvalidInput(self.errors)


def check_content(content: Content, purpose: Purpose, context: Context) -> None:
    """Raise InvalidInput with every broken rule of the content for that purpose."""
    found = Findings()
    _check_texts(content, purpose, found)
    _check_lists(content, purpose, found)
    _check_dates(content, purpose, utc_day(context.now), found)
    _check_targets(content.targets, "targets", found)
    _check_amount(content.amount, "amount", found)
    _check_terms(content, purpose, utc_day(context.now), found)
    _check_world(content, purpose, context.world, found)
    found.raise_if_any()


def check_part(part: Part) -> None:
    """Raise InvalidInput with every broken rule of a partner's part; its fields are named `part.…`."""
    found = Findings()
    check_text(part.description, "part.description", DESCRIPTION_CHARS_MAX, found)
    _check_distinct(part.forms, "part.forms", found)
    _check_targets(part.targets, "part.targets", found)
    _check_amount(part.amount, "part.amount", found)
    if part.due_on is not None:
        found.attempt("part.due_on", lambda: parse_partial_date(part.due_on or ""))
    found.raise_if_any()


def check_text(text: str | None, field: str, chars_max: int, found: Findings) -> None:
    """A text is clean and not too long."""
    if text is None:
        return
    if found.attempt(field, lambda: clean_text(text)) and len(text) > chars_max:
        found.say(field, f"must have at most {chars_max} characters; it has {len(text)}.")


def _check_texts(content: Content, purpose: Purpose, found: Findings) -> None:
    check_text(content.title, "title", TITLE_CHARS_MAX, found)
    if len(content.title) < TITLE_CHARS_MIN:
        found.say("title", f"must have at least {TITLE_CHARS_MIN} characters.")
    check_text(content.description, "description", DESCRIPTION_CHARS_MAX, found)
    if purpose == "submission" and len(content.description or "") < DESCRIPTION_CHARS_MIN:
        found.say("description", f"must have at least {DESCRIPTION_CHARS_MIN} characters to be submitted.")
    for field in ("seeking", "scope_in_words", "through", "matches_elsewhere"):
        check_text(getattr(content, field), field, WORDS_CHARS_MAX, found)
    for field in ("actions", "frameworks"):
        for index, text in enumerate(getattr(content, field)):
            check_text(text, f"{field}.{index}", WORDS_CHARS_MAX, found)
    if not LANGUAGE.match(content.language):
        found.say("language", "must be a language code such as en, fr or ar.")


def _check_distinct(items: tuple[object, ...], field: str, found: Findings) -> None:
    if again := duplicates(items):
        found.say(field, f"must hold no duplicates ({again[0]}).")
    if len(items) > LIST_ITEMS_MAX:
        found.say(field, f"must hold at most {LIST_ITEMS_MAX} items.")


def _check_known(
    items: Iterable[object], known: frozenset[object], field: str, what: str, found: Findings
) -> None:
    for index, item in enumerate(items):
        if item not in known:
            found.say(f"{field}.{index}", f"{str(item)[:60]!r} is not {what}.")


def _check_lists(content: Content, purpose: Purpose, found: Findings) -> None:
    for field in (
        "forms",
        "objectives",
        "principles",
        "actions",
        "frameworks",
        "levels",
        "countries",
        "regions",
        "partners",
        "named",
    ):
        _check_distinct(getattr(content, field), field, found)
    _check_known(content.objectives, frozenset(OBJECTIVES), "objectives", "an objective (1 to 23)", found)
    _check_known(
        content.principles,
        frozenset(PRINCIPLES),
        "principles",
        "the slug of a guiding principle (GET /api/v1/reference lists them)",
        found,
    )
    _check_known(
        content.countries, frozenset(STATES), "countries", "the ISO 3166 alpha-3 code of a State", found
    )
    _check_known(content.regions, frozenset(REGIONS), "regions", f"one of {', '.join(REGIONS)}", found)
    if purpose != "submission":
        return
    if content.type is None:
        found.say("type", "must be said: individual, common, partnership or matching.")
    if not content.forms:
        found.say("forms", "must name at least one form.")
    if not content.objectives and not content.principles:
        for field in ("objectives", "principles"):
            found.say(field, "must name at least one objective or one guiding principle.")


def _check_dates(content: Content, purpose: Purpose, today: date, found: Findings) -> None:
    made = (
        content.made_on
        if content.made_on and found.attempt("made_on", lambda: parse_partial_date(content.made_on or ""))
        else None
    )
    due = (
        content.due_on
        if content.due_on and found.attempt("due_on", lambda: parse_partial_date(content.due_on or ""))
        else None
    )
    if made and first_day(made) > today:
        found.say("made_on", f"must not lie in the future (today is {today.isoformat()} in UTC).")
    if made and due and last_day(due) < first_day(made):
        found.say("due_on", f"must not be before the day it was made ({made}).")
    if purpose == "submission":
        if not content.due_on:
            found.say("due_on", "must be given to submit: by when will it be done?")
        elif due and last_day(due) < today:
            found.say("due_on", f"must not be before today ({today.isoformat()}).")


def _check_targets(targets: tuple[Target, ...], field: str, found: Findings) -> None:
    if len(targets) > LIST_ITEMS_MAX:
        found.say(field, f"must hold at most {LIST_ITEMS_MAX} items.")
    if again := duplicates(target.id for target in targets if target.id):
        found.say(field, f"two targets have the id {again[0]}.")
    for index, target in enumerate(targets):
        _check_target(target, f"{field}.{index}", found)


def _check_target(target: Target, field: str, found: Findings) -> None:
    check_text(target.description, f"{field}.description", WORDS_CHARS_MAX, found)
    check_text(target.unit, f"{field}.unit", 100, found)
    if not target.description and target.target is None:
        found.say(f"{field}.description", "must be given for a target without a number.")
    numbers_hold = all(
        found.attempt(f"{field}.{name}", lambda number=number: parse_number(number))  # type: ignore[misc]
        for name, number in (("baseline", target.baseline), ("target", target.target))
        if number is not None
    )
    if target.target is not None and not target.unit:
        found.say(f"{field}.unit", "must say what the number counts, for example people.")
    if target.baseline is not None and target.target is None:
        found.say(f"{field}.target", "must be given where there is a baseline.")
    if (
        numbers_hold
        and target.target is not None
        and parse_number(target.baseline or "0") == parse_number(target.target)
    ):
        found.say(f"{field}.target", "must differ from the baseline (an unknown baseline counts as 0).")
    if target.due_on is not None:
        found.attempt(f"{field}.due_on", lambda: parse_partial_date(target.due_on or ""))


def _check_amount(amount: Money | None, field: str, found: Findings) -> None:
    if amount is not None:
        found.attempt(field, lambda: parse_money(amount.value, amount.currency))


def _check_terms(content: Content, purpose: Purpose, today: date, found: Findings) -> None:
    answers = content.matches is not None or content.matches_elsewhere is not None
    if content.type != "matching":
        for field, given in (("terms", content.terms is not None), ("matches", answers)):
            if given:
                found.say(field, "is for pledges of type matching only.")
        return
    if content.terms is not None and answers:
        for field in ("terms", "matches"):
            found.say(field, "a matching pledge has either terms or the pledge that it matches, not both.")
    if purpose == "submission" and content.terms is None and not answers:
        for field in ("terms", "matches"):
            found.say(field, "a matching pledge needs terms, or the pledge that it matches.")
    if content.terms is not None:
        _check_one_terms(content.terms, purpose, today, found)


def _check_one_terms(terms: Terms, purpose: Purpose, today: date, found: Findings) -> None:
    check_text(terms.condition, "terms.condition", WORDS_CHARS_MAX, found)
    _check_amount(terms.amount, "terms.amount", found)
    if terms.amount is not None and terms.count is not None:
        for field in ("terms.amount", "terms.count"):
            found.say(field, "terms name either an amount or a number of matches.")
    if terms.amount is None and terms.count is None and not terms.condition:
        found.say("terms.condition", "terms need a condition, an amount or a number of matches.")
    if terms.count is not None and not 1 <= terms.count <= 100_000:
        found.say("terms.count", "must be from 1 to 100,000.")
    holds = found.attempt("terms.deadline", lambda: parse_partial_date(terms.deadline))
    if holds and purpose == "submission" and last_day(terms.deadline) < today:
        found.say("terms.deadline", f"must not be before today ({today.isoformat()}).")


def _check_world(content: Content, purpose: Purpose, world: World, found: Findings) -> None:
    if world.entity(content.entity) is None:
        found.say("entity", "is not known; GET /api/v1/entities?q= finds entities.")
    joint = content.type in ("common", "partnership")
    for index, partner in enumerate(content.partners):
        if world.entity(partner) is None:
            found.say(f"partners.{index}", "is not a known entity.")
        if partner == content.entity:
            found.say(f"partners.{index}", "is the pledge's own entity.")
    if content.partners and not joint and content.type is not None:
        found.say(
            "partners", f"a pledge of type {content.type} has no partners; choose common or partnership."
        )
    if content.cycle is not None and content.cycle not in world.cycles().keys():
        found.say("cycle", "is not a cycle that was opened.")
    if content.matches is not None and purpose != "draft":
        matched = world.pledge(content.matches)
        if matched is None or matched.phase != "public":
            found.say("matches", "is not a known public pledge.")
        elif matched.content.terms is None:
            found.say("matches", "is a pledge that asks for no match (it has no terms).")
