"""Versions of a pledge: also those that were returned and superseded, for who may see them."""

from __future__ import annotations

from typing import Any

from tests.web.live import KENYA, Register
from tests.web.pledges import submitted

LATER = {"title": "More schools along the route"}


def returned_and_published(live: Register) -> tuple[Any, str]:
    """A pledge whose first submission was returned, and the second one published."""
    owner = live.entity("Versions")
    client, secretariat = live.as_("pledger", owner), live.as_("secretariat")
    pledge = submitted(live, owner)
    secretariat.post(f"/pledges/{pledge}/return", {"reason": "Which schools?", "fields": {"title": "Which?"}})
    assert client.patch(f"/pledges/{pledge}", {"changes": LATER}).status == 200
    assert client.post(f"/pledges/{pledge}/submission").status == 200
    assert secretariat.post(f"/pledges/{pledge}/publication").status == 200
    return owner, pledge


def test_returned_and_superseded_submissions_are_versions_too(live: Register) -> None:
    owner, pledge = returned_and_published(live)
    for client in (live.as_("pledger", owner), live.as_("secretariat"), live.as_("auditor")):
        items = client.get(f"/pledges/{pledge}/versions").json["items"]
        told = [(one["name"], one["status"], one["outcome"], one["is_superseded"]) for one in items]
        assert told == [
            ("pledge.submitted", "submitted", "returned", True),
            ("pledge.returned", "returned", None, True),
            ("pledge.submitted", "submitted", "made", True),
            ("pledge.made", "made", None, False),
        ]
        first, second, last = items[0]["position"], items[2]["position"], items[3]["position"]
        changed = client.get(f"/pledges/{pledge}/changes", **{"from": first, "to": second}).json
        assert changed["changes"] == [
            {"field": "title", "before": "Schools along the route", "after": LATER["title"]}
        ]
        assert [entry["position"] for entry in changed["between"]] == [items[1]["position"], second]
        fields = {
            c["field"] for c in client.get(f"/pledges/{pledge}/changes", **{"from": first}).json["changes"]
        }
        assert {"title", "status", "reference", "made_on"} <= fields
        assert "description" not in fields
        assert client.get(f"/pledges/{pledge}/versions", as_of=last - 1).json["items"] == [
            {
                **one,
                "is_superseded": one is not items[2],
                "outcome": None if one is items[2] else one["outcome"],
            }
            for one in items[:3]
        ]
    for outside in (live.anonymous, live.as_("auditor", KENYA)):
        assert [one["name"] for one in outside.get(f"/pledges/{pledge}/versions").json["items"]] == [
            "pledge.made"
        ]
        found = outside.get(f"/pledges/{pledge}/changes", **{"from": first, "to": second}).json
        assert (found["changes"], found["between"]) == ([], [])
        assert "Which schools?" not in str(outside.get(f"/pledges/{pledge}/changes", **{"from": 1}).json)


def test_what_cannot_be_compared_is_named(live: Register) -> None:
    _, pledge = returned_and_published(live)
    path = f"/pledges/{pledge}/changes"
    for query, field in (
        ({"from": 9, "to": 8}, "from"), ({"from": "x"}, "from"), ({"from": 0}, "from"),
        ({"to": 10**12}, "to"),
    ):  # fmt: skip
        answer = live.anonymous.get(path, **query)
        assert (answer.status, set(answer.errors)) == (422, {field}), query
    for unknown in ("2099-0001", "0190d7e2-5c3a-7000-8000-0123456789ab"):
        for what in ("versions", "changes"):
            assert live.as_("auditor").get(f"/pledges/{unknown}/{what}").status == 404
