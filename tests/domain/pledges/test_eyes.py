"""Who oversees what, and that whatever became one by mergers is seen with the same eyes."""

from __future__ import annotations

from uuid import UUID

import pytest

from domain.actors import ROLES, Actor, Grant, Role
from domain.pledges import events
from domain.pledges.evolve import evolve
from domain.pledges.sight import PUBLIC, Sight, eyes_of, words_read
from tests.domain.pledges.life import PLEDGE, at, happened, submitted, withdrawn

ME, OURS, OTHERS, FORMERLY_OURS = UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=4)


def actor(role: Role, scope: UUID | None = None) -> Actor:
    return Actor(account=ME, grants=(Grant(role=role, entity=scope),))


def lasting(entity: UUID) -> UUID:
    return OURS if entity == FORMERLY_OURS else entity


@pytest.mark.parametrize("scope", [None, OURS])
@pytest.mark.parametrize("role", ROLES)
def test_the_secretariat_and_auditors_see_what_is_handed_in(role: Role, scope: UUID | None) -> None:
    eyes = eyes_of(actor(role, scope))
    sees_all = role == "secretariat" or (role == "auditor" and scope is None)
    assert eyes.oversees(OTHERS) == sees_all
    assert eyes.oversees(OURS) == (sees_all or (role == "auditor" and scope == OURS))


@pytest.mark.parametrize("scope", [OURS, FORMERLY_OURS])
def test_what_became_one_is_the_same(scope: UUID) -> None:
    eyes, auditor = eyes_of(actor("pledger", scope), lasting), eyes_of(actor("auditor", scope), lasting)
    for entity in (OURS, FORMERLY_OURS):
        assert eyes.is_own(entity)
        assert auditor.oversees(entity)
    assert not eyes.is_own(OTHERS)
    assert not auditor.oversees(OTHERS)


@pytest.mark.parametrize(
    ("viewer", "kinds"),
    [
        (None, "entity cycle document log"),
        (actor("pledger", OURS), "entity cycle document log"),
        (actor("auditor", OURS), "entity cycle document log"),
        (actor("administrator"), "entity cycle document log account"),
        (actor("secretariat"), "entity cycle document log account import"),
        (actor("auditor"), "entity cycle document log account import"),
    ],
)
def test_accounts_and_files_are_not_for_everybody(viewer: Actor | None, kinds: str) -> None:
    known = ("entity", "cycle", "document", "log", "account", "import")
    assert [kind for kind in known if eyes_of(viewer).sees_events_of(kind)] == kinds.split()


def test_an_account_without_a_role_sees_what_the_public_does() -> None:
    eyes = eyes_of(Actor(account=ME))
    assert not eyes.is_own(OURS)
    assert not eyes.sees_paper(OURS, ME)
    assert not PUBLIC.sees_paper(OURS, ME)


def test_the_public_reads_words_of_what_was_published_and_of_no_submission_before_it() -> None:
    returned = events.PledgeReturned(reason="Of which year?")
    published = events.PledgeMade(reference="2026-0001", cycle=2026)
    facts = (submitted(), returned, submitted(title="Anew"), published, withdrawn)
    steps, before = [], None
    for event in happened(facts, PLEDGE):
        after = evolve(before, event)
        steps.append((event, before, after))
        before = after
    payloads = {position for position, whole in words_read(steps, Sight(PUBLIC)) if whole == "payload"}
    headers = {position for position, whole in words_read(steps, Sight(PUBLIC)) if whole == "header"}
    assert (payloads, headers) == ({at(3), at(4), at(5)}, {at(4), at(5)})
    assert not set(words_read(steps[:3], Sight(PUBLIC)))
    assert {position for position, _ in words_read(steps, Sight(PUBLIC, is_full=True))} == set(
        map(at, range(1, 6))
    )
