"""Words that reach somebody are warned about beside their field, before they are public for ever."""

from __future__ import annotations

import re

from tests.web.browsing import at_desk, sends
from tests.web.desk.test_lives import begun, written
from tests.web.live import KENYA, Register
from tests.web.pledges import TODAY

TICK = re.compile(r'name="may-be-public" value="([0-9a-f]+)"( checked)?')
NUMBER, ADDRESS = "+41 22 717 91 11", "ana@example.org"


def test_contact_words_wait_for_a_tick_and_then_go_through(live: Register) -> None:
    pledger = at_desk(live, "pledger", KENYA)
    pledge = begun(pledger)
    said = {
        "changes__description": f"Call {NUMBER}.", "changes__actions": f"Write to {ADDRESS}\nBuild",
        "changes__targets__0__description": "A/RES/73/195, 2030: 200 000 000", "save": "1",
    }  # fmt: skip
    warned = sends(pledger, f"{pledge}/edit", **said)
    assert warned.status_code == 422
    for field in ("changes-description", "changes-actions"):
        assert f'id="{field}-warning"' in warned.text
        assert f'aria-describedby="{field}-' in warned.text
    assert "changes-targets-0-description-warning" not in warned.text
    assert f"Call {NUMBER}." in warned.text
    assert NUMBER not in pledger.get(f"{pledge}/edit").text

    ticks = TICK.findall(warned.text)
    assert [checked for _, checked in ticks] == ["", ""]
    one = sends(pledger, f"{pledge}/edit", **said, **{"may-be-public": ticks[0][0]})
    assert one.status_code == 422
    assert sorted(checked for _, checked in TICK.findall(one.text)) == ["", " checked"]
    other = sends(pledger, f"{pledge}/edit", **said | {"changes__description": "Call +41 22 717 91 12."},
                  **{"may-be-public": ticks[0][0]})  # fmt: skip
    assert [checked for _, checked in TICK.findall(other.text)] == ["", ""]

    said |= {"changes__actions": ""}
    assert sends(pledger, f"{pledge}/edit", **said, **{"may-be-public": ticks[0][0]}).status_code == 303
    assert sends(pledger, f"{pledge}/edit", **said).status_code == 303, "it stands there already"
    check = pledger.get(f"{pledge}/submission").text
    assert "Look at this before you submit it" in check
    assert NUMBER in check


def test_other_commands_warn_too_beside_what_else_is_wrong(live: Register) -> None:
    pledger, secretariat = at_desk(live, "pledger", KENYA), at_desk(live, "secretariat")
    pledge = begun(pledger)
    written(pledger, pledge)
    assert "Look at this before" not in pledger.get(f"{pledge}/submission").text
    sends(pledger, f"{pledge}/submission")
    sends(secretariat, f"{pledge}/publication")
    answer = sends(pledger, f"{pledge}/report", narrative=f"Ask {ADDRESS}", percent="most")
    assert answer.status_code == 422
    assert 'id="percent-error"' in answer.text
    assert 'id="narrative-warning"' in answer.text
    ticked = TICK.search(answer.text)
    assert ticked
    again = sends(
        pledger, f"{pledge}/report", narrative=f"Ask {ADDRESS}", percent="40", effective_on=TODAY,
        **{"may-be-public": ticked[1]},
    )  # fmt: skip
    assert again.status_code == 303, again.text
