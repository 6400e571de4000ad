"""Random requests made from the published specification find no 500, and no answer that breaks its schema."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks

from domain.accounts.commands import AddAccount, GrantRole
from domain.actors import OPERATOR
from projections.settings import Settings
from tests.web.live import Register
from tests.web.pledges import TERMS, drafted, published, recorded, submitted
from web.api.documents import document
from web.app import create_app

load_all_checks()
EXAMPLES_MAX = 8
# A request that fits its schema may still break a rule of a pledge's life, and then it is refused with 422.
NOT_PROMISED = ("positive_data_acceptance",)


def specification() -> Any:
    """What is published. It depends on no register, so it is there when tests are collected."""
    nothing: Any = SimpleNamespace(settings=Settings(data_dir=Path(), secret_key="x" * 40))
    loaded = schemathesis.openapi.from_dict(document(create_app(nothing)))
    # Every corner of every field is 5,000 requests: for `schemathesis run`, by hand.
    loaded.config.phases.coverage.enabled = False
    loaded.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
    return loaded


@pytest.fixture(scope="module")
def token(live: Register) -> str:
    """Of somebody whom no door stops: what is behind the doors is to be tried."""
    account, entity = uuid4(), live.entity("Everything")
    live.runtime.register.handle(AddAccount(account=account), by=OPERATOR)
    for role, of in [("secretariat", None), ("pledger", entity), ("validator", entity), ("assessor", entity)]:
        mandate = "A mandate" if role == "assessor" else None
        grant = GrantRole(account=account, role=role, entity=of, mandate=mandate)
        live.runtime.register.handle(grant, by=OPERATOR)
    return live.runtime.tokens.issue(account)


@pytest.fixture(scope="module")
def known(live: Register) -> Any:
    """Pledges in each state of a life, in turn; random ids would find none."""
    entity = live.entity("Tried")
    return cycle(
        [
            drafted(live, entity), submitted(live, entity),
            published(live, entity, type="matching", terms=TERMS),
            recorded(live, entity).json["reference"], str(uuid4()),
        ]
    )  # fmt: skip


schema = specification()


@schema.parametrize()
@settings(
    max_examples=EXAMPLES_MAX,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
    derandomize=True,
)
def test_no_500_and_no_answer_that_breaks_its_schema(
    case: Any, live: Register, token: str, known: Any
) -> None:
    if "pledge" in (case.path_parameters or {}) and schemathesis_may_replace(case):
        case.path_parameters["pledge"] = next(known)
    excluded = [check for check in schemathesis.checks.CHECKS.get_all() if check.__name__ in NOT_PROMISED]
    case.call_and_validate(
        base_url=live.url, headers={"Authorization": f"Bearer {token}"}, excluded_checks=excluded
    )


def schemathesis_may_replace(case: Any) -> bool:
    """Whether the path is not what is meant to be wrong."""
    components = case.meta.components if case.meta else {}
    return all(
        component.mode == GenerationMode.POSITIVE
        for location, component in components.items()
        if str(location).endswith("path") or getattr(location, "value", "") == "path"
    )
