"""Made-up lives of many pledges, as events in one order: the same for the same numbers, for benchmarks."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from domain.cycles.founding import founding_facts as founding_cycles
from domain.entities.events import EntityRegistered
from domain.entities.founding import founding_facts as founding_entities
from domain.pledges import events as said
from domain.pledges.content import Changes, Content, Target
from domain.recording import Acting, Authority, Fact, Recorded, record
from domain.reference.compact import PRINCIPLES
from domain.reference.states import STATES, state_id

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = [
    "migrants", "access", "health", "education", "border", "management", "data", "return",
    "reintegration", "labour", "recruitment", "diaspora", "remittances", "skills", "partnership",
    "community", "protection", "children", "women", "documentation", "identity", "climate", "regular",
    "pathways", "national", "strategy", "support", "training", "services", "legal", "counter",
    "trafficking", "smuggling", "inclusion", "cohesion", "ministry", "programme", "regional",
    "cooperation", "consular", "assistance", "detention", "alternatives", "financial",
]  # fmt: skip
RARE_WORDS = 5_000
KINDS = ("civil_society", "academia", "private_sector", "local_authority", "trade_union")
FORMS = ("financial", "human_resource", "process", "policy", "in_kind", "other")
TYPES = ("individual", "individual", "individual", "common", "partnership", "matching", None)
STAKEHOLDERS = 400
ACTING = Acting(
    actor=UUID(int=7), role="secretariat", authority=Authority(kind="email", reference="a made-up letter")
)


class MadeUp:
    """A world that makes things up by a seeded chance."""

    def __init__(self, pledges: int, events_each: int, seed: int = 18) -> None:
        self._pledges, self._events_each = pledges, events_each
        self._random = random.Random(seed)
        self._position = 0
        self._versions: dict[UUID, int] = {}
        self._countries = list(STATES)

    def events(self) -> Iterator[Recorded]:
        """Entities first, then pledges made and reported on, each event at its position."""
        for stream, fact in (*founding_entities(), *founding_cycles()):
            yield self._recorded(stream, fact)
        entities = [state_id(country) for country in self._countries for _ in range(2)]
        for number in range(STAKEHOLDERS):
            yield self._recorded(stream := UUID(int=(1 << 100) + number), self._stakeholder(number))
            entities.append(stream)
        ids = [self._uuid() for _ in range(self._pledges)]
        # Pledges are made all along; at any time most of what happens is about earlier ones.
        for number, pledge in enumerate(ids):
            yield self._recorded(pledge, self._made(number, self._random.choice(entities)))
            for _ in range(self._events_each - 1):
                yield self._recorded(ids[self._random.randrange(number + 1)], self._later())

    def _recorded(self, stream: UUID, fact: Fact) -> Recorded:
        self._position += 1
        version = self._versions[stream] = self._versions.get(stream, 0) + 1
        now = BEGIN + timedelta(minutes=self._position / 2)
        day = now.date().isoformat()
        made = record(fact, stream=stream, version=version, acting=ACTING, effective_on=day, now=now)
        return Recorded(msgspec.structs.replace(made.header, position=self._position), made.fact)

    def _uuid(self) -> UUID:
        return UUID(int=self._random.getrandbits(128))

    def _words(self, count: int) -> str:
        """Words of the subject, and every fourth one that is rare: the rarer, the higher its number."""
        chance = self._random
        said = chance.choices(WORDS, k=count)
        for place in range(0, count, 4):
            said[place] = f"word{int(RARE_WORDS ** chance.random())}"
        return " ".join(said).capitalize()

    def _some(self, of: Any, most: int) -> tuple[Any, ...]:
        return tuple(sorted(self._random.sample(list(of), self._random.randint(0, most))))

    def _stakeholder(self, number: int) -> EntityRegistered:
        return EntityRegistered(
            name=f"{self._words(3)} {number}", slug=f"made-up-{number}", category="stakeholder",
            kind=self._random.choice(KINDS), country=self._random.choice(self._countries),
        )  # fmt: skip

    def _made(self, number: int, entity: UUID) -> said.PledgeMade:
        chance = self._random
        day = f"{chance.randint(2022, 2025)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        content = Content(
            title=f"{self._words(7)} {number}", entity=entity, type=chance.choice(TYPES),
            description=self._words(chance.randint(40, 120)), forms=self._some(FORMS, 2),
            objectives=self._some(range(1, 24), 4), principles=self._some(PRINCIPLES, 3),
            levels=("national",),
            countries=self._some(self._countries, 1),
            targets=(Target(id="t1", description=self._words(8), unit="people", baseline="0", target="240"),),
            made_on=day, due_on=f"{chance.randint(2024, 2029)}",
        )  # fmt: skip
        return said.PledgeMade(
            reference=f"2022-{number + 1:04}", cycle=chance.choice((2022, 2026)), made_on=day, content=content
        )

    def _later(self) -> Fact:
        chance = self._random.random()
        if chance < 0.7:
            value = str(self._random.randint(0, 240))
            measure = said.Measure(target="t1", value=value)
            return said.ProgressReported(narrative=self._words(25), measures=(measure,), outlook="on_track")
        if chance < 0.85:
            changes = Changes(description=self._words(self._random.randint(40, 120)))
            return said.PledgeAmended(changes=changes, reason=self._words(6))
        if chance < 0.95:
            return said.PledgeVerified(kind="evidence_seen", reason=self._words(6))
        return (
            said.PledgeWithdrawn(reason=self._words(6))
            if chance < 0.97
            else said.PledgeFulfilled(reason="Done")
        )
