"""The same request again, whatever happened in between."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from domain.errors import Conflict
from tests.web.live import BY_LETTER, Answer, Register
from tests.web.pledges import TODAY, drafted, names, pledge_body, published

SAME_EACH_TIME = ("Content-Type", "Location", "ETag", "X-Position", "X-Request-Id", "Content-Length")


def key() -> str:
    return f"key {uuid4()}"


def same(first: Answer, second: Answer) -> bool:
    told = [
        (answer.status, answer.body, [answer.headers.get(name) for name in SAME_EACH_TIME])
        for answer in (first, second)
    ]
    return told[0] == told[1]


def test_a_retry_gets_the_first_answer_byte_for_byte(live: Register) -> None:
    entity, again = live.entity("Twice"), key()
    owner = live.as_("pledger", entity)
    first = owner.post("/pledges", pledge_body(entity), Idempotency_Key=again)
    assert first.status == 201
    owner.patch(f"/pledges/{first.json['id']}", {"changes": {"title": "Changed since"}})
    assert same(first, owner.post("/pledges", pledge_body(entity), Idempotency_Key=again))
    assert owner.get("/pledges", status="draft").json["total"] == 1


def test_a_command_is_carried_out_once(live: Register) -> None:
    entity, again = live.entity("Once"), key()
    pledge = published(live, entity)
    owner = live.as_("pledger", entity)
    report = {"effective_on": TODAY, "percent": 10, "narrative": "First steps"}
    first = owner.post(f"/pledges/{pledge}/progress-reports", report, Idempotency_Key=again)
    assert same(first, owner.post(f"/pledges/{pledge}/progress-reports", report, Idempotency_Key=again))
    assert names(live, pledge).count("pledge.progress-reported") == 1


def test_a_refusal_is_repeated_too(live: Register) -> None:
    entity, again = live.entity("Refused"), key()
    pledge = published(live, entity)
    owner = live.as_("pledger", entity)
    first = owner.post(f"/pledges/{pledge}/reinstatement", {"reason": "Why not"}, Idempotency_Key=again)
    assert owner.post(f"/pledges/{pledge}/withdrawal", {"reason": "Other plans"}).status == 200
    assert same(
        first, owner.post(f"/pledges/{pledge}/reinstatement", {"reason": "Why not"}, Idempotency_Key=again)
    )


def test_what_asks_to_try_again_is_tried_again(live: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    entity, again = live.entity("Crowded"), key()
    pledge = published(live, entity)
    owner, body = live.as_("pledger", entity), {"reason": "Other plans"}

    def others_were_faster(*_: Any, **__: Any) -> None:
        raise Conflict("Others changed the same thing. Try once more.")

    with monkeypatch.context() as patched:
        patched.setattr(type(live.runtime.register), "handle", others_were_faster)
        crowded = owner.post(f"/pledges/{pledge}/withdrawal", body, Idempotency_Key=again)
    assert (crowded.status, crowded.code, "Retry-After" in crowded.headers) == (409, "conflict", True)
    assert owner.post(f"/pledges/{pledge}/withdrawal", body, Idempotency_Key=again).status == 200


def test_another_body_under_the_same_key_is_refused(live: Register) -> None:
    entity, again = live.entity("Other body"), key()
    owner = live.as_("pledger", entity)
    assert owner.post("/pledges", pledge_body(entity), Idempotency_Key=again).status == 201
    answer = owner.post("/pledges", pledge_body(entity, title="Something else"), Idempotency_Key=again)
    assert (answer.status, list(answer.errors)) == (422, ["Idempotency-Key"])


def test_keys_of_other_accounts_paths_and_methods_are_other_keys(live: Register) -> None:
    one, two, again = live.entity("One"), live.entity("Two"), key()
    first = live.as_("pledger", one).post("/pledges", pledge_body(one), Idempotency_Key=again)
    second = live.as_("pledger", two).post("/pledges", pledge_body(two), Idempotency_Key=again)
    assert first.json["id"] != second.json["id"]
    path = f"/pledges/{first.json['id']}"
    assert (
        live.as_("pledger", one).post(f"{path}/submission", Idempotency_Key=again).json["status"]
        == "submitted"
    )
    assert live.as_("pledger", one).post(f"{path}/recall", Idempotency_Key=again).json["status"] == "draft"
    gone = live.as_("pledger", one).delete(path, Idempotency_Key=again)
    assert (gone.status, gone.headers["X-Position"].isdigit()) == (204, True)
    assert live.as_("pledger", one).delete(path, Idempotency_Key=again).status == 204
    assert live.as_("pledger", one).delete(path).status == 404


@pytest.mark.parametrize("bad", ["x" * 256, "", "\x7f", "é"])
def test_a_key_that_is_none_is_refused(live: Register, bad: str) -> None:
    entity = live.entity("Bad key")
    answer = live.as_("pledger", entity).send(
        "POST", "/pledges", json=pledge_body(entity), headers={"Idempotency-Key": bad.encode("latin-1")}
    )
    assert (answer.status, list(answer.errors)) == (422, ["Idempotency-Key"])


def test_of_many_at_once_one_is_carried_out_and_all_get_its_answer(live: Register) -> None:
    entity, again = live.entity("At once"), key()
    owner = live.as_("secretariat")
    body = {"title": "Recorded once", "entity": str(entity), "record": True, **BY_LETTER}
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: owner.post("/pledges", body, Idempotency_Key=again), range(8)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body for answer in answers}) == 1
    assert live.anonymous.get("/pledges", entity=str(entity)).json["total"] == 1


def test_a_crash_between_commit_and_answer_loses_nothing(
    live: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies once the command was committed: the answer was neither sent nor kept."""
    entity, again = live.entity("Crash"), key()
    pledge = published(live, entity)
    owner = live.as_("pledger", entity)
    report = {"effective_on": TODAY, "percent": 30, "narrative": "Before the crash"}

    def die(*_: Any, **__: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(type(live.runtime.idempotency), "keep", die)
        patched.setattr(type(live.runtime.idempotency), "release", die)
        with pytest.raises(AssertionError, match="internal-error"):
            owner.post(f"/pledges/{pledge}/progress-reports", report, Idempotency_Key=again)
    assert names(live, pledge).count("pledge.progress-reported") == 1
    owner.post(f"/pledges/{pledge}/progress-reports", {**report, "percent": 60, "narrative": "Later"})

    retried = owner.post(f"/pledges/{pledge}/progress-reports", report, Idempotency_Key=again)
    assert (retried.status, retried.json["percent"]) == (200, 30)
    assert names(live, pledge).count("pledge.progress-reported") == 2
    assert same(retried, owner.post(f"/pledges/{pledge}/progress-reports", report, Idempotency_Key=again))


class TestPapers:
    """What is no command: the answer is kept with the paper, or neither is."""

    @staticmethod
    def dying_after(live: Register, monkeypatch: pytest.MonkeyPatch, send: Callable[[], Answer]) -> None:
        """Send a request whose process dies once the paper was written, before it has answered."""
        papers = type(live.runtime.papers)
        written = papers._write

        def write_and_die(*args: Any) -> bool:
            written(*args)
            raise MemoryError

        with monkeypatch.context() as patched:
            patched.setattr(papers, "_write", write_and_die)
            patched.setattr(type(live.runtime.idempotency), "release", lambda *_: None)
            with pytest.raises(AssertionError, match="internal-error"):
                send()

    def test_one_that_was_begun_is_one(self, live: Register, monkeypatch: pytest.MonkeyPatch) -> None:
        entity, again = live.entity("Draft crash"), key()
        owner = live.as_("pledger", entity)

        def begin() -> Answer:
            return owner.post("/pledges", pledge_body(entity), Idempotency_Key=again)

        self.dying_after(live, monkeypatch, begin)
        (begun,) = owner.get("/pledges", status="draft").json["items"]
        assert owner.delete(f"/pledges/{begun['id']}").status == 204
        first = begin()
        assert (first.status, first.json) == (201, begun), "as it was then, whatever happened since"
        assert same(first, begin())
        assert owner.get("/pledges", status="draft").json["total"] == 0

    def test_a_change_is_made_once(self, live: Register, monkeypatch: pytest.MonkeyPatch) -> None:
        entity, again = live.entity("Change crash"), key()
        owner = live.as_("pledger", entity)
        path = f"/pledges/{drafted(live, entity)}"

        def rename() -> Answer:
            return owner.patch(path, {"changes": {"title": "Before the crash"}}, Idempotency_Key=again)

        self.dying_after(live, monkeypatch, rename)
        changed = owner.get(path).json
        assert (changed["title"], changed["version"]) == ("Before the crash", 2)
        owner.patch(path, {"changes": {"title": "After it"}})
        first = rename()
        assert (first.status, first.json, first.headers["ETag"]) == (200, changed, '"2"')
        assert same(first, rename())
        assert owner.get(path).json["title"] == "After it"

    def test_one_that_was_thrown_away_is_gone_once(
        self, live: Register, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        entity, again = live.entity("Discard crash"), key()
        owner = live.as_("pledger", entity)
        path = f"/pledges/{drafted(live, entity)}"
        self.dying_after(live, monkeypatch, lambda: owner.delete(path, Idempotency_Key=again))
        assert owner.get(path).status == 404
        first = owner.delete(path, Idempotency_Key=again)
        assert first.status == 204
        assert same(first, owner.delete(path, Idempotency_Key=again))
        assert owner.delete(path).status == 404

    def test_whoever_is_late_changes_nothing_and_answers_the_same(
        self, live: Register, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The first was given up for dead, and comes back after the retry was answered."""
        entity, again = live.entity("Late"), key()
        owner = live.as_("pledger", entity)
        path = f"/pledges/{drafted(live, entity)}"
        change = {"changes": {"title": "Once"}}
        papers, answered = type(live.runtime.papers), list[Answer]()
        written = papers._write

        def stall(*args: Any) -> bool:
            patched.undo()
            answered.append(owner.patch(path, change, Idempotency_Key=again))
            return written(*args)

        with monkeypatch.context() as patched:
            patched.setattr(papers, "_write", stall)
            late = owner.patch(path, change, Idempotency_Key=again)
        assert same(answered[0], late)
        assert (late.json["version"], owner.get(path).json["version"]) == (2, 2)
