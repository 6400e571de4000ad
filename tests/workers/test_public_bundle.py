"""The public's bundle proves what the board shows of submitted pledges, though submissions are withheld."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.actors import OPERATOR, Actor, Grant, Role
from domain.log.commands import EraseField
from domain.pledges import commands as ask
from domain.pledges import decide_submission
from domain.pledges.content import Changes, Content, Part, Target
from domain.pledges.events import Measure, PledgeMade
from domain.recording import Authority
from projections.composition import Runtime
from projections.read_models import READ_MODELS
from tests.domain.pledges.life import TODAY, content
from tests.projections.filled import AUTHORITY, BuildRuntime, bank
from tests.workers.packs import Lines, changed, checked, members, refusal
from workers.bundling import write_bundle
from workers.verifier import read_event

DECISION = Authority(kind="document", reference="Decision 9/2026", date="2026-03-01")
TRAINED = Target(description="Trained", unit="people", baseline="0", target="200")
FOLDED = "; 1 pledge folded from them is that of the board"
AS_OF = "; the board as of "


@dataclass(frozen=True)
class Scene:
    """A joint pledge that was submitted, returned and published; who was asked, and never told."""

    runtime: Runtime
    pledge: UUID
    asked: UUID
    declined: UUID

    def do(self, command: type[Any], **said: Any) -> int:
        order = command(**{"pledge_id": self.pledge, "authority": AUTHORITY, **said})
        return self.runtime.register.handle(order, by=OPERATOR).position

    def decide(self, command: type[Any], **said: Any) -> int:
        """The Secretariat's own decisions cite nothing."""
        return self.runtime.register.handle(command(pledge_id=self.pledge, **said), by=OPERATOR).position

    def places(self) -> dict[str, int]:
        """Where the last event of each name is, of the pledge."""
        questions = self.runtime.questions
        history = questions.history(str(self.pledge), viewer=OPERATOR, moment=questions.moment())
        assert history is not None
        return {entry["name"]: entry["position"] for entry in history}

    def erase(self, position: int, part: str) -> int:
        """Erase words of an event; the position of what says so."""
        command = EraseField(position=position, part=part, ground="Article 17", authority=DECISION)
        erased_at = self.runtime.eraser.erase(command)
        self.runtime.eraser.let_read_models_forget()
        self.runtime.projector().catch_up()
        return erased_at

    def bundle(self, path: Path) -> dict[str, bytes]:
        self.runtime.projector().catch_up()
        write_bundle(self.runtime, path, public=True)
        return members(path)


def said_by(entity: UUID, asked: tuple[UUID, ...], **said: Any) -> Content:
    return content(entity=entity, type="common", partners=asked, targets=(TRAINED,), **said)


@pytest.fixture
def scene(build_runtime: BuildRuntime, founded: Runtime) -> Scene:
    runtime = build_runtime(READ_MODELS)
    runtime.notary.adopt_first_key()
    lead, asked, declined, early, late = (bank(runtime.register, f"Bank {name}") for name in "ABCDE")
    found = Scene(runtime, uuid4(), asked, declined)
    partners = (asked, declined, early, late)
    found.do(ask.SubmitPledge, content=said_by(lead, partners, title="At first"))
    found.decide(ask.ReturnPledge, reason="Of which year?")
    found.do(ask.SubmitPledge, content=said_by(lead, partners, title="Officials are trained"))
    found.do(ask.DeclineInvitation, entity=declined)
    found.do(ask.AcceptInvitation, entity=early, part=Part(description="Half of them"))
    found.decide(ask.PublishPledge)
    found.do(ask.AcceptInvitation, entity=late, part=Part(description="The rest", targets=(TRAINED,)))
    found.do(ask.ReportProgress, effective_on=TODAY, measures=(Measure(target="t1", value="120"),))
    found.do(ask.AmendPledge, changes=Changes(title="More officials are trained"), reason="More money")
    return found


def line_of(found: dict[str, bytes], pledge: UUID) -> dict[str, Any]:
    (line,) = (json.loads(line) for line in found["board.jsonl"].splitlines() if str(pledge).encode() in line)
    return line


Forge = Callable[[dict[str, Any]], object]
FORGED: list[tuple[str, Forge]] = [
    ("percent", lambda line: line.update(percent=99)),
    ("title", lambda line: line.update(title="Forged")),
    ("status", lambda line: line.update(status="fulfilled")),
    ("recorded_at", lambda line: line.update(recorded_at=line["updated_at"])),
    ("own_percent", lambda line: line.update(own_percent=1)),
    ("version", lambda line: line.update(version=line["version"] - 1)),
    ("partners", lambda line: line["partners"].pop()),
    ("partners", lambda line: line["partners"][0]["part"].update(description="All of them")),
]  # fmt: skip


