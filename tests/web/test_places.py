"""Places for slow senders: who holds which, and who waits."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

import pytest

from web import bodies
from web.places import Places, Sender
from workers.web_server import THREADS

KENYA, MALI = Sender("kenya", is_stranger=False), Sender("mali", is_stranger=False)
HERE, THERE, ELSEWHERE = (Sender(f"203.0.113.{n}", is_stranger=True) for n in range(3))


@pytest.mark.parametrize(
    ("senders", "have_one"),
    [
        ([HERE, HERE, HERE], [True, True, False]),
        ([HERE, HERE, THERE, ELSEWHERE], [True, True, True, False]),
        ([HERE, HERE, THERE, KENYA, KENYA, MALI], [True, True, True, True, True, False]),
        ([KENYA, KENYA, MALI, MALI, HERE, HERE], [True, True, True, True, True, False]),
    ],
)
def test_strangers_take_no_place_from_who_is_signed_in_and_one_address_not_all(
    senders: Sequence[Sender], have_one: Sequence[bool]
) -> None:
    places = Places(5, of_strangers=3, of_one=2)
    with ExitStack() as held:
        assert [held.enter_context(places.one_for(sender, 0.01)) for sender in senders] == have_one
    with ExitStack() as held:
        assert [held.enter_context(places.one_for(sender, 0.01)) for sender in senders] == have_one


def test_some_always_answer_whoever_sends_slowly() -> None:
    every = {id(places): places for places in (bodies.SMALL, bodies.A_FILE.places, bodies.EVIDENCE.places)}
    assert sum(places.most for places in every.values()) < THREADS
