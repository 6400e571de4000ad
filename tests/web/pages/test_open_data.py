"""What other sites and catalogues take from the register: IATI activities and the data set's description."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from tests.web.demonstration import Demonstration

SCHEMA = Path(__file__).parents[2] / "projections" / "iati-2.03" / "iati-activities-schema.xsd"


def test_the_samples_as_iati_activities_are_valid_and_stay_the_same(demonstration: Demonstration) -> None:
    path = f"/api/v1/exports/iati.xml?as_of={demonstration.samples_alone}"
    answer = demonstration.get(path)
    assert answer.headers["Content-Type"].split(";")[0] == "application/xml"
    root = etree.fromstring(answer.content)
    etree.XMLSchema(file=str(SCHEMA)).assertValid(root)
    assert [one.text for one in root.xpath("//transaction[transaction-type/@code='12']/value")] == ["200000"]
    financial = demonstration.get(
        f"/api/v1/pledges?form=financial&as_of={demonstration.samples_alone}"
    ).json()
    references = {f"not-registered-{pledge['reference']}" for pledge in financial["items"]}
    assert {one.text for one in root.xpath("//iati-identifier")} == references
    assert demonstration.get(path).content == answer.content
    none = demonstration.get("/api/v1/exports/iati.xml?as_of=1")
    assert len(etree.fromstring(none.content)) == 0
    assert demonstration.get("/api/v1/exports/iati.xml?as_of=tomorrow").status_code == 422
