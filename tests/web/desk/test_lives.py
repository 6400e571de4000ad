"""Pledges taken through their lives by forms alone, as those whom the register is for would do it."""

from __future__ import annotations

import re

import pytest

from tests.web.browsing import HIDDEN, Browser, at_desk, sends
from tests.web.live import KENYA, Register
from tests.web.pledges import day

DESCRIPTION = "We will open twenty offices in which migrants get advice in their own language. " * 5
LOCATION = re.compile(r"/desk/pledges/([0-9a-f-]{36})")
CHOSEN = re.compile(r'<option value="(\d+)" selected>')


def begun(browser: Browser, title: str = "Advice for migrants", **said: str) -> str:
    answer = sends(browser, "/desk/new", entity=str(KENYA), title=title, type="individual", **said)
    assert answer.status_code == 303, answer.text
    found = LOCATION.search(answer.headers["Location"])
    assert found
    return f"/desk/pledges/{found[1]}"


def written(browser: Browser, pledge: str) -> None:
    answer = sends(
        browser, f"{pledge}/edit", changes__description=DESCRIPTION, changes__forms="policy",
        changes__objectives="15", changes__due_on="2030", changes__targets__0__unit="offices",
        changes__targets__0__target="20", changes__targets__0__description="Offices opened", save="1",
    )  # fmt: skip
    assert answer.status_code == 303, answer.text


def test_from_a_draft_to_verified_with_a_return_on_the_way(live: Register) -> None:
    pledger, secretariat = at_desk(live, "pledger", KENYA), at_desk(live, "secretariat")
    pledge = begun(pledger)
    looked_at = pledger.get(f"{pledge}/submission").text
    assert "It cannot be submitted yet" in looked_at
    assert "#changes-description" in looked_at
    assert ">Submit</button>" not in looked_at
    early = sends(pledger, f"{pledge}/submission")
    assert early.status_code == 422
    assert "#changes-description" in early.text
    written(pledger, pledge)
    looked_at = pledger.get(f"{pledge}/submission").text
    assert "It cannot be submitted yet" not in looked_at
    assert ">Submit</button>" in looked_at
    assert sends(pledger, f"{pledge}/submission").status_code == 303

    assert pledge in secretariat.get("/desk/lists/submissions?q=Advice+for+migrants").text
    returned = sends(secretariat, f"{pledge}/return", reason="Say by when.")
    assert returned.status_code == 303, returned.text
    assert "Say by when." in pledger.get(pledge).text
    assert sends(pledger, f"{pledge}/edit", changes__due_on="2029", save="1").status_code == 303
    assert sends(pledger, f"{pledge}/submission").status_code == 303
    assert sends(secretariat, f"{pledge}/publication").status_code == 303

    report = sends(
        pledger, f"{pledge}/report", effective_on=day(0), narrative="Ten are open.",
        measures__0__target="t1", measures__0__value="10",
    )  # fmt: skip
    assert report.status_code == 303, report.text
    assert "50%" in pledger.get(pledge).text
    chosen = CHOSEN.findall(secretariat.get(f"{pledge}/verification").text)
    checked = sends(
        secretariat, f"{pledge}/verification", reason="Seen on site.", effective_on=day(0), report=chosen[0]
    )
    assert checked.status_code == 303, checked.text
    assert (
        sends(pledger, f"{pledge}/fulfilment", effective_on=day(0), narrative="All are open.").status_code
        == 303
    )
    assert "Fulfilled" in pledger.get(pledge).text


def test_a_form_sent_twice_is_carried_out_once(live: Register) -> None:
    pledger = at_desk(live, "pledger", KENYA)
    hidden = dict(HIDDEN.findall(pledger.get("/desk/new").text))
    said = {"entity": str(KENYA), "title": "Sent twice", "type": "individual", **hidden}
    first, second = (pledger.send("/desk/new", **said).headers["Location"] for _ in range(2))
    assert first == second


def test_a_form_made_from_an_older_version_is_told_and_keeps_what_was_typed(live: Register) -> None:
    one, other = (at_desk(live, "pledger", KENYA) for _ in range(2))
    pledge = begun(one)
    stale = dict(HIDDEN.findall(other.get(f"{pledge}/edit").text))
    assert sends(one, f"{pledge}/edit", changes__title="The first title", save="1").status_code == 303
    answer = other.send(f"{pledge}/edit", **{**stale, "changes.title": "The second title", "save": "1"})
    assert answer.status_code == 412
    assert "The second title" in answer.text
    assert "Somebody changed it meanwhile" in answer.text
    assert "The first title" in answer.text


