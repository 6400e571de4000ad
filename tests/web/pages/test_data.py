"""Each page has its data beside it, from the same question."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.web.demonstration import Demonstration

API = "/api/v1"


def rows(demonstration: Demonstration, path: str) -> list[dict[str, str]]:
    answer = demonstration.get(path)
    assert answer.status_code == 200, path
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))


def data(demonstration: Demonstration, path: str) -> Any:
    answer = demonstration.get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json"), path
    return answer.json()


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


@pytest.mark.parametrize("path", ["/.json", "/index.json", "/dashboard.json"])
def test_the_dashboard_and_its_data_agree(demonstration: Demonstration, path: str) -> None:
    found, page = data(demonstration, path), words(demonstration.get("/").text)
    assert f"Pledges {found['totals']['pledges']} " in page
    for item in found["by"]["objective"]:
        label = f"{item['key']} {item['label']}" if item["key"] else "Not stated"
        assert f"{label} {item['pledges']}" in page, label
    for entry in found["latest"]:
        assert entry["pledge"]["title"] in page
    assert {pledge["overdue"] for pledge in found["overdue"]} == {True}


def test_the_dashboard_as_rows(demonstration: Demonstration) -> None:
    found = data(demonstration, "/.json")["by"]
    listed = sorted((by, str(item["key"] or ""), str(item["pledges"])) for by in found for item in found[by])
    for path in ("/.csv", "/index.csv", "/dashboard.csv"):
        assert sorted((r["by"], r["key"], r["pledges"]) for r in rows(demonstration, path)) == listed


def test_the_list_its_json_and_the_api_agree(demonstration: Demonstration) -> None:
    asked = f"?objective=15&sort=title&as_of={demonstration.samples_alone}"
    page, found = (
        words(demonstration.get(f"/pledges{asked}").text),
        data(demonstration, f"/pledges.json{asked}"),
    )
    api = data(demonstration, f"{API}/pledges{asked}")
    assert found == api
    assert page.index(f"{found['total']} pledges for Objective: 15 Access to basic services") >= 0
    places = [page.index(pledge["reference"]) for pledge in found["items"]]
    assert places == sorted(places)


def test_the_list_is_exported_whole(demonstration: Demonstration) -> None:
    total = data(demonstration, "/pledges.json?region=Africa")["total"]
    exported = rows(demonstration, "/pledges.csv?region=Africa&cursor=nonsense&page=7")
    assert len(exported) == total
    answer = demonstration.get("/pledges.xlsx?region=Africa")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="pledges.xlsx"'
    sheet = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_name("Pledges").to_python()
    assert [row[0] for row in sheet[1:]] == [row["ref"] for row in exported]


def test_a_record_and_its_data_agree(demonstration: Demonstration) -> None:
    path = f"/pledges/{demonstration.joint}"
    page, found = words(demonstration.get(path).text), data(demonstration, f"{path}.json")
    assert found["pledge"] == data(demonstration, f"{API}{path}")
    assert found["history"] == data(demonstration, f"{API}{path}/history")["items"]
    for said in (
        found["pledge"]["title"],
        f"Progress {found['pledge']['percent']}%",
        "5,000.50 KES",
        "On track",
    ):
        assert said in page
    for entry in found["history"]:
        assert f"position {entry['position']:,}" in page
        if entry["reason"]:
            assert entry["reason"] in page
    changed = [
        change["field"] for entry in found["history"] for change in entry["changes"] or [{"field": ""}]
    ]
    assert [row["field"] for row in rows(demonstration, f"{path}.csv")] == changed


def test_progress_and_its_data_agree(demonstration: Demonstration) -> None:
    asked = f"?by=status&compare_to={demonstration.samples_alone}"
    page, found = (
        words(demonstration.get(f"/progress{asked}").text),
        data(demonstration, f"/progress.json{asked}"),
    )
    assert found["items"] == data(demonstration, f"{API}/progress{asked}")["items"]
    listed = rows(demonstration, f"/progress.csv{asked}")
    assert [int(row["difference"]) for row in listed] == [i["difference"]["pledges"] for i in found["items"]]
    made = next(item for item in found["items"] if item["key"] == "made")
    assert f"Made {made['pledges']} +{made['difference']['pledges']} " in page


def test_an_entity_and_its_data_agree(demonstration: Demonstration) -> None:
    page, found = (
        words(demonstration.get("/entities/kenya").text),
        data(demonstration, "/entities/kenya.json"),
    )
    assert found["entity"] == data(demonstration, f"{API}/entities/KEN")
    assert f"{found['pledges']['total']} pledges" in page
    exported = {row["reference"] for row in rows(demonstration, "/entities/kenya.csv")}
    assert exported == {pledge["reference"] for pledge in found["pledges"]["items"]}
    assert all(reference in page for reference in exported)
    assert demonstration.get("/entities/kenya.xlsx").status_code == 200


def test_an_id_leads_to_its_reference(demonstration: Demonstration) -> None:
    pledge = data(demonstration, f"/pledges/{demonstration.joint}.json")["pledge"]
    answer = demonstration.get(f"/pledges/{pledge['id']}?as_of={demonstration.before_all}")
    assert answer.status_code == 404
    answer = demonstration.get(f"/pledges/{pledge['id']}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/pledges/{demonstration.joint}")


def test_a_record_says_who_changed_what_in_which_role_and_why(demonstration: Demonstration) -> None:
    page = words(demonstration.get(f"/pledges/{demonstration.joint}").text)
    for said in (
        "joined as a partner.",
        "(Pledger)",
        "Progress was reported: ",
        "A progress report was corrected: ",
        "Miscounted",
        "corrects position",
        "The Secretariat saw the evidence",
        "What was reported was contested.",
        "See the annex.",
        "The owner replied to a contest.",
        "The lead was handed over to Partner",
        "They are nearer",
        "Annual report",
        "Half way and on.",
        "Paid: 5,000.50 KES",
        "children",
    ):
        assert said in page, said
    matched = words(demonstration.get(f"/pledges/{demonstration.matching}").text)
    for said in (
        "Financial support: 1,000.00 EUR until",
        "Matched by",
        "600.00 EUR",
        "A match was offered: 600.00 EUR.",
    ):
        assert said in matched, said
    lapsed = words(demonstration.get(f"/pledges/{demonstration.lapsed}").text)
    for said in (
        "The pledge lapsed.",
        "No answer to two letters",
        "The pledge was reinstated.",
        "Status Lapsed",
    ):
        assert said in lapsed, said


def test_two_moments_side_by_side_and_their_data_agree(demonstration: Demonstration) -> None:
    asked = f"compare_to={demonstration.samples_alone}&as_of={last_position(demonstration)}"
    found, page = data(demonstration, f"/compare.json?{asked}"), demonstration.get(f"/compare?{asked}").text
    totals = found["totals"]
    assert totals["came_in"] > totals["lapsed"] > 0
    by_kind = [row["kind"] for row in rows(demonstration, f"/compare.csv?{asked}")]
    for kind, name in (("came_in", "Came in"), ("lapsed", "Lapsed"), ("corrected", "Amended or corrected")):
        assert f"{name} {totals[kind]} " in words(page)
        listed = data(demonstration, f"/compare.json?{asked}&kind={kind}")
        assert len(listed["items"]) == totals[kind] == by_kind.count(kind)
    lasting = next(iter(re.findall(r"http://\S+/compare\?[^<]+", unescape(page))))
    path = lasting.removeprefix(demonstration.live.url)
    assert demonstration.get(path.replace("/compare?", "/compare.json?")).json() == found


def last_position(demonstration: Demonstration) -> int:
    return int(data(demonstration, "/pledges.json")["position"])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "compare_to"), ("compare_to=soon", "compare_to"), ("compare_to=200&as_of=199", "compare_to"),
        ("compare_to=1&kind=all", "kind"), ("compare_to=1&page=0", "page"), ("compare_to=1&page=x", "page"),
        ("compare_to=1&objective=24", "objective"), ("compare_to=1&region=Atlantis", "region"),
        ("compare_to=1&objective=1&region=Africa", "region"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused_by_name(
    demonstration: Demonstration, query: str, field: str
) -> None:
    for form in ("json", "csv"):
        answer = demonstration.get(f"/compare.{form}?{query}", Accept="application/json")
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
