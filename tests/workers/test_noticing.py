"""Whom a fact concerns is told of it once by letter; nobody else is, and not who did it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from structlog.testing import capture_logs

from domain.accounts.commands import GrantRole
from domain.actors import CALENDAR, OPERATOR
from domain.cycles.commands import CloseCycle, OpenCycle
from domain.log.commands import EraseField
from domain.pledges import commands
from domain.pledges.concerned import CONCERNED
from domain.recording import Authority
from projections.composition import Runtime, build
from projections.database.roles import urls_of
from projections.erasure.holding_still import HoldingStill, WordsErased
from projections.letters.notices import SAID, Told, notice
from projections.letters.rendering import Written
from projections.letters.speech import Speech
from projections.notices import Notice, Waiting
from projections.problems import OperatorProblem
from projections.settings import read_settings
from tests.conftest import Database
from tests.peers.running import free_port
from tests.workers.mail_server import BASE, SECONDS_MAX, arrived, mail_server, mailing_to
from tests.workers.parties import KENYA, TERMS, Letter, Parties, content
from workers import noticing
from workers.mailing import send_mail
from workers.noticing import notice_facts
from workers.running import wait_until_readable

MIGRATIONS = Path(__file__).parents[2] / "projections/database/migrations"
LETTER = Authority(kind="email", reference="letter 7")


@pytest.fixture
def parties(runtime: Runtime) -> Parties:
    """Lyon with two accounts; Dakar, Lima, Quito and Kenya with one each; Dakar's office has a mailbox."""
    found = Parties(mailing_to(runtime, free_port()))
    for name in ("lyon", "dakar", "lima", "quito"):
        found.account(name, "pledger", found.entity(name.title()))
    found.account("lyon2", "pledger", found.entity("Lyon"))
    found.account("kenya", "pledger", KENYA)
    found.account("secretariat", "secretariat")
    found.account("assessor", "assessor", found.entity("Council"))
    said = {"mailbox": "office@example.org", "alternate": None, "language": "fr"}
    assert runtime.contacts.keep(found.entity("Dakar"), said, by=found.actors["dakar"].account, version=0)
    found.actors["operator"], found.actors["calendar"] = OPERATOR, CALENDAR
    runtime.notices.pass_by(runtime.recorder.max_notification_id() or 0)
    return found


def submitted(parties: Parties, who: str, entity: str, **said: Any) -> UUID:
    pledge = parties.runtime.new_id()
    given = content(parties.entity(entity) if entity != "Kenya" else KENYA, **said)
    parties.does(who, commands.SubmitPledge(pledge_id=pledge, content=given))
    return pledge


def published(parties: Parties, who: str, entity: str, **said: Any) -> UUID:
    pledge = submitted(parties, who, entity, **said)
    parties.does("secretariat", commands.PublishPledge(pledge_id=pledge))
    parties.told()
    return pledge


def to(about: str, *names: str, standing: str = "waiting") -> set[Letter]:
    return {(f"pledge.{about}", name, standing) for name in names}


def test_those_who_take_part_and_the_lead_are_told_of_each_other(parties: Parties) -> None:
    dakar, lima = parties.entity("Dakar"), parties.entity("Lima")
    pledge = submitted(parties, "lyon", "Lyon", type="common")
    assert parties.told() == set(), "what is submitted waits for the Secretariat"

    def told(who: str, command: Any, **said: Any) -> set[Letter]:
        return parties.told_by(who, command(pledge_id=pledge, **said))

    invite, leave = commands.InvitePartner, commands.LeavePledge
    assert told("lyon", invite, entity=dakar) == to("partner-invited", "dakar", "office")
    assert told("dakar", commands.AcceptInvitation, entity=dakar) == to("partner-joined", "lyon", "lyon2")
    assert told("lyon", invite, entity=lima) == to("partner-invited", "lima")
    assert told("lyon2", commands.CancelInvitation, entity=lima) == to("partner-uninvited", "lima")
    assert told("lyon", invite, entity=lima) == to("partner-invited", "lima")
    assert told("lima", commands.DeclineInvitation, entity=lima) == to("partner-declined", "lyon", "lyon2")
    assert told("secretariat", commands.PublishPledge) == to("made", "lyon", "lyon2")
    assert told("dakar", leave, entity=dakar, reason="Money") == to("partner-left", "lyon", "lyon2")


