"""Each command has its three tests: what it says, what it refuses, and that it stays quiet."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from domain.pledges.commands import PledgeCommand, VerdictCommand
from domain.pledges.decide import DECIDERS
from domain.pledges.evolve import _EVOLVERS
from domain.recording import EVENT_TYPES

HERE = Path(__file__).parent


def written_tests() -> dict[str, list[str]]:
    classes = (
        node
        for path in HERE.glob("test_*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    )
    return {
        node.name: [inner.name for inner in node.body if isinstance(inner, ast.FunctionDef)]
        for node in classes
    }


@pytest.mark.parametrize("command", DECIDERS, ids=lambda command: command.__name__)
@pytest.mark.parametrize("habit", ["says", "refuses", "stays_quiet"])
def test_a_command_has_its_three_tests(command: type[PledgeCommand], habit: str) -> None:
    tests = written_tests().get(f"Test{command.__name__}", [])
    assert any(test.startswith(f"test_{habit}") for test in tests), (
        f"no test of what {command.__name__} {habit}"
    )


def leaves(kind: type) -> set[type]:
    below = kind.__subclasses__()
    return {leaf for inner in below for leaf in leaves(inner)} | {*below} - {VerdictCommand}


def test_every_command_is_decided_by_somebody() -> None:
    assert set(DECIDERS) == leaves(PledgeCommand)


def test_every_fact_of_a_pledge_changes_it_in_a_known_way() -> None:
    facts = {kind.fact for name, kind in EVENT_TYPES.items() if name.startswith("pledge.")}
    assert set(_EVOLVERS) == facts
