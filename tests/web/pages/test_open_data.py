"""What other sites and catalogues take from the register: IATI activities and the data set's description."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lxml import etree

from domain.actors import OPERATOR
from domain.values import rfc3339
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


def described(demonstration: Demonstration, asked: str = "") -> dict[str, Any]:
    answer = demonstration.get(f"/api/v1/catalog.jsonld{asked}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/ld+json")
    found: dict[str, Any] = answer.json()
    return found


def test_the_data_set_is_described_for_catalogues(demonstration: Demonstration) -> None:
    found = described(demonstration)
    dataset = found["dcat:dataset"]
    assert (found["@type"], dataset["@type"]) == ("dcat:Catalog", "dcat:Dataset")
    for one in (found, dataset, *dataset["dcat:distribution"]):
        assert one["dct:license"] == {"@id": "https://creativecommons.org/licenses/by/4.0/"}
        assert one["dct:title"]["@language"] == "en"
    prefixes = {name.split(":")[0] for one in (found, dataset) for name in one if not name.startswith("@")}
    assert prefixes <= set(found["@context"])
    last = demonstration.live.runtime.register.consult(
        lambda context: context.world.event(int(dataset["dcat:version"])), by=OPERATOR
    )
    assert last is not None
    assert dataset["dct:modified"]["@value"] == rfc3339(last.header.recorded_at)
    assert dataset["dct:temporal"]["dcat:startDate"]["@value"] <= "2022"


def test_the_files_of_the_description_stay_the_same(demonstration: Demonstration) -> None:
    asked = f"?as_of={demonstration.samples_alone}"
    dataset = described(demonstration, asked)["dcat:dataset"]
    assert described(demonstration, asked)["dcat:dataset"] == dataset
    files = [one for one in dataset["dcat:distribution"] if "dcat:downloadURL" in one]
    assert len(files) == 4
    for one in files:
        address = one["dcat:downloadURL"]["@id"]
        first, second = demonstration.get(address), demonstration.get(address)
        media_type = one.get("dcat:mediaType", {"@id": one.get("dct:format")})["@id"]
        assert media_type.endswith(first.headers["Content-Type"].split(";")[0])
        assert first.content == second.content, address
    (log,) = [one for one in dataset["dcat:distribution"] if one not in files]
    assert demonstration.get(log["dcat:accessURL"]["@id"]).status_code == 200


def test_before_the_first_pledge_there_is_a_description_too(demonstration: Demonstration) -> None:
    for moment in ("0", "1"):
        dataset = described(demonstration, f"?as_of={moment}")["dcat:dataset"]
        assert "dct:temporal" not in dataset
    assert demonstration.get("/api/v1/catalog.jsonld?as_of=2199").status_code == 422


def test_the_dashboard_leads_to_the_description(demonstration: Demonstration) -> None:
    answer = demonstration.get(f"/?as_of={demonstration.samples_alone}")
    address = f"/api/v1/catalog.jsonld?as_of={demonstration.samples_alone}"
    assert answer.headers["Link"] == f'<{address}>; rel="alternate"; type="application/ld+json"'
    assert f'<link rel="alternate" type="application/ld+json" href="{address}">' in answer.text
    assert '<a rel="license" href="https://creativecommons.org/licenses/by/4.0/">' in answer.text
