"""What is due of those who take part in a pledge, beside what is due of it as a whole, on a day.

Pure; must not know who is reminded of it, nor when somebody was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from domain.pledges.derived import years_later
from domain.pledges.measure import part_percent
from domain.pledges.state import Pledge
from domain.values import first_day, last_day

DueKind = Literal[
    "due-soon", "due-today", "overdue", "report-amber", "report-red", "partner-unanswered", "match-deadline"
]
SOON_DAYS = 30
ANSWER_DAYS = 14
"""An invitation waits for an answer so long, and an offer is pressing so long before the deadline."""
COMPLETE = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that is due of a pledge on a day: of a partner, or of its owner where none is named."""

    kind: DueKind
    day: date
    partner: UUID | None = None


def asked_of_parties(pledge: Pledge, since: Mapping[UUID, date], today: date) -> Iterator[Asked]:
    """What partners have to report and to answer, and the owner of a pledge with terms.

    `since` tells when each partner was invited or joined last; of others nothing is asked.
    """
    if pledge.is_answerable:
        yield from _invitations(pledge, since, today)
    if pledge.is_open:
        yield from _offers(pledge, today)
        for number in pledge.joined_parts():
            yield from _of_part(pledge, number, since, today)


def _invitations(pledge: Pledge, since: Mapping[UUID, date], today: date) -> Iterator[Asked]:
    for partner in pledge.partners:
        if partner.state == "invited" and partner.entity in since:
            day = since[partner.entity] + timedelta(days=ANSWER_DAYS)
            if day <= today:
                yield Asked("partner-unanswered", day, partner.entity)


def _offers(pledge: Pledge, today: date) -> Iterator[Asked]:
    terms = pledge.content.terms
    if terms and any(match.state == "offered" for match in pledge.matches):
        last = last_day(terms.deadline)
        if last - timedelta(days=ANSWER_DAYS) <= today <= last:
            yield Asked("match-deadline", last)


def _of_part(pledge: Pledge, number: int, since: Mapping[UUID, date], today: date) -> Iterator[Asked]:
    """By the date of the part, else the pledge's, and by how long nobody reported on the part."""
    partner = pledge.partners[number - 1]
    if partner.entity not in since or part_percent(pledge, number) == COMPLETE:
        return
    reports = pledge.reports_of(number)
    reported = first_day(reports[-1].effective_on) if reports else None
    due_on = partner.part.due_on or pledge.content.due_on
    last = last_day(due_on) if due_on else None
    if last and last <= today + timedelta(days=SOON_DAYS) and not (reported and reported >= last):
        kind: DueKind = "due-soon" if last > today else "due-today" if last == today else "overdue"
        yield Asked(kind, last, partner.entity)
    silent = max(reported, since[partner.entity]) if reported else since[partner.entity]
    for kind, years in (("report-red", 2), ("report-amber", 1)):
        if years_later(silent, years) <= today:
            yield Asked(kind, years_later(silent, years), partner.entity)
            break
