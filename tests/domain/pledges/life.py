"""Given what was said of a pledge, when a command comes, then these facts follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from domain.actors import Actor, Grant, Role
from domain.cycles.state import Cycle, Cycles
from domain.deciding import Decision
from domain.entities.state import Entity, Naming
from domain.errors import InvalidInput, RegisterError
from domain.pledges import commands, events
from domain.pledges.content import Content, Part, Target, Terms
from domain.pledges.decide import consequences, decide, provisional
from domain.pledges.evolve import evolve
from domain.pledges.state import Pledge
from domain.recording import Acting, Authority, Fact, Recorded, record
from domain.values import Money
from tests.domain.given import FakeWorld, an_id, context

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TODAY = "2026-11-23"
THEN = datetime(2026, 3, 1, tzinfo=UTC)

# -- who there is

KENYA, GHANA, MALTA, CITY, FUND, BODY, FORMERLY_MALTA = map(an_id, range(1, 8))
UNKNOWN = an_id(99)
NAMES = {
    KENYA: "Kenya", GHANA: "Ghana", MALTA: "Malta", CITY: "A city", FUND: "A fund", BODY: "An institute",
    FORMERLY_MALTA: "The Republic of Malta",
}  # fmt: skip


def actor(number: int, role: Role, entity: UUID | None = None) -> Actor:
    return Actor(account=an_id(number), grants=(Grant(role=role, entity=entity),))


OWNER = actor(801, "pledger", KENYA)
COLLEAGUE = actor(802, "pledger", KENYA)
GHANAIAN = actor(803, "pledger", GHANA)
MALTESE = actor(804, "pledger", MALTA)
DONOR = actor(805, "pledger", FUND)
STRANGER = actor(806, "pledger", CITY)
SECRETARIAT = actor(807, "secretariat")
VALIDATOR = actor(808, "validator", KENYA)
ASSESSOR = actor(809, "assessor", BODY)
AUDITOR = actor(810, "auditor")

NOTE = Authority(kind="note_verbale", reference="NV 12/2026", date="2026-11-20")
BY_IMPORT = Authority(kind="import", reference="sheet.csv, row 3")

# -- what is said

PLEDGE, OTHER, THIRD = map(an_id, (501, 502, 503))
MATCH, SECOND_MATCH = map(an_id, (601, 602))
WORDS = ("What will be done, where, by whom and with what means. " * 6).strip()
TRAINED = Target(id="t1", description="Officials trained", unit="people", baseline="0", target="240")


def content(**said: Any) -> Content:
    """Content that may be submitted."""
    return Content(
        **{
            "title": "Train officials in data",
            "entity": KENYA,
            "type": "individual",
            "description": WORDS,
            "forms": ("policy",),
            "objectives": (1,),
            "due_on": "2028",
            **said,
        }
    )


def euros(value: str) -> Money:
    return Money(value=value, currency="EUR")


def matching(**said: Any) -> dict[str, Any]:
    """The fields of a pledge that asks to be matched."""
    terms = {"kind": "financial", "deadline": "2027-06", **said}
    if not {"count", "condition"} & set(terms):
        terms.setdefault("amount", euros("1000"))
    return {"type": "matching", "terms": Terms(**terms)}


def submitted(**said: Any) -> Fact:
    return events.PledgeSubmitted(content=content(**said))


def made(reference: str = "2022-0042", **said: Any) -> Fact:
    """The pledge as it was recorded, made in May 2022."""
    known = content(**{"made_on": "2022-05-17", **said})
    return events.PledgeMade(reference=reference, cycle=2022, made_on=known.made_on, content=known)


def joint(**said: Any) -> Fact:
    return made(**{"type": "partnership", **said})


def joined(entity: UUID, **part: Any) -> tuple[Fact, Fact]:
    return events.PartnerInvited(entity=entity), events.PartnerJoined(entity=entity, part=Part(**part))


def reported(percent: int | None = None, part: int = 0, **said: Any) -> Fact:
    return events.ProgressReported(part=part, percent=percent, **said)


def measured(value: str, part: int = 0, target: str = "t1") -> Fact:
    return reported(part=part, measures=(events.Measure(target=target, value=value),))


def offered(match: UUID = MATCH, pledge: UUID = OTHER, **said: Any) -> Fact:
    return events.MatchOffered(match=match, pledge=pledge, entity=FUND, **said)


fulfilled = events.PledgeFulfilled(reason="All is done")
withdrawn = events.PledgeWithdrawn(reason="Another government")
lapsed = events.PledgeLapsed(reason="Notice of May 2026")


@dataclass(frozen=True)
class Said:
    """A fact with who said it, and from when on it is true."""

    fact: Fact
    by: Actor = OWNER
    on: str = "2026-03-01"


def at(number: int) -> int:
    """The position of the fact that was given first, second, and so on."""
    return 100 + number


def happened(facts: tuple[Any, ...], stream: UUID, first: int = 1) -> list[Recorded]:
    """Facts as they were recorded, one position after another."""
    found: list[Recorded] = []
    for number, given_fact in enumerate(_flat(facts), first):
        said = given_fact if isinstance(given_fact, Said) else Said(given_fact)
        grant = said.by.grants[0]
        acting = Acting(actor=said.by.account, role=grant.role, entity=grant.entity)
        event = record(
            said.fact, stream=stream, version=number, acting=acting, effective_on=said.on, now=THEN
        )
        found.append(replace(event, header=msgspec.structs.replace(event.header, position=at(number))))
    return found


def _flat(facts: tuple[Any, ...]) -> list[Any]:
    return [inner for fact in facts for inner in (_flat(fact) if isinstance(fact, tuple) else [fact])]


def folded(pledge: Pledge | None, happenings: list[Recorded]) -> Pledge | None:
    for event in happenings:
        pledge = evolve(pledge, event)
    return pledge


def pledge_of(*facts: Any, stream: UUID = PLEDGE) -> Pledge:
    """The pledge that the facts make."""
    pledge = folded(None, happened(facts, stream))
    assert pledge is not None
    return pledge


def a_world() -> FakeWorld:
    entities = {
        entity: Entity(id=entity, version=1, slug=f"e{n}", category="state", namings=(Naming(name=name),))
        for n, (entity, name) in enumerate(NAMES.items())
    }
    former = msgspec.structs.replace(entities[FORMERLY_MALTA], merged_into=MALTA)
    cycles = Cycles(
        version=2, all=(Cycle(cycle=2022, opened_on="2021-12-17"), Cycle(cycle=2026, opened_on="2026-04-01"))
    )
    return FakeWorld(entities={**entities, FORMERLY_MALTA: former}, known_cycles=cycles)


# -- given, when, then


def given(*facts: Any) -> Given:
    """What was said of the pledge so far; nothing, if there is none."""
    return Given(a_world()).and_of(PLEDGE, *facts)


@dataclass
class Given:
    """The pledge and the rest of the register before a command."""

    world: FakeWorld = field(default_factory=a_world)

    def and_of(self, stream: UUID, *facts: Any) -> Given:
        """What was said of another pledge."""
        happenings = happened(facts, stream)
        for event in happenings:
            self.world.reserve(event)
        pledge = folded(None, happenings)
        if pledge is not None:
            self.world.pledges[stream] = pledge
        return self

    @property
    def pledge(self) -> Pledge | None:
        return self.world.pledge(PLEDGE)

    def when(
        self,
        command: type[commands.PledgeCommand],
        by: Actor = OWNER,
        now: datetime = NOW,
        **said: Any,
    ) -> Outcome:
        """What comes of a command."""
        order = command(pledge_id=PLEDGE, **said)
        ctx = context(self.world, by, now, first_id=601)
        try:
            decision = decide(order, self.pledge, ctx)
        except RegisterError as refusal:
            return Outcome(self.world, refusal, None, ())
        happenings = provisional(self.pledge, decision, ctx)
        after = folded(self.pledge, happenings)
        follow = ()
        if after is not None and happenings:
            self.world.pledges[PLEDGE] = after
            follow = tuple(consequences(happenings, after, ctx))
        return Outcome(self.world, None, decision, follow)


@dataclass
class Outcome:
    """What came of a command: facts, or a refusal."""

    world: FakeWorld
    refusal: RegisterError | None
    decision: Decision | None
    follow: tuple[commands.PledgeCommand, ...]

    @property
    def said(self) -> Decision:
        assert self.refusal is None, f"refused: {self.refusal!r} {getattr(self.refusal, 'code', '')}"
        assert self.decision is not None
        return self.decision

    @property
    def pledge(self) -> Pledge:
        """The pledge as it then is."""
        assert self.said is not None
        found = self.world.pledge(PLEDGE)
        assert found is not None
        return found

    def then(self, *facts: Fact, on: str = TODAY) -> Outcome:
        """Exactly these facts follow, true from a day on."""
        assert list(self.said.facts) == list(facts)
        assert self.said.effective_on == on
        return self

    def then_names(self, *names: str) -> Outcome:
        """Facts of these names follow."""
        assert [fact.NAME.removeprefix("pledge.") for fact in self.said.facts] == list(names)
        return self

    def then_nothing(self) -> Outcome:
        """There was nothing to say."""
        assert self.said.facts == ()
        return self

    def then_refuses(self, error: type[RegisterError], code: str | None = None, /, **fields: str) -> Outcome:
        """It is refused: with a code, or naming fields (`__` for their dots) and a word of each rule."""
        assert self.refusal is not None, f"not refused: {self.decision}"
        assert type(self.refusal) is error, repr(self.refusal)
        assert code is None or self.refusal.code == code, self.refusal.code
        if fields:
            assert isinstance(self.refusal, InvalidInput)
            self._names(self.refusal.errors, {name.replace("__", "."): word for name, word in fields.items()})
        return self

    @staticmethod
    def _names(errors: Mapping[str, list[str]], expected: Mapping[str, str]) -> None:
        assert set(errors) == set(expected), errors
        for name, word in expected.items():
            assert any(word in message for message in errors[name]), errors

    def then_acts(self, role: Role, entity: UUID | None = None, on_behalf_of: UUID | None = None) -> Outcome:
        """The header will say who acted, and for whom."""
        acting = self.said.acting
        assert (acting.role, acting.entity, acting.on_behalf_of) == (role, entity, on_behalf_of)
        return self