def test_what_the_secretariat_decides_on_a_submission_is_told_its_entity(parties: Parties) -> None:
    pledge = submitted(parties, "lyon", "Lyon")
    returned = commands.ReturnPledge(pledge_id=pledge, reason="Say until when", fields={"due_on": "When?"})
    assert parties.told_by("secretariat", returned) == to("returned", "lyon", "lyon2")
    parties.does("lyon", commands.SubmitPledge(pledge_id=pledge, content=content(parties.entity("Lyon"))))
    rejected = commands.RejectPledge(pledge_id=pledge, reason="Not for this register")
    assert parties.told_by("secretariat", rejected) == to("rejected", "lyon", "lyon2")


def test_what_is_recorded_in_an_owners_place_without_a_submission_is_told_nobody(parties: Parties) -> None:
    record = commands.RecordPledge(
        pledge_id=parties.runtime.new_id(), content=content(parties.entity("Lyon")), authority=LETTER
    )
    assert parties.told_by("secretariat", record) == set()


def test_both_sides_of_a_match_are_told_what_the_other_does(parties: Parties) -> None:
    asking = published(parties, "lyon", "Lyon", type="matching", terms=TERMS)
    offering = published(parties, "lima", "Lima")

    def told(who: str, command: Any, **said: Any) -> set[Letter]:
        return parties.told_by(who, command(pledge_id=asking, **said))

    def offered(by: str = "lima", offering: UUID = offering) -> UUID:
        offer = commands.OfferMatch(pledge_id=asking, offering=offering)
        match: UUID = parties.does(by, offer).events[0].fact.match
        assert parties.told() == to("match-offered", "lyon", "lyon2")
        return match

    match = offered()
    assert told("lyon", commands.DeclineMatch, match=match, reason="Too late") == to("match-declined", "lima")
    match = offered()
    assert told("lyon", commands.AcceptMatch, match=match) == to("match-accepted", "lima")
    withdrawn = told("lyon2", commands.WithdrawMatch, match=match, reason="No")
    assert withdrawn == to("match-withdrawn", "lima")
    match = offered()
    withdrawn = told("lima", commands.WithdrawMatch, match=match, reason="No")
    assert withdrawn == to("match-withdrawn", "lyon", "lyon2")


@contextmanager
def after_the_deadline() -> Iterator[Runtime]:
    settings = read_settings()
    urls = urls_of(settings.database_url or "")
    later = build(settings, urls, clock=lambda: datetime(2030, 7, 1, tzinfo=UTC))
    yield later
    later.close()


def test_offers_that_expire_and_pledges_that_end_are_told_who_counted_on_them(parties: Parties) -> None:
    asking = published(parties, "lyon", "Lyon", type="matching", terms=TERMS)
    offering = published(parties, "lima", "Lima")
    states = published(parties, "kenya", "Kenya")
    for who, one in (("lima", offering), ("kenya", states)):
        offer = commands.OfferMatch(pledge_id=asking, offering=one)
        assert parties.told_by(who, offer) == to("match-offered", "lyon", "lyon2")
    gone = parties.told_by("kenya", commands.WithdrawPledge(pledge_id=states, reason="No"))
    assert gone == to("match-withdrawn", "lyon", "lyon2")
    told = [body for _, body, _ in words(parties) if "no longer matches" in body]
    assert len(told) == len(gone)
    assert all("itself withdrawn" in body for body in told)
    with after_the_deadline() as later:
        (expired,) = later.register.handle(commands.ExpireOffers(pledge_id=asking), by=CALENDAR).events
    assert wait_until_readable(parties.runtime, expired.position)
    assert parties.told() == to("match-expired", "lima")
    accepting = published(parties, "dakar", "Dakar", type="matching", terms=TERMS)
    offer = commands.OfferMatch(pledge_id=accepting, offering=offering)
    match = parties.does("lima", offer).events[0].fact.match
    parties.does("dakar", commands.AcceptMatch(pledge_id=accepting, match=match))
    parties.told()
    gone = parties.told_by("dakar", commands.WithdrawPledge(pledge_id=accepting, reason="No"))
    assert gone == to("withdrawn", "lima")


