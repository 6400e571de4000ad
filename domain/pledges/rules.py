"""What a pledge's content must be, field by field: while it is drafted, submitted, recorded or amended.

Each rule names its field by a dotted path and says what to do. Sources: contract section 3 "A pledge", and
the form of the registry.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date
from typing import Literal, get_args

from domain.deciding import Context
from domain.pledges.content import Content, Part, Source, Target, Terms
from domain.pledges.findings import Findings, check_text
from domain.reference.compact import OBJECTIVES, PRINCIPLES
from domain.reference.states import STATES
from domain.reference.vocabularies import REGIONS, Basis, Form, Level, PledgeType, TermsKind
from domain.values import (
    Money,
    duplicates,
    first_day,
    last_day,
    parse_money,
    parse_number,
    parse_partial_date,
    utc_day,
)

Purpose = Literal["draft", "submission", "record", "amendment"]
TITLE_CHARS_MIN, TITLE_CHARS_MAX = 3, 300
DESCRIPTION_CHARS_MIN, DESCRIPTION_CHARS_MAX = 300, 3000
WORDS_CHARS_MAX = 1000
UNIT_CHARS_MAX = 100
LIST_ITEMS_MAX = 200
MATCHES_MAX = 100_000
JOINT = ("common", "partnership")
NEEDED_TO_SUBMIT = ("title", "type", "description", "forms", "due_on")
"""What every submission says; what else one of a type needs is said in `_check_complete`."""
ONE_OF_NEEDED_TO_SUBMIT = ("objectives", "principles")
LANGUAGE = re.compile(r"[a-z]{2,3}\Z", re.ASCII)
TARGET_ID = re.compile(r"[A-Za-z0-9_-]{1,20}\Z", re.ASCII)
LISTS = (
    "forms", "objectives", "principles", "actions", "frameworks", "levels", "countries", "regions",
    "partners", "named",
)  # fmt: skip


def check_content(content: Content, purpose: Purpose, context: Context, *, under: str = "") -> None:
    """Raise InvalidInput with every broken rule of the content for that purpose."""
    today = utc_day(context.now)
    found = Findings(under)
    _check_texts(content, purpose, found)
    _check_lists(content, found)
    _check_words_of_lists(content, found)
    _check_dates(content, purpose, today, found)
    _check_targets(content.targets, "targets", found)
    check_amount(content.amount, "amount", found)
    _check_type(content, purpose, found)
    if content.terms is not None:
        _check_terms(content.terms, purpose, today, found)
    if content.source is not None:
        _check_source(content.source, found)
    _check_world(content, purpose, context, found)
    if purpose == "submission":
        _check_complete(content, today, found)
    found.raise_if_any()


def check_part(part: Part) -> None:
    """Raise InvalidInput with every broken rule of a partner's part; its fields are named `part.…`."""
    found = Findings("part")
    check_text(part.description, "description", DESCRIPTION_CHARS_MAX, found)
    _check_distinct(part.forms, "forms", found)
    _check_words(part.forms, get_args(Form), "forms", found)
    _check_targets(part.targets, "targets", found)
    check_amount(part.amount, "amount", found)
    if part.due_on is not None:
        found.attempt("due_on", parse_partial_date, part.due_on)
    found.raise_if_any()


def check_amount(amount: Money | None, field: str, found: Findings) -> None:
    """An amount is a positive decimal in a currency that there is."""
    if amount is not None:
        found.attempt(field, parse_money, amount.value, amount.currency)


# -- texts and lists


def _check_texts(content: Content, purpose: Purpose, found: Findings) -> None:
    check_text(content.title, "title", TITLE_CHARS_MAX, found)
    if len(content.title) < TITLE_CHARS_MIN:
        found.say("title", f"must have at least {TITLE_CHARS_MIN} characters.")
    check_text(content.description, "description", DESCRIPTION_CHARS_MAX, found)
    for field in ("seeking", "scope_in_words", "through", "matches_elsewhere"):
        check_text(getattr(content, field), field, WORDS_CHARS_MAX, found)
    for field in ("actions", "frameworks"):
        for index, text in enumerate(getattr(content, field)):
            check_text(text, f"{field}.{index}", WORDS_CHARS_MAX, found)
            if not text:
                found.say(f"{field}.{index}", "must not be blank.")
    if not LANGUAGE.match(content.language):
        found.say("language", "must be a language code such as en, fr or ar.")
    if purpose in ("draft", "submission") and content.type is None:
        found.say("type", f"must be said: {_listed(get_args(PledgeType))}.")


