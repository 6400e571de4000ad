"""The log's key: adopting one says so, refuses what is no key, and stays quiet about the one it has."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from domain.actors import OPERATOR
from domain.errors import InvalidInput, NotPermitted, Refused, UnreadableEvent
from domain.log.commands import AdoptKey
from domain.log.decide import decide
from domain.log.events import KeyAdopted
from domain.log.evolve import evolve
from domain.log.notes import Signer
from domain.log.state import LOG_ID, LogState
from domain.recording import Authority, Fact
from tests.domain.given import SECRETARIAT, FakeWorld, an_id, context, folded, happened, recorded

NAME = "register.example/log"
FIRST, SECOND, THIRD = (str(Signer(NAME, bytes([number]) * 32).verifier) for number in range(3))
OTHER = str(Signer("other.example/log", b"o" * 32).verifier)


def facts(state: LogState | None, command: AdoptKey) -> tuple[Fact, ...]:
    return decide(command, state, context(FakeWorld())).facts


def after(*commands: AdoptKey) -> LogState:
    state: LogState | None = None
    for command in commands:
        decision = decide(command, state, context(FakeWorld()))
        assert decision.stream == LOG_ID
        state = folded(evolve, state, recorded(decision, state.version if state else 0))
    assert state is not None
    return state


def test_the_first_key_needs_no_reason() -> None:
    assert facts(None, AdoptKey(key=FIRST)) == (KeyAdopted(key=FIRST),)


def test_another_key_follows_for_a_reason() -> None:
    state = after(AdoptKey(key=FIRST), AdoptKey(key=SECOND, reason=" Lost "))
    assert state.keys == (FIRST, SECOND)
    said = facts(state, AdoptKey(key=THIRD, reason="Old"))
    assert said == (KeyAdopted(key=THIRD, replaces=SECOND, reason="Old"),)


def test_a_key_after_one_that_is_lost_replaces_none_and_cites_the_decision() -> None:
    paper = Authority(kind="document", reference=" Decision 9/2026 ", date="2026-03-01")
    command = AdoptKey(key=SECOND, reason="The safe burnt", lost=paper)
    decision = decide(command, after(AdoptKey(key=FIRST)), context(FakeWorld()))
    assert decision.facts == (KeyAdopted(key=SECOND, replaces=None, reason="The safe burnt"),)
    cited = decision.acting.authority
    assert cited is not None
    assert (cited.reference, cited.date) == ("Decision 9/2026", "2026-03-01")
    for refused, field in [
        (msgspec.structs.replace(command, reason=None), "reason"),
        (msgspec.structs.replace(command, lost=Authority(kind="document", reference=" ")), "decision"),
    ]:
        with pytest.raises(InvalidInput) as found:
            facts(after(AdoptKey(key=FIRST)), refused)
        assert list(found.value.errors) == [field]
    with pytest.raises(Refused):
        facts(None, command)


def test_the_key_that_is_there_is_not_said_again() -> None:
    assert facts(after(AdoptKey(key=FIRST)), AdoptKey(key=FIRST)) == ()


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (AdoptKey(key="nonsense"), "key"),
        (AdoptKey(key=OTHER, reason="Moved"), "key"),
        (AdoptKey(key=SECOND), "reason"),
        (AdoptKey(key=SECOND, reason="  "), "reason"),
        (AdoptKey(key=SECOND, reason="a\x00b"), "reason"),
    ],
)
def test_what_is_no_key_of_this_log_is_refused(command: AdoptKey, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        facts(after(AdoptKey(key=FIRST)), command)
    assert list(refused.value.errors) == [field]


def test_a_key_that_was_replaced_does_not_come_back() -> None:
    with pytest.raises(Refused):
        facts(
            after(AdoptKey(key=FIRST), AdoptKey(key=SECOND, reason="Lost")), AdoptKey(key=FIRST, reason="?")
        )


def test_nobody_but_the_operator_changes_it() -> None:
    with pytest.raises(NotPermitted):
        decide(AdoptKey(key=FIRST), None, context(FakeWorld(), SECRETARIAT))
    decide(AdoptKey(key=FIRST), None, context(FakeWorld(), OPERATOR, datetime(2026, 1, 1, tzinfo=UTC)))


def test_what_is_no_event_of_the_log_is_not_taken() -> None:
    class Stranger(Fact, frozen=True, kw_only=True):
        pass

    with pytest.raises(UnreadableEvent):
        evolve(None, happened(Stranger(), an_id(1)))
