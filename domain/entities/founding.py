"""The entities that are there from the start: the 195 States, as facts that the register records once."""

from __future__ import annotations

from uuid import UUID

from domain.entities.events import EntityRegistered
from domain.entities.names import slugify
from domain.recording import Fact
from domain.reference.states import STATES, State, state_id


def founding_facts() -> list[tuple[UUID, Fact]]:
    """The first fact of each State's stream, in the order of their codes."""
    return [(state_id(state.iso3), _registered(state)) for state in STATES.values()]


def _registered(state: State) -> EntityRegistered:
    return EntityRegistered(
        name=state.name,
        slug=slugify(state.name),
        category="state",
        country=state.iso3,
        membership=state.membership,
        names=dict(state.names),
        aliases=state.aliases,
    )
