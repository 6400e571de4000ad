"""What is kept from one transaction to the next."""

from __future__ import annotations

from uuid import UUID

from domain.unit_of_work import Loaded, SlowCache

ID = UUID(int=1)
ENTITY = ("entity", ID)


def test_what_changed_is_forgotten() -> None:
    cache = SlowCache()
    cache.catch_up(10, [], since=None)
    cache.keep(ENTITY, Loaded("old", 1, 3), looked_at=10)
    cache.catch_up(12, [ID], since=10)
    assert cache.get(ENTITY) is None


def test_whoever_looked_before_anything_was_known_cannot_say_what_changed() -> None:
    cache = SlowCache()
    # Two transactions begin at once; the second sees a change that the first was too early for.
    cache.catch_up(10, [], since=None)
    cache.keep(ENTITY, Loaded("old", 1, 3), looked_at=10)
    cache.catch_up(15, [], since=None)
    assert cache.get(ENTITY) is None


def test_what_was_loaded_before_the_latest_look_is_not_kept() -> None:
    cache = SlowCache()
    cache.catch_up(15, [], since=None)
    cache.keep(ENTITY, Loaded("old", 1, 3), looked_at=10)
    assert cache.get(ENTITY) is None
