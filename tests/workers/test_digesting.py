"""Followers are told once what changed in public, over a real SMTP server, whoever is killed on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from domain.actors import OPERATOR, Authority
from domain.pledges.commands import AmendPledge, RecordPledge
from domain.pledges.content import Changes, Content
from domain.reference.states import state_id
from projections.composition import Runtime
from projections.followers import Following
from tests.conftest import Database
from tests.peers.running import free_port
from tests.projections.clock import jumps
from tests.workers.mail_server import (
    BASE,
    SECONDS_MAX,
    arrived,
    in_order,
    mail_server,
    mailing_to,
)
from workers.digesting import write_digests
from workers.mailing import send_mail
from workers.running import wait_until_readable

LETTER = Authority(kind="email", reference="letter 7")
KENYA = state_id("KEN")


@dataclass(frozen=True)
class Told:
    """A register with one pledge and some who follow it."""

    runtime: Runtime
    port: int
    folder: Path
    pledge: UUID

    def on(self, days: int) -> Runtime:
        moment = datetime.now(UTC) + timedelta(days=days)
        return replace(self.runtime, clock=lambda: moment)

    def follows(self, kind: str, followed: object, rhythm: str = "day", language: str = "en") -> UUID:
        runtime, account = self.runtime, uuid4()
        following = Following(kind, str(followed))  # type: ignore[arg-type]
        runtime.people.add(account, f"{account}@example.org")
        with runtime.pool.connection() as connection:
            assert runtime.followers.ask_in(connection, account, following, rhythm, language)  # type: ignore[arg-type]
        moment = runtime.questions.moment()
        assert runtime.followers.confirm(account, following, moment=moment, today=datetime.now(UTC).date())
        return account

    def amended(self, title: str) -> None:
        command = AmendPledge(
            pledge_id=self.pledge, changes=Changes(title=title), reason="Thus.", authority=LETTER
        )
        assert wait_until_readable(self.runtime, self.runtime.register.handle(command, by=OPERATOR).position)


@pytest.fixture
def told(runtime: Runtime, tmp_path: Path) -> Told:
    port, pledge = free_port(), runtime.new_id()
    content = Content(title="Schools", entity=KENYA, type="individual", objectives=(15,))
    outcome = runtime.register.handle(
        RecordPledge(pledge_id=pledge, content=content, authority=LETTER), by=OPERATOR
    )
    assert wait_until_readable(runtime, outcome.position)
    return Told(mailing_to(runtime, port), port, tmp_path / "mail", pledge)


def test_each_is_told_what_changed_since_and_nothing_twice(told: Told) -> None:
    accounts = [
        told.follows("pledge", told.pledge), told.follows("entity", KENYA, language="ar"),
        told.follows("objective", 15), told.follows("objective", 16),
        told.follows("pledge", told.pledge, "week"),
    ]  # fmt: skip
    told.amended("Schools & roads")
    assert write_digests(told.on(0)) == 0, "the day on which they began"
    assert write_digests(told.on(1)) == 3
    assert write_digests(told.on(1)) == 0
    assert write_digests(told.on(2)) == 0, "nothing changed"
    assert write_digests(told.on(7)) == 1
    assert write_digests(told.on(1)) == 0, "a clock that was set back"
    told.amended("Schools")
    assert write_digests(told.on(8)) == 3
    with mail_server(told.port, told.folder):
        assert send_mail(told.on(8)) == 7
        found = {UUID(str(one["To"]).split("@")[0]): one for one in arrived(told.folder)}
    assert set(found) == {*accounts[:3], accounts[4]}
    html = found[accounts[1]].get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert 'dir="rtl"' in html
    assert "عُدّل التعهد" in html
    leave = str(found[accounts[0]]["List-Unsubscribe"]).strip("<>")
    assert leave.startswith(f"{BASE}/unfollow?key=")
    assert told.runtime.followers.leaving(leave.partition("key=")[2]) == accounts[0]


def test_who_left_is_not_told_and_their_address_is_forgotten(told: Told, database: Database) -> None:
    account = told.follows("pledge", told.pledge)
    told.amended("Other")
    assert write_digests(told.on(1)) == 1
    told.runtime.followers.leave(account)
    assert told.runtime.people.email_of(account) is None
    with mail_server(told.port, told.folder):
        assert send_mail(told.on(1)) == 0
    told.amended("Another")
    assert write_digests(told.on(2)) == 0
    with psycopg.connect(database.owner_url) as connection:
        assert connection.execute("SELECT count(*) FROM pledges.followers").fetchone() == (0,)


def test_what_nobody_confirmed_is_forgotten(told: Told, database: Database) -> None:
    runtime, account = told.runtime, uuid4()
    runtime.people.add(account, "stranger@example.org")
    with runtime.pool.connection() as connection:
        runtime.followers.ask_in(connection, account, Following("objective", "3"), "day", "en")
    assert runtime.followers.forget_old() == 0
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("UPDATE pledges.followings SET asked_at = asked_at - interval '8 days'")
    assert runtime.followers.forget_old() == 1
    assert runtime.people.email_of(account) is None


def test_a_clock_that_runs_two_days_ahead_and_is_set_back_tells_each_change_once(
    told: Told, database: Database
) -> None:
    told.follows("pledge", told.pledge)
    steps = ((1, 0, "First"), (3, 2, "While ahead"), (1, -2, "Set back"), (2, 1, None), (3, 1, None))
    with mail_server(told.port, told.folder):
        for day, jump, title in steps:
            jumps(database.owner_url, timedelta(days=jump))
            if title:
                told.amended(title)
            write_digests(told.on(day))
            send_mail(told.on(day))
        letters = [one.get_body(("plain",)).get_content() for one in in_order(told.folder)]  # type: ignore[union-attr]
    assert [text.count("The pledge was amended") for text in letters] == [1, 1, 1]


KILLED = """
import os, signal, sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from projections.composition import build
from projections.database.roles import urls_of
from projections.outbox import Outbox
from projections.settings import read_settings
from workers.digesting import write_digests
from workers.mailing import send_mail

where, count = sys.argv[1], [0]
def dies_at(name, call):
    before = getattr(Outbox, name)
    def dying(*arguments, **said):
        count[0] += 1
        if where == name and count[0] == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return before(*arguments, **said)
    setattr(Outbox, name, staticmethod(dying) if name == "add_in" else dying)
if where != "nowhere":
    dies_at(where, 3 if where == "add_in" else 2)
settings = read_settings()
moment = datetime.now(UTC) + timedelta(days=1)
runtime = build(settings, urls_of(settings.database_url), clock=lambda: moment)
write_digests(runtime)
send_mail(runtime)
runtime.close()
"""


def test_a_worker_killed_in_the_middle_tells_nobody_twice_and_forgets_nobody(
    told: Told, environment: dict[str, str]
) -> None:
    accounts = {told.follows("pledge", told.pledge) for _ in range(5)}
    told.amended("Roads")
    given = {**os.environ, **environment, "PLEDGES_BASE_URL": BASE}
    given["SMTP_URL"] = told.runtime.settings.smtp_url or ""
    with mail_server(told.port, told.folder):
        ends = []
        for where in ("add_in", "end", "nowhere"):
            command = [sys.executable, "-c", KILLED, where]
            ends.append(subprocess.run(command, env=given, timeout=SECONDS_MAX, check=False).returncode)
        received = [UUID(str(one["To"]).split("@")[0]) for one in arrived(told.folder)]
    assert ends == [-signal.SIGKILL, -signal.SIGKILL, 0]
    assert sorted(received) == sorted(accounts)
