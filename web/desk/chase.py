"""The chase: who has something to answer for, whom the Secretariat asked by when, and who answered.

Letters wait in the outbox until the Secretariat lets them go. Must not know how they are sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, abort, g, make_response, redirect, render_template, request, url_for

from domain.errors import InvalidInput
from domain.values import clean_text, utc_day
from projections.askings import Asking, AskingLetter
from projections.board.filters import PledgeFilters
from projections.board.to_ask import Answered, Owing
from projections.letters.asking import Why, asking
from projections.moments import Moment
from projections.questions import BOARD, HISTORY
from projections.reminders import Addressed
from projections.reporters import reporters
from web.account.forgotten import own_address
from web.api.fields import parse_id
from web.desk.blueprint import desk
from web.desk.carrying_out import NOT_KEPT, Sent, form_page, id_of_form
from web.desk.to_ask import COLUMNS, FILTERS, STANDINGS, WHYS, to_ask
from web.pages.addresses import chosen
from web.pages.blueprint import as_csv, forms_of, runtime
from web.pages.language import gettext as _
from web.pages.paging import Pager, asked_page

ROWS, ASKED_AT_ONCE_MAX, LATEST = 50, 100, 20
WORDS_MIN, WORDS_MAX, DAYS_MAX = 10, 3_000, 366
PLEDGES_TOLD_MAX = 10


@dataclass(frozen=True)
class AskedAndAnswered:
    """A question to several: how many of them answered, and how many no letter reached."""

    asking: Asking
    answers: int
    in_vain: int


@dataclass(frozen=True)
class Told:
    """An entity that was asked: its letters, and the first thing that it did since."""

    entity: Mapping[str, Any]
    letters: Sequence[AskingLetter]
    answered: Answered | None


@desk.get("/desk/chase")
def chase() -> Response:
    """Whom to ask, and who was asked."""
    return _page(Sent())


@desk.get("/desk/chase.csv")
def chase_csv() -> Response:
    """Whom to ask as CSV: all whom the page lists, in its order."""
    answer = as_csv(COLUMNS, (one.cells for one in to_ask(_now())), "chase")
    answer.headers.update(NOT_KEPT)
    return answer


@desk.post("/desk/chase")
def ask() -> Response:
    """Ask those who are chosen: the letters are written, and wait for the Secretariat's word."""
    moment = _now()
    owing = {UUID(one.entity["id"]): one for one in runtime().questions.owing(moment=moment)}
    try:
        wanted, reply_by, words = _asked(owing, utc_day(runtime().clock()))
    except InvalidInput as error:
        said = {name: list(told) for name, told in error.errors.items()}
        return _page(Sent(errors=said, status=HTTPStatus.UNPROCESSABLE_ENTITY))
    one = Asking(id_of_form(), moment.at, g.actor.account, reply_by, words, moment.position, wanted)
    reporting = reporters(runtime().questions)
    letters = {
        entity: list(_letters(owing[entity].entity, one, moment, reporting.get(entity, ())))
        for entity in wanted
    }
    runtime().askings.ask(one, letters)
    return make_response(redirect(url_for("desk.asked", asking=one.id, done="asked"), HTTPStatus.SEE_OTHER))


def _now() -> Moment:
    return runtime().questions.moment(of=(*BOARD, *HISTORY))


def _asked(owing: Mapping[UUID, Owing], today: date) -> tuple[list[UUID], date, str]:
    """Whom, by when and in which words; InvalidInput says what is wrong with them."""
    errors: dict[str, list[str]] = {}
    given = map(_id, request.form.getlist("entity"))
    entities = sorted({one for one in given if one is not None and one in owing})
    if not 1 <= len(entities) <= ASKED_AT_ONCE_MAX:
        errors["entities"] = [_("choose from 1 to %(number)s of them.", number=ASKED_AT_ONCE_MAX)]
    words = request.form.get("words", "").replace("\r\n", "\n").strip()
    if not WORDS_MIN <= len(words) <= WORDS_MAX or not _is_clean(words):
        errors["words"] = [
            _(
                "must have %(least)s to %(most)s characters, and no control characters.",
                least=WORDS_MIN,
                most=WORDS_MAX,
            )
        ]
    reply_by = _day(request.form.get("reply_by", "").strip())
    if reply_by is None or not today < reply_by <= today + timedelta(days=DAYS_MAX):
        errors["reply_by"] = [_("must be a day after today and within a year, such as 2026-05-17.")]
    if errors or reply_by is None:
        raise InvalidInput(errors)
    return entities, reply_by, words


