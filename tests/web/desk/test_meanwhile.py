"""A form made from an older version is told, field by field, what changed meanwhile."""

from __future__ import annotations

import re

from tests.web.browsing import HIDDEN, at_desk, sends
from tests.web.desk.test_lives import begun, written
from tests.web.live import KENYA, Register

ROW = re.compile(r'<tr><th scope="row">([^<]*)</th>(.*?)</tr>', re.DOTALL)


def rows(text: str) -> dict[str, str]:
    """The rows of what changed, by field, without markup."""
    table = text.partition("What changed meanwhile")[2].partition("</table>")[0]
    return {name: " ".join(re.sub(r"<[^>]*>", " ", row).split()) for name, row in ROW.findall(table)}


def test_a_stale_paper_tells_what_changed_and_keeps_both(live: Register) -> None:
    one, other = (at_desk(live, "pledger", KENYA) for _ in range(2))
    pledge = begun(one, "A title")
    stale = dict(HIDDEN.findall(other.get(f"{pledge}/edit").text))
    assert sends(one, f"{pledge}/edit", changes__title="The first title", save="1").status_code == 303
    typed = {"changes.title": "A title", "changes.through": "An office", "save": "1"}
    answer = other.send(f"{pledge}/edit", **{**stale, **typed})
    assert answer.status_code == 412
    told = rows(answer.text)
    assert list(told) == ["Title"]
    assert told["Title"].startswith("A title The first title Somebody who writes for the same entity")
    assert 'name="changes.title" value="The first title"' in answer.text, "nothing was typed there"
    assert "An office" in answer.text
    again = other.send(
        f"{pledge}/edit", **{**typed, **dict(HIDDEN.findall(answer.text)), "changes.title": "Both"}
    )
    assert again.status_code == 303, again.text
    assert "Both" in one.get(pledge).text


def test_a_stale_command_tells_who_changed_what(live: Register) -> None:
    pledger, secretariat = at_desk(live, "pledger", KENYA), at_desk(live, "secretariat")
    pledge = begun(pledger)
    written(pledger, pledge)
    sends(pledger, f"{pledge}/submission")
    sends(secretariat, f"{pledge}/publication")
    stale = dict(HIDDEN.findall(secretariat.get(f"{pledge}/lapse").text))
    amended = sends(
        pledger, f"{pledge}/amendment", reason="Better so.", changes__title="Another title", amend="1"
    )
    assert amended.status_code == 303, amended.text
    answer = secretariat.send(f"{pledge}/lapse", **{**stale, "reason": "Nothing was heard."})
    assert answer.status_code == 412
    told = rows(answer.text)
    assert list(told) == ["Title"]
    assert told["Title"].startswith("Advice for migrants Another title Kenya (Pledger),")
    assert "Nothing was heard." in answer.text
    for forged in ("x", "é", "A" * 100, stale["opened"][:-8]):
        bad = secretariat.send(f"{pledge}/lapse", **{**stale, "reason": "Nothing.", "opened": forged})
        assert bad.status_code == 412
        assert rows(bad.text) == {}
    assert sends(secretariat, f"{pledge}/lapse", reason="Nothing was heard.").status_code == 303