def _check_lists(content: Content, found: Findings) -> None:
    for field in LISTS:
        _check_distinct(getattr(content, field), field, found)


def _check_distinct(items: tuple[object, ...], field: str, found: Findings) -> None:
    if again := duplicates(items):
        found.say(field, f"must hold no duplicates ({again[0]}).")
    if len(items) > LIST_ITEMS_MAX:
        found.say(field, f"must hold at most {LIST_ITEMS_MAX} items.")


def _check_words_of_lists(content: Content, found: Findings) -> None:
    """What comes from closed lists is on them."""
    _check_words(content.forms, get_args(Form), "forms", found)
    _check_words(content.levels, get_args(Level), "levels", found)
    _check_words(content.regions, REGIONS, "regions", found)
    _check_known(content.objectives, OBJECTIVES, "objectives", "an objective (1 to 23)", found)
    _check_known(content.principles, PRINCIPLES, "principles", "a guiding principle's slug", found)
    _check_known(content.countries, STATES, "countries", "the ISO 3166 alpha-3 code of a State", found)
    if content.objectives_basis is not None and content.objectives_basis not in get_args(Basis):
        found.say("objectives_basis", f"must be {_listed(get_args(Basis))}.")


def _check_words(items: Iterable[object], words: Collection[object], field: str, found: Findings) -> None:
    _check_known(items, words, field, f"one of {', '.join(map(str, words))}", found)


def _check_known(
    items: Iterable[object], known: Collection[object], field: str, what: str, found: Findings
) -> None:
    for index, item in enumerate(items):
        if item not in known:
            found.say(f"{field}.{index}", f"{str(item)[:60]!r} is not {what}.")


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}"


def _check_source(source: Source, found: Findings) -> None:
    check_text(source.ref, "source.ref", WORDS_CHARS_MAX, found)
    if not source.ref:
        found.say("source.ref", "must be given.")
    for column, fact in source.kept.items():
        check_text(fact, f"source.kept.{column}", DESCRIPTION_CHARS_MAX, found)


# -- dates


def _check_dates(content: Content, purpose: Purpose, today: date, found: Findings) -> None:
    made = _date(content.made_on, "made_on", found)
    due = _date(content.due_on, "due_on", found)
    if made and first_day(made) > today:
        found.say("made_on", f"must not lie in the future (today is {today.isoformat()} in UTC).")
    if made and due and last_day(due) < first_day(made):
        found.say("due_on", f"must not be before the day it was made ({made}).")
        if purpose != "amendment":
            found.say("made_on", f"must not be after the day by which it is due ({due}).")


def _date(text: str | None, field: str, found: Findings) -> str | None:
    return text if text is not None and found.attempt(field, parse_partial_date, text) else None


# -- targets


def _check_targets(targets: tuple[Target, ...], field: str, found: Findings) -> None:
    if len(targets) > LIST_ITEMS_MAX:
        found.say(field, f"must hold at most {LIST_ITEMS_MAX} items.")
    if again := duplicates(target.id for target in targets if target.id):
        found.say(field, f"two targets have the id {str(again[0])[:60]}.")
    for index, target in enumerate(targets):
        _check_target(target, f"{field}.{index}", found)


def _check_target(target: Target, field: str, found: Findings) -> None:
    check_text(target.description, f"{field}.description", WORDS_CHARS_MAX, found)
    check_text(target.unit, f"{field}.unit", UNIT_CHARS_MAX, found)
    if target.id and not TARGET_ID.match(target.id):
        found.say(f"{field}.id", "must be letters and digits, such as t1; leave it out for a new target.")
    if not target.description and target.target is None:
        found.say(f"{field}.description", "must be given for a target without a number.")
    if target.due_on is not None:
        found.attempt(f"{field}.due_on", parse_partial_date, target.due_on)
    _check_numbers(target, field, found)


def _check_numbers(target: Target, field: str, found: Findings) -> None:
    if target.target is None:
        if target.baseline is not None:
            found.say(f"{field}.target", "must be given where there is a baseline.")
        return
    if not target.unit:
        found.say(f"{field}.unit", "must say what the number counts, for example people.")
    holds = found.attempt(f"{field}.target", parse_number, target.target)
    if target.baseline is not None:
        holds = found.attempt(f"{field}.baseline", parse_number, target.baseline) and holds
    if holds and parse_number(target.baseline or "0") == parse_number(target.target):
        found.say(f"{field}.target", "must differ from the baseline (an unknown baseline counts as 0).")
        if target.baseline is not None:
            found.say(f"{field}.baseline", "must differ from the target.")


