"""`pledges accounts …`: who may act in the register, and in which role.

Must not know how accounts decide.
"""

from __future__ import annotations

from domain.actors import OPERATOR, Actor
from projections.composition import Runtime


def actor_called(runtime: Runtime, email: str | None) -> Actor:
    """Who acts: the account with that address, or the operator of the machine."""
    del runtime
    assert email is None
    return OPERATOR
