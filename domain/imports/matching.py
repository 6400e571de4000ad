"""Which column of somebody's sheet is which of ours: guessed from its heading, and told as if it were ours.

A guess is shown before it counts. Must not know files.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from domain.imports.columns import COLUMNS, column_key

ALIKE = 0.8

_CALLED: Mapping[str, str] = {
    "ref": (
        "reference number; id; no; number; code; pledge id; pledge number; référence; numéro; المرجع; الرقم"
    ),
    "title": (
        "pledge; pledge title; name of pledge; commitment; titre; engagement; titre de "
        "l’engagement; العنوان; عنوان التعهد; التعهد"
    ),
    "pledger": (
        "country; state; member state; government; entity; organization; organisation; "
        "institution; pledged by; pledging entity; submitting entity; pays; état; entité; auteur; "
        "الدولة; البلد; الجهة; الجهة المتعهدة"
    ),
    "pledger_category": "category; entity category; type of entity; catégorie; الفئة",
    "pledger_kind": "kind; stakeholder type; type of stakeholder; type de partie prenante; نوع الجهة",
    "co_pledgers": "partners; joint with; co-pledger; partner entities; partenaires; الشركاء",
    "pledge_type": "type; type of pledge; type d’engagement; نوع التعهد",
    "forms": "form; form of pledge; forme; formes; الشكل; الأشكال",
    "objectives": (
        "objective; gcm objective; gcm objectives; related objectives; objectif; objectifs; الأهداف; الهدف"
    ),
    "objectives_basis": "basis; basis of objectives; أساس الأهداف",
    "principles": (
        "principle; guiding principles; cross-cutting principles; principes; principes "
        "directeurs; المبادئ; المبادئ التوجيهية"
    ),
    "amount": "value; sum; budget; financial amount; montant; المبلغ",
    "currency": "devise; monnaie; العملة",
    "scope": "level; levels; geographic scope; portée; niveau; النطاق; المستوى",
    "country_of_implementation": (
        "countries; country of implementation; where; implementation country; pays de mise en "
        "œuvre; بلد التنفيذ; بلدان التنفيذ"
    ),
    "announced_on": (
        "date; announced; date of pledge; date announced; made on; submission date; date "
        "d’annonce; تاريخ الإعلان; التاريخ"
    ),
    "due_on": (
        "due; due date; deadline; expected date; completion date; timeline; end date; échéance; "
        "date d’échéance; الموعد النهائي; تاريخ الاستحقاق"
    ),
    "targets": "target; indicators; indicator; cibles; indicateurs; الغايات; المؤشرات",
    "status_note": (
        "status; progress; update; latest update; état d’avancement; progrès; الحالة; التقدم المحرز"
    ),
    "summary": (
        "description; details; text; pledge description; pledge text; résumé; description de "
        "l’engagement; الوصف; الملخص; وصف التعهد"
    ),
}
"""What others call our columns, for instance."""


def guessed(heading: Sequence[str]) -> dict[str, int]:
    """Where each of our columns is likely to stand, by its heading: the surest first, each place once."""
    keys = [_key(name) for name in heading]
    found = [
        (_likeness(column, key), column, place) for column in COLUMNS for place, key in enumerate(keys) if key
    ]
    places: dict[str, int] = {}
    for likeness, column, place in sorted(found, key=lambda one: (-one[0], COLUMNS.index(one[1]), one[2])):
        if likeness >= ALIKE and column not in places and place not in places.values():
            places[column] = place
    return places


def _likeness(column: str, key: str) -> float:
    names = [_key(column), *map(_key, _CALLED[column].split(";"))]
    if key in names:
        return 2.0 - names.index(key) / 100
    return max(_ratio(key, name) for name in names)


def _ratio(key: str, name: str) -> float:
    """How alike two names are; 0 where the longer one leaves no hope, which is quicker to see."""
    matcher = SequenceMatcher(None, key, name)
    return matcher.ratio() if matcher.real_quick_ratio() >= ALIKE else 0.0


def _key(name: str) -> str:
    bare = "".join(
        sign for sign in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(sign)
    )
    return " ".join(re.findall(r"[^\W_]+", bare))


def as_ours(heading: Sequence[str], columns: Mapping[str, int]) -> list[str]:
    """The first row with our names over the columns that were matched.

    Once any is matched, a heading that is one of our names and was not matched means another thing.
    """
    if not columns:
        return list(heading)
    named = {place: column for column, place in columns.items()}
    return [named.get(place) or _anothers(name) for place, name in enumerate(heading)]


def _anothers(name: str) -> str:
    return f"“{name.strip()}”" if column_key(name) in COLUMNS else name


def shown_as_sent(names: Sequence[str]) -> list[str]:
    """Names of columns as the file has them."""
    return [name.removeprefix("“").removesuffix("”") for name in names]
