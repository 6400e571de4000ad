"""Sheets that were sent in a browser: foreseen, confirmed, imported by a worker; killed, it goes on."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from threading import Event
from uuid import UUID, uuid4

import pytest

from domain.accounts.commands import AddAccount, GrantRole, RevokeRole
from domain.actors import OPERATOR
from domain.imports.events import ImportStarted
from domain.pledges.commands import AmendPledge
from domain.pledges.content import Changes
from domain.recording import Authority
from projections.composition import Runtime
from projections.sent_sheets import sheets
from projections.sent_sheets.sheet_rows import SheetRow
from projections.sent_sheets.sheets import ClaimLost, Reading, SentSheet
from tests.workers.imports.test_import import LETTER, happened
from workers.imports import importer, sent

HEADER = "ref,title,pledger,due_on"
NOTE = {"kind": "note_verbale", "reference": "NV 12/2026", "date": "2026-05"}


@pytest.fixture
def member(runtime: Runtime) -> UUID:
    """Somebody of the Secretariat."""
    account = uuid4()
    runtime.register.handle(AddAccount(account=account), by=OPERATOR)
    runtime.register.handle(GrantRole(account=account, role="secretariat"), by=OPERATOR)
    runtime.projector().stand_in()
    return account


def added(runtime: Runtime, account: UUID, *rows: str, header: str = HEADER, **reading: object) -> UUID:
    content = "\n".join([header, *rows]).encode()
    sheet = runtime.new_id()
    said: Mapping[str, object] = {"mode": "record", "authority": NOTE, **reading}
    runtime.sent_sheets.add(
        sheet, account, io.BytesIO(content), filename="list.csv", sha256=hashlib.sha256(content).hexdigest(),
        heading=header.split(","), reading=Reading(**said), is_ready=True,  # type: ignore[arg-type]
    )  # fmt: skip
    return sheet


def works(runtime: Runtime) -> bool:
    runtime.projector().stand_in()
    return sent.carry_out_next(runtime, Event())


def known(runtime: Runtime, sheet: UUID) -> SentSheet:
    found = runtime.sent_sheets.get(sheet)
    assert found is not None
    return found


def rows_of(runtime: Runtime, sheet: UUID, outcome: str | None = None) -> list[SheetRow]:
    return runtime.sheet_rows.page(sheet, outcome=outcome, after=0, limit=100)


def confirmed(runtime: Runtime, sheet: UUID) -> bool:
    at = known(runtime, sheet)
    return runtime.sent_sheets.confirm(sheet, at.account, sha256=at.sha256, preview=at.preview or "")


def test_what_is_foreseen_comes_about_once_it_is_confirmed(runtime: Runtime, member: UUID) -> None:
    sheet = added(
        runtime, member, "A,Schools for all,Kenya,2030", "B,Water,Atlantis (x),soon", "A,Twice,Mali,"
    )
    assert works(runtime)
    seen = known(runtime, sheet)
    assert (seen.stage, seen.rows, seen.dealt_with) == ("checked", 3, 3)
    assert seen.counts == {"made": 1, "refused": 1, "duplicate": 1}
    made, refused, _ = rows_of(runtime, sheet)
    assert (made.row, made.title, made.pledger) == (2, "Schools for all", "Kenya")
    assert made.changes == [{"field": "due_on", "before": None, "after": "2030"}]
    assert list(refused.errors) == ["due_on"]
    assert [row.row for row in rows_of(runtime, sheet, "refused")] == [3]
    assert [(row, cells[1]) for row, _, cells in runtime.sheet_rows.to_mend(sheet)] == [
        (3, "Water"),
        (4, "Twice"),
    ]
    assert not works(runtime)
    assert not happened(runtime, "import.")

    assert confirmed(runtime, sheet)
    assert not confirmed(runtime, sheet)  # the other tab
    assert works(runtime)
    done = known(runtime, sheet)
    assert (done.stage, done.counts) == ("done", seen.counts)
    started, *_ = happened(runtime, "import.")
    assert isinstance(started.fact, ImportStarted)
    assert started.header.authority == Authority(**NOTE)
    assert started.header.stream == sheet
    (made,) = rows_of(runtime, sheet, "made")
    (pledge,) = [event.header.stream for event in happened(runtime, "pledge.made")]
    assert made.pledge == pledge
    with runtime.sent_sheets.file(sheet) as path:
        assert path.read_bytes() == b""  # forgotten
    assert not runtime.sent_sheets.discard(sheet)


class Killed(BaseException):
    """What a worker does not survive."""


def test_a_worker_killed_in_the_middle_leaves_nothing_doubled(
    runtime: Runtime, member: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "BATCH_ROWS", 2)
    monkeypatch.setattr(sheets, "LEASE", "0 seconds")
    rows = [f"R{n},Promise number {n},Kenya,2030" for n in range(4)] + ["R0,Again,Kenya,", "R9,Last,Kenya,"]
    sheet = added(runtime, member, *rows)
    works(runtime)
    confirmed(runtime, sheet)
    with monkeypatch.context() as patched:
        patched.setattr(sent._Work, "_go_on", lambda _: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            works(runtime)
    halfway = known(runtime, sheet)
    assert (halfway.stage, halfway.last_row, halfway.dealt_with) == ("importing", 3, 2)
    assert works(runtime)
    done = known(runtime, sheet)
    assert (done.stage, done.dealt_with, done.counts) == ("done", 6, {"made": 5, "duplicate": 1})
    assert len(happened(runtime, "pledge.made")) == 5
    assert len(happened(runtime, "import.finished")) == 1


def test_a_worker_that_was_taken_for_dead_stores_nothing_more(
    runtime: Runtime, member: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "LEASE", "0 seconds")
    sheet = added(runtime, member, "A,Schools,Kenya,")
    works(runtime)
    confirmed(runtime, sheet)
    slow, quick = runtime.sent_sheets.claim(), runtime.sent_sheets.claim()
    assert slow is not None
    assert quick is not None
    with pytest.raises(ClaimLost):
        sent._carry_out(runtime, slow, Event())
    assert not happened(runtime, "pledge.")
    sent._carry_out(runtime, quick, Event())
    assert len(happened(runtime, "pledge.made")) == 1


def test_a_sheet_that_ends_each_worker_is_given_up(
    runtime: Runtime, member: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "LEASE", "0 seconds")
    sheet = added(runtime, member, "A,Schools,Kenya,")
    for _ in range(sent.CLAIMS_MAX):
        assert runtime.sent_sheets.claim() is not None
    assert works(runtime)
    assert known(runtime, sheet).stage == "failed"
    assert not works(runtime)


def test_a_worker_that_is_to_stop_lets_another_go_on(runtime: Runtime, member: UUID) -> None:
    sheet = added(runtime, member, "A,Schools,Kenya,")
    stop = Event()
    stop.set()
    assert sent.carry_out_next(runtime, stop)
    assert known(runtime, sheet).stage == "checking"
    assert works(runtime)
    assert known(runtime, sheet).stage == "checked"


def test_a_register_that_moved_on_is_looked_at_again(runtime: Runtime, member: UUID) -> None:
    first = added(runtime, member, "A,Schools,Kenya,2030")
    works(runtime)
    confirmed(runtime, first)
    works(runtime)
    (pledge,) = [event.header.stream for event in happened(runtime, "pledge.made")]
    second = added(runtime, member, "A,Schools for all,Kenya,2031")
    works(runtime)
    (row,) = rows_of(runtime, second, "amended")
    assert row.changes == [
        {"field": "title", "before": "Schools", "after": "Schools for all"},
        {"field": "due_on", "before": "2030", "after": "2031"},
    ]
    amend = AmendPledge(pledge_id=pledge, changes=Changes(due_on="2035"), reason="agreed", authority=LETTER)
    runtime.register.handle(amend, by=OPERATOR)
    assert confirmed(runtime, second)
    works(runtime)
    again = known(runtime, second)
    assert (again.stage, again.moved_on, again.counts) == ("checked", True, {"conflict": 1})
    assert confirmed(runtime, second)
    assert works(runtime)
    assert known(runtime, second).counts == {"conflict": 1}

    third = added(runtime, member, "C,Roads,Mali,")
    works(runtime)
    amend = AmendPledge(pledge_id=pledge, changes=Changes(due_on="2036"), reason="again", authority=LETTER)
    runtime.register.handle(amend, by=OPERATOR)
    confirmed(runtime, third)
    assert known(runtime, third).stage == "checking"
    assert works(runtime)  # says what was confirmed, so that it is imported at once
    assert known(runtime, third).stage == "importing"
    assert works(runtime)
    assert known(runtime, third).counts == {"made": 1}


def test_what_may_be_said_twice_is_named(runtime: Runtime, member: UUID) -> None:
    first = added(runtime, member, "A,Twenty new schools for all children,Kenya,")
    works(runtime)
    confirmed(runtime, first)
    works(runtime)
    sheet = added(
        runtime, member, "B,Twenty NEW schools for children,Kenya,",
        "C,Twenty new schools for all children,Mali,",
        "D,Twenty schools for all new children,Mali,", "E,Something else,Kenya,",
    )  # fmt: skip
    works(runtime)
    alike, other = rows_of(runtime, sheet, "alike")
    assert (alike.row, alike.alike[0]["title"]) == (2, "Twenty new schools for all children")
    assert alike.alike[0]["reference"]
    assert (other.row, other.alike[0]["row"]) == (4, 3)


@pytest.mark.parametrize(
    ("rows", "header", "said"),
    [
        (["\udcff"], HEADER, "the file is not in UTF-8: row 2"),
        (["a"], "title,pledger", "no column ref"),
        (['"a,b'], HEADER, "the file is no CSV file"),
    ],
)
def test_what_cannot_be_read_says_why_and_can_be_read_otherwise(
    runtime: Runtime, member: UUID, rows: list[str], header: str, said: str
) -> None:
    content = "\n".join([header, *rows]).encode("utf-8", "surrogateescape")
    sheet = runtime.new_id()
    runtime.sent_sheets.add(
        sheet, member, io.BytesIO(content), filename="x", sha256="0" * 64, heading=[],
        reading=Reading(mode="record"), is_ready=True,
    )  # fmt: skip
    works(runtime)
    failed = known(runtime, sheet)
    assert failed.stage == "failed"
    assert said in (failed.problem or "")
    assert runtime.sent_sheets.check(sheet, Reading(mode="submit", columns={"title": 0, "pledger": 0}))
    assert runtime.sent_sheets.discard(sheet)
    assert not works(runtime)


def test_columns_that_were_matched_are_read_as_ours(runtime: Runtime, member: UUID) -> None:
    sheet = added(
        runtime, member, "1,Schools,x,Kenya,by hand", header="No,Pledge,title,Country,Source",
        columns={"ref": 0, "title": 1, "pledger": 3}, keep=["Source"],
    )  # fmt: skip
    runtime.sent_sheets.check(
        sheet,
        Reading(mode="record", authority=NOTE, columns={"ref": 0, "title": 1, "pledger": 3}, keep=["Source"]),
    )
    works(runtime)
    seen = known(runtime, sheet)
    assert (seen.stage, seen.problem, seen.counts) == ("checked", None, {"made": 1})
    assert seen.ignored == ["“title”"]
    confirmed(runtime, sheet)
    works(runtime)
    (made,) = happened(runtime, "pledge.made")
    assert made.fact.content.source.kept == {"Source": "by hand"}


def test_a_role_that_was_taken_away_imports_nothing(runtime: Runtime, member: UUID) -> None:
    sheet = added(runtime, member, "A,Schools,Kenya,")
    works(runtime)
    confirmed(runtime, sheet)
    runtime.register.handle(RevokeRole(account=member, role="secretariat"), by=OPERATOR)
    works(runtime)
    assert known(runtime, sheet).stage == "failed"
    assert not happened(runtime, "pledge.")


def test_sheets_are_forgotten_after_some_days(runtime: Runtime, member: UUID) -> None:
    sheet = added(runtime, member, "A,Schools,Kenya,")
    works(runtime)
    assert runtime.sent_sheets.forget_old() == 0
    with runtime.pool.connection() as connection:
        connection.execute("UPDATE sent_sheets SET changed_at = changed_at - interval '8 days'")
    assert runtime.sent_sheets.forget_old() == 1
    assert runtime.sent_sheets.get(sheet) is None
