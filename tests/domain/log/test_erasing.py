"""Erasing words: it says so once, under the decision cited; it refuses what is no words, and who may not."""

from __future__ import annotations

import msgspec
import pytest

from domain.actors import OPERATOR, Actor
from domain.errors import InvalidInput, NotFound, NotPermitted
from domain.log.commands import EraseField
from domain.log.decide import decide
from domain.log.events import FieldErased
from domain.log.evolve import evolve
from domain.log.state import LOG_ID
from domain.recording import Authority, Fact
from tests.domain.given import ADMINISTRATOR, NOBODY, SECRETARIAT, FakeWorld, context, folded, recorded
from tests.domain.test_erased import event

PART, PLACE = "payload.content.title", 120
DECISION = Authority(kind="document", reference=" Decision 7/2026 ", date="2026-03-01")
COMMAND = EraseField(position=PLACE, part=PART, ground=" Article 17 ", authority=DECISION)


def world(*erased: str) -> FakeWorld:
    """One event, which has lost these parts."""
    return FakeWorld(events={PLACE: event("pledge.submitted", 1, *erased)})


def facts(where: FakeWorld, by: Actor = OPERATOR, **said: object) -> tuple[Fact, ...]:
    return decide(msgspec.structs.replace(COMMAND, **said), None, context(where, by)).facts


def test_words_are_erased_under_the_decision_that_is_cited() -> None:
    decision = decide(COMMAND, None, context(world()))
    stream = world().events[PLACE].header.stream
    assert decision.facts == (FieldErased(position=PLACE, stream=stream, part=PART, ground="Article 17"),)
    assert decision.stream == LOG_ID
    assert decision.acting.authority == Authority(
        kind="document", reference="Decision 7/2026", date="2026-03-01"
    )


def test_a_decision_without_a_date_is_of_today() -> None:
    undated = msgspec.structs.replace(COMMAND, authority=Authority(kind="document", reference="7/2026"))
    cited = decide(undated, None, context(world())).acting.authority
    assert cited is not None
    assert cited.date == "2026-11-23"


def test_what_is_erased_is_not_said_again_but_other_parts_are() -> None:
    assert facts(world(PART)) == ()
    (other,) = facts(world(PART), part="payload.content.description")
    assert isinstance(other, FieldErased)
    assert other.part == "payload.content.description"


@pytest.mark.parametrize(
    "part", ["", ".", "payload", "payload.", "title", "content.title", "payload.title", "header.actor",
             "payload.content", "payload.content.entity", "payload.content.title.", "header.content.title"],
)  # fmt: skip
def test_what_is_no_part_of_words_is_refused_with_those_that_are(part: str) -> None:
    with pytest.raises(InvalidInput, match=r"payload\.content\.title") as refused:
        facts(world(), part=part)
    assert list(refused.value.errors) == ["part"]


@pytest.mark.parametrize("position", [PLACE + 1, 2**62, 0, -1])
def test_a_position_ahead_or_before_the_first_is_unknown(position: int) -> None:
    with pytest.raises(NotFound, match=str(position)):
        facts(world(), position=position)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"ground": " "}, "ground"),
        ({"ground": "A\x07law"}, "ground"),
        ({"authority": Authority(kind="document", reference=" ")}, "decision"),
        ({"authority": msgspec.structs.replace(DECISION, date="2999-01-01")}, "date"),
        ({"authority": msgspec.structs.replace(DECISION, date="soon")}, "date"),
    ],
)
def test_ground_and_decision_are_due(said: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        facts(world(), **said)
    assert list(refused.value.errors) == [field]


@pytest.mark.parametrize("who", [SECRETARIAT, ADMINISTRATOR, NOBODY])
def test_the_operator_alone_erases(who: Actor) -> None:
    with pytest.raises(NotPermitted):
        facts(world(), who)


def test_the_log_s_keys_are_as_they_were() -> None:
    state = folded(evolve, None, recorded(decide(COMMAND, None, context(world()))))
    assert (state.version, state.keys) == (1, ())
