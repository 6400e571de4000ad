"""A clock that runs two days ahead and is set back: nobody is kept out, and nothing is good for longer."""

from __future__ import annotations

from base64 import b32decode
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from projections.composition import Runtime
from projections.credentials.links import Purpose
from projections.credentials.second_factors import SecondFactors
from projections.credentials.tries import TRIES_MAX, whose
from tests.conftest import Database
from tests.projections.clock import jumps

TWO_DAYS = timedelta(days=2)
NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)


def test_who_guessed_wrong_while_the_clock_ran_ahead_waits_no_longer_than_an_hour(
    founded: Runtime, database: Database
) -> None:
    who = whose("person@example.org", None)
    jumps(database.owner_url, TWO_DAYS)
    for _ in range(TRIES_MAX + 1):
        waits = founded.tries.seconds_to_wait(who)
    assert 0 < waits <= 3600
    jumps(database.owner_url, -TWO_DAYS)
    assert founded.tries.seconds_to_wait(who) == 0
    for _ in range(TRIES_MAX):
        waits = founded.tries.seconds_to_wait(who)
    assert 0 < waits <= 3600, "guesses count again"
    jumps(database.owner_url, -TWO_DAYS)
    assert founded.tries.forget_old() == 1


def begun(runtime: Runtime, account: UUID) -> str:
    with runtime.pool.connection() as connection:
        return runtime.sessions.begin_in(connection, account, "A browser")


def test_a_session_is_over_that_was_begun_or_used_while_the_clock_ran_ahead(
    founded: Runtime, database: Database
) -> None:
    sessions, account = founded.sessions, uuid4()
    used, idle = begun(founded, account), begun(founded, account)
    jumps(database.owner_url, timedelta(hours=6))
    ahead = begun(founded, account)
    assert sessions.standing_of(used)
    jumps(database.owner_url, -timedelta(hours=6))
    assert [sessions.standing_of(one) is not None for one in (used, idle, ahead)] == [False, True, False]
    assert len(sessions.open(account)) == 1
    assert sessions.forget_old() == 2
    jumps(database.owner_url, timedelta(hours=7))
    assert [sessions.standing_of(one) is not None for one in (used, idle, ahead)] == [False, True, False]


def made(runtime: Runtime, account: UUID, purpose: Purpose) -> str | None:
    links = runtime.links
    with runtime.pool.connection() as connection:
        if purpose == "invitation":
            return links.invite_in(connection, account)
        return links.reset_in(connection, account)


def test_a_link_to_a_new_password_that_was_made_while_the_clock_ran_ahead_is_good_no_more(
    founded: Runtime, database: Database
) -> None:
    links, account = founded.links, uuid4()
    before, invited = made(founded, uuid4(), "reset"), made(founded, uuid4(), "invitation")
    jumps(database.owner_url, TWO_DAYS)
    assert links.account_of(before, "reset") is None, "its hour is over"
    ahead = made(founded, account, "reset")
    assert links.account_of(ahead, "reset") == account
    jumps(database.owner_url, -TWO_DAYS)
    assert links.account_of(ahead, "reset") is None
    assert links.good_until(account, "reset") is None
    with founded.pool.connection() as connection:
        assert links.use_in(connection, ahead, "reset") is None
    assert links.account_of(before, "reset") is not None
    assert links.forget_old() == 1
    jumps(database.owner_url, TWO_DAYS)
    assert links.account_of(ahead, "reset") is None
    assert links.account_of(invited, "invitation") is not None


@pytest.fixture
def guarded(founded: Runtime) -> tuple[UUID, TOTP]:
    """An account that is asked for codes, and what makes them."""
    account, factors = uuid4(), SecondFactors(founded.pool, "x" * 40, lambda: NOW)
    factors.begin(account)
    shown = factors.begun(account, "person@example.org")
    assert shown is not None
    secret = b32decode(shown[0].replace(" ", ""))
    codes = TOTP(secret, 6, SHA1(), 30)
    assert factors.confirm(account, codes.generate(int(NOW.timestamp()) - 30).decode())
    return account, codes


def test_codes_of_a_telephone_are_taken_again_once_the_clock_is_set_back(
    founded: Runtime, guarded: tuple[UUID, TOTP]
) -> None:
    account, codes = guarded
    for now in (NOW, NOW + TWO_DAYS, NOW + timedelta(minutes=5)):
        factors = SecondFactors(founded.pool, "x" * 40, lambda now=now: now)
        code = codes.generate(int(now.timestamp())).decode()
        assert factors.takes(account, code)
        assert not factors.takes(account, code), "each once"