def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_lost(live: Register) -> None:
    pledger = at_desk(live, "pledger", KENYA)
    pledge = begun(pledger)
    answer = sends(
        pledger, f"{pledge}/edit", changes__due_on="soon", changes__amount__value="a lot",
        changes__amount__currency="XXX", changes__title="Ki", changes__cycle="next",
        changes__description="<script>alert(1)</script>", save="1",
    )  # fmt: skip
    assert answer.status_code == 422
    for name in ("changes-due_on", "changes-amount-value", "changes-title", "changes-cycle"):
        assert f'id="{name}-error"' in answer.text, name
    assert 'value="soon"' in answer.text
    assert "<script>alert" not in answer.text


def test_anothers_paper_is_not_there(live: Register) -> None:
    pledge = begun(at_desk(live, "pledger", KENYA))
    stranger = at_desk(live, "pledger", live.entity("Stranger"))
    for path in ("", "/edit", "/submission", "/discard", "/report", "/publication"):
        assert stranger.get(pledge + path).status_code == 404, path
    auditor = at_desk(live, "auditor")
    assert auditor.get(f"{pledge}/edit").status_code == 403
    assert at_desk(live, "administrator").get(pledge).status_code == 404


def test_a_paper_is_thrown_away(live: Register) -> None:
    pledger = at_desk(live, "pledger", KENYA)
    pledge = begun(pledger)
    assert sends(pledger, f"{pledge}/discard").headers["Location"] == "/desk"
    assert pledger.get(pledge).status_code == 404


def test_the_secretariat_acts_for_an_entity_by_an_authority_alone(live: Register) -> None:
    secretariat = at_desk(live, "secretariat")
    title = "Recorded from a note"
    refused = sends(secretariat, "/desk/new", entity="Kenya", title=title, type="individual")
    assert refused.status_code == 403
    assert title in refused.text
    pledge = begun(secretariat, title, authority__kind="note_verbale", authority__reference="NV 12/2026")
    assert secretariat.get(pledge).status_code == 200


def test_an_amendment_shows_before_and_after_first(live: Register) -> None:
    pledger, secretariat = at_desk(live, "pledger", KENYA), at_desk(live, "secretariat")
    pledge = begun(pledger)
    written(pledger, pledge)
    sends(pledger, f"{pledge}/submission")
    sends(secretariat, f"{pledge}/publication")
    page = pledger.get(f"{pledge}/amendment").text
    hidden = dict(HIDDEN.findall(page))
    said = {"changes.title": "Advice in every language", "reason": "It says more.", **hidden}
    preview = pledger.send(f"{pledge}/amendment", preview="1", **said)
    assert preview.status_code == 200
    assert "Before and after" in preview.text
    assert "Advice for migrants" in pledger.get(pledge).text
    done = pledger.send(f"{pledge}/amendment", amend="1", **said)
    assert done.status_code == 303, done.text
    assert "Advice in every language" in pledger.get(pledge).text


def test_a_name_that_nobody_knows_loses_nothing_of_what_was_typed(live: Register) -> None:
    pledger = at_desk(live, "pledger", KENYA)
    pledge = begun(pledger)
    answer = sends(
        pledger, f"{pledge}/edit", changes__title="A new title", changes__partners="Atlantis", save="1"
    )
    assert answer.status_code == 422
    assert "“Atlantis” is no entity of the register" in answer.text.replace("&#34;", '"')
    assert 'value="A new title"' in answer.text
    assert 'value="Atlantis"' in answer.text


HOSTILE = ["\x00", "a\x00b", "\u202e", "x" * 5000, "2022-0001\x00", "' OR 1=1 --", "{{7*7}}"]


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_stands_in_a_field_is_refused_or_kept_and_never_breaks(live: Register, text: str) -> None:
    pledger = at_desk(live, "pledger", KENYA)
    pledge = begun(pledger)
    for name in ("title", "description", "partners", "matches", "countries", "due_on", "cycle", "language"):
        answer = sends(pledger, f"{pledge}/edit", **{f"changes__{name}": text, "save": "1"})
        assert answer.status_code in (303, 422), (name, answer.status_code)


def test_a_form_with_endless_names_or_numbers_is_refused_or_read_without_them(live: Register) -> None:
    pledger = at_desk(live, "pledger", KENYA)
    pledge = begun(pledger)
    long = {f"changes.targets.{'3' * 5000}.description": "x"}
    assert sends(pledger, f"{pledge}/edit", save="1", **long).status_code == 422, "the title is blank"
    many = {f"changes.z.{number}": "" for number in range(3_001)}
    assert sends(pledger, f"{pledge}/edit", save="1", **many).status_code == 413
