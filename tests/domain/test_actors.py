"""Who sees what was handed in, of all or of an entity."""

from __future__ import annotations

from uuid import UUID

import pytest

from domain.actors import ROLES, Actor, Grant, Role

ME, OURS, OTHERS = UUID(int=1), UUID(int=2), UUID(int=3)


@pytest.mark.parametrize("scope", [None, OURS])
@pytest.mark.parametrize("role", ROLES)
def test_the_secretariat_and_auditors_see_what_is_handed_in(role: Role, scope: UUID | None) -> None:
    actor = Actor(account=ME, grants=(Grant(role=role, entity=scope),))
    sees_all = role == "secretariat" or (role == "auditor" and scope is None)
    assert actor.oversees() == sees_all
    assert actor.oversees(OTHERS) == sees_all
    assert actor.oversees(OTHERS, OURS) == (sees_all or role == "auditor")
    assert not Actor(account=ME).oversees(OURS)
