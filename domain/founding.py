"""What is there from the start: the 195 States and the first cycle, recorded once in a register's life."""

from __future__ import annotations

from domain.actors import OPERATOR_ID
from domain.cycles import founding as cycles
from domain.entities import founding as entities
from domain.recording import Acting, Authority
from domain.reference.identifiers import fixed_id
from domain.register import Register

FOUNDING_ID = fixed_id("command", "founding")


def found(register: Register) -> None:
    """Record what is there from the start, unless it was: safe for many processes at once."""
    acting = Acting(
        actor=OPERATOR_ID,
        role="secretariat",
        authority=Authority(kind="founding", reference="Reference data"),
        command_id=FOUNDING_ID,
    )
    facts = [*entities.founding_facts(), *cycles.founding_facts()]
    register.record_once(facts, command_id=FOUNDING_ID, acting=acting)
