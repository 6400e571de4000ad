"""Nobody's change is lost: If-Match, and two writers of one pledge at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.web.live import Register
from tests.web.pledges import TODAY, drafted, names, published, submitted

CHANGE = {"changes": {"seeking": "A partner"}, "reason": "We looked again"}


def test_the_version_read_is_the_version_to_name(live: Register) -> None:
    entity = live.entity("Versions")
    owner = live.as_("pledger", entity)
    for pledge in (drafted(live, entity), published(live, entity)):
        read = owner.get(f"/pledges/{pledge}")
        assert read.headers["ETag"] == f'"{read.json["version"]}"'
        changed = owner.patch(f"/pledges/{pledge}", CHANGE, If_Match=read.headers["ETag"])
        assert changed.status == 200
        assert changed.json["version"] > read.json["version"]
        assert changed.headers["ETag"] == owner.get(f"/pledges/{pledge}").headers["ETag"]
        stale = owner.patch(
            f"/pledges/{pledge}", {**CHANGE, "changes": {"seeking": "Lost"}}, If_Match=read.headers["ETag"]
        )
        assert (stale.status, stale.code) == (412, "stale-version")
        assert owner.get(f"/pledges/{pledge}").json["seeking"] == "A partner"


@pytest.mark.parametrize("named", ["*", '"{0}"', 'W/"{0}"', '"1", "{0}"', 'W/"99" , "{0}"', "{0}"])
def test_forms_of_if_match_that_hold(live: Register, named: str) -> None:
    entity = live.entity("Holds")
    owner = live.as_("pledger", entity)
    for pledge in (drafted(live, entity), published(live, entity)):
        version = owner.get(f"/pledges/{pledge}").json["version"]
        assert owner.patch(f"/pledges/{pledge}", CHANGE, If_Match=named.format(version)).status == 200


@pytest.mark.parametrize(
    "named", ['"99"', 'W/"99"', '"98", "99"', "nonsense", '""', "-1", '"' + "9" * 40 + '"', "é"]
)
def test_forms_of_if_match_that_do_not(live: Register, named: str) -> None:
    entity = live.entity("Does not")
    owner = live.as_("pledger", entity)
    for pledge in (drafted(live, entity), published(live, entity)):
        answer = owner.send(
            "PATCH", f"/pledges/{pledge}", json=CHANGE, headers={"If-Match": named.encode("latin-1")}
        )
        assert (answer.status, answer.code) == (412, "stale-version")


def test_every_command_on_a_pledge_honours_it(live: Register) -> None:
    entity = live.entity("Every")
    owner, secretariat = live.as_("pledger", entity), live.as_("secretariat")
    draft = drafted(live, entity)
    assert owner.post(f"/pledges/{draft}/submission", If_Match='"99"').status == 412
    assert owner.delete(f"/pledges/{draft}", If_Match='"99"').status == 412
    waiting = submitted(live, entity)
    assert owner.post(f"/pledges/{waiting}/recall", If_Match='"99"').status == 412
    assert secretariat.post(f"/pledges/{waiting}/publication", If_Match='"99"').status == 412
    back = submitted(live, entity)
    assert secretariat.post(f"/pledges/{back}/return", {"reason": "More"}).status == 200
    for stale in ('"1"', "nonsense"):
        assert owner.post(f"/pledges/{back}/submission", If_Match=stale).status == 412
    public = published(live, entity)
    report = {"effective_on": TODAY, "percent": 10}
    assert owner.post(f"/pledges/{public}/progress-reports", report, If_Match='"99"').status == 412
    assert owner.post(f"/pledges/{public}/withdrawal", {"reason": "x"}, If_Match='"99"').status == 412
    assert names(live, public) == ["pledge.submitted", "pledge.made"]


def test_of_two_writers_with_the_same_version_one_wins(live: Register) -> None:
    entity = live.entity("Two writers")
    for pledge in (published(live, entity), drafted(live, entity)):
        owner = live.as_("pledger", entity)
        read = owner.get(f"/pledges/{pledge}").headers["ETag"]

        def write(number: int, pledge: str = pledge, read: str = read) -> int:
            body = {"changes": {"seeking": f"Writer {number}"}, "reason": "At once"}
            return owner.patch(f"/pledges/{pledge}", body, If_Match=read).status  # noqa: B023

        with ThreadPoolExecutor(8) as threads:
            statuses = sorted(threads.map(write, range(8)))
        assert statuses == [200] + [412] * 7


def test_writers_without_a_version_are_decided_one_after_the_other(live: Register) -> None:
    entity = live.entity("Many writers")
    pledge = published(live, entity)
    owner = live.as_("pledger", entity)

    def write(number: int) -> int:
        report = {"effective_on": TODAY, "percent": number, "narrative": f"Report {number}"}
        return owner.post(f"/pledges/{pledge}/progress-reports", report).status

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(write, range(1, 17)))
    assert set(statuses) == {200}
    assert names(live, pledge).count("pledge.progress-reported") == 16


def test_changes_of_one_paper_at_once_are_all_kept(live: Register) -> None:
    entity = live.entity("One paper")
    pledge = drafted(live, entity)
    owner = live.as_("pledger", entity)
    fields = ["seeking", "through", "scope_in_words", "title"]

    def write(field: str) -> tuple[str, int]:
        return field, owner.patch(f"/pledges/{pledge}", {"changes": {field: f"The {field}"}}).status

    with ThreadPoolExecutor(4) as threads:
        written = dict(threads.map(write, fields))
    assert set(written.values()) == {200}
    kept = owner.get(f"/pledges/{pledge}").json
    assert all(kept[field] == f"The {field}" for field in fields)
