"""Bodies of pledges, and the steps that many tests begin with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.web.live import AUTHORITY, Answer, Register

DESCRIPTION = "We will build and staff schools along the route so that children on the move can learn. " * 4


def day(days: int) -> str:
    """A day from today on, in UTC."""
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


TODAY, NEXT_YEAR = day(0), day(365)


def pledge_body(entity: UUID, **said: Any) -> dict[str, Any]:
    """A pledge that can be submitted."""
    return {
        "title": "Schools along the route",
        "entity": str(entity),
        "type": "individual",
        "description": DESCRIPTION,
        "forms": ["policy"],
        "objectives": [5, 15],
        "due_on": NEXT_YEAR,
        **said,
    }


TARGET = {"description": "Children in school", "unit": "children", "baseline": "0", "target": "200"}
TERMS = {
    "kind": "financial",
    "condition": "Others give as much",
    "amount": {"value": "1000.00", "currency": "EUR"},
    "deadline": NEXT_YEAR,
}


def drafted(live: Register, entity: UUID, **said: Any) -> str:
    """The id of a new working paper."""
    answer = live.as_("pledger", entity).post("/pledges", pledge_body(entity, **said))
    assert answer.status == 201, answer.body
    return str(answer.json["id"])


def submitted(live: Register, entity: UUID, **said: Any) -> str:
    """The id of a pledge that waits for review."""
    pledge = drafted(live, entity, **said)
    answer = live.as_("pledger", entity).post(f"/pledges/{pledge}/submission")
    assert answer.status == 200, answer.body
    return pledge


def published(live: Register, entity: UUID, **said: Any) -> str:
    """The id of a pledge that was submitted and published."""
    pledge = submitted(live, entity, **said)
    answer = live.as_("secretariat").post(f"/pledges/{pledge}/publication")
    assert answer.status == 200, answer.body
    return pledge


def recorded(live: Register, entity: UUID, **said: Any) -> Answer:
    """A pledge that the Secretariat recorded in its owner's place."""
    body = {
        "title": "Recorded for its owner",
        "entity": str(entity),
        "record": True,
        "authority": AUTHORITY,
        **said,
    }
    answer = live.as_("secretariat").post("/pledges", body)
    assert answer.status == 201, answer.body
    return answer


def names(live: Register, pledge: str) -> list[str]:
    """What happened to a pledge, as the Secretariat sees it."""
    return [
        entry["name"] for entry in live.as_("secretariat").get(f"/pledges/{pledge}/history").json["items"]
    ]
