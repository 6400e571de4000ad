"""Tells by letter whom a fact concerns: facts in, letters into the outbox out, each once.

Letters and how far the facts were looked at are written in one transaction, and the id of each letter follows
from the fact and the recipient. Must not know who is concerned by which rule, nor what letters say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import structlog

from domain.actors import ANYBODY, CALENDAR, Actor, Grant
from domain.cycles.events import CycleClosed, CycleOpened
from domain.errors import RegisterError
from domain.pledges.concerned import STILL_ASKED, Happened, Party, concerned
from domain.pledges.doors import CLOSURE
from domain.pledges.evolve import evolve
from domain.pledges.state import Pledge
from domain.recording import Header, Recorded
from domain.reference.vocabularies import OPEN
from domain.values import last_day
from projections.board.filters import PledgeFilters
from projections.composition import Runtime
from projections.letters.notices import Told, forum_closed, forum_opened, notice
from projections.moments import Moment, NotReadYet
from projections.notices import Notice
from projections.problems import OperatorProblem
from projections.questions import ACCOUNTS, BOARD, HISTORY
from projections.reporters import reporters
from workers.recipients import Recipient, recipients

ANSWERED = "no longer asked"
OLD = timedelta(days=7)
"""Nobody is told any more of what happened longer ago: the worker was down, or a backup restored."""
ENTITIES_SAID = {"entity": "partner", "old_lead": "old_lead", "new_lead": "new_lead"}
"""Fields of facts that name entities, and what letters call these."""

log = structlog.get_logger(__name__)


def notice_facts(runtime: Runtime) -> int:
    """Write the letters that follow from what was recorded since the last time; how many.

    Without an own address there is nothing to lead people to, so none are written and the facts pass by.
    """
    try:
        moment = runtime.questions.moment(of=(*BOARD, *HISTORY, *ACCOUNTS))
    except NotReadYet:
        return 0
    written = passed_over = seen = 0
    is_told = runtime.settings.base_url is not None
    while is_told and (ahead := runtime.notices.ahead(moment.position)):
        seen += len(ahead)
        for recorded in ahead:
            is_old = recorded.header.recorded_at < runtime.clock() - OLD
            passed_over += is_old
            letters = () if is_old else _told_or_stuck(runtime, recorded, moment)
            written += runtime.notices.write(recorded.position, letters, read_to=moment.position)
    if runtime.notices.pass_by(moment.position) or seen:
        _drop_answered(runtime)
    if passed_over:
        log.warning("notices.passed-over", facts=passed_over, older_than_days=OLD.days)
    return written


def _drop_answered(runtime: Runtime) -> None:
    """What waits for a word and asks for what is done already, or can be done no more, need not go."""
    held = runtime.outbox.held_notices(STILL_ASKED)
    pledges = runtime.register.consult(
        lambda context: {pledge: context.world.pledge(pledge) for _, _, pledge, _ in held}, by=ANYBODY
    )
    done = [
        letter
        for letter, about, pledge_id, entity in held
        if (pledge := pledges[pledge_id]) and not STILL_ASKED[about](pledge, entity)
    ]
    if done:
        runtime.outbox.drop(done, None, ANSWERED)


def _told_or_stuck(runtime: Runtime, recorded: Recorded, moment: Moment) -> Sequence[Notice]:
    """The letters of a fact. One that cannot be told holds up those behind it, so that nobody is passed over.

    `pledges status` and the page of the mail say so too.
    """
    try:
        return tuple(_letters(runtime, recorded, moment))
    except (OperatorProblem, RegisterError):
        raise  # put off until the next time
    except Exception as problem:
        log.exception("notices.stuck", position=recorded.position, fact=recorded.header.name)
        raise OperatorProblem(f"nobody can be told of the event at position {recorded.position}") from problem


def _letters(runtime: Runtime, recorded: Recorded, moment: Moment) -> Iterable[Notice]:
    fact = recorded.fact
    if isinstance(fact, CycleOpened):
        return _of_opened(runtime, fact, recorded, moment)
    if isinstance(fact, CycleClosed):
        return _of_closed(runtime, fact, recorded, moment)
    return _of_pledge(runtime, _happened(runtime, recorded), moment)


def is_of_secretariat(header: Header) -> bool:
    """Whether the Secretariat decided it itself, and not in somebody's place, nor the calendar."""
    return header.role == "secretariat" and header.on_behalf_of is None and header.actor != CALENDAR.account


# -- pledges


def _happened(runtime: Runtime, recorded: Recorded) -> Happened:
    """The fact with the pledge as it found and left it."""
    before: Pledge | None = None
    after: Pledge | None = None
    with runtime.recorder.session() as session:
        for event in session.events(recorded.header.stream):
            if event.position > recorded.position:
                break
            before, after = after, evolve(after, event)
    return Happened(recorded, before, cast("Pledge", after))


