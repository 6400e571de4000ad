"""A role taken away while its holder is signed in: the next request is shut, and shows what was typed."""

from __future__ import annotations

from uuid import UUID

import pytest

from domain.accounts.commands import GrantRole, RevokeRole
from domain.actors import OPERATOR
from tests.web.browsing import HIDDEN, Browser, Somebody, signed_in, somebody
from tests.web.desk.test_lives import begun
from tests.web.desk.test_review import hidden, other_token
from tests.web.live import KENYA, MALI, Register
from tests.web.pledges import names, published, submitted

TYPED = {"changes.title": "Office of the <b>President</b>", "changes.through": "مكتب", "save": "1"}


def takes_away(live: Register, who: Somebody, role: str, entity: UUID | None = None) -> None:
    command = RevokeRole(account=who.account, role=role, entity=entity, reason="Moved on")
    live.runtime.register.handle(command, by=OPERATOR)


def grants(live: Register, who: Somebody, role: str, entity: UUID | None = None) -> None:
    live.runtime.register.handle(GrantRole(account=who.account, role=role, entity=entity), by=OPERATOR)


@pytest.mark.parametrize("other", [None, MALI])
def test_a_paper_that_was_open_is_shut_and_what_was_typed_is_shown(
    live: Register, other: UUID | None
) -> None:
    who = somebody(live, "pledger", KENYA)
    browser = signed_in(live, who)
    pledge = begun(browser, "A title")
    form = dict(HIDDEN.findall(browser.get(f"{pledge}/edit").text))
    if other:
        grants(live, who, "pledger", other)
    takes_away(live, who, "pledger", KENYA)
    answer = browser.post(f"{pledge}/edit", csrf_token=other_token(browser), **form, **TYPED)
    assert answer.status_code == (404 if other else 403)
    assert "What you had written" in answer.text
    assert "Office of the &lt;b&gt;President&lt;/b&gt;" in answer.text
    assert ">مكتب</dd>" in answer.text
    assert form["once"] not in answer.text
    assert browser.get("/desk").status_code == 200, "they are signed in still"
    grants(live, who, "pledger", KENYA)
    assert "President" not in browser.get(pledge).text
    assert browser.post(f"{pledge}/edit", csrf_token=other_token(browser), **form, **TYPED).status_code == 303
    assert "President" in browser.get(pledge).text


def test_a_reviewer_who_is_none_any_more_decides_nothing(live: Register) -> None:
    who = somebody(live)
    browser = signed_in(live, who)
    pledge = submitted(live, live.entity("Reviewed by nobody"))
    form = hidden(browser, pledge)
    takes_away(live, who, "secretariat")
    address = f"/desk/pledges/{pledge}/review"
    answer = browser.post(
        address, csrf_token=other_token(browser), decision="return", reason="Too short, and too vague", **form
    )
    assert answer.status_code == 403
    assert "This page is not open to you" in answer.text
    assert "Too short, and too vague" in answer.text
    assert browser.get(address).status_code == 403
    assert names(live, pledge) == ["pledge.submitted"]


def test_what_somebody_else_typed_or_no_form_of_ours_brought_is_not_shown(live: Register) -> None:
    writer, other = somebody(live), somebody(live)
    pledge = submitted(live, live.entity("Reviewed by a stranger"))
    form = hidden(signed_in(live, writer), pledge)
    browser = signed_in(live, other)
    takes_away(live, other, "secretariat")
    token = other_token(browser)
    for sent in (form, {**form, "writer": "x"}, {}):
        answer = browser.post(
            f"/desk/pledges/{pledge}/review", csrf_token=token, decision="return", reason="Theirs", **sent
        )
        assert answer.status_code == 403
        assert "Theirs" not in answer.text


def test_nobody_else_is_shut_out(live: Register) -> None:
    gone, stays = somebody(live, "pledger", KENYA), somebody(live, "pledger", KENYA)
    browser: Browser = signed_in(live, stays)
    pledge = begun(browser, "A title")
    takes_away(live, gone, "pledger", KENYA)
    form = dict(HIDDEN.findall(browser.get(f"{pledge}/edit").text))
    assert browser.send(f"{pledge}/edit", **form, **TYPED).status_code == 303


def test_a_report_that_may_bring_files_is_shown_too(live: Register) -> None:
    entity = live.entity("Reports no more")
    who = somebody(live, "pledger", entity)
    browser = signed_in(live, who)
    path = f"/desk/pledges/{published(live, entity)}/report"
    said = {**dict(HIDDEN.findall(browser.get(path).text)), "csrf_token": other_token(browser)}
    takes_away(live, who, "pledger", entity)
    answer = browser.session.post(
        live.url + path, data={**said, "narrative": "Ten are open."}, timeout=90,
        files={"evidence.0.file": ("present.csv", b"a,b")}, allow_redirects=False,
    )  # fmt: skip
    assert answer.status_code == 403
    assert "Ten are open." in answer.text
