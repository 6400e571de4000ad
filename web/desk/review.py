"""A submission beside what it was when it came back, and the Secretariat's decision on it from there.

Must not decide anything: the form of each decision is carried out as the API does it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, abort, g, make_response, redirect, request, url_for

from projections.questions import BOARD, HISTORY
from projections.timeline.versions import JUDGED, SUBMITTED, fields_at
from web.desk.blueprint import desk
from web.desk.carrying_out import Sent, carry_out, form_page
from web.desk.commands import FORMS
from web.desk.paper_sections import PAPER
from web.forms.contact import warnings_of
from web.forms.inputs import Filling, inputs_of
from web.pages.blueprint import runtime
from web.pages.formats import in_words
from web.pages.language import gettext as _
from web.pages.versions import compared_words

DECISIONS = ("return", "publication", "rejection")
RETURNED = "pledge.returned"
REVIEWED = ("entity", *PAPER)
FIELDS = "fields."
SAID_MAX, DIGITS_MAX = 3_000, 15
Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """A field as it was and as it is. `how` is blank, same, changed, added, removed; None: nothing before."""

    field: str
    before: list[str]
    now: list[str]
    how: str | None
    runs: list[tuple[str, str]] | None = None
    returned: str | None = None
    said: str = ""
    contacts: Sequence[str] = ()
    """Words in it by which somebody can be reached."""

    @property
    def is_blank(self) -> bool:
        return not (self.before or self.now or self.returned or self.said)


@dataclass(frozen=True)
class Submission:
    """A submission, what its predecessor said and why that came back, and what was decided on it since."""

    entry: Entry
    number: int
    now: Mapping[str, Any]
    before: Mapping[str, Any] | None
    returned: Entry | None
    decided: Entry | None

    @classmethod
    def of(cls, history: Sequence[Entry]) -> Submission | None:
        """The latest one; None if nothing was submitted."""
        handed_in = [entry for entry in history if entry["name"] == SUBMITTED]
        if not handed_in:
            return None
        entry, earlier = handed_in[-1], handed_in[-2] if len(handed_in) > 1 else None
        decided = _judged_after(history, entry)
        answer = _judged_after(history, earlier) if earlier else None
        returns = [one for one in history if one["name"] == RETURNED and one["position"] < entry["position"]]
        return cls(
            entry, len(handed_in), fields_at(history, _end(history, decided)),
            fields_at(history, _end(history, answer)) if earlier else None,
            returns[-1] if returns else None, decided,
        )  # fmt: skip

    @property
    def reasons(self) -> Mapping[str, str]:
        """Why the predecessor came back, by field."""
        return dict((self.returned or {}).get("said", {}).get("fields") or {})

    def rows(self, said: Mapping[str, str]) -> Iterator[Row]:
        """Each field beside what it was, and what is being written about it."""
        for field in REVIEWED:
            now = in_words(self.now.get(field) or None, field)
            before = in_words(self.before.get(field) or None, field) if self.before is not None else []
            how = _how(before, now) if self.before is not None else None
            runs = None
            if how == "changed" and self.before and field in ("title", "description"):
                runs = compared_words(self.before.get(field), self.now.get(field))
            yield Row(
                field, before, now, how, runs, _reason(self.reasons, field), said.get(field, ""),
                _contacts(self.now.get(field)),
            )  # fmt: skip


def _contacts(said: Any) -> list[str]:
    return [word for found in warnings_of(said, None, ()).values() for word in found.words]


def _judged_after(history: Sequence[Entry], entry: Entry) -> Entry | None:
    """What answered a submission."""
    later = (one for one in history if one["position"] > entry["position"])
    found = next((one for one in later if one["name"] in (SUBMITTED, *JUDGED)), None)
    return found if found and found["name"] in JUDGED else None


def _end(history: Sequence[Entry], answer: Entry | None) -> int:
    """The last position at which a submission stood, with all that was said with it."""
    return int(answer["position"]) - 1 if answer else int(history[-1]["position"])


def _how(before: list[str], now: list[str]) -> str:
    if before == now:
        return "same" if now else "blank"
    return "changed" if before and now else "added" if now else "removed"


def _reason(reasons: Mapping[str, str], field: str) -> str | None:
    """Why a field came back; reasons may be about something within it."""
    found = [why for name, why in reasons.items() if name.partition(".")[0] == field]
    return "\n".join(found) or None


@desk.get("/desk/pledges/<pledge:pledge>/review")
def review(pledge: str) -> Response:
    """A submission to be decided on, or what was decided on it."""
    return _page(pledge, Sent())


@desk.post("/desk/pledges/<pledge:pledge>/review")
def decide(pledge: str) -> Response:
    """Return, publish or turn away; or say what stood against it, and who decided meanwhile."""
    name = request.form.get("decision", "")
    if name not in DECISIONS:
        abort(HTTPStatus.BAD_REQUEST)
    if name == "publication" and any(_written().values()):
        told = _("You wrote what is to be changed: return it, or clear that and publish.")
        return _page(pledge, Sent(errors={"fields": [told]}, status=HTTPStatus.UNPROCESSABLE_ENTITY))
    form = FORMS[name]
    sent = carry_out(form.schema(), lambda body: form.view(body, pledge=pledge))
    if sent.answer is None:
        return _page(pledge, sent)
    return make_response(redirect(url_for("desk.pledge", pledge=pledge, done=name), HTTPStatus.SEE_OTHER))


def _page(pledge: str, sent: Sent) -> Response:
    questions = runtime().questions
    moment = questions.moment(of=(*BOARD, *HISTORY))
    found = questions.pledge(pledge, viewer=g.actor, moment=moment, with_paper=False)
    history = questions.history(found["id"], viewer=g.actor, moment=moment) if found else None
    submission = Submission.of(history or [])
    if found is None or submission is None:
        abort(HTTPStatus.NOT_FOUND)
    likely = questions.likely_duplicates([UUID(found["id"])], viewer=g.actor, moment=moment)
    written = _written()
    rows = list(submission.rows(written))
    return form_page(
        "desk/review.html", sent, pledge=found, submission=submission, written=written,
        rows=[row for row in rows if not row.is_blank or row.field in found["completeness"]["missing"]],
        blank=[row for row in rows if row.is_blank and row.field not in found["completeness"]["missing"]],
        waits_for_days=(moment.at.date() - date.fromisoformat(submission.entry["recorded_at"][:10])).days,
        duplicates=likely.get(UUID(found["id"]), []), inputs=_inputs(),
        meanwhile=_meanwhile(submission) if sent.status >= HTTPStatus.BAD_REQUEST else None,
    )  # fmt: skip


def _inputs() -> list[Any]:
    said = {name: request.form.get(name, "")[:SAID_MAX] for name in ("reason", "code")}
    return inputs_of(FORMS["return"].schema(), Filling(values=said), ("reason", "code"), need="")


def _written() -> dict[str, str]:
    """What is being written about fields, as it was typed."""
    return {
        name.removeprefix(FIELDS): said[:SAID_MAX]
        for name, said in request.form.items()
        if name.startswith(FIELDS) and name.removeprefix(FIELDS) in REVIEWED
    }


def _meanwhile(submission: Submission) -> Entry | None:
    """What happened to the pledge since the form was made, if that is why it could not be carried out."""
    if submission.decided is not None:
        return submission.decided
    made_from = request.form.get("submission", "")
    if not (made_from.isascii() and made_from.isdecimal() and len(made_from) <= DIGITS_MAX):
        return None
    return submission.entry if submission.entry["position"] > int(made_from) else None