def test_a_contest_is_told_who_answers_for_the_report_and_a_reply_who_contested(parties: Parties) -> None:
    dakar = parties.entity("Dakar")
    pledge = published(parties, "lyon", "Lyon", type="common")
    parties.does("lyon", commands.InvitePartner(pledge_id=pledge, entity=dakar))
    parties.does("dakar", commands.AcceptInvitation(pledge_id=pledge, entity=dakar))
    report = commands.ReportProgress(pledge_id=pledge, effective_on="2026-01-01", narrative="Half", part=1)
    position = parties.does("dakar", report).events[0].position
    parties.told()
    contest = commands.ContestPledge(pledge_id=pledge, report=position, reason="Not seen there")
    assert parties.told_by("assessor", contest) == to("contested", "dakar", "office", "lyon", "lyon2")
    reply = commands.ReplyToContest(pledge_id=pledge, report=position, reason="Look again")
    assert parties.told_by("dakar", reply) == to("replied", "assessor")
    assert parties.told_by("secretariat", contest) == to("contested", "dakar", "office", "lyon", "lyon2")
    lapse = commands.LapsePledge(pledge_id=pledge, reason="After notice")
    lead = commands.HandOverLead(pledge_id=pledge, entity=dakar, reason="Agreed")
    assert parties.told_by("lyon", lead) == to("lead-transferred", "dakar", "office", "lyon2")
    carry = commands.CarryOverPledge(pledge_id=pledge, reason="It goes on")
    assert parties.told_by("secretariat", carry) == to("carried-over", "dakar", "office", "lyon", "lyon2")
    assert parties.told_by("secretariat", lapse) == to("lapsed", "dakar", "office", "lyon", "lyon2")


def test_an_address_that_is_told_for_two_entities_is_told_once(parties: Parties) -> None:
    lyon, dakar = parties.entity("Lyon"), parties.entity("Dakar")
    said = {"mailbox": "Office@example.org", "alternate": None, "language": None}
    both = parties.actors["lyon2"].account
    assert parties.runtime.contacts.keep(lyon, said, by=both, version=0)
    parties.does("operator", GrantRole(account=both, role="pledger", entity=dakar))
    pledge = published(parties, "lyon", "Lyon", type="common")
    parties.does("lyon", commands.InvitePartner(pledge_id=pledge, entity=dakar))
    parties.does("dakar", commands.AcceptInvitation(pledge_id=pledge, entity=dakar))
    parties.told()
    lead = commands.HandOverLead(pledge_id=pledge, entity=dakar, reason="Agreed")
    told = [name.casefold() for _, name, _ in parties.told_by("lyon", lead)]
    assert sorted(told) == ["dakar", "lyon2", "office"]


def test_mail_to_a_state_is_held_but_for_what_the_secretariat_decided(parties: Parties) -> None:
    pledge = submitted(parties, "lyon", "Lyon", type="common")
    invite = commands.InvitePartner(pledge_id=pledge, entity=KENYA)
    assert parties.told_by("lyon", invite) == to("partner-invited", "kenya", standing="held")
    own = submitted(parties, "kenya", "Kenya")
    publish = commands.PublishPledge(pledge_id=own)
    assert parties.told_by("secretariat", publish) == to("made", "kenya")
    held = parties.runtime.outbox.latest(9, standing="held")
    assert [one.pledge for one in held] == [pledge]
    assert parties.runtime.outbox.held() == {}, "it is no reminder, which drops when nothing is due"


