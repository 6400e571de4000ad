"""Files of evidence over HTTP: sent, named in a report, handed out to whoever sees the report."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import requests

from domain.log.commands import EraseField
from domain.recording import Authority
from projections.files.files import WAITING_BYTES_MAX
from tests.projections.files.samples import CSV, PDF, PNG, open_xml
from tests.web.live import API, SECONDS_MAX, Answer, Client, Register
from tests.web.pledges import TODAY, published, submitted

PDF_TYPE = "application/pdf"


def sends(client: Client, content: bytes, said: str | None = None) -> Answer:
    headers = {"Content-Type": said} if said else {}
    return client.send("POST", "/files", data=content, headers=headers)


def own(content: bytes) -> bytes:
    """Bytes that no other test sends."""
    return content + b"% of this test alone: " + hashlib.sha256(content).hexdigest()[:8].encode()


def reports(client: Client, pledge: str, *evidence: dict[str, Any], **said: Any) -> Answer:
    body = {"effective_on": TODAY, "narrative": "Ten offices are open.", "evidence": list(evidence), **said}
    return client.post(f"/pledges/{pledge}/progress-reports", body)


def named(
    live: Register, client: Client, pledge: str, content: bytes, title: str = "The list"
) -> tuple[int, str]:
    """The position of a report that names a file, and the file's digest."""
    sha256 = sends(client, content).json["sha256"]
    answer = reports(client, pledge, {"title": title, "file": sha256})
    assert answer.status == 200, answer.body
    history = client.get(f"/pledges/{pledge}/history").json["items"]
    return next(e["position"] for e in history if e["name"] == "pledge.progress-reported"), sha256


def kept_at(live: Register, sha256: str) -> Path:
    return Path(live.runtime.settings.files_at) / sha256[:2] / sha256


def test_a_file_is_sent_named_and_handed_out(live: Register) -> None:
    entity = live.entity("Sends files")
    pledge, pledger = published(live, entity), live.as_("pledger", entity)
    content = own(PDF)
    answer = sends(pledger, content, PDF_TYPE)
    assert answer.status == 201
    sha256 = hashlib.sha256(content).hexdigest()
    assert answer.json == {"sha256": sha256, "bytes": len(content), "media_type": PDF_TYPE}
    assert sends(pledger, content).status == 200
    position, _ = named(live, pledger, pledge, content, title="<script>alert(1)</script>")

    history = live.anonymous.get(f"/pledges/{pledge}/history").json["items"]
    assert history[-1]["said"]["evidence"] == [{"title": "<script>alert(1)</script>", "file": answer.json}]
    for path in (f"{API}/log/events/{position}/files/{sha256}", f"/log/{position}/files/{sha256}"):
        given = requests.get(live.url + path, timeout=SECONDS_MAX)
        assert given.content == content
        assert given.headers["Content-Type"] == PDF_TYPE
        assert given.headers["Content-Length"] == str(len(content))
        assert given.headers["Content-Disposition"] == f'attachment; filename="evidence-{sha256[:12]}.pdf"'
        assert given.headers["X-Content-Type-Options"] == "nosniff"
        assert given.headers["Content-Security-Policy"].startswith("sandbox;")
        assert given.headers["X-Frame-Options"] == "DENY"
    page = requests.get(f"{live.url}/pledges/{pledge}", timeout=SECONDS_MAX).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert f"SHA-256 {sha256}" in page
    assert "(PDF, 1 kB)" in page


@pytest.mark.parametrize(
    ("content", "said", "rule"),
    [
        (PNG, PDF_TYPE, "what is in it is png"), (b"", PDF_TYPE, "is empty"),
        (b"<html><script>alert(1)</script>", "text/plain", "none of the files"),
        (open_xml("spreadsheetml.sheet")[:200], None, "is broken"),
    ],
)  # fmt: skip
def test_what_lies_is_empty_or_broken_is_refused(
    live: Register, content: bytes, said: str | None, rule: str
) -> None:
    answer = sends(live.as_("secretariat"), content, said)
    assert answer.status == 422, answer.body
    assert rule in answer.errors["body"][0]


def test_other_sorts_are_refused_by_what_they_say_they_are(live: Register) -> None:
    answer = sends(live.as_("secretariat"), PDF, "text/html")
    assert answer.status == 415
    assert PDF_TYPE in answer.headers["Accept"]


def test_a_file_of_26_megabytes_is_refused_and_one_of_25_is_not(live: Register) -> None:
    client = live.as_("secretariat")
    assert sends(client, PDF.ljust(26_000_000)).status == 413
    chunks = (PDF.ljust(1_000_000) for _ in range(26))
    assert client.send("POST", "/files", data=chunks).status == 413
    assert sends(client, own(PDF).ljust(25_000_000), PDF_TYPE).status == 201


def test_a_digest_is_no_key_to_what_somebody_else_sent(live: Register) -> None:
    entity, other = live.entity("Has a file"), live.entity("Knows its digest")
    pledger, stranger = live.as_("pledger", entity), live.as_("pledger", other)
    sha256 = sends(pledger, own(PDF + b"theirs")).json["sha256"]
    pledge = published(live, other)
    for digest in (sha256, "0" * 64):
        refused = reports(
            stranger,
            pledge,
            {"title": "A link", "url": "https://example.org"},
            {"title": "Theirs", "file": digest},
        )
        assert refused.status == 422
        assert "send it first" in refused.errors["evidence.1.file"][0]
    for wrong in ("../../etc/passwd", "AB" * 32, sha256[:-1]):
        refused = reports(stranger, pledge, {"title": "A path", "file": wrong})
        assert "64 hexadecimal digits" in refused.errors["evidence.0.file"][0]
    assert reports(stranger, pledge, {"title": "Nothing"}).errors.keys() == {"evidence.0.url"}
    both = {
        "title": "Both",
        "file": sends(stranger, own(PDF + b"both")).json["sha256"],
        "url": "https://example.org",
    }
    assert reports(stranger, pledge, both).errors.keys() == {"evidence.0.url"}