def test_a_line_that_was_falsified_is_named_with_its_field(scene: Scene, tmp_path: Path) -> None:
    found = scene.bundle(tmp_path / "public.zip")
    said = checked(found)
    assert "9 events are withheld" in said
    assert f"{FOLDED}{AS_OF}" in said
    line = line_of(found, scene.pledge)
    assert [(one["number"], one["state"]) for one in line["partners"]] == [(3, "joined"), (4, "joined")]
    for forbidden in (scene.declined, scene.asked, "At first", "Of which year?"):
        hidden = str(forbidden).encode()
        events = b"".join(
            one for one in found["events.jsonl"].splitlines() if str(scene.pledge).encode() in one
        )
        assert hidden not in events + found["board.jsonl"]
    for field, forge in FORGED:
        forged = changed(found, "board.jsonl", lambda lines, forge=forge: forge(lines[0]))
        told = refusal(forged)
        assert told.startswith(f"board.jsonl, pledge {scene.pledge}, {field}: expected "), told
    assert refusal(changed(found, "board.jsonl", lambda lines: lines[0].update(percent=99))) == (
        f"board.jsonl, pledge {scene.pledge}, percent: expected 20, found 99"
    )


@pytest.fixture
def named_before(scene: Scene) -> UUID:
    """Whom a source names; of all partners who are asked after publication, the last one declines."""
    runtime = scene.runtime
    named, asked, last = (bank(runtime.register, f"Bank {name}") for name in "FGH")
    other = replace(scene, pledge=uuid4())
    said = said_by(named, (asked,), title="Recorded", named=(scene.asked, scene.declined), made_on="2022-05")
    other.do(ask.RecordPledge, content=said)
    other.do(ask.AcceptInvitation, entity=asked, part=Part(description="A part"))
    other.do(ask.InvitePartner, entity=scene.declined)
    other.do(ask.ReportProgress, effective_on=TODAY, percent=40, part=3)
    other.do(ask.InvitePartner, entity=last)
    other.do(ask.DeclineInvitation, entity=last)
    return other.pledge


def test_what_partners_are_asked_after_publication_leaves_open_nothing_else(
    scene: Scene, named_before: UUID, tmp_path: Path
) -> None:
    found = scene.bundle(tmp_path / "public.zip")
    place = next(
        n for n, one in enumerate(found["board.jsonl"].splitlines()) if str(named_before).encode() in one
    )
    line = line_of(found, named_before)
    assert [(one["number"], one["state"]) for one in line["partners"]] == [(1, "named"), (3, "joined")]
    but_for = "1 more but for what withheld events say of their partners"
    assert f"{FOLDED}, {but_for}{AS_OF}" in checked(found)
    for field, forge in FORGED:
        forged = changed(found, "board.jsonl", lambda lines, forge=forge: forge(lines[place]))
        told = refusal(forged)
        if field == "version":
            assert told == ""
            continue
        assert told.startswith(f"board.jsonl, pledge {named_before}, {field}: expected "), told
        assert told.endswith("; events of it are withheld")
    for wrong in ({"version": 2}, {"updated_at": "later"}, {"updated_at": line["recorded_at"]}):
        (field,) = wrong
        told = refusal(changed(found, "board.jsonl", lambda lines, wrong=wrong: lines[place].update(wrong)))
        assert told.startswith(f"board.jsonl, pledge {named_before}, {field}: expected ")
    told = refusal(
        changed(found, "board.jsonl", lambda lines: lines[place].update(version=line["version"] + 1))
    )
    assert told == "board.jsonl: its versions speak of 14 events that are not there, and 13 are withheld"


@pytest.mark.usefixtures("named_before")
def test_a_bundle_holds_for_whoever_takes_part(scene: Scene, tmp_path: Path) -> None:
    scene.runtime.projector().catch_up()
    roles: tuple[tuple[Role, str], ...] = (
        ("pledger", "Bank A"), ("pledger", "Bank B"), ("pledger", "Bank C"), ("auditor", "Bank D"),
        ("pledger", "Bank E"), ("auditor", "Bank F"), ("pledger", "Bank G"),
    )  # fmt: skip
    for role, name in roles:
        entity = scene.runtime.questions.entity_named(name)
        viewer = Actor(account=uuid4(), grants=(Grant(role=role, entity=entity),))
        write_bundle(scene.runtime, tmp_path / f"{name}.zip", viewer=viewer)
        assert " folded from them " in checked(members(tmp_path / f"{name}.zip")), name