# -- type and terms


def _check_type(content: Content, purpose: Purpose, found: Findings) -> None:
    """The type is one of the four, and nothing is said that belongs to another."""
    if content.type is not None and content.type not in get_args(PledgeType):
        found.say("type", f"must be {_listed(get_args(PledgeType))}.")
    if purpose == "draft":
        return
    said = [name for name in ("terms", "matches", "matches_elsewhere") if getattr(content, name) is not None]
    if said and content.type != "matching":
        for field in (*said, "type"):
            found.say(field, "terms, and what a pledge matches, are for pledges of type matching only.")
    elif content.terms is not None and len(said) > 1:
        for field in said:
            found.say(field, "a matching pledge has either terms or the pledge that it matches, not both.")
    # Once the pledge is submitted, partners have places with a life of their own.
    if content.partners and content.type not in (*JOINT, None) and purpose != "amendment":
        found.say("partners", f"a pledge of type {content.type} has no partners.")
        found.say("type", "must be common or partnership for a pledge with partners.")


def _check_terms(terms: Terms, purpose: Purpose, today: date, found: Findings) -> None:
    check_text(terms.condition, "terms.condition", WORDS_CHARS_MAX, found)
    check_amount(terms.amount, "terms.amount", found)
    if terms.kind not in get_args(TermsKind):
        found.say("terms.kind", f"must be {_listed(get_args(TermsKind))}.")
    if terms.amount is not None and terms.count is not None:
        for field in ("terms.amount", "terms.count"):
            found.say(field, "terms name either an amount or a number of matches.")
    if terms.amount is None and terms.count is None and not terms.condition:
        for field in ("terms.condition", "terms.amount", "terms.count"):
            found.say(field, "terms need a condition, an amount or a number of matches.")
    if terms.count is not None and not 1 <= terms.count <= MATCHES_MAX:
        found.say("terms.count", f"must be from 1 to {MATCHES_MAX:,}.")
    holds = found.attempt("terms.deadline", parse_partial_date, terms.deadline)
    if holds and purpose == "submission" and last_day(terms.deadline) < today:
        found.say("terms.deadline", f"must not be before today ({today.isoformat()}).")


# -- what the rest of the register knows


def _check_world(content: Content, purpose: Purpose, context: Context, found: Findings) -> None:
    # What an amendment cannot change was checked when it was said; since then entities may have merged, and
    # the lead may have passed to a partner that the submission named.
    if purpose == "amendment":
        return
    world = context.world
    if world.entity(content.entity) is None:
        found.say("entity", "is not known; GET /api/v1/entities?q= finds entities.")
    for field, entities in (("partners", content.partners), ("named", content.named)):
        for index, entity in enumerate(entities):
            if world.entity(entity) is None:
                found.say(f"{field}.{index}", "is not a known entity.")
            elif context.lasting(entity) == context.lasting(content.entity):
                found.say(f"{field}.{index}", "is the pledge's own entity.")
    if content.cycle is not None and world.cycles().get(content.cycle) is None:
        found.say("cycle", "is not a cycle that was opened.")
    matched = world.pledge(content.matches) if content.matches is not None else None
    if content.matches is not None and (matched is None or matched.phase != "public"):
        found.say("matches", "is not a known public pledge.")
    elif matched is not None and matched.content.terms is None and purpose != "draft":
        found.say("matches", "is a pledge that asks for no match (it has no terms).")


def _check_complete(content: Content, today: date, found: Findings) -> None:
    """What a submission needs beyond what a draft does."""
    if len(content.description or "") < DESCRIPTION_CHARS_MIN:
        found.say("description", f"must have at least {DESCRIPTION_CHARS_MIN} characters to be submitted.")
    if not content.forms:
        found.say("forms", "must name at least one form.")
    if not content.objectives and not content.principles:
        for field in ONE_OF_NEEDED_TO_SUBMIT:
            found.say(field, "must name at least one objective or one guiding principle.")
    if content.due_on is None:
        found.say("due_on", "must be given to submit: by when will it be done?")
    elif "due_on" not in found.errors and last_day(content.due_on) < today:
        found.say("due_on", f"must not be before today ({today.isoformat()}).")
    if content.type == "matching" and not (content.terms or content.matches or content.matches_elsewhere):
        for field in ("terms", "matches"):
            found.say(field, "a matching pledge needs terms, or the pledge that it matches.")