def _is_clean(words: str) -> bool:
    try:
        clean_text(words)
    except ValueError:
        return False
    return True


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _id(text: str) -> UUID | None:
    try:
        return UUID(str(parse_id(text)))
    except ValueError:
        return None


# -- letters


def _letters(
    entity: Mapping[str, Any], one: Asking, moment: Moment, accounts: Sequence[UUID]
) -> Iterator[Addressed]:
    """One to each recipient, in the language in which it reads."""
    base, pledges = own_address(), list(_pledges(entity, moment))
    for recipient, language in _recipients(UUID(entity["id"]), moment, accounts):
        written = asking(one.words, one.reply_by, entity, pledges, base=base, language=language)
        yield Addressed(runtime().new_id(), recipient, written)


def _recipients(entity: UUID, moment: Moment, accounts: Sequence[UUID]) -> Iterator[tuple[UUID, str | None]]:
    """The office's mailbox, else those who report; all of them if it was asked before and did not answer."""
    contact = runtime().contacts.of(entity)
    is_silent = _is_silent(entity, moment)
    if contact and contact.mailbox:
        yield contact.mailbox_id, contact.language
        if contact.alternate and is_silent:
            yield contact.alternate_id, contact.language
    if not (contact and contact.mailbox) or is_silent:
        yield from runtime().people.languages_of(accounts).items()


def _is_silent(entity: UUID, moment: Moment) -> bool:
    last = runtime().askings.last_of([entity]).get(entity)
    return last is not None and not runtime().questions.answered({entity: last.position}, moment=moment)


def _pledges(entity: Mapping[str, Any], moment: Moment) -> Iterator[tuple[Mapping[str, Any], list[Why]]]:
    """What an entity is asked about, each pledge with why."""
    whys: dict[str, list[Why]] = {}
    found: dict[str, Mapping[str, Any]] = {}
    for why in WHYS:
        listed = runtime().questions.pledges(
            PledgeFilters(**FILTERS[why], entity=(entity["id"],)), viewer=g.actor, moment=moment,
            sort="due_on", limit=PLEDGES_TOLD_MAX, with_facets=False,
        )  # fmt: skip
        for pledge in listed.items:
            found.setdefault(pledge["id"], pledge)
            whys.setdefault(pledge["id"], []).append(why)
    yield from ((pledge, whys[key]) for key, pledge in found.items())


# -- pages


def _page(sent: Sent) -> Response:
    moment, number = _now(), asked_page()
    rows, askings = to_ask(moment), runtime().askings.latest(LATEST)
    return form_page(
        "desk/chase.html", sent, rows=rows[(number - 1) * ROWS : number * ROWS], total=len(rows),
        whys=chosen("why"), standings=STANDINGS, standing=next(iter(chosen("standing")), None),
        sort=next(iter(chosen("sort")), None), is_narrowed=any(map(chosen, ("q", "why", "standing"))),
        ticked=set(request.form.getlist("entity")), pager=Pager.numbered(len(rows), ROWS),
        said={name: request.form.get(name, "")[: WORDS_MAX + 1] for name in ("words", "reply_by")},
        askings=list(_told(askings, moment)), csv=forms_of("desk.chase", "csv"),
        today=utc_day(runtime().clock()), can_mail=runtime().settings.smtp_url is not None,
    )  # fmt: skip


def _told(askings: Sequence[Asking], moment: Moment) -> Iterator[AskedAndAnswered]:
    in_vain = runtime().askings.in_vain({one.id for one in askings})
    for one in askings:
        yield AskedAndAnswered(
            one, len(_answers(one, moment)), sum(asking == one.id for asking, _entity in in_vain)
        )


def _answers(one: Asking, moment: Moment) -> dict[UUID, Answered]:
    return runtime().questions.answered(dict.fromkeys(one.entities, one.position), moment=moment)


@desk.get("/desk/chase/<id:asking>")
def asked(asking: UUID) -> Response:
    """Who was asked, what became of the letters, and who answered since."""
    one = runtime().askings.of(asking)
    if one is None:
        abort(HTTPStatus.NOT_FOUND)
    moment = _now()
    names = runtime().questions.entities_named(one.entities, moment=moment)
    answers, letters = _answers(one, moment), runtime().askings.letters(one.id)
    told = [
        Told(names[entity], [letter for letter in letters if letter.entity == entity], answers.get(entity))
        for entity in one.entities
        if entity in names
    ]
    said = render_template(
        "desk/asked.html", moment=None, forms={}, one=one, told=told, today=utc_day(runtime().clock()),
        who=runtime().people.email_of(one.account), done=request.args.get("done"),
        held=sum(letter.standing == "held" for letter in letters),
    )  # fmt: skip
    return make_response(said, NOT_KEPT)
