"""The chase: whom to ask, letters that wait for the Secretariat's word, what became of them, who answered."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from uuid import UUID, uuid4

import pytest
import requests

from projections.askings import Asking
from projections.outbox import Letter
from projections.questions import BOARD
from tests.web.browsing import Browser, at_desk, somebody
from tests.web.live import BY_LETTER, Register
from tests.web.pledges import TODAY, day, recorded, submitted

WORDS = "Please tell us how far this has come.\n\nThe forum begins soon."
ONCE = re.compile(r'name="once" value="([^"]+)"')


@pytest.fixture(scope="module")
def secretariat(live: Register) -> Browser:
    return at_desk(live, "secretariat")


def page(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return " ".join(answer.text.split())


def row(browser: Browser, entity: UUID, path: str = "/desk/chase") -> str:
    """What the list says of an entity; nothing if it is not in it."""
    query = "" if path != "/desk/chase" else "?q=Asked"
    found = re.findall(r"<tr>.*?</tr>", page(browser, path + query))
    return next((one for one in found if str(entity) in one), "")


def asks(browser: Browser, *entities: UUID, **said: str) -> requests.Response:
    once = ONCE.search(browser.get("/desk/chase").text)
    filled = {"reply_by": day(30), "words": WORDS, "once": once[1] if once else "", **said}
    return browser.send("/desk/chase", **filled, entity=[str(one) for one in entities])  # type: ignore[arg-type]


def late(live: Register, name: str) -> tuple[UUID, str]:
    """An entity with a pledge that is overdue and stale."""
    entity = live.entity(f"Asked {name}")
    return entity, recorded(live, entity, title=f"Late {name}", made_on="2022-05-17", due_on="2023").json[
        "id"
    ]


def letters_of(live: Register, answer: requests.Response) -> list[UUID]:
    asking = UUID(answer.headers["Location"].rsplit("/", 1)[-1].partition("?")[0])
    return [one.letter for one in live.runtime.askings.letters(asking)]


def claimed(live: Register, letters: list[UUID]) -> list[Letter]:
    """The letters that would be sent now, of these."""
    found = []
    while (letter := live.runtime.outbox.claim()) is not None:
        live.runtime.outbox.end(letter.id, "sent")
        found.append(letter)
    return [one for one in found if one.id in letters]


def test_those_are_listed_who_have_something_to_answer_for(live: Register, secretariat: Browser) -> None:
    entity, _pledge = late(live, "for two reasons")
    back, fine = live.entity("Asked to change"), live.entity("Asked nothing")
    pledge = submitted(live, back)
    live.as_("secretariat").post(f"/pledges/{pledge}/return", {"reason": "Say where."})
    recorded(live, fine, made_on=TODAY)
    assert "Never" in row(secretariat, entity)
    assert re.findall(r">(\d+)</td>", row(secretariat, entity)) == ["1", "1", "0"]
    assert re.findall(r">(\d+)</td>", row(secretariat, back)) == ["0", "0", "1"]
    assert not row(secretariat, fine)
    narrowed = page(secretariat, "/desk/chase?q=asked&why=returned")
    assert str(back) in narrowed
    assert str(entity) not in narrowed


def test_letters_wait_for_a_word_then_go_and_an_answer_is_seen(live: Register, secretariat: Browser) -> None:
    entity, pledge = late(live, "and answers")
    live.runtime.contacts.keep(
        entity, {"mailbox": "office@example.org", "language": "fr"}, by=UUID(int=1), version=0
    )
    somebody(live, "pledger", entity)
    answer = asks(secretariat, entity)
    assert answer.status_code == 303, answer.text
    letters = letters_of(live, answer)
    assert len(letters) == 1, "the office has a mailbox"
    assert not claimed(live, letters)
    asked = answer.headers["Location"].partition("?")[0]
    assert "1 letter waits for your word" in page(secretariat, asked)
    held = page(secretariat, "/desk/outbox?standing=held")
    assert "office@example.org" in held
    assert "how far this has come." in held
    live.runtime.outbox.let_go(letters, UUID(int=1))
    (letter,) = claimed(live, letters)
    assert letter.address == "office@example.org"
    assert "Veuillez" in letter.body
    assert f"/desk/pledges/{pledge}?lang=fr" in letter.body
    assert "Sent" in page(secretariat, asked)
    assert "to answer by" in row(secretariat, entity)

    assert "Nothing yet." in page(secretariat, asked)
    recorded(live, live.entity("Somebody else"))
    live.as_("secretariat").post(f"/pledges/{pledge}/contest", {"effective_on": TODAY, "reason": "?"})
    assert "Nothing yet." in page(secretariat, asked)
    other = recorded(live, entity, title="Late as well", made_on="2022-05-17", due_on="2023").json["id"]
    assert "answered on" in row(secretariat, entity), "what is recorded in its place is its answer"
    report = {"effective_on": TODAY, "narrative": "By letter: half of it.", **BY_LETTER}
    for one in (pledge, other):
        assert live.as_("secretariat").post(f"/pledges/{one}/progress-reports", report).status == 200
    assert f"/desk/pledges/{other}" in page(secretariat, asked)
    assert not row(secretariat, entity), "nothing is due any more"


def test_who_did_not_answer_is_asked_at_every_address(live: Register, secretariat: Browser) -> None:
    entity, _pledge = late(live, "in vain")
    reporter = somebody(live, "pledger", entity)
    first = letters_of(live, asks(secretariat, entity))
    said = {"mailbox": "one@example.org", "alternate": "two@example.org"}
    live.runtime.contacts.keep(entity, said, by=UUID(int=1), version=0)
    again = letters_of(live, asks(secretariat, entity))
    live.runtime.outbox.let_go([*first, *again], UUID(int=1))
    sent = claimed(live, [*first, *again])
    assert {one.address for one in sent if one.id in first} == {reporter.email}
    assert {one.address for one in sent if one.id in again} == {
        "one@example.org", "two@example.org", reporter.email
    }  # fmt: skip


def test_contacts_that_were_deleted_are_written_to_no_more(live: Register, secretariat: Browser) -> None:
    entity, _pledge = late(live, "and is gone")
    live.runtime.contacts.keep(entity, {"mailbox": "gone@example.org"}, by=UUID(int=1), version=0)
    letters = letters_of(live, asks(secretariat, entity))
    live.runtime.contacts.delete(entity, by=UUID(int=1), version=1)
    live.runtime.outbox.let_go(letters, UUID(int=1))
    assert [one.address for one in claimed(live, letters)] == [None]


def test_who_cannot_be_written_to_is_named(live: Register, secretariat: Browser) -> None:
    entity, _pledge = late(live, "nowhere")
    answer = asks(secretariat, entity)
    assert not letters_of(live, answer)
    assert "Nobody to write to" in page(secretariat, answer.headers["Location"])
    handover = page(secretariat, f"/desk/entities/{entity}/handover")
    assert "The Secretariat asked last on" in handover


def test_a_form_sent_twice_asks_once(live: Register, secretariat: Browser) -> None:
    entity, _pledge = late(live, "once")
    somebody(live, "pledger", entity)
    first, second = (asks(secretariat, entity, once="the same form") for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert len(letters_of(live, first)) == 1


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"reply_by": TODAY}, "reply_by"), ({"reply_by": "soon"}, "reply_by"),
        ({"reply_by": day(999)}, "reply_by"),
        ({"reply_by": "\x00"}, "reply_by"), ({"words": "Now"}, "words"), ({"words": "x" * 3_001}, "words"),
        ({"words": "An answer\x00, please"}, "words"), ({"entity": "x"}, "entities"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_and_nobody_is_asked(
    live: Register, secretariat: Browser, said: dict[str, str], field: str
) -> None:
    entity, _pledge = late(live, "badly")
    before = len(live.runtime.askings.latest(1000))
    filled = {"reply_by": day(30), "words": WORDS, "entity": str(entity), **said}
    answer = secretariat.send("/desk/chase", **filled)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert len(live.runtime.askings.latest(1000)) == before


def test_the_chase_is_the_secretariats(live: Register) -> None:
    for role, of in (("pledger", live.entity("Asked itself")), ("auditor", None), ("administrator", None)):
        browser = at_desk(live, role, of)
        assert browser.get("/desk/chase").status_code == 403
        assert browser.send("/desk/chase", form_of="/account").status_code == 403
        assert browser.get(f"/desk/chase/{UUID(int=1)}").status_code == 403
    assert at_desk(live, "secretariat").get(f"/desk/chase/{UUID(int=1)}").status_code == 404


def test_who_was_reached_by_no_letter_is_seen(live: Register, secretariat: Browser) -> None:
    entity, _pledge = late(live, "by post that came back")
    kept = live.runtime.contacts
    kept.keep(entity, {"mailbox": "away@example.org"}, by=UUID(int=1), version=0)
    answer = asks(secretariat, entity)
    letters = letters_of(live, answer)
    live.runtime.outbox.let_go(letters, UUID(int=1))
    claimed(live, letters)
    contacts = f"/desk/entities/{entity}/contacts"
    assert "no letter arrived" not in row(secretariat, entity)
    live.runtime.outbox.came_back(letters[0], "5.1.1 550 User unknown")
    assert "no letter arrived" in row(secretariat, entity)
    assert "5.1.1 550 User unknown" in page(secretariat, answer.headers["Location"])
    assert "Came back" in page(secretariat, "/desk/outbox?standing=bounced")
    assert "the last letter came back on" in page(secretariat, contacts)
    kept.keep(entity, {"mailbox": "here@example.org"}, by=UUID(int=1), version=1)
    assert "the last letter came back on" not in page(secretariat, contacts)


def listed(browser: Browser, query: str, *entities: UUID) -> list[UUID]:
    """Those of some entities that the page lists, in its order."""
    found = re.findall(r'name="entity" value="([^"]+)"', page(browser, f"/desk/chase?{query}"))
    return [one for one in map(UUID, found) if one in entities]


def in_file(browser: Browser, query: str) -> list[dict[str, str]]:
    answer = browser.get(f"/desk/chase.csv?{query}")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "no-store" in answer.headers["Cache-Control"]
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_the_list_is_narrowed_ordered_and_taken_away_as_a_file(live: Register, secretariat: Browser) -> None:
    (never, _), (waits, _), (told, pledge), (back, _) = (
        late(live, f"of many {name}") for name in ("a never", "b waits", "c told", "d back")
    )
    recorded(live, waits, title="Late twice", made_on="2022-05-17", due_on="2023")
    live.runtime.contacts.keep(back, {"mailbox": "back@example.org"}, by=UUID(int=1), version=0)
    letters = letters_of(live, asks(secretariat, back, reply_by=day(20)))
    live.runtime.outbox.let_go(letters, UUID(int=1))
    claimed(live, letters)
    live.runtime.outbox.came_back(letters[0], "5.1.1 550 User unknown")
    asks(secretariat, told, reply_by=day(30))
    asks(secretariat, waits, reply_by=day(10))
    own = at_desk(live, "pledger", told)
    report = {"effective_on": TODAY, "narrative": "A quarter of it."}
    assert live.as_("pledger", told).post(f"/pledges/{pledge}/progress-reports", report).status == 200
    recorded(live, told, title="Late still", made_on="2022-05-17", due_on="2023")

    everybody = (never, waits, told, back)
    assert listed(secretariat, "q=asked+many", *everybody) == [never, waits, told, back]
    assert listed(secretariat, "q=asked+many&sort=overdue", *everybody)[0] in (waits, told)
    assert listed(secretariat, "q=asked+many&sort=asked", *everybody) == [never, back, told, waits]
    assert listed(secretariat, "q=asked+many&sort=reply_by", *everybody) == [waits, back, told, never]
    standings = {"never": never, "waiting": waits, "answered": told, "bounced": back}
    for standing, entity in standings.items():
        assert listed(secretariat, f"q=asked+many&standing={standing}", *everybody) == [entity], standing
    assert "Nobody is like that." in page(secretariat, "/desk/chase?q=asked+many&standing=late")
    assert secretariat.get("/desk/chase?colour=red").status_code in (400, 422)

    assert "/desk/chase.csv?q=asked+many&amp;sort=asked" in page(
        secretariat, "/desk/chase?q=asked+many&sort=asked"
    )
    rows = in_file(secretariat, "q=asked+many&sort=asked")
    assert [row["standing"] for row in rows] == ["never", "bounced", "answered", "waiting"]
    assert rows[2]["answered_about"] == pledge
    assert (rows[0]["reply_by"], rows[3]["reply_by"]) == ("", day(10))
    assert own.get("/desk/chase.csv").status_code == 403


def test_a_day_that_has_passed_is_shown_where_somebody_did_not_answer(
    live: Register, secretariat: Browser
) -> None:
    entity, _pledge = late(live, "and forgets")
    position = live.runtime.questions.moment(of=BOARD).position
    for reply_by, is_over in ((day(2), False), (day(-1), True)):
        asked = Asking(
            uuid4(),
            live.runtime.clock(),
            UUID(int=1),
            date.fromisoformat(reply_by),
            WORDS,
            position,
            [entity],
        )
        assert live.runtime.askings.ask(asked, {})
        assert ("has passed" in _among_the_asked(secretariat, asked.id)) is is_over
        assert (listed(secretariat, "q=forgets&standing=late", entity) == [entity]) is is_over
        assert ("no answer by" in row(secretariat, entity)) is is_over


def _among_the_asked(browser: Browser, asked: UUID) -> str:
    """The row of a question in the list of who was asked."""
    rows = page(browser, "/desk/chase").partition("Who was asked")[2].split("<tr>")
    return next(one for one in rows if str(asked) in one)


def test_an_address_of_an_account_that_does_not_work_is_seen(live: Register, secretariat: Browser) -> None:
    entity, _pledge = late(live, "by an account that is gone")
    reporter = somebody(live, "pledger", entity)
    letters = letters_of(live, asks(secretariat, entity))
    live.runtime.outbox.let_go(letters, UUID(int=1))
    claimed(live, letters)
    live.runtime.outbox.came_back(letters[0], "5.1.1 550 User unknown")
    administrator = at_desk(live, "administrator")
    for path in (f"/desk/accounts?q={reporter.email}", f"/desk/accounts/{reporter.account}"):
        assert "the last letter came back on" in page(administrator, path)
