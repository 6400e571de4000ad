"""The rows of the chase: who has something to answer for, how each stands with the last question, in order.

Must not know letters, nor how anybody is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import request

from domain.reference.vocabularies import OPEN
from domain.values import rfc3339, utc_day
from projections.askings import Asking
from projections.board.to_ask import Answered, Owing
from projections.board.words import words_of
from projections.letters.asking import Why
from projections.moments import Moment
from web.pages.addresses import chosen
from web.pages.blueprint import runtime

WHYS: tuple[Why, ...] = ("overdue", "stale", "returned")
FILTERS: Mapping[Why, dict[str, Any]] = {
    "overdue": {"overdue": (True,)},
    "stale": {"stale": ("true",), "status": tuple(OPEN)},
    "returned": {"status": ("returned",)},
}
STANDINGS = ("never", "waiting", "late", "bounced", "answered")
COLUMNS = (
    "entity", "slug", *WHYS, "standing", "asked_at", "reply_by", "answered_at", "answered_about",
)  # fmt: skip


@dataclass(frozen=True)
class ToAsk:
    """An entity that has something to answer for, when it was last asked, and what it did since."""

    owing: Owing
    last: Asking | None
    answered: Answered | None
    in_vain: bool
    """Whether no letter of the last asking arrived."""
    today: date

    @property
    def standing(self) -> str:
        """How it stands with the last question, as one of STANDINGS."""
        if self.last is None:
            return "never"
        if self.answered:
            return "answered"
        if self.in_vain:
            return "bounced"
        return "late" if self.last.reply_by < self.today else "waiting"

    @property
    def cells(self) -> tuple[Any, ...]:
        """It as a row of COLUMNS."""
        entity, last, answered = self.owing.entity, self.last, self.answered
        return (
            entity["name"], entity["slug"], *(getattr(self.owing, why) for why in WHYS), self.standing,
            last and rfc3339(last.asked_at), last and last.reply_by,
            answered and rfc3339(answered.recorded_at), answered and answered.pledge,
        )  # fmt: skip


def _when_asked(one: ToAsk) -> tuple[bool, str]:
    return one.last is not None, one.last.asked_at.isoformat() if one.last else ""


def _reply_by(one: ToAsk) -> tuple[bool, date]:
    return one.last is None, one.last.reply_by if one.last else date.max


ORDERS: Mapping[str, Callable[[ToAsk], Any]] = {
    "overdue": lambda one: -one.owing.overdue,
    "stale": lambda one: -one.owing.stale,
    "returned": lambda one: -one.owing.returned,
    "asked": _when_asked,
    "reply_by": _reply_by,
}
"""Orders beside that by name: the most first; never asked, then the longest ago; the soonest to answer."""


def to_ask(moment: Moment) -> list[ToAsk]:
    """All whom the address asks for, in the order that it asks for."""
    owing = [one for one in runtime().questions.owing(moment=moment) if _is_wanted(one)]
    last = runtime().askings.last_of([UUID(one.entity["id"]) for one in owing])
    since = {entity: asked.position for entity, asked in last.items()}
    answers = runtime().questions.answered(since, moment=moment)
    in_vain = runtime().askings.in_vain({one.id for one in last.values()})
    today, found = utc_day(runtime().clock()), []
    for one in owing:
        entity = UUID(one.entity["id"])
        asked = last.get(entity)
        is_in_vain = asked is not None and (asked.id, entity) in in_vain
        found.append(ToAsk(one, asked, answers.get(entity), is_in_vain, today))
    standings = [name for name in STANDINGS if name in chosen("standing")]
    wanted = [one for one in found if not standings or one.standing in standings]
    order = ORDERS.get(request.args.get("sort", ""))
    return sorted(wanted, key=order) if order else wanted


def _is_wanted(one: Owing) -> bool:
    """Whether an entity meets what the list is narrowed to."""
    whys = [why for why in WHYS if why in chosen("why")]
    wanted = {word for text in chosen("q") for word in words_of(text)}
    return (not whys or any(getattr(one, why) for why in whys)) and wanted <= set(
        words_of(one.entity["name"])
    )