def _of_pledge(runtime: Runtime, happened: Happened, moment: Moment) -> Iterator[Notice]:
    parties = runtime.register.consult(lambda context: concerned(happened, context), by=ANYBODY)
    entities = runtime.questions.entities_named([one.entity for one in parties if one.entity], moment=moment)
    header = happened.recorded.header
    for party, to in _each_once(recipients(runtime, parties), header):
        seen = _seen(runtime, happened, party, moment)
        if seen is None:
            continue
        whose = entities[party.entity] if party.entity else {"name": None, "category": None}
        is_held = whose["category"] == "state" and not is_of_secretariat(header)
        for one in to:
            letter = notice(seen, whose["name"], runtime.settings.base_url or "", one.language)
            yield Notice(one.id, letter, header.name, party.entity, header.stream, is_held)


def _each_once(
    found: Mapping[Party, list[Recipient]], header: Header
) -> Iterator[tuple[Party, list[Recipient]]]:
    """The parties with those to write to: nobody twice, and not who did it."""
    told: set[UUID | str | None] = {header.actor}
    for party, several in found.items():
        new = [one for one in several if one.whose not in told]
        told.update(one.whose for one in new)
        if new:
            yield party, new


def _seen(runtime: Runtime, happened: Happened, party: Party, moment: Moment) -> Told | None:
    """What a party may know of it, if it may."""
    questions, recorded = runtime.questions, happened.recorded
    viewer = Actor(account=UUID(int=0), grants=(Grant(role=party.role, entity=party.entity),))
    pledge_id = str(recorded.header.stream)
    history = questions.history(pledge_id, viewer=viewer, moment=moment) or []
    if all(entry["position"] != recorded.position for entry in history):
        return None
    pledge = questions.pledge(pledge_id, viewer=viewer, moment=moment, with_paper=False)
    if pledge is None:  # what they were asked to take part in before, they knew
        earlier = questions.moment(str(recorded.position - 1), of=BOARD)
        pledge = questions.pledge(pledge_id, viewer=viewer, moment=earlier, with_paper=False)
    return _told(runtime, happened, pledge, viewer, moment) if pledge else None


def _told(
    runtime: Runtime, happened: Happened, pledge: Mapping[str, Any], viewer: Actor, moment: Moment
) -> Told:
    fact, match = happened.fact, happened.match
    offered = (
        runtime.questions.pledge(str(match.pledge), viewer=viewer, moment=moment, with_paper=False)
        if match
        else None
    )
    said = {
        name: getattr(fact, field)
        for field, name in ENTITIES_SAID.items()
        if match is None and hasattr(fact, field)
    }
    named = runtime.questions.entities_named(list(said.values()), moment=moment)
    names = {name: named[entity]["name"] for name, entity in said.items() if entity in named}
    if offered:
        names["offering"] = offered["entity"]["name"]
    terms = happened.after.content.terms
    return Told(
        name=happened.recorded.header.name, pledge=pledge, offered=offered,
        names={**names, "entity": pledge["entity"]["name"]},
        reason=getattr(fact, "reason", None), follows=_follows(happened.recorded.header),
        year=getattr(fact, "to_cycle", None),
        deadline=last_day(terms.deadline) if terms and fact.NAME == "pledge.match-offered" else None,
    )  # fmt: skip


def _follows(header: Header) -> bool:
    """Whether it follows from the end of another pledge, so that nobody gave a reason."""
    return header.authority is not None and header.authority.kind == CLOSURE


# -- forums


def _of_opened(runtime: Runtime, fact: CycleOpened, recorded: Recorded, moment: Moment) -> Iterator[Notice]:
    """Each account that reports for an entity, once, however many it reports for."""
    reporting = reporters(runtime.questions)
    entities = runtime.questions.entities_named(list(reporting), moment=moment)
    languages = runtime.people.languages_of({one for several in reporting.values() for one in several})
    told = {recorded.header.actor}
    for entity, accounts in reporting.items():
        for account in accounts:
            if account in languages and account not in told:
                told.add(account)
                letter = forum_opened(
                    fact.cycle, fact.opened_on, entities[entity]["name"], runtime.settings.base_url or "",
                    languages[account],
                )  # fmt: skip
                yield Notice(account, letter, fact.NAME, entity)


def _of_closed(runtime: Runtime, fact: CycleClosed, recorded: Recorded, moment: Moment) -> Iterator[Notice]:
    """Each entity with pledges that are open in the forum: one letter lists them."""
    listed: dict[Party, list[dict[str, Any]]] = {}
    filters = PledgeFilters(cycle=(fact.cycle,), status=tuple(OPEN))
    for pledge in runtime.questions.every_pledge(filters, viewer=None, moment=moment):
        listed.setdefault(Party(UUID(pledge["entity"]["id"])), []).append(pledge)
    base = runtime.settings.base_url or ""
    for party, to in recipients(runtime, listed.keys()).items():
        pledges = listed[party]
        for one in to:
            if one.whose != recorded.header.actor:
                letter = forum_closed(fact.cycle, pledges, base, one.language)
                yield Notice(one.id, letter, fact.NAME, party.entity)
