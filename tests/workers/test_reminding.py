"""Reminders are written once for what is due, whatever the clock does; a State's when it is let go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from domain.accounts.commands import AddAccount, GrantRole
from domain.actors import OPERATOR, Authority
from domain.entities.commands import RegisterEntity
from domain.pledges.commands import RecordPledge, WithdrawPledge
from domain.pledges.content import Content
from domain.reference.states import state_id
from projections.composition import Runtime
from projections.outbox import Outbox
from projections.reporters import reporters
from tests.peers.running import free_port
from tests.workers.mail_server import arrived, mail_server, mailing_to
from workers.mailing import send_mail
from workers.reminding import remind
from workers.running import wait_until_readable

LETTER = Authority(kind="email", reference="letter 7")
KENYA = state_id("KEN")
At = Callable[[int], Runtime]
DUE = datetime.now(UTC).date() + timedelta(days=60)


@pytest.fixture
def at(runtime: Runtime, tmp_path: Path) -> At:
    """The register some days after DUE: a city and Kenya have each an account, and a pledge due then."""
    city = runtime.register.handle(
        RegisterEntity(name="Lyon", category="stakeholder", kind="local_authority"), by=OPERATOR
    ).stream
    for entity, language in ((city, "ar"), (KENYA, None)):
        _reporter(runtime, entity, language)
        content = Content(title="Schools <b>", entity=entity, type="individual", due_on=DUE.isoformat())
        outcome = runtime.register.handle(
            RecordPledge(pledge_id=runtime.new_id(), content=content, authority=LETTER), by=OPERATOR
        )
    assert wait_until_readable(runtime, outcome.position)
    mailing = mailing_to(runtime, free_port())

    def on(days: int) -> Runtime:
        moment = datetime.combine(DUE + timedelta(days=days), time(12), UTC)
        return replace(mailing, clock=lambda: moment)

    return on


def _reporter(runtime: Runtime, entity: UUID, language: str | None) -> UUID:
    account = uuid4()
    runtime.register.handle(AddAccount(account=account), by=OPERATOR)
    runtime.register.handle(GrantRole(account=account, role="pledger", entity=entity), by=OPERATOR)
    runtime.people.add(account, f"{account}@example.org")
    if language:
        with runtime.pool.connection() as connection:
            runtime.people.speaks_in(connection, account, language)
    return account


def kinds(runtime: Runtime) -> list[tuple[str, str]]:
    return sorted((one.about, one.standing) for one in runtime.outbox.latest(50))


def test_each_reminder_is_written_once_whatever_the_clock_does(at: At) -> None:
    assert remind(at(-31)) == 0, "31 days before"
    assert remind(at(-30)) == 2
    assert remind(at(-10)) == 0
    assert remind(at(0)) == 2
    assert remind(at(1)) == 2
    assert remind(at(-29)) == 0, "a clock that was set back"
    assert remind(at(0)) == 0
    written = kinds(at(1))
    assert [one for one in written if one[1] == "waiting"] == [
        ("due-soon", "waiting"), ("due-today", "waiting"), ("overdue", "waiting"),
    ]  # fmt: skip


def test_an_office_is_reminded_too_unless_its_mailbox_is_that_of_who_reports(at: At) -> None:
    runtime = at(0)
    account = next(iter(reporters(runtime.questions)[KENYA]))
    own = runtime.people.email_of(account) or ""
    for version, (mailbox, kind, to) in enumerate((
        (own, "due-today", [own]), ("migration@example.org", "overdue", ["migration@example.org", own]),
    )):  # fmt: skip
        said = {"mailbox": mailbox, "alternate": None, "language": "fr"}
        assert runtime.contacts.keep(KENYA, said, by=account, version=version)
        remind(at(version))
        held = [one.address for one in runtime.outbox.latest(9, standing="held") if one.about == kind]
        assert sorted(map(str, held)) == sorted(to)


def test_a_clock_that_jumps_over_everything_leaves_the_latest_alone(at: At) -> None:
    assert remind(at(3000)) == 2, (
        "one letter asks for the report that is overdue and that nobody gave for years"
    )
    assert {about for about, _ in kinds(at(3000))} == {"overdue"}
    assert remind(at(3000)) == 0


def test_whoever_dies_in_the_middle_leaves_nothing_half_done(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    add_in = Outbox.add_in

    def dies(*arguments: object, **said: object) -> None:
        add_in(*arguments, **said)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(Outbox, "add_in", staticmethod(dies))
    with pytest.raises(KeyboardInterrupt):
        remind(at(0))
    assert kinds(at(0)) == []
    monkeypatch.undo()
    assert remind(at(0)) == 2


def test_a_state_hears_of_it_when_the_secretariat_says_so(at: At, tmp_path: Path) -> None:
    runtime = at(0)
    remind(runtime)
    port = int((runtime.settings.smtp_url or "").rsplit(":", 1)[1])
    with mail_server(port, tmp_path / "mail"):
        assert send_mail(runtime) == 1, [one.problem for one in runtime.outbox.latest(5)]
        (to_the_city,) = arrived(tmp_path / "mail")
        (held,) = runtime.outbox.latest(5, standing="held")
        assert "Kenya" in (held.body or "")
        assert runtime.outbox.let_go([held.id], uuid4()) == 1
        assert runtime.outbox.let_go([held.id], uuid4()) == 0, "it was decided"
        assert runtime.outbox.drop([held.id], uuid4()) == 0
        assert send_mail(runtime) == 1
    html = to_the_city.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert '<html lang="ar" dir="rtl">' in html
    assert "Schools &lt;b&gt;" in html
    assert "lang=ar" in html
    assert "الموعد النهائي" in str(to_the_city["Subject"])


def test_what_is_not_due_any_more_is_not_asked_for(at: At) -> None:
    runtime = at(1)
    remind(runtime)
    (held,) = runtime.outbox.latest(5, standing="held")
    assert held.pledge is not None
    withdrawal = WithdrawPledge(pledge_id=held.pledge, reason="No.", authority=LETTER)
    assert wait_until_readable(runtime, runtime.register.handle(withdrawal, by=OPERATOR).position)
    remind(runtime)
    (dropped,) = runtime.outbox.latest(5, standing="dropped")
    assert (dropped.id, dropped.problem) == (held.id, "no longer due")


def test_who_gets_an_account_later_is_reminded_then(runtime: Runtime, at: At) -> None:
    mali = state_id("MLI")
    content = Content(title="Later", entity=mali, type="individual", due_on=DUE.isoformat())
    outcome = runtime.register.handle(
        RecordPledge(pledge_id=runtime.new_id(), content=content, authority=LETTER), by=OPERATOR
    )
    wait_until_readable(runtime, outcome.position)
    assert remind(at(0)) == 2
    _reporter(runtime, mali, None)
    wait_until_readable(runtime, runtime.recorder.max_notification_id() or 0)
    assert remind(at(0)) == 1
