"""Wherever erased words stood it is said that they were erased, when, on what ground, by which decision."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from uuid import UUID

import pytest
from python_calamine import CalamineWorkbook

from domain.actors import OPERATOR
from domain.log.commands import EraseField
from domain.pledges.commands import AmendPledge
from domain.pledges.content import Changes
from domain.recording import Authority
from tests.web.live import KENYA, MEXICO, SECONDS_MAX, Client, Register
from tests.web.pledges import published, recorded, submitted
from tests.web.test_log import sign
from tests.workers.packs import checked_file
from workers.verifier import Pack

GROUND, DECISION = "Article 17 of the data rules", "Decision 7/2026"
WORDS = "Quuxotic harbour of words"


@dataclass(frozen=True)
class Erased:
    """A pledge whose title was erased after it had been amended, and the positions of all that."""

    live: Register
    reference: str
    said_at: int
    amended_at: int
    erased_at: int


def erase(live: Register, position: int, part: str) -> int:
    """Erase words of an event; the position of what says so."""
    runtime = live.runtime
    assert runtime.readers.wait_for(runtime.recorder.max_notification_id() or 0, SECONDS_MAX)
    decision = Authority(kind="document", reference=DECISION, date="2026-03-01")
    command = EraseField(position=position, part=part, ground=GROUND, authority=decision)
    erased_at = runtime.eraser.erase(command)
    runtime.eraser.let_read_models_forget()
    assert runtime.readers.wait_for(erased_at, SECONDS_MAX)
    return erased_at


@pytest.fixture
def erased(live_register: Register) -> Erased:
    runtime = live_register.runtime
    answer = recorded(live_register, live_register.entity("Harbour"), title=WORDS, made_on="2022-05-17")
    said_at = int(answer.headers["X-Position"])
    authority = Authority(kind="document", reference="A letter", date="2026-03-01")
    amend = AmendPledge(
        pledge_id=UUID(answer.json["id"]),
        changes=Changes(scope_in_words="All"),
        reason="More",
        authority=authority,
    )
    amended_at = runtime.register.handle(amend, by=OPERATOR).position
    erased_at = erase(live_register, said_at, "payload.content.title")
    return Erased(live_register, answer.json["reference"], said_at, amended_at, erased_at)


def text(found: Erased, path: str) -> str:
    answer = found.live.anonymous.get(f"//{path.lstrip('/')}")
    assert answer.status == 200, path
    body: bytes = answer.body
    return body.decode()


def test_pages_and_data_say_what_was_erased_and_why(erased: Erased) -> None:
    record = f"/pledges/{erased.reference}"
    pages = [record, f"{record}?as_of={erased.said_at}", f"{record}/changes", f"{record}/changes?from=0",
             "/pledges?q=2022", "/pledges", f"/log/{erased.said_at}"]  # fmt: skip
    for path in pages:
        page = text(erased, path)
        assert WORDS not in page, path
        for said in (GROUND, f"/log/{erased.erased_at}", "Title: erased by law on"):
            assert said in page, (path, said)
    for path in (f"{record}.csv", f"{record}/changes.csv?from=0", "/pledges.csv",
                 f"/pledges.csv?as_of={erased.said_at}"):  # fmt: skip
        rows = list(csv.DictReader(io.StringIO(text(erased, path), newline="")))
        told = [row["erased"] for row in rows if row["erased"]]
        assert told, path
        for said in (GROUND, DECISION, f"position {erased.erased_at}", "payload.content.title"):
            assert said in told[0], (path, said)
    for path in (f"{record}.json", f"{record}/changes.json", "/api/v1/exports/pledges.jsonl"):
        assert GROUND in text(erased, path), path
    book = CalamineWorkbook.from_filelike(io.BytesIO(erased.live.anonymous.get("//pledges.xlsx").body))
    header, row = book.get_sheet_by_index(0).to_python()
    assert GROUND in str(row[header.index("erased")])


def test_what_was_erased_is_told_of_its_own_event_alone(erased: Erased) -> None:
    assert GROUND not in text(erased, f"/log/{erased.amended_at}")
    page = text(erased, f"/log/{erased.erased_at}")
    assert (GROUND in page, DECISION in page, WORDS in page) == (True, True, False)


def test_an_entity_says_what_was_erased_of_it(live_register: Register) -> None:
    live = live_register
    entity, secretariat = live.entity("Harbour authority"), live.as_("secretariat")
    answer = secretariat.post(f"/entities/{entity}/aliases", {"alias": WORDS})
    assert answer.status == 200
    said_at = int(answer.headers["X-Position"])
    erased_at = erase(live, said_at, "payload.alias")
    slug = live.anonymous.get(f"/entities/{entity}").json["slug"]
    found = live.anonymous.get(f"/entities/{entity}").json
    assert WORDS not in found["aliases"]
    (told,) = found["erased"]
    assert (told["position"], told["part"], told["ground"]) == (said_at, "payload.alias", GROUND)
    assert (told["decision"]["reference"], told["erased_at"]) == (DECISION, erased_at)
    assert live.anonymous.get(f"/entities/{entity}", as_of=said_at - 1).json["erased"] == []
    assert live.anonymous.get(f"/entities/{entity}", as_of=said_at).json["erased"] == [told]
    assert live.anonymous.get(f"/log/events/{said_at}").json["erased"] == [told]
    assert live.anonymous.get(f"/log/events/{said_at - 1}").json["erased"] == []
    for path in (f"/entities/{slug}", f"/log/{said_at}"):
        page = live.anonymous.get(f"//{path.lstrip('/')}").body.decode()
        assert WORDS not in page, path
        for words in (GROUND, DECISION, f"/log/{erased_at}", "Also known as: erased by law on"):
            assert words in page, (path, words)


ASKERS = {
    "public": (None, False), "pledger": ("pledger", True), "pledger of another": ("pledger", False),
    "secretariat": ("secretariat", None), "auditor": ("auditor", None), "auditor of it": ("auditor", True),
    "auditor of another": ("auditor", False),
}  # fmt: skip
"""Roles, and whether they are of the entity whose pledges they are."""
SEE_ALL = {"pledger", "secretariat", "auditor", "auditor of it"}


def test_an_erasure_is_seen_by_whoever_sees_the_event_that_was_erased(live_register: Register) -> None:
    live = live_register
    owner, other = KENYA, MEXICO
    returned, made = submitted(live, owner), published(live, owner)
    secretariat = live.as_("secretariat")
    assert secretariat.post(f"/pledges/{returned}/return", {"reason": "Of which year?"}).status == 200
    (said_at, *_), (*_, made_at) = (
        [entry["position"] for entry in secretariat.get(f"/pledges/{pledge}/history").json["items"]]
        for pledge in (returned, made)
    )
    hidden = erase(live, said_at, "payload.content.title")
    shown = erase(live, made_at, "payload.published.content.title")
    sign(live)
    for asker, (role, owns) in ASKERS.items():
        entity = None if owns is None else owner if owns else other
        client = live.as_(role, entity) if role else live.anonymous
        expected = {hidden, shown} if asker in SEE_ALL else {shown}
        found = read_by(client, hidden, shown, may_export=role == "auditor")
        assert found == dict.fromkeys(found, expected), asker
        assert bool(client.get(f"/log/events/{said_at}").json["erased"]) == (hidden in expected), asker
    for path in (f"log/{hidden}", f"log/{hidden}.json", f"log/{hidden}.csv", f"log/{said_at}"):
        page = live.anonymous.get(f"//{path}")
        assert (page.status, GROUND.encode() in page.body) == (200, False), path
    assert GROUND.encode() in live.anonymous.get(f"//log/{shown}").body
    listed = {
        form: live.anonymous.get(f"//log/events{form}?name=log.field-erased")
        for form in ("", ".json", ".csv")
    }
    page = listed[""].body.decode()
    assert (f'/log/{shown}"' in page, f'/log/{hidden}"' in page) == (True, False)
    assert [item["position"] for item in listed[".json"].json["items"]] == [shown]
    rows = csv.DictReader(io.StringIO(listed[".csv"].body.decode(), newline=""))
    assert [row["position"] for row in rows] == [str(shown)]


def read_by(client: Client, *erasures: int, may_export: bool) -> dict[str, set[int]]:
    """Which erasures somebody reads, by each way. Their bundle verifies, by both readers."""
    found = client.get("/log/events", name="log.field-erased").json
    assert found["total"] == len(found["items"])
    events = {position: client.get(f"/log/events/{position}").json for position in erasures}
    assert all(client.get(f"/log/proof/{position}").status == 200 for position in erasures)
    bundle = client.get("/exports/bundle.zip").body
    assert " folded from them " in checked_file(lambda: io.BytesIO(bundle))
    lines = {"bundle": list(Pack(io.BytesIO(bundle)).lines("events.jsonl"))}
    if may_export:
        lines["export"] = client.get("/exports/events.jsonl").body.splitlines()
    whole = {
        way: [json.loads(all_of[position - 1]) for position in erasures] for way, all_of in lines.items()
    }
    return {
        "search": {item["position"] for item in found["items"]},
        "event": {position for position, one in events.items() if one["header"] and one["payload"]},
        "header": {position for position, one in events.items() if one["header"]},
        **{way: {line["position"] for line in told if "payload" in line} for way, told in whole.items()},
    }


def test_versions_and_comparisons_say_it_too(erased: Erased) -> None:
    public = erased.live.anonymous
    path, amended_at = f"/pledges/{erased.reference}", erased.amended_at
    (told,) = public.get(path).json["erased"]
    made, amended = public.get(f"{path}/versions").json["items"]
    assert (made["erased"], amended["erased"]) == ([told], [])
    for (begin, end), expected in {
        (erased.said_at, amended_at): [told], (erased.said_at, erased.said_at): [told],
        (amended_at, amended_at): [],
    }.items():  # fmt: skip
        around = f"{path}/changes?from={begin}&to={end}"
        assert public.get(around).json["erased"] == expected, around
        assert (GROUND in text(erased, around)) == bool(expected), around
    rows = list(csv.DictReader(io.StringIO(text(erased, f"/compare.csv?compare_to={erased.said_at - 1}"))))
    row = next(row for row in rows if row["reference"] == erased.reference)
    assert all(said in row["erased"] for said in (GROUND, DECISION, f"position {erased.erased_at}"))
