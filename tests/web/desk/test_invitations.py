"""A partner is asked to take part after publication, by forms alone, and answers on its own desk."""

from __future__ import annotations

from tests.web.browsing import at_desk, sends
from tests.web.live import KENYA, Register
from tests.web.pledges import published


def test_a_partner_is_invited_to_a_public_pledge_and_takes_part(live: Register) -> None:
    partner, other = live.entity("Invited later"), live.entity("Invited too")
    name = live.anonymous.get(f"/entities/{partner}").json["name"]
    pledge = f"/desk/pledges/{published(live, KENYA, title='Open to partners', type='common')}"
    lead, asked = at_desk(live, "pledger", KENYA), at_desk(live, "pledger", partner)
    assert f'href="{pledge}/invitation"' in lead.get(pledge).text
    assert sends(lead, f"{pledge}/invitation", entity=name).status_code == 303
    assert name in lead.get(pledge).text
    assert "Open to partners" in asked.get("/desk").text, "the invitation waits there"
    assert f"{pledge}/acceptance/{partner}" in asked.get(pledge).text
    public = f"/pledges/{pledge.rpartition('/')[2]}"
    assert live.anonymous.get(public).json["partners"] == []

    answer = sends(asked, f"{pledge}/acceptance/{partner}", part__description="We train the staff.")
    assert answer.status_code == 303, answer.text
    assert [one["entity"]["name"] for one in live.anonymous.get(public).json["partners"]] == [name]

    assert sends(lead, f"{pledge}/invitation", entity=str(other)).status_code == 303
    declines = at_desk(live, "pledger", other)
    assert sends(declines, f"{pledge}/declination/{other}", reason="Not now.").status_code == 303
    stranger = at_desk(live, "pledger", live.entity("Nobody asked"))
    assert sends(stranger, f"{pledge}/acceptance/{partner}").status_code == 403


def test_nobody_waits_for_an_answer_about_what_has_ended(live: Register) -> None:
    partner = live.entity("Invited in vain")
    pledge = f"/desk/pledges/{published(live, KENYA, title='Ends before the answer', type='common')}"
    lead, asked = at_desk(live, "pledger", KENYA), at_desk(live, "pledger", partner)
    assert sends(lead, f"{pledge}/invitation", entity=str(partner)).status_code == 303
    for name, said, waits in (
        ("withdrawal", {"reason": "No money."}, False), ("reinstatement", {"reason": "A mistake."}, True),
        ("fulfilment", {"reason": "Done alone."}, False), ("retraction", {"reason": "Not all."}, True),
    ):  # fmt: skip
        assert sends(lead, f"{pledge}/{name}", **said).status_code == 303, name
        assert ("Ends before the answer" in asked.get("/desk").text) is waits, name
