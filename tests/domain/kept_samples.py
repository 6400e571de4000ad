"""Events as they were stored: one sample of each name and version, kept for ever and never edited.

Of each format of headers there is one too, with all that the store has beside it.

`python -m tests.domain.kept_samples` stores the samples that are missing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from domain import aggregates  # noqa: F401 - knows all that can be decided, and so all events
from domain.accounts import events as account
from domain.cycles import events as cycle
from domain.documents import events as document
from domain.entities import events as entity
from domain.imports import events as imports
from domain.log import events as log
from domain.pledges import events as pledge
from domain.pledges.content import Changes, Content, Part, Source, Target, Terms
from domain.recording import (
    EVENT_TYPES,
    HEADER_FORMAT,
    Authority,
    Fact,
    Header,
    SealedPayload,
    canonical,
    header_digest,
    log_entry,
    payload_digest,
    seal_header,
    seal_payload,
)
from domain.values import Money

SAMPLES = Path(__file__).parent / "samples"
HEADERS = SAMPLES / "headers"
DIGESTS = SAMPLES / "SHA256SUMS"


def an_id(number: int) -> UUID:
    return UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0000 + number)


# -- what the samples say


EUROS = Money(value="200000.00", currency="EUR")
DOLLARS = Money(value="5000", currency="USD")
LINK = pledge.Evidence(title="The law", url="https://example.org/law")
FILE = pledge.Evidence(
    title="Lists of those present",
    file=pledge.EvidenceFile(sha256="cd" * 32, bytes=4711, media_type="application/pdf"),
)
TRAINED = Target(
    id="t1", description="Officials trained", unit="people", baseline="0", target="240", due_on="2026-05"
)
LAW = Target(id="t2", description="A law in force")
PART = Part(
    description="Train in Accra", forms=("human_resource",), targets=(TRAINED,), amount=DOLLARS, due_on="2026"
)
CONTENT = Content(
    title="Train officials in data",
    entity=an_id(1),
    type="partnership",
    description="What will be done, where and by whom.",
    language="en",
    forms=("policy", "financial"),
    objectives=(1, 3),
    objectives_basis="stated",
    principles=("human-rights",),
    actions=("Objective 1 (a)",),
    frameworks=("National migration policy",),
    seeking="Trainers",
    levels=("national",),
    scope_in_words="The whole country",
    countries=("KEN",),
    regions=("Africa",),
    through="Ministry of Labour",
    partners=(an_id(2),),
    named=(an_id(3),),
    targets=(TRAINED, LAW),
    amount=EUROS,
    to_mptf=True,
    champion=True,
    mirror=True,
    cycle=2022,
    made_on="2022-05-17",
    due_on="2026-05",
    due_is_firm=True,
    source=Source(ref="GCMP-055", kept={"confidence": "high"}),
)
MATCHING = Content(
    title="A fund for returns",
    entity=an_id(1),
    type="matching",
    terms=Terms(kind="financial", deadline="2025-12", condition="From two donors", amount=EUROS),
)
REPORT: dict[str, Any] = {
    "part": 1,
    "narrative": "Two courses were held",
    "percent": 40,
    "measures": (pledge.Measure(target="t1", value="96"),),
    "money": (pledge.MoneyReport(stage="paid", amount=EUROS, date="2024-10"),),
    "outlook": "on_track",
    "evidence": (LINK, FILE),
}
VERDICT: dict[str, Any] = {"report": 118, "reason": "We went and looked", "evidence": (LINK, FILE)}
WITH_LINK: dict[str, Any] = {"evidence": (LINK,)}
"""All that evidence was before it could be a file."""
WHY = "The budget was not passed"

EXAMPLES: tuple[Fact, ...] = (
    pledge.PledgeSubmitted(content=CONTENT),
    pledge.PledgeRecalled(),
    pledge.PledgeReturned(
        reason="Say more", fields={"due_on": "By when?", "targets.0.unit": "Of what?"}, code="out-of-scope"
    ),
    pledge.PledgeRejected(
        reason="It is about refugees", code="refugee-compact", fields={"objectives": "None of these"}
    ),
    pledge.PledgeMade(
        reference="2022-0042",
        cycle=2022,
        made_on="2022-05-17",
        reason="As agreed",
        published=pledge.Published(
            content=CONTENT,
            recorded_at="2022-05-02T09:30:00.000000Z",
            partners=(
                pledge.PublicPartner(number=1, entity=an_id(3), state="named"),
                pledge.PublicPartner(number=3, entity=an_id(2), state="joined", part=PART),
            ),
        ),
    ),
    pledge.PledgeAmended(
        changes=Changes(title="Train more officials", description=None, amount=None, due_on="2027", forms=()),
        reason=WHY,
    ),
    pledge.PledgeClassified(changes=Changes(type="common", regions=("Africa",)), reason="From its text"),
    pledge.PartnerInvited(entity=an_id(2)),
    pledge.PartnerJoined(entity=an_id(2), part=PART, percent_before=40, percent_after=20, number=1),
    pledge.PartnerDeclined(entity=an_id(2), reason=WHY),
    pledge.PartnerLeft(entity=an_id(2), reason=WHY, percent_before=20, percent_after=40),
    pledge.PartnerUninvited(entity=an_id(2), reason=WHY),
    pledge.LeadTransferred(old_lead=an_id(1), new_lead=an_id(2), reason=WHY),
    pledge.MatchOffered(
        match=an_id(61),
        pledge=an_id(52),
        entity=an_id(5),
        amount=DOLLARS,
        counted_value=EUROS,
        basis="UN rate",
    ),
    pledge.MatchAccepted(match=an_id(61)),
    pledge.MatchDeclined(match=an_id(61), reason=WHY),
    pledge.MatchWithdrawn(match=an_id(61), reason=WHY),
    pledge.MatchExpired(match=an_id(61)),
    pledge.PledgeMatched(),
    pledge.PledgeUnmatched(),
    pledge.ProgressReported(**REPORT),
    pledge.ProgressCorrected(**REPORT, corrects=118, reason="A sum was wrong"),
    pledge.PledgePartiallyFulfilled(percent_before=0, percent_after=40),
    pledge.PledgeProgressReverted(percent_before=40, percent_after=0),
    pledge.PledgeFulfilled(
        narrative="All were trained", reason="The law came first", evidence=(LINK, FILE), measured_percent=90
    ),
    pledge.FulfilmentRetracted(reason=WHY, evidence=(LINK, FILE)),
    pledge.PledgeVerified(kind="confirmed", **VERDICT),
    pledge.PledgeContested(**VERDICT),
    pledge.PledgeReplied(**VERDICT),
    pledge.PledgeWithdrawn(reason=WHY),
    pledge.PledgeLapsed(reason="Notice of May 2026"),
    pledge.PledgeCarriedOver(from_cycle=2022, to_cycle=2026, reason="Work goes on"),
    pledge.PledgeReinstated(reason="A new government"),
    entity.EntityRegistered(
        name="Sahel Diaspora Network",
        slug="sahel-diaspora-network",
        category="stakeholder",
        kind="other",
        kind_in_words="Association of associations",
        country="KEN",
        names={"fr": "Réseau des diasporas du Sahel"},
        aliases=("SDN",),
    ),
    entity.EntityRenamed(
        name="Türkiye",
        old_name="Turkey",
        names={"es": "Türkiye"},
        reason="Letter of 31 May 2022",
        inherited=("es",),
    ),
    entity.EntityMerged(into=an_id(2), reason="The same network, registered twice"),
    entity.EntityAliasAdded(alias="ILO"),
    entity.EntityClassified(category="stakeholder", kind="other", kind_in_words="Choir"),
    entity.EntityOfficeRegistered(office="Ministry of Labour"),
    cycle.CycleOpened(
        cycle=2026,
        opened_on="2025-12-01",
        forum_from="2026-05-05",
        forum_to="2026-05-08",
        basis="Resolution 73/326",
    ),
    cycle.CycleClosed(cycle=2022, reason="The forum of 2026 has begun"),
    cycle.PledgesDecided(
        cycle=2022, outcome="carry-over", pledges=(UUID(int=1042), UUID(int=1043)), reason="Work goes on"
    ),
    document.DocumentDeposited(
        sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        bytes=4711,
        media_type="text/csv",
        title="The dashboard's export",
        provenance="The old site, as saved on its last day",
        as_of_day="2026-05",
    ),
    log.KeyAdopted(
        key="register.example/log+d58c4d34+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        replaces="register.example/log+8ee9b2bd+AVqBGhqzM7bqKHAvKgFhnBsYOr4Zf3lHI0R6d3gR7y0A",
        reason="The safe was opened",
    ),
    log.FieldErased(
        position=120,
        stream=an_id(51),
        part="payload.content.title",
        ground="Article 17 of the data protection law",
    ),
    account.AccountAdded(),
    account.RoleGranted(
        role="assessor",
        entity=an_id(6),
        until="2026-12",
        nomination="Letter of 3 May",
        mandate="Decision 7/2",
    ),
    account.RoleRevoked(role="assessor", entity=an_id(6), reason="Term over", nomination="Letter of 9 May"),
    account.AccountSuspended(reason="Lost telephone"),
    account.AccountReinstated(reason="Found again"),
    account.SecondFactorEnded(reason="The telephone is gone; asked for by note"),
    account.SessionsEnded(reason="A computer was left open"),
    account.TokenIssued(
        token=an_id(71), label="Nightly export", until="2027-01-31", roles=("auditor",), reads_only=True
    ),
    account.TokenRevoked(token=an_id(71), reason="No longer needed"),
    imports.ImportStarted(
        sha256="ab" * 32, bytes=4096, media="csv", mode="record", rows=3, kept=("confidence",), sample=True
    ),
    imports.ImportRowsRecorded(
        rows=(
            imports.RowOutcome(row=2, outcome="made", ref="GCMP-001", pledge=an_id(51)),
            imports.RowOutcome(row=3, outcome="refused", problem="column due_on: must be a date"),
            imports.RowOutcome(row=4, outcome="duplicate", ref="GCMP-001", duplicate_of=2),
        )
    ),
    imports.ImportFinished(made=1, submitted=2, amended=3, unchanged=4, refused=5, conflicts=6),
)
"""What the latest version of each event says in its sample."""

WITH_LINKS = pledge.PledgeFulfilled(narrative="All were trained", evidence=(LINK,))
"""What the samples of headers say."""

EARLIER: dict[tuple[str, int], Fact] = {
    ("account.token-issued", 1): account.TokenIssued(
        token=an_id(71), label="Nightly export", until="2027-01-31"
    ),
    ("pledge.made", 1): pledge.PledgeMade(
        reference="2022-0042", cycle=2022, made_on="2022-05-17", content=MATCHING, reason="As agreed"
    ),
    ("pledge.partner-joined", 1): pledge.PartnerJoined(
        entity=an_id(2), part=PART, percent_before=40, percent_after=20
    ),
    ("pledge.progress-reported", 1): pledge.ProgressReported(
        **{**REPORT, "evidence": (pledge.Evidence(title=str(LINK.url), url=LINK.url),)}
    ),
    ("pledge.progress-reported", 2): pledge.ProgressReported(**REPORT | WITH_LINK),
    ("pledge.progress-corrected", 1): pledge.ProgressCorrected(
        **REPORT | WITH_LINK, corrects=118, reason="A sum was wrong"
    ),
    ("pledge.fulfilled", 1): pledge.PledgeFulfilled(
        narrative="All were trained", reason="The law came first", measured_percent=90, **WITH_LINK
    ),
    ("pledge.fulfilment-retracted", 1): pledge.FulfilmentRetracted(reason=WHY, **WITH_LINK),
    ("pledge.verified", 1): pledge.PledgeVerified(kind="confirmed", **VERDICT | WITH_LINK),
    ("pledge.contested", 1): pledge.PledgeContested(**VERDICT | WITH_LINK),
    ("pledge.replied", 1): pledge.PledgeReplied(**VERDICT | WITH_LINK),
}
"""What the samples of earlier versions say today."""


def expected() -> dict[tuple[str, int], Fact]:
    return {**EARLIER, **{(fact.NAME, fact.VERSION): fact for fact in EXAMPLES}}


def versions() -> set[tuple[str, int]]:
    """Every name and version that an event was ever stored under."""
    return {(name, v) for name, kind in EVENT_TYPES.items() for v in range(1, kind.version + 1)}


# -- how they are kept


@dataclass(frozen=True)
class Sample:
    """One event, byte for byte as the store has it."""

    header: bytes
    payload: bytes
    salts: dict[str, str]


def path_of(name: str, version: int) -> Path:
    return SAMPLES / f"{name}.v{version}.json"


def read(name: str, version: int) -> Sample:
    told = json.loads(path_of(name, version).read_text(encoding="utf-8"))
    return Sample(canonical(told["header"]), canonical(told["payload"]), told["salts"])


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _salt() -> Callable[[int], bytes]:
    numbers = count(1)
    return lambda size: hashlib.shake_128(b"sample %d" % next(numbers)).digest(size)


def _header(fact: Fact, sealed: SealedPayload) -> Header:
    return Header(
        name=fact.NAME,
        version=fact.VERSION,
        stream=an_id(51),
        stream_version=3,
        effective_on="2024-11-02",
        actor=an_id(801),
        role="secretariat",
        entity=an_id(1),
        on_behalf_of=an_id(2),
        office="Ministry of Labour",
        authority=Authority(kind="note_verbale", reference="NV 12/2024", date="2024-11"),
        request_id="6f2b1c",
        command_id=an_id(901),
        position=120,
        recorded_at=datetime(2024, 11, 5, 9, 30, 0, 123456, tzinfo=UTC),
        digests=sealed.digests,
        format=HEADER_FORMAT,
    )


def _store(fact: Fact, path: Path) -> None:
    salt = _salt()
    sealed = seal_payload(fact, salt)
    header, header_salts = seal_header(_header(fact, sealed), sealed.digests, salt)
    told = {
        "header": msgspec.json.decode(canonical(header)),
        "header_salts": header_salts,
        "payload": msgspec.json.decode(sealed.payload),
        "salts": sealed.salts,
    }
    if path.parent == HEADERS:
        told |= _sealed(header, sealed, salt(16))
    text = json.dumps(told, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    path.write_text(text, encoding="utf-8")


def _sealed(header: Header, sealed: SealedPayload, salt: bytes) -> dict[str, str]:
    of_header = header_digest(salt, canonical(header), header.word_digests)
    of_payload = payload_digest(sealed.digests)
    return {
        "header_salt": salt.hex(),
        "header_digest": of_header.hex(),
        "payload_digest": of_payload.hex(),
        "entry": log_entry(of_header, of_payload).hex(),
    }


def store_missing() -> None:
    """Store the samples that are missing; those that are there stay as they are."""
    HEADERS.mkdir(parents=True, exist_ok=True)
    for fact in EXAMPLES:
        if not path_of(fact.NAME, fact.VERSION).exists():
            _store(fact, path_of(fact.NAME, fact.VERSION))
    if not (today := HEADERS / f"format-{HEADER_FORMAT}.json").exists():
        _store(WITH_LINKS, today)
    DIGESTS.write_text("".join(f"{found}  {name}\n" for name, found in digests()), encoding="utf-8")


def digests() -> list[tuple[str, str]]:
    """The names of the samples, and the digests that they have."""
    paths = sorted(SAMPLES.rglob("*.json"))
    return [(path.relative_to(SAMPLES).as_posix(), digest(path)) for path in paths]


if __name__ == "__main__":
    store_missing()