def test_a_publication_of_before_is_counted(
    build_runtime: BuildRuntime, founded: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says nothing of what was submitted: the public cannot know."""
    monkeypatch.setattr(decide_submission, "_published", lambda _: None)
    monkeypatch.setattr(PledgeMade, "VERSION", 1)
    runtime = build_runtime(READ_MODELS)
    runtime.notary.adopt_first_key()
    scene = Scene(runtime, uuid4(), uuid4(), uuid4())
    scene.do(ask.SubmitPledge, content=said_by(bank(runtime.register), ()))
    scene.decide(ask.PublishPledge)
    found = scene.bundle(tmp_path / "public.zip")
    none = "; 0 pledges folded from them are those of the board; 1 pledge could not be compared, since events"
    assert f"{none} of theirs are withheld{AS_OF}" in checked(found)
    said = scene.erase(scene.places()["pledge.submitted"], "payload.content.title")
    told = read_event(scene.bundle(tmp_path / "erased.zip")["events.jsonl"].splitlines()[said - 1], said)
    assert told.payload is not None  # the public reads those words on the board, so that they are gone
    runtime.projector().catch_up()
    write_bundle(runtime, tmp_path / "whole.zip")
    assert f"{FOLDED}{AS_OF}" in checked(members(tmp_path / "whole.zip"))


def test_an_event_that_was_falsified_is_named_with_its_field(scene: Scene, tmp_path: Path) -> None:
    found = scene.bundle(tmp_path / "public.zip")

    def change(lines: Lines) -> None:
        made = next(line for line in lines if '"name":"pledge.made"' in line.get("header", ""))
        made["payload"] = made["payload"].replace("Officials are trained", "Officials are hired")
        place.append(made["position"])

    place: list[int] = []
    told = refusal(changed(found, "events.jsonl", change))
    assert told.startswith(f"event {place[0]}, payload.published.content.title: expected the digest ")


def test_words_of_a_submission_are_erased_from_its_publication_too(scene: Scene, tmp_path: Path) -> None:
    """The public reads the publication alone: of it, it is told what was erased."""
    said = "published.content.description"
    scene.runtime.projector().catch_up()
    places = scene.places()
    made, handed_in = places["pledge.made"], places["pledge.submitted"]
    elsewhere = scene.runtime.eraser.find(made, f"payload.{said}").elsewhere
    assert (handed_in, "payload.content.description") in elsewhere
    told = []
    for position, part in ((handed_in, "payload.content.description"), (made, f"payload.{said}")):
        scene.erase(position, part)
        found = scene.bundle(tmp_path / f"{position}.zip")
        assert f"{FOLDED}{AS_OF}" in checked(found)
        line = line_of(found, scene.pledge)
        told.append((line["description"] == "[erased]", [one["part"] for one in line["erased"]]))
    assert told == [(False, []), (True, [f"payload.{said}"])]


def test_erasures_of_what_the_public_never_saw_are_withheld_from_it(scene: Scene, tmp_path: Path) -> None:
    """Also one that took the words of such an erasure, and where they come after the checkpoint."""
    runtime = scene.runtime
    runtime.projector().catch_up()
    size = runtime.notary.sign().checkpoint.size
    returned = scene.places()["pledge.returned"]
    first = scene.erase(returned, "payload.reason")
    erasures = [first, scene.erase(first, "payload.ground")]
    for name, given, counted in (
        ("public", {"public": True}, "11 events are withheld, 0 parts erased; 1 pledge folded"),
        ("operator", {}, "0 events are withheld, 2 parts erased; 1 pledge folded"),
    ):
        write_bundle(runtime, tmp_path / f"{name}.zip", **given)
        found = members(tmp_path / f"{name}.zip")
        assert counted in checked(found)
        lines = found["events.jsonl"].splitlines()
        told = [read_event(lines[position - 1], position).payload is not None for position in erasures]
        assert told == [name == "operator"] * 2
        write_bundle(runtime, tmp_path / f"{name}, before.zip", at=size, **given)
        before = members(tmp_path / f"{name}, before.zip")
        since = [one["position"] for one in json.loads(before["manifest.json"])["erased_since"]]
        assert since == ([returned] if name == "operator" else [])
        assert f"{FOLDED}{AS_OF}" in checked(before)