@pytest.mark.parametrize(
    ("who", "then"),
    [
        ("lyon", commands.CancelInvitation),
        ("kenya", commands.DeclineInvitation),
        ("lyon", commands.WithdrawPledge),
    ],
)
def test_a_held_invitation_is_dropped_when_it_is_pointless(parties: Parties, who: str, then: Any) -> None:
    pledge = published(parties, "lyon", "Lyon", type="common")
    other = submitted(parties, "lyon", "Lyon", type="common")
    for one in (pledge, other):
        parties.told_by("lyon", commands.InvitePartner(pledge_id=one, entity=KENYA))
    said = {"reason": "No"} if then is commands.WithdrawPledge else {"entity": KENYA}
    parties.told_by(who, then(pledge_id=pledge, **said))
    stood = {
        one.pledge: (one.standing, one.problem)
        for one in parties.runtime.outbox.latest(99)
        if one.about == "pledge.partner-invited"
    }
    assert stood == {pledge: ("dropped", "no longer asked"), other: ("held", None)}


def test_a_held_return_is_dropped_when_the_pledge_was_submitted_again(parties: Parties) -> None:
    pledge = submitted(parties, "kenya", "Kenya")
    back = commands.ReturnPledge(pledge_id=pledge, reason="More")
    parties.told_by("secretariat", back)
    with parties.runtime.pool.connection() as connection:
        connection.execute("UPDATE outbox SET held = true WHERE about = 'pledge.returned'")
    parties.told()
    assert [one.standing for one in parties.runtime.outbox.latest(1)] == ["held"]
    parties.does("kenya", commands.SubmitPledge(pledge_id=pledge, content=content(KENYA, due_on="2032")))
    parties.told()
    assert [one.standing for one in parties.runtime.outbox.latest(1)] == ["dropped"]


def test_a_fact_that_cannot_be_told_is_shown_and_passes_nobody_over(
    parties: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: Any) -> None:
        raise KeyError("no such words")

    assert parties.runtime.notices.waiting() == Waiting(0, None)
    pledge = submitted(parties, "lyon", "Lyon")
    with monkeypatch.context() as patched, capture_logs() as logs:
        patched.setattr(noticing, "notice", break_down)
        for one in (pledge, submitted(parties, "lima", "Lima")):
            last = parties.does("secretariat", commands.PublishPledge(pledge_id=one))
        for _ in range(2):
            with pytest.raises(OperatorProblem, match="nobody can be told"):
                notice_facts(parties.runtime)
    stuck = [one for one in logs if one["event"] == "notices.stuck"]
    assert [one["fact"] for one in stuck] == ["pledge.made"] * 2
    assert {one["position"] for one in stuck} < set(range(last.position))
    found = parties.runtime.notices.waiting()
    assert found.facts == 2
    assert found.since is not None
    assert parties.told() == to("made", "lyon", "lyon2", "lima")
    assert parties.runtime.notices.waiting().facts == 0


def test_a_forum_is_told_to_all_when_it_opens_and_to_who_has_open_pledges_when_it_closes(
    parties: Parties,
) -> None:
    dakar = parties.entity("Dakar")
    both = parties.actors["lyon2"].account
    parties.does("operator", GrantRole(account=both, role="pledger", entity=dakar))
    opened = parties.told_by("operator", OpenCycle(cycle=2026, opened_on="2025-12-01"))
    names = ("lyon", "lyon2", "dakar", "lima", "quito", "kenya")
    assert opened == {("cycle.opened", name, "waiting") for name in names}
    for who, entity in (("lyon", "Lyon"), ("lyon", "Lyon"), ("kenya", "Kenya"), ("quito", "Quito")):
        pledge = published(parties, who, entity)
    parties.told_by("quito", commands.WithdrawPledge(pledge_id=pledge, reason="No"))
    closed = parties.told_by("secretariat", CloseCycle(cycle=2026, reason="It is over"))
    assert closed == {("cycle.closed", name, "waiting") for name in ("lyon", "lyon2", "kenya")}


