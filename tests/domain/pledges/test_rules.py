"""What content must be: each rule names its fields, and says what to do."""

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import InvalidInput
from domain.pledges.content import Content, Source, Target, Terms
from domain.pledges.rules import Purpose, check_content
from domain.pledges.tidy import tidied
from domain.values import Money
from tests.domain.given import context
from tests.domain.pledges.life import (
    GHANA,
    KENYA,
    NOW,
    OTHER,
    OWNER,
    THIRD,
    UNKNOWN,
    a_world,
    content,
    euros,
    made,
    matching,
    pledge_of,
    submitted,
)


def problems(said: Content, purpose: Purpose) -> dict[str, list[str]]:
    world = a_world()
    world.pledges[OTHER] = pledge_of(made(), stream=OTHER)
    world.pledges[THIRD] = pledge_of(submitted(), stream=THIRD)
    try:
        check_content(said, purpose, context(world, OWNER, NOW))
    except InvalidInput as problem:
        return problem.errors
    return {}


def terms(**said: Any) -> dict[str, Any]:
    return {"type": "matching", "terms": Terms(**{"kind": "financial", "deadline": "2027", **said})}


# What was said; the fields that are named when it is recorded.
NEVER: list[tuple[dict[str, Any], set[str]]] = [
    ({"title": "No"}, {"title"}),
    ({"title": "x" * 301}, {"title"}),
    ({"description": "x" * 3001}, {"description"}),
    ({"language": "English"}, {"language"}),
    ({"type": "solo"}, {"type"}),
    ({"forms": ("money",)}, {"forms.0"}),
    ({"forms": ("policy", "policy")}, {"forms"}),
    ({"objectives": (0, 24)}, {"objectives.0", "objectives.1"}),
    ({"objectives_basis": "guessed"}, {"objectives_basis"}),
    ({"principles": ("kindness",)}, {"principles.0"}),
    ({"levels": ("galactic",)}, {"levels.0"}),
    ({"countries": ("KEN", "KE")}, {"countries.1"}),
    ({"regions": ("Atlantis",)}, {"regions.0"}),
    ({"actions": ("",)}, {"actions.0"}),
    ({"actions": tuple(f"Action {n}" for n in range(201))}, {"actions"}),
    ({"seeking": "x" * 1001}, {"seeking"}),
    ({"amount": Money(value="0", currency="EUR")}, {"amount"}),
    ({"amount": Money(value="5", currency="XYZ")}, {"amount"}),
    ({"due_on": "2027-02-30"}, {"due_on"}),
    ({"made_on": "2022-05", "due_on": "2022-04"}, {"due_on", "made_on"}),
    ({"made_on": "2026-11-24"}, {"made_on"}),
    ({"targets": (Target(),)}, {"targets.0.description"}),
    ({"targets": (Target(target="5"),)}, {"targets.0.unit"}),
    ({"targets": (Target(target="many", unit="people"),)}, {"targets.0.target"}),
    (
        {"targets": (Target(target="5", baseline="5.0", unit="people"),)},
        {"targets.0.target", "targets.0.baseline"},
    ),
    ({"targets": (Target(target="0", unit="people"),)}, {"targets.0.target"}),
    ({"targets": (Target(description="x", baseline="5"),)}, {"targets.0.target"}),
    ({"targets": (Target(description="x", due_on="soon"),)}, {"targets.0.due_on"}),
    ({"targets": (Target(id="t 1", description="x"),)}, {"targets.0.id"}),
    ({"targets": (Target(id="t1", description="x"), Target(id="t1", description="y"))}, {"targets"}),
    (terms(), {"terms.condition", "terms.amount", "terms.count"}),
    (terms(amount=euros("5"), count=2), {"terms.amount", "terms.count"}),
    (terms(amount=euros("-5")), {"terms.amount"}),
    (terms(count=0), {"terms.count"}),
    (terms(count=1, kind="moral"), {"terms.kind"}),
    (terms(count=1, deadline="soon"), {"terms.deadline"}),
    ({"terms": Terms(kind="financial", deadline="2027", count=1)}, {"terms", "type"}),
    ({"type": None, "matches_elsewhere": "GRF-1"}, {"matches_elsewhere", "type"}),
    ({**terms(count=1), "matches_elsewhere": "GRF-1"}, {"terms", "matches_elsewhere"}),
    ({"type": "matching", "matches": UNKNOWN}, {"matches"}),
    ({"type": "matching", "matches": THIRD}, {"matches"}),
    ({"type": "matching", "matches": OTHER}, {"matches"}),
    ({"partners": (GHANA,)}, {"partners", "type"}),
    ({"type": "common", "partners": (KENYA, UNKNOWN)}, {"partners.0", "partners.1"}),
    ({"named": (UNKNOWN,)}, {"named.0"}),
    ({"cycle": 2030}, {"cycle"}),
    ({"source": Source(ref="", kept={"contact": "x" * 3001})}, {"source.ref", "source.kept.contact"}),
]


