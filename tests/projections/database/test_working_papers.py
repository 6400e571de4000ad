from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from domain.actors import OPERATOR
from domain.errors import RegisterError, StaleVersion
from domain.pledges.commands import AmendPledge
from domain.pledges.content import Changes
from projections.composition import Runtime
from projections.database.working_papers import Paper
from tests.projections.filled import AUTHORITY, bank, record_pledge

CONTENT = {"title": "Schools", "forms": ["policy"], "amount": {"value": "200000.00", "currency": "EUR"}}


def test_a_paper_is_kept_as_it_was_typed(founded: Runtime) -> None:
    entity, account = uuid4(), uuid4()
    paper = founded.papers.begin(uuid4(), entity=entity, account=account, content=CONTENT)
    assert (paper.content, paper.version, paper.entity, paper.account) == (CONTENT, 1, entity, account)
    assert founded.papers.get(paper.id) == paper
    assert founded.papers.get(uuid4()) is None


def test_beginning_again_finds_the_paper_that_is_there(founded: Runtime) -> None:
    paper = founded.papers.begin(uuid4(), entity=uuid4(), account=uuid4(), content=CONTENT)
    assert founded.papers.begin(paper.id, entity=uuid4(), account=uuid4(), content={}) == paper


def test_of_two_who_change_the_same_version_one_is_told(founded: Runtime) -> None:
    paper = founded.papers.begin(uuid4(), entity=uuid4(), account=uuid4(), content=CONTENT)
    roofs = replace(paper, version=2, content={"title": "Roofs"}, updated_at=datetime.now(UTC))
    assert founded.papers.change(roofs, version=1)
    assert not founded.papers.change(replace(roofs, content={}), version=1)
    assert founded.papers.get(paper.id) == roofs
    assert not founded.papers.discard(paper.id, version=1)
    assert founded.papers.discard(paper.id, version=2)
    assert founded.papers.get(paper.id) is None


def test_what_goes_with_a_change_of_a_paper_undoes_it_when_it_fails(founded: Runtime) -> None:
    now = datetime.now(UTC)
    paper = Paper(uuid4(), uuid4(), uuid4(), CONTENT, 1, now, now)

    def fail(_: object) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        founded.papers.add(paper, also=fail)
    assert founded.papers.get(paper.id) is None
    assert founded.papers.add(paper)
    assert not founded.papers.add(paper, also=fail), "it is there, so there is nothing to go with"
    with pytest.raises(LookupError):
        founded.papers.change(replace(paper, version=2, content={}), version=1, also=fail)
    with pytest.raises(LookupError):
        founded.papers.discard(paper.id, version=1, also=fail)
    assert founded.papers.get(paper.id) == paper


def test_papers_are_listed_for_their_entities_and_their_author(founded: Runtime) -> None:
    entity, author = uuid4(), uuid4()
    own = founded.papers.begin(uuid4(), entity=entity, account=uuid4(), content=CONTENT)
    written = founded.papers.begin(uuid4(), entity=uuid4(), account=author, content=CONTENT)
    founded.papers.begin(uuid4(), entity=uuid4(), account=uuid4(), content=CONTENT)
    assert founded.papers.of([entity], author) == [written, own]


def test_a_paper_goes_with_the_command_that_uses_it_or_not_at_all(founded: Runtime) -> None:
    pledge = record_pledge(founded.register, bank(founded.register)).stream
    paper = founded.papers.begin(pledge, entity=uuid4(), account=uuid4(), content=CONTENT)
    amend = AmendPledge(pledge_id=pledge, changes=Changes(title="Roofs"), reason="Typo", authority=AUTHORITY)
    with pytest.raises(StaleVersion):
        founded.register.handle(amend, by=OPERATOR, also=[founded.papers.discarding(pledge, version=7)])
    assert founded.papers.get(pledge) == paper
    outcome = founded.register.handle(amend, by=OPERATOR, also=[founded.papers.discarding(pledge, version=1)])
    assert outcome.version == 2, "the refused attempt left nothing behind"
    assert founded.papers.get(pledge) is None


def test_a_recalled_pledge_is_a_paper_again(founded: Runtime) -> None:
    entity = bank(founded.register)
    pledge = record_pledge(founded.register, entity).stream
    amend = AmendPledge(pledge_id=pledge, changes=Changes(title="Roofs"), reason="Typo", authority=AUTHORITY)
    back = founded.papers.putting_back(pledge, entity=entity, account=uuid4(), content=CONTENT)
    founded.register.handle(amend, by=OPERATOR, also=[back])
    paper = founded.papers.get(pledge)
    assert paper is not None
    assert (paper.content, paper.version) == (CONTENT, 2)
    with pytest.raises(RegisterError):
        founded.register.handle(amend, by=OPERATOR, expected_version=1, also=[back])