KILLED = """
import os, signal, sys
from projections.composition import build
from projections.database.roles import urls_of
from projections.outbox import Outbox
from projections.settings import read_settings
from workers import noticing
from workers.mailing import send_mail
from workers.noticing import notice_facts

where, call, count = sys.argv[1], int(sys.argv[2]), [0]
def dies_at(name):
    before = getattr(Outbox, name)
    def dying(*arguments, **said):
        count[0] += 1
        if count[0] == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return before(*arguments, **said)
    setattr(Outbox, name, staticmethod(dying) if name == "add_in" else dying)
if where != "nowhere":
    dies_at(where)
settings = read_settings()
runtime = build(settings, urls_of(settings.database_url))
notice_facts(runtime)
send_mail(runtime)
runtime.close()
"""


def test_a_worker_killed_in_the_middle_tells_nobody_twice_and_forgets_nobody(
    parties: Parties, environment: dict[str, str], tmp_path: Path
) -> None:
    pledge = submitted(parties, "lyon", "Lyon", type="common")
    for name in ("Dakar", "Lima", "Quito"):
        invite = commands.InvitePartner(pledge_id=pledge, entity=parties.entity(name))
        parties.does("lyon", invite)
    settings = parties.runtime.settings
    smtp = settings.smtp_url or ""
    given = {**os.environ, **environment, "PLEDGES_BASE_URL": BASE, "SMTP_URL": smtp}
    ends = []
    with mail_server(int(smtp.rsplit(":", 1)[1]), tmp_path / "mail"):
        for where in (("add_in", "2"), ("add_in", "3"), ("end", "2"), ("nowhere", "0")):
            command = [sys.executable, "-c", KILLED, *where]
            ends.append(subprocess.run(command, env=given, timeout=SECONDS_MAX, check=False).returncode)
        received = [str(one["To"]).split("@")[0] for one in arrived(tmp_path / "mail")]
    assert ends == [-signal.SIGKILL, -signal.SIGKILL, -signal.SIGKILL, 0]
    assert received == ["dakar", "lima", "office", "quito"]


def test_letters_turn_with_their_language_and_take_no_headers_from_a_title(
    parties: Parties, tmp_path: Path
) -> None:
    parties.account("beirut", "pledger", parties.entity("Beirut"), "ar")
    title = "Schools <b>\r\nBcc: everybody@example.org"
    pledge = submitted(parties, "lyon", "Lyon", type="common", title=title)
    invite = commands.InvitePartner(pledge_id=pledge, entity=parties.entity("Beirut"))
    assert parties.told_by("lyon", invite) == to("partner-invited", "beirut")
    publish = commands.ReturnPledge(pledge_id=pledge, reason="Say more\r\n\r\n<script>")
    assert parties.told_by("secretariat", publish) == to("returned", "lyon", "lyon2")
    port = int((parties.runtime.settings.smtp_url or "").rsplit(":", 1)[1])
    with mail_server(port, tmp_path / "mail"):
        assert send_mail(parties.runtime) == 3
        arabic, returned, _ = arrived(tmp_path / "mail")
    html = arabic.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert '<html lang="ar" dir="rtl">' in html
    assert "دعوة من" in html
    assert f"{BASE}/desk/pledges/{pledge}?lang=ar" in html
    for letter in (arabic, returned):
        assert letter["Bcc"] is None
        assert "Schools &lt;b&gt; Bcc: everybody@example.org" in letter.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "Schools <b> Bcc" in str(returned["Subject"])
    text = returned.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Say more <script>" in text
    assert text.count("https://") == 1


