"""The closed lists of words that pledges are described with. Must not know their labels in any language."""

from __future__ import annotations

from typing import Literal

Status = Literal[
    "draft",
    "submitted",
    "returned",
    "rejected",
    "made",
    "matched",
    "partially_fulfilled",
    "fulfilled",
    "withdrawn",
    "lapsed",
]
PledgeType = Literal["individual", "common", "partnership", "matching"]
Form = Literal["financial", "human_resource", "process", "policy", "in_kind", "other"]
Level = Literal["local", "national", "regional", "international"]
Category = Literal["state", "un_entity", "stakeholder"]
Kind = Literal[
    "international_financial_institution",
    "private_sector",
    "local_authority",
    "local_authority_network",
    "international_organization",
    "humanitarian_development",
    "trade_union",
    "academia",
    "civil_society",
    "diaspora",
    "nhri",
    "philanthropy",
    "other",
]
Outlook = Literal["on_track", "delayed", "at_risk", "unknown"]
TermsKind = Literal["financial", "technical", "material"]
MoneyStage = Literal["committed", "paid"]
Basis = Literal["stated", "inferred"]
AuthorityKind = Literal["email", "note_verbale", "form", "document", "statement"]
Language = Literal["en", "fr", "es", "ru", "zh", "ar"]

OPEN: frozenset[str] = frozenset({"made", "matched", "partially_fulfilled"})
CLOSED: frozenset[str] = frozenset({"rejected", "withdrawn", "lapsed"})
PUBLIC: frozenset[str] = frozenset(
    {"made", "matched", "partially_fulfilled", "fulfilled", "withdrawn", "lapsed"}
)
NOT_PUBLIC: frozenset[str] = frozenset({"draft", "submitted", "returned", "rejected"})

REGIONS = ("Africa", "Americas", "Asia", "Europe", "Oceania")
"""The regions of the United Nations M49 standard."""
