"""The log, its proofs and what auditors take away, as of an earlier moment."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pytest
import requests

from domain.reference.states import state_id
from tests.web.live import SECONDS_MAX, Register
from tests.web.pledges import recorded, submitted
from tests.web.test_log import fetched, sign
from workers.verifier import Pack, verify


@dataclass(frozen=True)
class Grown:
    """Sizes of two checkpoints of a log."""

    earlier: int
    later: int


@pytest.fixture
def grown(live: Register) -> Grown:
    sizes = []
    for name in ("Before", "After"):
        recorded(live, live.entity(name))
        sign(live)
        sizes.append(int(live.anonymous.get("/log").json["size"]))
    return Grown(*sizes)


def test_events_up_to_a_moment(live: Register, grown: Grown) -> None:
    auditor = live.as_("auditor")
    answer = auditor.get("/exports/events.jsonl", as_of=grown.earlier)
    lines = answer.body.splitlines()
    assert (len(lines), answer.headers["X-Position"]) == (grown.earlier, str(grown.earlier))
    whole = auditor.get("/exports/events.jsonl", as_of=f"checkpoint:{grown.later}").body.splitlines()
    assert whole[: grown.earlier] == lines
    assert len(whole) == grown.later > grown.earlier
    assert auditor.get("/exports/events.jsonl", as_of=10**9).errors["as_of"]


def test_a_bundle_of_an_earlier_size(live: Register, grown: Grown) -> None:
    for as_of in (
        f"checkpoint:{grown.earlier}",
        grown.later,
    ):  # the later one was signed after its last event
        answer = live.anonymous.get("/exports/bundle.zip", as_of=as_of)
        assert verify(Pack(io.BytesIO(answer.body))).checkpoint.size == grown.earlier
        assert answer.headers["X-Position"] == str(grown.earlier)
    assert live.anonymous.get("/exports/bundle.zip", as_of=1).status == 404


def test_the_log_and_a_proof_as_of_a_moment(live: Register, grown: Grown) -> None:
    public, then = live.anonymous, f"checkpoint:{grown.earlier}"
    for as_of, size in ((then, grown.earlier), (grown.later, grown.earlier)):
        assert public.get("/log", as_of=as_of).json["size"] == size
    assert public.get("/log", as_of=1).json["checkpoint_at"] is None
    assert fetched(live, f"/checkpoint?as_of={then}").text.split("\n")[1] == str(grown.earlier)
    assert public.get("/log/proof/3", as_of=then).json["size"] == grown.earlier
    assert public.get(f"/log/proof/{grown.later}", as_of=then).status == 404
    assert public.get("/log/proof/1", as_of=1).status == 404
    assert f"\n{grown.earlier}\n" in fetched(live, f"/proof/3.tlog-proof?as_of={then}").text


def test_an_event_behind_the_moment_was_not_there_yet(live: Register, grown: Grown) -> None:
    public, then, behind = live.anonymous, f"checkpoint:{grown.earlier}", grown.earlier + 1
    assert public.get("/log/events/3", as_of=then).json["proof"]["size"] == grown.earlier
    assert public.get("/log/events/1", as_of=1).json["proof"] is None
    assert public.get("/log/events/3", as_of=1).status == 404
    answer = public.get(f"/log/events/{behind}", as_of=then)
    assert (answer.status, str(grown.earlier) in answer.json["detail"]) == (404, True)
    for form in ("", ".json", ".csv"):
        for position, status in ((3, 200), (behind, 404)):
            asked = f"{live.url}/log/{position}{form}?as_of={then}"
            assert requests.get(asked, timeout=SECONDS_MAX).status_code == status, asked


def test_what_came_in_is_told_as_it_stood(live: Register) -> None:
    owner = state_id("KEN")
    pledge, secretariat = submitted(live, owner), live.as_("secretariat")
    before = secretariat.get("/intake")
    answer = secretariat.post(f"/pledges/{pledge}/return", {"reason": "Say where."})
    assert answer.status == 200
    then, now = secretariat.get("/intake", as_of=before.json["position"]), secretariat.get("/intake")
    assert {key: then.json[key] for key in ("totals", "received", "items", "files")} == {
        key: before.json[key] for key in ("totals", "received", "items", "files")
    }
    outcomes = [
        next(item["outcome"] for item in found.json["items"] if item["pledge"] == pledge)
        for found in (then, now)
    ]
    assert outcomes == ["submitted", "returned"]
    assert secretariat.get("/intake", as_of="2999").errors["as_of"]


def test_cycles_before_anything_was_recorded(live: Register) -> None:
    for path, name in (("/cycles", "items"), ("/reference", "cycles")):
        assert live.anonymous.get(path, as_of=0).json[name] == []
        assert live.anonymous.get(path, as_of=0).json["checkpoint"] is None
        assert live.anonymous.get(path).json[name][0]["cycle"] == 2022
