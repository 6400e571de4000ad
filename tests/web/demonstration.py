"""A register as people see it: the 38 samples, and some pledges with a life since."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from projections.database.roles import DatabaseUrls
from tests.conftest import new_database
from tests.web.live import KENYA, SECONDS_MAX, Register, serving
from tests.web.pledges import TARGET, TERMS, TODAY, published, recorded
from workers.sample import load_sample

SAMPLES = 38
HOSTILE = '<script>alert("x")</script> & <b>more</b>'
ARABIC = "تيسير التحويلات المالية للمهاجرين"
FORMULA = '=HYPERLINK("http://example.org","x")'


@dataclass(frozen=True)
class Demonstration:
    """Where it is served, and the references of what was done in it."""

    live: Register
    samples_alone: str  # the moment between the samples and the rest
    joint: str
    matching: str
    hostile: str
    arabic: str
    formula: str
    lapsed: str

    def get(self, path: str, **headers: str) -> requests.Response:
        """A page or its data."""
        url = self.live.url + path
        return requests.get(url, headers=headers, timeout=SECONDS_MAX, allow_redirects=False)

    before_all = "2020-01-01"  # when nothing had been recorded, however long the tests run


@contextmanager
def demonstrating(owner: str, app: str, folder: Path) -> Iterator[Demonstration]:
    """Serve it for as long as the block lasts."""
    with serving(owner, app, folder) as live:
        load_sample(live.runtime)
        between = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        yield Demonstration(
            live=live,
            samples_alone=between,
            joint=_joint(live),
            matching=_matching(live),
            hostile=_recorded(live, HOSTILE, description=f"</p>{HOSTILE}", through=HOSTILE),
            arabic=_recorded(live, ARABIC, language="ar", description=ARABIC * 10),
            formula=_recorded(live, FORMULA),
            lapsed=_lapsed(live),
        )


@pytest.fixture(scope="session")
def demonstration(
    admin: Connection,
    cluster_urls: DatabaseUrls,
    template_name: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Demonstration]:
    """The register of this module, for the whole run. Tests only read it."""
    with new_database(admin, template=template_name) as name:
        owner, app = (make_conninfo(url, dbname=name) for url in (cluster_urls.owner, cluster_urls.app))
        with demonstrating(owner, app, tmp_path_factory.mktemp("demonstration")) as found:
            yield found


def _recorded(live: Register, title: str, **said: object) -> str:
    entity = live.entity(title[:40])
    answer = recorded(live, entity, title=title, made_on="2022-05-17", due_on="2023", **said)
    return str(answer.json["reference"])


def _reference(live: Register, pledge: str) -> str:
    return str(live.anonymous.get(f"/pledges/{pledge}").json["reference"])


def _joint(live: Register) -> str:
    """Reported, corrected, judged, answered; its lead was handed over."""
    lead, joins = live.entity("Lead"), live.entity("Partner")
    owner, partner, secretariat = (
        live.as_("pledger", lead),
        live.as_("pledger", joins),
        live.as_("secretariat"),
    )
    pledge = published(live, lead, type="common", targets=[TARGET], countries=["KEN"], partners=[str(joins)])
    part = {"description": "Our own schools", "targets": [{**TARGET, "target": "10"}]}
    partner.post(f"/pledges/{pledge}/partners/{joins}/acceptance", {"part": part})
    money = [{"stage": "paid", "amount": {"value": "5000.50", "currency": "KES"}, "date": TODAY}]
    report = {
        "effective_on": TODAY, "narrative": "Half way\nand on.", "outlook": "on_track", "money": money,
        "measures": [{"target": "t1", "value": "100"}],
        "evidence": [{"title": "Annual report", "url": "https://example.org/report"}],
    }  # fmt: skip
    owner.post(f"/pledges/{pledge}/progress-reports", report)
    history = owner.get(f"/pledges/{pledge}/history").json["items"]
    said_at = next(entry["position"] for entry in history if entry["name"] == "pledge.progress-reported")
    corrected = {**report, "measures": [{"target": "t1", "value": "150"}], "reason": "Miscounted"}
    owner.post(f"/pledges/{pledge}/progress-reports/{said_at}/correction", corrected)
    verdict = {"report": said_at, "effective_on": TODAY, "reason": "We looked at the registers."}
    secretariat.post(f"/pledges/{pledge}/verification", verdict)
    live.as_("assessor", live.entity("Assessors")).post(f"/pledges/{pledge}/contest", verdict)
    owner.post(f"/pledges/{pledge}/reply", {**verdict, "reason": "See the annex."})
    amended = {"changes": {"targets": [{**TARGET, "id": "t1", "target": "300"}]}, "reason": "More children"}
    owner.patch(f"/pledges/{pledge}", amended)
    owner.post(f"/pledges/{pledge}/lead", {"entity": str(joins), "reason": "They are nearer"})
    return _reference(live, pledge)


def _matching(live: Register) -> str:
    """Asked for 1,000 euros, was offered 600 and accepted them."""
    asking, giving = live.entity("Asking"), live.entity("Giving")
    pledge = published(live, asking, type="matching", terms=TERMS, forms=["financial"])
    amount = {"value": "600.00", "currency": "EUR"}
    given = published(live, giving, amount=amount, forms=["financial"])
    offered = live.as_("pledger", giving).post(f"/pledges/{pledge}/matches", {"pledge": given}).json
    live.as_("pledger", asking).post(f"/pledges/{pledge}/matches/{offered['id']}/acceptance")
    published(live, giving, type="matching", matches=pledge, amount=amount, forms=["financial"])
    return _reference(live, pledge)


def _lapsed(live: Register) -> str:
    """Declared fulfilled, retracted, withdrawn, reinstated, and lapsed at last."""
    secretariat, owner = live.as_("secretariat"), live.as_("pledger", KENYA)
    pledge = published(live, KENYA)
    for action, body in (
        ("progress-reports", {"effective_on": TODAY, "percent": 40}),
        ("fulfilment", {"effective_on": TODAY, "reason": "Done another way"}),
        ("fulfilment-retraction", {"reason": "Not all of it"}),
        ("withdrawal", {"reason": "No money"}),
        ("reinstatement", {"reason": "Money again"}),
    ):
        owner.post(f"/pledges/{pledge}/{action}", body)
    classified = {"changes": {"principles": ["human-rights"]}, "reason": "From the text"}
    secretariat.post(f"/pledges/{pledge}/classification", classified)
    secretariat.post(f"/pledges/{pledge}/lapse", {"reason": "No answer to two letters"})
    return _reference(live, pledge)
