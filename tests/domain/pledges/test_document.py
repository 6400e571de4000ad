from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from domain.pledges import events
from domain.pledges.content import Changes, Source, Target
from domain.pledges.document import document, public_document
from domain.values import Money
from tests.domain.pledges.life import (
    FUND,
    GHANA,
    KENYA,
    MALTA,
    MATCH,
    OTHER,
    PLEDGE,
    TRAINED,
    WORDS,
    Said,
    euros,
    joined,
    joint,
    made,
    matching,
    measured,
    offered,
    pledge_of,
    reported,
    submitted,
)

CONTRACT_FIELDS = {
    "id", "reference", "version", "status", "percent", "measured_percent", "title", "description",
    "language", "type", "forms", "objectives", "objectives_basis", "principles", "actions",
    "frameworks", "seeking", "levels", "countries", "cycle", "entity", "through", "partners",
    "own_percent", "targets", "amount", "to_mptf", "money", "terms", "matches", "champion", "mirror",
    "verdicts", "made_on", "due_on", "due_is_firm", "recorded_at", "updated_at", "last_report_on",
    "outlook", "completeness", "source",
}  # fmt: skip
LEFT_TO_READERS = {"overdue", "staleness"}


def test_a_document_has_every_field_of_the_contract() -> None:
    for facts in ((made(),), (submitted(type=None, description=None, due_on=None),)):
        told = document(pledge_of(*facts))
        assert set(told) >= CONTRACT_FIELDS
        assert not LEFT_TO_READERS & set(told)


def test_a_document_is_plain_json() -> None:
    told = document(everything())
    assert json.loads(json.dumps(told)) == told
    assert told == json.loads(msgspec.json.encode(told))


def everything() -> Any:
    return pledge_of(
        joint(
            targets=(TRAINED, Target(id="t2", description="A law")), amount=euros("200000.00"),
            due_on="2026-05", source=Source(ref="GCMP-055", kept={"confidence": "high"}), named=(MALTA,),
        ),
        joined(GHANA, description="Train in Accra", targets=(Target(id="t1", unit="courses", target="4"),)),
        Said(measured("96"), on="2024-11-02"),
        reported(20, part=2, money=(events.MoneyReport(stage="paid", amount=euros("12.50"), date="2025"),)),
        events.PledgePartiallyFulfilled(percent_before=0, percent_after=20),
    )  # fmt: skip


def test_a_document_tells_numbers_and_parts() -> None:
    told = document(everything())
    assert (told["id"], told["reference"], told["version"]) == (str(PLEDGE), "2022-0042", 6)
    assert (told["status"], told["percent"], told["own_percent"]) == ("partially_fulfilled", 20, 40)
    assert told["targets"][0] == {
        "id": "t1", "description": "Officials trained", "unit": "people", "baseline": "0", "target": "240",
        "due_on": None, "retired": False, "value": "96", "original": None,
    }  # fmt: skip
    assert [(p["entity"], p["state"], p["percent"]) for p in told["partners"]] == [
        (str(MALTA), "named", None),
        (str(GHANA), "joined", 0),
    ]
    assert told["partners"][1]["part"]["targets"][0]["value"] is None
    assert told["source"] == {"ref": "GCMP-055", "kept": {"confidence": "high"}}
    assert (told["entity"], told["amount"]) == (str(KENYA), {"value": "200000.00", "currency": "EUR"})
    assert (told["description"], told["recorded_at"]) == (WORDS, "2026-03-01T00:00:00.000000Z")


def test_money_is_told_with_whose_it_is() -> None:
    told = document(everything())
    assert told["money"] == [
        {
            "stage": "paid", "amount": {"value": "12.50", "currency": "EUR"}, "date": "2025", "part": 2,
            "entity": str(GHANA),
        }
    ]  # fmt: skip


def test_progress_against_the_original_target_stays_visible() -> None:
    less = Target(id="t1", unit="people", baseline="0", target="120")
    amended = events.PledgeAmended(changes=Changes(targets=(less,)), reason="Fewer posts")
    (told,) = document(pledge_of(made(targets=(TRAINED,)), measured("96"), amended))["targets"]
    assert (told["target"], told["original"]) == (
        "120", {"unit": "people", "baseline": "0", "target": "240", "percent": 40}
    )  # fmt: skip


def test_matches_are_told_as_they_stand() -> None:
    dollars = Money(value="5", currency="USD")
    pledge = pledge_of(
        made(**matching()),
        offered(amount=dollars, counted_value=euros("4")),
        events.MatchAccepted(match=MATCH),
    )
    assert document(pledge)["terms"]["amount"] == {"value": "1000", "currency": "EUR"}
    assert document(pledge)["offers"] == [
        {
            "id": str(MATCH), "pledge": str(OTHER), "entity": str(FUND), "state": "accepted",
            "amount": {"value": "5", "currency": "USD"}, "counted_value": {"value": "4", "currency": "EUR"},
        }
    ]  # fmt: skip


def test_the_public_sees_no_partner_that_has_not_consented() -> None:
    invited = tuple(events.PartnerInvited(entity=entity) for entity in (GHANA, MALTA))
    told = document(pledge_of(joint(), *invited, events.PartnerDeclined(entity=GHANA)))
    assert [partner["state"] for partner in told["partners"]] == ["declined", "invited"]
    assert public_document(told)["partners"] == []


def test_the_public_sees_no_reasons_for_a_return() -> None:
    told = document(pledge_of(submitted(), events.PledgeRejected(reason="No pledge", code="not-a-pledge")))
    assert told["returned"] == {"reason": "No pledge", "fields": {}, "code": "not-a-pledge"}
    assert public_document(told)["returned"] is None


def test_nothing_else_in_the_register_computes_status_or_percent() -> None:
    """One rule, in one module: whoever else reads reports to find a percent is found here."""
    domain = Path(__file__).parents[3] / "domain" / "pledges"
    users = [path.name for path in domain.glob("*.py") if "percent_at(" in path.read_text(encoding="utf-8")]
    assert sorted(users) == ["content.py", "document.py", "measure.py"]
