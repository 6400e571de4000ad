"""Which pledges are taken for the same one told twice, and which are not."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from domain.pledges.content import Content
from domain.pledges.state import Partner, Pledge
from projections.board.likeness import likeness

KENYA, MALI = uuid4(), uuid4()
WORDS = "We open twenty offices in which migrants get advice in the languages that they speak at home"
OTHERS = "A law on recruiters will be sent to parliament, with fees that nobody who migrates has to pay"


def pledge(title: str, owner: UUID = KENYA, told: str | None = WORDS, *partners: UUID) -> Pledge:
    return Pledge(
        id=uuid4(), version=1, phase="public",
        content=Content(title=title, entity=owner, description=told),
        partners=tuple(Partner(entity=one, state="invited") for one in partners),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "is_likely"),
    [
        (pledge("Advice for migrants"), pledge("Advice for all migrants", KENYA, OTHERS), True),
        (pledge("Advice for migrants"), pledge("Offices", KENYA), True),
        (pledge("Advice for migrants"), pledge("Fair recruitment", KENYA, OTHERS), False),
        (pledge("Advice for migrants"), pledge("ADVICE for mígrants", MALI), True),
        (pledge("Advice for migrants"), pledge("Advice for migrants", MALI, OTHERS), False),
        (pledge("Advice for migrants"), pledge("Advice for migrants", MALI, None), True),
        (
            pledge("Advice in schools", KENYA, None),
            pledge("Advice in schools and prisons", MALI, None),
            False,
        ),
        (
            pledge("Advice in schools", KENYA, None),
            pledge("Advice in schools and prisons", MALI, None, KENYA),
            True,
        ),
        (pledge("!!"), pledge("??", MALI, None), False),
    ],
)
def test_words_and_parties_say_whether_two_are_likely_one(
    one: Pledge, other: Pledge, *, is_likely: bool
) -> None:
    for pair in ((one, other), (other, one)):
        assert likeness(*pair, lambda entity: entity).is_likely_one is is_likely


def test_a_party_that_was_merged_is_its_heir() -> None:
    heir = {MALI: KENYA}
    one, other = pledge("Advice for migrants"), pledge("Advice for all migrants", MALI, OTHERS)
    assert not likeness(one, other, lambda entity: entity).is_likely_one
    assert likeness(one, other, lambda entity: heir.get(entity, entity)).is_likely_one
