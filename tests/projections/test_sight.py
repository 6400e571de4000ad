"""Who sees what, in one table: everybody's eyes, each state of a pledge, every way there is to look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from domain.accounts.commands import AddAccount
from domain.accounts.state import Account, GrantedRole, actor_of
from domain.actors import OPERATOR, Actor, Grant, Role
from domain.entities.commands import MergeEntity
from domain.errors import InvalidInput
from domain.log.commands import EraseField
from domain.pledges import commands, doors
from domain.recording import Authority, is_account_told, read_header
from domain.values import utc_day
from projections.board.filters import PledgeFilters
from projections.composition import Runtime
from projections.questions import Questions
from projections.read_models import READ_MODELS
from projections.timeline.event_filters import EventFilters
from tests.domain.pledges.life import content
from tests.projections.filled import BuildRuntime, bank

REASON = "Of which year?"
PARTS = {
    "pledge.submitted": "payload.content.description", "pledge.partner-left": "payload.reason",
    "pledge.made": "payload.published.content.description",
    "pledge.withdrawn": "payload.reason",
}  # fmt: skip
WORDED = """
SELECT position, name FROM events
WHERE name IN ('pledge.submitted', 'pledge.made', 'pledge.partner-left', 'pledge.withdrawn') ORDER BY position
"""


def actor(role: Role, entity: UUID | None = None) -> Actor:
    return Actor(account=uuid4(), grants=(Grant(role=role, entity=entity),))


@dataclass
class Scene:
    """A pledge in each state. Its owner and its declining partner were merged into others since."""

    runtime: Runtime
    old: UUID
    heir: UUID
    partners: dict[str, UUID]
    heir_of_declined: UUID
    pledges: dict[str, UUID]
    viewers: dict[str, Actor | None]
    unerased: int
    """The last position before words of what was submitted, and of why others left, were erased."""


PARTNERS = ("invited", "joined", "declined", "left")


@pytest.fixture
def scene(build_runtime: BuildRuntime, founded: Runtime) -> Scene:
    runtime = build_runtime(READ_MODELS)
    names = ("Old fund", "Fund", "Stranger", "Heir of the declined", *PARTNERS)
    old, heir, stranger, other_heir, *asked = (bank(runtime.register, name) for name in names)
    partners = dict(zip(PARTNERS, asked, strict=True))
    owner = actor("pledger", old)
    pledges = {"paper": uuid4()}
    runtime.papers.begin(
        pledges["paper"], entity=old, account=owner.account, content=msgspec.to_builtins(content(entity=old))
    )
    for state, orders in STATES.items():
        pledges[state] = handed_in(runtime, owner, partners)
        for order, by in orders:
            runtime.register.handle(order(pledges[state]), by=owner if by == "owner" else OPERATOR)
    for one, into in ((old, heir), (partners["declined"], other_heir)):
        runtime.register.handle(MergeEntity(entity=one, into=into, reason="The same."), by=OPERATOR)
    unerased = erase_words(runtime)
    runtime.projector().catch_up()
    viewers = {
        "public": None,
        "owner": actor("pledger", heir),
        "owner, as before the merger": owner,
        **{name: actor("pledger", entity) for name, entity in partners.items() if name != "declined"},
        "declined": actor("pledger", other_heir),
        "stranger": actor("pledger", stranger),
        "validator": actor("validator", heir),
        "assessor": actor("assessor", stranger),
        "secretariat": actor("secretariat"),
        "auditor of all": actor("auditor"),
        "auditor of the owner": actor("auditor", heir),
        "auditor of a partner": actor("auditor", partners["joined"]),
        "auditor whose time is over": ended(runtime),
        "administrator": actor("administrator"),
    }
    return Scene(runtime, old, heir, partners, other_heir, pledges, viewers, unerased)


def erase_words(runtime: Runtime) -> int:
    with runtime.pool.connection() as connection:
        said = connection.execute(WORDED).fetchall()
    last = runtime.recorder.max_notification_id() or 0
    decision = Authority(kind="document", reference="Decision 7/2026", date="2026-03-01")
    for position, name in said:
        command = EraseField(position=position, part=PARTS[name], ground="A law", authority=decision)
        runtime.eraser.erase(command)
    return last


def ended(runtime: Runtime) -> Actor:
    held = Account(id=uuid4(), version=1, grants=(GrantedRole(role="auditor", until="2020-12-31"),))
    return actor_of(held, utc_day(runtime.clock()))


def handed_in(runtime: Runtime, owner: Actor, partners: dict[str, UUID]) -> UUID:
    """A submission whose partners have answered, but for one."""
    pledge = uuid4()
    said = content(entity=next(iter(owner.own_entities)), type="common", partners=tuple(partners.values()))
    runtime.register.handle(commands.SubmitPledge(pledge_id=pledge, content=said), by=owner)
    for state, order in (
        ("joined", commands.AcceptInvitation), ("left", commands.AcceptInvitation),
        ("declined", commands.DeclineInvitation), ("left", leave),
    ):  # fmt: skip
        entity = partners[state]
        runtime.register.handle(order(pledge_id=pledge, entity=entity), by=actor("pledger", entity))
    return pledge


def leave(**said: Any) -> commands.LeavePledge:
    return commands.LeavePledge(**said, reason="No means.")


def _publish(pledge: UUID) -> Any:
    return commands.PublishPledge(pledge_id=pledge)


STATES: dict[str, list[tuple[Any, str]]] = {
    "submitted": [],
    "returned": [(lambda p: commands.ReturnPledge(pledge_id=p, reason=REASON), "secretariat")],
    "recalled": [(lambda p: commands.RecallPledge(pledge_id=p), "owner")],
    "rejected": [(lambda p: commands.RejectPledge(pledge_id=p, reason=REASON), "secretariat")],
    "made": [(_publish, "secretariat")],
    "withdrawn": [
        (_publish, "secretariat"),
        (lambda p: commands.WithdrawPledge(pledge_id=p, reason="No means."), "owner"),
    ],
}

# -- the table

EVERYTHING = {"owner", "owner, as before the merger", "secretariat", "auditor of all", "auditor of the owner"}
SHOWN = {
    "everything": "submitted returned rejected made withdrawn",
    "invited": "submitted returned rejected made withdrawn",
    "joined": "submitted returned rejected made withdrawn",
    "declined": "made withdrawn",
    "left": "made withdrawn",
    "public": "made withdrawn",
}
"""In which states lists, pages, exports and decisions know of the pledge."""

# Events by a sign: (s)ubmitted, (i)nvited, (j)oined, (d)eclined, (l)eft, t: returned, c: recalled,
# x: rejected, (m)ade, (w)ithdrawn.
HANDED_IN = "s iiii jjdl"
TOLD = {
    "everything": {"returned": "t", "recalled": "c", "rejected": "x", "made": "m", "withdrawn": "mw"},
    "invited": {"made": "m", "withdrawn": "mw"},
    "joined": {"made": "m", "withdrawn": "mw"},
    "declined": {"made": "m", "withdrawn": "mw"},
    "left": {"made": "m", "withdrawn": "mw"},
    "public": {"made": "m", "withdrawn": "mw"},
}  # fmt: skip
BEFORE = {
    "everything": HANDED_IN, "invited": "s i jjl", "joined": "s i jjl", "declined": "i d", "left": "i j l",
    "public": "",
}  # fmt: skip
"""What the history tells of the time before that. What was recalled is a working paper again, so of it
partners are told what they were asked and answered themselves."""
OF_RECALLED = {"invited": "i", "joined": "i j"}
PARTNERS_SHOWN = {
    "everything": {"invited", "joined", "declined", "left"},
    "invited": {"invited", "joined", "left"},
    "declined": {"declined", "joined", "left"},
}
SIGNS = {
    "pledge.submitted": "s", "pledge.partner-invited": "i", "pledge.partner-joined": "j",
    "pledge.partner-declined": "d", "pledge.partner-left": "l", "pledge.returned": "t",
    "pledge.recalled": "c", "pledge.rejected": "x", "pledge.made": "m", "pledge.withdrawn": "w",
}  # fmt: skip


def standing_of(viewer: str) -> str:
    return "everything" if viewer in EVERYTHING else viewer if viewer in PARTNERS else "public"


def expected_history(standing: str, state: str) -> str:
    if state == "paper":
        return ""
    before = OF_RECALLED.get(standing, BEFORE[standing]) if state == "recalled" else BEFORE[standing]
    return (before + TOLD[standing].get(state, "")).replace(" ", "")


def test_everybody_sees_what_they_may_and_by_every_way(scene: Scene) -> None:
    differing = {
        (name, state, way): (found, expected)
        for name, viewer in scene.viewers.items()
        for state, way, found, expected in looks(scene, viewer, standing_of(name))
        if found != expected
    }
    assert differing == {}


def looks(scene: Scene, viewer: Actor | None, standing: str) -> Iterator[tuple[str, str, Any, Any]]:
    """In each state by each way to look, what is found, and what should be."""
    questions, moment = scene.runtime.questions, scene.runtime.questions.moment()
    asked: dict[str, Any] = {"viewer": viewer, "moment": moment}
    before = {**asked, "moment": questions.moment(str(scene.unerased))}
    of_all, drafts = PledgeFilters(), PledgeFilters(status=("draft",))
    board = ids(questions.pledges(of_all, **asked).items)
    export = ids(questions.every_pledge(of_all, **asked))
    papers = ids(questions.pledges(drafts, **asked).items)
    whole = read_whole(scene, viewer)
    erasures = erasures_read(scene, **asked)
    for state, pledge in scene.pledges.items():
        shown = state in SHOWN[standing].split()
        owns = state == "paper" and is_owner(scene, viewer)
        yield state, "board", pledge in board, shown
        yield state, "export", pledge in export, shown
        yield state, "papers", pledge in papers, owns
        found = questions.pledge(str(pledge), **asked)
        yield state, "pledge", found is not None, shown or owns
        if found is not None and not owns:
            partners = {partner["state"] for partner in found["partners"]}
            yield state, "partners", partners, PARTNERS_SHOWN.get(standing, {"joined", "left"})
            told_why = state in ("returned", "rejected") and standing == "everything"
            yield state, "reasons", REASON in str(found), told_why
        recalled = state == "recalled" and standing == "everything"
        yield state, "door", knows_of(scene, viewer, pledge), shown or recalled
        entries = questions.history(str(pledge), **asked) or []
        told = "".join(SIGNS[entry["name"]] for entry in entries)
        yield state, "history", told, expected_history(standing, state)
        if found is not None:
            signs = {entry["position"]: SIGNS[entry["name"]] for entry in entries}
            worded = "".join(sign for sign in told if sign in "slmw")
            for way, shown_then in (("today", found), ("before", questions.pledge(str(pledge), **before))):
                erased = [one["position"] for one in (shown_then or {"erased": []})["erased"]]
                yield state, f"erased, {way}", "".join(signs.get(p, "s") for p in erased), worded
        readable = told if standing == "everything" else told.replace("s", "")
        yield state, "log", "".join(evident(scene, viewer, one["position"]) for one in entries), readable
        found_events = searched(questions, pledge, **asked)
        whose = [one["name"] for one in entries if tells_account(scene, viewer, one["position"])]
        expected = told if standing == "everything" else ""
        yield state, "accounts", "".join(SIGNS[name] for name in whose), expected
        yield state, "search", "".join(SIGNS[one["name"]] for one in found_events), told
        seen = {one["position"]: SIGNS[one["name"]] for one in entries}
        everything = {
            one["position"] for one in questions.history(str(pledge), **{**asked, "viewer": OPERATOR}) or ()
        }
        worded = "".join(sign for sign in told if sign in "slmw")
        for way, places in erasures.items():
            of_pledge = sorted(everything & places)
            yield state, f"erasures, {way}", "".join(seen.get(place, "?") for place in of_pledge), worded
        yield state, "bundle", "".join(SIGNS[name] for name in whole.get(pledge, [])), readable


def searched(questions: Questions, pledge: UUID, **asked: Any) -> list[dict[str, Any]]:
    """The events of a pledge that are found; none of one that is refused as one that there is not."""
    try:
        return questions.events(EventFilters(pledge=(str(pledge),)), sort="position", **asked).items
    except InvalidInput as problem:
        if problem.errors != {"pledge": [f"there is no pledge {pledge}."]}:
            raise
        return []


def ids(pledges: Iterable[dict[str, Any]]) -> set[UUID]:
    return {UUID(pledge["id"]) for pledge in pledges}


def read_whole(scene: Scene, viewer: Actor | None) -> dict[UUID, list[str]]:
    """The names of the events that an export of events and a bundle give the viewer, by what they are of."""
    eyes = scene.runtime.questions.eyes(viewer)
    found: dict[UUID, list[str]] = {}
    for line in scene.runtime.log.lines(scene.runtime.recorder.max_notification_id() or 0, eyes):
        told = msgspec.json.decode(line)
        if "header" in told:
            header = msgspec.json.decode(told["header"])
            found.setdefault(UUID(header["stream"]), []).append(header["name"])
    return found


def erasures_read(scene: Scene, **asked: Any) -> dict[str, set[int]]:
    """Of which events somebody finds and reads that words were erased, by each way that tells of erasures."""
    questions, log, eyes = (
        scene.runtime.questions,
        scene.runtime.log,
        scene.runtime.questions.eyes(asked["viewer"]),
    )
    found = questions.events(EventFilters(name=("log.field-erased",)), limit=200, **asked)
    assert found.total == len(found.items)
    ways = {"search": {one["said"]["position"] for one in found.items}}
    ways["manifest"] = {one["position"] for one in log.erased_since(scene.unerased, eyes)}
    read = {
        position: questions.evidence(position, viewer=asked["viewer"])
        for position in range(scene.unerased + 1, asked["moment"].position + 1)
    }
    ways["log"] = {
        msgspec.json.decode(one.payload["payload"])["position"]
        for one in read.values()
        if one and one.payload
    }
    lines = map(msgspec.json.decode, log.lines(asked["moment"].position, eyes))
    told = [
        msgspec.json.decode(line["payload"])
        for line in lines
        if line["position"] in read and "payload" in line
    ]
    return {**ways, "lines": {one["position"] for one in told}}


def is_owner(scene: Scene, viewer: Actor | None) -> bool:
    return viewer is not None and bool(viewer.own_entities & {scene.old, scene.heir})


def knows_of(scene: Scene, viewer: Actor | None, pledge: UUID) -> bool:
    if viewer is None:
        viewer = Actor(account=uuid4())

    def look(context: Any) -> bool:
        found = context.world.pledge(pledge)
        return found is not None and doors.may_see(found, context)

    return scene.runtime.register.consult(look, by=viewer)


def tells_account(scene: Scene, viewer: Actor | None, position: int) -> bool:
    """Whether the header that they may read, if any, says by which account and request the event came."""
    found = scene.runtime.questions.evidence(position, viewer=viewer)
    if found is None or found.header is None:
        return False
    header = read_header(found.header["header"].encode())
    assert is_account_told(header) == ("actor" in found.header["header_salts"])
    return header.actor is not None


KNOWN = {
    "account": {"secretariat", "auditor of all", "administrator"},
    "entity": {"secretariat", "auditor of all"},
}
"""Who may know by which accounts events came that are of no pledge."""


def test_accounts_stand_in_headers_for_who_may_know_them(scene: Scene) -> None:
    runtime = scene.runtime
    added = runtime.register.handle(AddAccount(account=uuid4()), by=OPERATOR).position
    runtime.projector().catch_up()
    found = {
        kind: {name for name, viewer in scene.viewers.items() if tells_account(scene, viewer, position)}
        for kind, position in (("account", added), ("entity", 1))
    }
    assert found == KNOWN


def evident(scene: Scene, viewer: Actor | None, position: int) -> str:
    """The sign of an event that may be read as recorded; what is handed in names more partners."""
    found = scene.runtime.questions.evidence(position, viewer=viewer)
    assert found is not None
    assert found.event is not None
    return SIGNS[found.event["name"]] if found.payload else ""