def test_nobody_is_told_of_what_they_may_not_see_any_more(parties: Parties) -> None:
    pledge = submitted(parties, "lyon", "Lyon", type="common")
    parties.does("lyon", commands.InvitePartner(pledge_id=pledge, entity=parties.entity("Dakar")))
    parties.does("lyon", commands.RecallPledge(pledge_id=pledge))
    assert parties.told() == set(), "it is a working paper again"


def test_erased_words_are_in_no_letter_that_is_not_sent_yet(parties: Parties) -> None:
    runtime = parties.runtime
    runtime.notary.adopt_first_key()
    title, reason = "Schools <for> all children, " * 4, "Said & done"
    pledge = submitted(parties, "lyon", "Lyon", title=title)
    returned = commands.ReturnPledge(pledge_id=pledge, reason=reason)
    position = parties.does("secretariat", returned).position

    def erase(position: int, part: str) -> None:
        erasing = EraseField(position=position, part=part, ground="Article 17", authority=LETTER)
        assert wait_until_readable(runtime, runtime.eraser.erase(erasing))

    assert parties.told() == to("returned", "lyon", "lyon2")
    assert words(parties)
    assert all("Said &amp; done" in html and "Said & done" in body for _, body, html in words(parties))
    assert any("letter" in place for place in runtime.eraser.find(position, "payload.reason").beside)
    erase(position, "payload.reason")
    erase(position - 1, "payload.content.title")
    for letter in words(parties):
        assert not any("Said" in text or "Schools" in text for text in letter)
        assert all("[erased]" in text for text in letter)
    parties.does("lyon", commands.SubmitPledge(pledge_id=pledge, content=content(parties.entity("Lyon"))))
    position = parties.does("secretariat", returned).position
    erase(position, "payload.reason")
    with pytest.raises(WordsErased):
        notice_facts(runtime)
    assert parties.unseen() == set(), "read models may still hold the words"
    runtime.eraser.let_read_models_forget()
    runtime.projector().catch_up()
    assert parties.told() == to("returned", "lyon", "lyon2")
    assert all("Said" not in body for _, body, _ in words(parties))
    assert any("Erased by law" in body for _, body, _ in words(parties))


def test_a_letter_that_was_read_before_an_erasure_is_not_written_after_it(parties: Parties) -> None:
    runtime = parties.runtime
    runtime.notary.adopt_first_key()
    pledge = submitted(parties, "lyon", "Lyon", title="Schools for all")
    parties.told()
    moment = runtime.questions.moment()
    erasing = EraseField(
        position=moment.position, part="payload.content.title", ground="Article 17", authority=LETTER
    )
    erased_at = runtime.eraser.erase(erasing)
    runtime.eraser.let_read_models_forget()
    letter = Notice(parties.actors["lyon"].account, Written("Schools for all", "Words", ""), "pledge.made")
    with pytest.raises(WordsErased):
        runtime.notices.write(erased_at + 1, [letter], read_to=moment.position)
    assert parties.unseen() == set()
    assert runtime.notices.write(erased_at + 1, [letter], read_to=erased_at) == 1
    assert pledge


def test_an_erasure_waits_for_a_letter_that_is_being_written_and_takes_the_words_out(
    parties: Parties,
) -> None:
    runtime = parties.runtime
    runtime.notary.adopt_first_key()
    submitted(parties, "lyon", "Lyon", title="Schools for all")
    position = runtime.questions.moment().position
    erasing = EraseField(
        position=position, part="payload.content.title", ground="Article 17", authority=LETTER
    )
    name, eraser = Speech("en").name("Schools for all"), Thread(target=runtime.eraser.erase, args=[erasing])
    with runtime.pool.connection() as connection:
        HoldingStill(runtime.read_models).since(connection, position)
        eraser.start()
        while runtime.recorder.max_notification_id() == position:
            time.sleep(0.01)
        runtime.outbox.add_in(
            connection, uuid4(), parties.actors["lyon"].account, about="pledge.made",
            subject=name, body=f"{name}\n",
        )  # fmt: skip
        assert eraser.is_alive(), "it waits for this transaction"
    eraser.join(SECONDS_MAX)
    assert not eraser.is_alive()
    ((subject, body, _),) = words(parties)
    assert "Schools" not in subject + body
    assert "[erased]" in subject