def test_the_same_bytes_are_one_file_and_a_correction_may_name_them_again(live: Register) -> None:
    entity = live.entity("Corrects")
    pledge, pledger = published(live, entity), live.as_("pledger", entity)
    content = own(CSV)
    position, sha256 = named(live, pledger, pledge, content)
    assert sends(live.as_("secretariat"), content, "text/csv").json["sha256"] == sha256
    assert len(list(kept_at(live, sha256).parent.glob(f"{sha256}*"))) == 1
    colleague = Client(live, live.token("pledger", entity))
    body = {
        "effective_on": TODAY, "narrative": "Eleven.", "reason": "A sum was wrong",
        "evidence": [{"title": "The list", "file": sha256}],
    }  # fmt: skip
    corrected = colleague.post(f"/pledges/{pledge}/progress-reports/{position}/correction", body)
    assert corrected.status == 200, corrected.body


def test_a_file_is_for_whoever_sees_the_event_alone(live: Register) -> None:
    entity = live.entity("Shows files")
    pledge, pledger = published(live, entity), live.as_("pledger", entity)
    position, sha256 = named(live, pledger, pledge, own(PDF + b"shown"))
    unnamed = sends(pledger, own(PDF + b"not named")).json["sha256"]
    for at, digest in ((position, unnamed), (position + 10_000, sha256), (1, sha256)):
        assert pledger.get(f"/log/events/{at}/files/{digest}").status == 404
    secret = submitted(live, entity)
    before = live.as_("secretariat").get(f"/pledges/{secret}/history").json["items"][-1]["position"]
    assert live.anonymous.get(f"/log/events/{before}/files/{sha256}").status == 404
    auditor = Client(live, live.token("auditor"))
    assert auditor.get(f"/log/events/{position}/files/{sha256}").status == 200
    read = auditor.get("/log/readings").json["items"][0]
    assert (read["operation"], read["asked"]["sha256"]) == ("files.download", sha256)


def test_a_file_that_is_gone_or_changed_is_not_handed_out(live: Register) -> None:
    entity = live.entity("Loses files")
    pledge, pledger = published(live, entity), live.as_("pledger", entity)
    position, sha256 = named(live, pledger, pledge, own(PDF + b"lost"))
    kept_at(live, sha256).write_bytes(PDF + b"changed")
    address = f"/log/events/{position}/files/{sha256}"
    assert live.anonymous.get(address).code == "file-missing"
    kept_at(live, sha256).unlink()
    assert live.anonymous.get(address).code == "file-missing"


def test_an_erased_title_takes_its_file_with_it(live_register: Register) -> None:
    live = live_register
    entity = live.entity("Erases")
    pledge, pledger = published(live, entity), live.as_("pledger", entity)
    position, sha256 = named(live, pledger, pledge, PDF, title="Of a person")
    decision = Authority(kind="document", reference="Decision 7/2026")
    command = EraseField(
        position=position, part="payload.evidence.0.title", ground="Article 17", authority=decision
    )
    erased = live.runtime.eraser.erase(command)
    live.runtime.eraser.let_read_models_forget()
    assert live.runtime.readers.wait_for(erased, SECONDS_MAX)
    assert live.anonymous.get(f"/log/events/{position}/files/{sha256}").status == 404
    page = requests.get(f"{live.url}/pledges/{pledge}", timeout=SECONDS_MAX).text
    assert f"/files/{sha256}" not in page


def test_what_nobody_names_is_forgotten_and_waits_within_measure(live_register: Register) -> None:
    live = live_register
    runtime, entity = live.runtime, live.entity("Waits")
    pledge, pledger = published(live, entity), live.as_("pledger", entity)
    _, kept = named(live, pledger, pledge, PDF)
    waiting, young = sends(pledger, PDF + b"waits").json["sha256"], sends(pledger, CSV).json["sha256"]
    with runtime.pool.connection() as connection:
        connection.execute(
            "UPDATE uploads SET uploaded_at = uploaded_at - interval '31 days' WHERE sha256 = ANY(%s)",
            [[kept, waiting]],
        )
    assert runtime.files.forget_old() == 1
    assert [kept_at(live, one).exists() for one in (kept, waiting, young)] == [True, False, True]
    refused = reports(pledger, pledge, {"title": "Forgotten", "file": waiting})
    assert refused.errors.keys() == {"evidence.0.file"}
    with runtime.pool.connection() as connection:
        connection.execute("UPDATE uploads SET bytes = %s WHERE sha256 = %s", [WAITING_BYTES_MAX, young])
    assert sends(pledger, PDF + b"too much").code == "files-wait"


def test_a_storage_that_is_away_is_told_and_nothing_is_half_done(live_register: Register) -> None:
    live, entity = live_register, live_register.entity("Away")
    pledger = live.as_("pledger", entity)
    folder = Path(live.runtime.settings.files_at)
    folder.write_bytes(b"no folder")
    assert sends(pledger, PDF).status == 503
    folder.unlink()
    assert sends(pledger, PDF).status == 201
