from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from projections.composition import Runtime, build
from projections.database.idempotency import Claim, KeptAnswer
from projections.database.roles import DatabaseUrls
from projections.settings import Settings
from tests.conftest import Database

BODY = hashlib.sha256(b"{}").digest()
ACCOUNT = uuid4()


def claim(runtime: Runtime, key: str = "k1", body: bytes = BODY, account: UUID = ACCOUNT) -> Claim:
    return runtime.idempotency.claim(
        account=account, method="POST", path="/api/v1/pledges", key=key, request_digest=body
    )


def test_the_first_answer_is_given_again_byte_for_byte(founded: Runtime) -> None:
    first = claim(founded)
    assert first.is_ours
    headers = [("Content-Type", "application/json"), ("X-A", "1"), ("X-A", "2")]
    founded.idempotency.keep(first, KeptAnswer(201, headers, b"\x00\xff{}"))
    again = claim(founded)
    assert (again.is_ours, again.answer) == (False, KeptAnswer(201, headers, b"\x00\xff{}"))


def test_keys_are_apart_by_account(founded: Runtime) -> None:
    assert claim(founded).is_ours
    assert claim(founded, account=uuid4()).is_ours


def test_of_many_at_once_one_carries_it_out(founded: Runtime) -> None:
    with ThreadPoolExecutor(8) as threads:
        claims = list(threads.map(lambda _: claim(founded), range(8)))
    assert sum(one.is_ours for one in claims) == 1
    assert len({one.command_id for one in claims}) == 1


def test_another_body_under_the_same_key_is_told_apart(founded: Runtime) -> None:
    claim(founded)
    other = claim(founded, body=hashlib.sha256(b"other").digest())
    assert not other.is_ours
    assert other.request_digest == BODY


def test_what_was_released_or_abandoned_is_taken_up_as_the_same_command(founded: Runtime) -> None:
    first = claim(founded)
    assert not claim(founded).is_ours
    founded.idempotency.release(first)
    second = claim(founded)
    assert (second.is_ours, second.command_id) == (True, first.command_id)
    with founded.pool.connection() as connection:
        connection.execute("UPDATE idempotent_requests SET claimed_at = claimed_at - interval '1 minute'")
    third = claim(founded)
    assert (third.is_ours, third.command_id) == (True, first.command_id)


def test_the_clock_of_whoever_asks_counts_for_nothing(database: Database, tmp_path: Path) -> None:
    urls = DatabaseUrls(owner=database.owner_url, app=database.app_url, queries=database.app_url)
    settings = Settings(data_dir=tmp_path, secret_key="x" * 40)
    ahead = build(settings, urls, read_models=(), clock=lambda: datetime.now(UTC) + timedelta(days=60))
    try:
        first = claim(ahead)
        assert first.is_ours
        assert not claim(ahead).is_ours
        assert ahead.idempotency.forget_old() == 0
    finally:
        ahead.close()


def test_an_answer_is_never_replaced(founded: Runtime) -> None:
    first = claim(founded)
    founded.idempotency.keep(first, KeptAnswer(200, [], b"first"))
    assert not founded.idempotency.keep(first, KeptAnswer(500, [], b"second"))
    founded.idempotency.release(first)
    answer = claim(founded).answer
    assert answer is not None
    assert answer.body == b"first"


def test_keys_are_forgotten_after_thirty_days(founded: Runtime) -> None:
    founded.idempotency.keep(claim(founded, "old"), KeptAnswer(200, [], b""))
    with founded.pool.connection() as connection:
        connection.execute("UPDATE idempotent_requests SET created_at = created_at - interval '31 days'")
    claim(founded, "new")
    assert founded.idempotency.forget_old() == 1
    assert claim(founded, "old").is_ours