def test_erased_words_of_an_offered_pledge_are_in_no_letter_about_the_other(parties: Parties) -> None:
    parties.runtime.notary.adopt_first_key()
    asking = published(parties, "lyon", "Lyon", type="matching", terms=TERMS)
    offering = parties.runtime.new_id()
    given = content(parties.entity("Lima"), title="Lanterns on the pier")
    position = parties.does("lima", commands.SubmitPledge(pledge_id=offering, content=given)).position
    made = parties.does("secretariat", commands.PublishPledge(pledge_id=offering)).position
    parties.told()
    offered = parties.told_by("lima", commands.OfferMatch(pledge_id=asking, offering=offering))
    assert offered == to("match-offered", "lyon", "lyon2")
    assert any("Lanterns" in body for _, body, _ in words(parties))
    for one, part in ((position, "payload.content.title"), (made, "payload.published.content.title")):
        erasing = EraseField(position=one, part=part, ground="Article 17", authority=LETTER)
        parties.runtime.eraser.erase(erasing)
    assert not any("Lanterns" in text for letter in words(parties) for text in letter)


def words(parties: Parties) -> list[tuple[str, str, str]]:
    with parties.runtime.pool.connection() as connection:
        return connection.execute("SELECT subject, body, html FROM outbox WHERE ended_at IS NULL").fetchall()


PLEDGE = {
    "id": "1", "title": "Schools", "reference": "2026-0042", "entity": {"name": "Lyon", "slug": "lyon"},
    "due_on": None,
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_every_fact_that_is_told_has_words_and_one_link(language: str) -> None:
    assert SAID.keys() == CONCERNED.keys()
    names = dict.fromkeys(("entity", "partner", "old_lead", "new_lead", "offering"), "Lyon")
    said = {"pledge": PLEDGE, "names": names, "offered": PLEDGE, "reason": "Why", "year": 2030}
    letters = [notice(Told(name=name, **said), "Lyon", BASE, language) for name in SAID]
    for letter in letters:
        assert "%(" not in letter.subject + letter.body
        assert letter.body.count("https://") == 1
    assert len({letter.subject for letter in letters}) == len(letters)


def test_a_register_that_exists_already_does_not_mail_its_past(parties: Parties, database: Database) -> None:
    pledge = submitted(parties, "lyon", "Lyon")
    parties.does("secretariat", commands.ReturnPledge(pledge_id=pledge, reason="More"))
    step = next(MIGRATIONS.glob("*_facts_are_told_by_letter.sql")).read_text(encoding="utf-8")
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("SET search_path = pledges")
        connection.execute("DELETE FROM processes WHERE name = 'noticing'")
        connection.execute(step)  # type: ignore[call-overload]
    assert parties.told() == set()


def test_what_happened_long_ago_and_without_an_address_is_told_nobody(parties: Parties) -> None:
    pledge = submitted(parties, "lyon", "Lyon")
    parties.does("secretariat", commands.ReturnPledge(pledge_id=pledge, reason="More"))
    assert parties.on(datetime.now(UTC) + timedelta(days=8)).told() == set()
    assert parties.told() == set(), "it was passed over"
    parties.does("lyon", commands.SubmitPledge(pledge_id=pledge, content=content(parties.entity("Lyon"))))
    parties.does("secretariat", commands.ReturnPledge(pledge_id=pledge, reason="More yet"))
    settings = replace(parties.runtime.settings, base_url=None)
    assert notice_facts(replace(parties.runtime, settings=settings)) == 0
    assert parties.told() == set(), "it passed by"