@pytest.mark.parametrize(("said", "fields"), NEVER)
def test_what_can_never_be_recorded(said: dict[str, Any], fields: set[str]) -> None:
    assert set(problems(content(**said), "record")) == fields


ONLY_A_SUBMISSION: list[tuple[dict[str, Any], set[str]]] = [
    ({"description": None}, {"description"}),
    ({"description": "x" * 299}, {"description"}),
    ({"forms": ()}, {"forms"}),
    ({"objectives": ()}, {"objectives", "principles"}),
    ({"due_on": None}, {"due_on"}),
    ({"due_on": "2026-10-31"}, {"due_on"}),
    ({"type": "matching"}, {"terms", "matches"}),
    ({**matching(deadline="2026-10")}, {"terms.deadline"}),
]


@pytest.mark.parametrize(("said", "fields"), ONLY_A_SUBMISSION)
def test_what_only_a_submission_has_to_have(said: dict[str, Any], fields: set[str]) -> None:
    assert set(problems(content(**said), "submission")) == fields
    assert problems(content(**said), "record") == {}
    assert problems(content(**said), "draft") == {}


def test_a_draft_needs_a_title_an_entity_and_a_type() -> None:
    assert set(problems(Content(title="", entity=UNKNOWN), "draft")) == {"title", "entity", "type"}
    assert problems(Content(title="Abc", entity=KENYA, type="matching"), "draft") == {}


def test_a_draft_may_be_at_odds_with_itself() -> None:
    unfinished = content(
        type="individual", partners=(GHANA,), terms=Terms(kind="financial", deadline="2027", count=1)
    )
    assert problems(unfinished, "draft") == {}
    assert set(problems(unfinished, "submission")) == {"partners", "type", "terms"}


def test_texts_are_kept_clean() -> None:
    messy = content(
        title=" Cafe\u0301 ", description="One\r\ntwo", seeking=" \n ", actions=(" a ",),
        targets=(Target(description=" x ", unit=""),), source=Source(ref=" R-1 ", kept={" a ": " b "}),
    )  # fmt: skip
    kept = tidied(messy)
    assert (kept.title, kept.description, kept.seeking, kept.actions) == ("Café", "One\ntwo", None, ("a",))
    assert (kept.targets[0].description, kept.targets[0].unit) == ("x", None)
    assert kept.source == Source(ref="R-1", kept={"a": "b"})
    assert tidied(kept) == kept


@pytest.mark.parametrize("sign", ["\0", "\t", "\x7f", "\u202e", "\ud800", "\x9f"])
def test_no_text_holds_control_characters(sign: str) -> None:
    with pytest.raises(InvalidInput) as found:
        tidied(content(seeking=f"a{sign}b", targets=(Target(description=f"a{sign}b"),)))
    assert set(found.value.errors) == {"seeking", "targets.0.description"}


def test_signs_that_arabic_and_hebrew_need_are_kept() -> None:
    right_to_left = content(title="تعهد \u200f(Kenya)\u200e")
    assert tidied(right_to_left) == right_to_left
