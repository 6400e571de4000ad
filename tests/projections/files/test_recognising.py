"""A file is what is in it, whatever its name says."""

from __future__ import annotations

import io
import zipfile

import pytest

from domain.pledges.evidence import MEDIA_TYPES
from projections.files.recognising import INFLATED_BYTES_FREE, MEMBERS_MAX, NotTaken, media_type_of
from tests.projections.files.samples import (
    CSV,
    JPEG,
    JPEG_BEGINS,
    JPEG_FRAME,
    JPEG_SCAN,
    MAIN,
    PDF,
    PNG,
    PNG_BEGINS,
    TAKEN,
    chunk,
    compound,
    open_document,
    open_xml,
    png,
    zipped,
)


def recognised(content: bytes, name: str = "", said: str = "") -> str:
    return media_type_of(io.BytesIO(content), name=name, said=said)


def trouble(content: bytes, name: str = "", said: str = "") -> str:
    with pytest.raises(NotTaken) as refused:
        recognised(content, name, said)
    assert str(refused.value).endswith(".")
    return refused.value.trouble


@pytest.mark.parametrize("ending", TAKEN)
def test_each_sort_that_is_taken_is_known_by_its_content(ending: str) -> None:
    assert MEDIA_TYPES[recognised(TAKEN[ending], f"Report.final.{ending.upper()}")] == ending
    nameless = MEDIA_TYPES[recognised(TAKEN[ending])]
    assert nameless == ("txt" if ending == "csv" else ending)


def test_all_sorts_are_tried() -> None:
    assert set(TAKEN) == set(MEDIA_TYPES.values())


def test_a_picture_may_be_named_either_way() -> None:
    assert recognised(JPEG, "photo.jpeg") == "image/jpeg"


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (PNG, "report.pdf", ""), (PDF, "report.exe", ""), (PDF, "", "image/png"), (CSV, "page.html", ""),
        (open_xml("spreadsheetml.sheet"), "report.docx", ""), (PDF, "data.csv", ""), (CSV, "", "text/html"),
        (open_document("text"), "report.docx", ""), (compound("Workbook"), "report.doc", ""),
    ],
)  # fmt: skip
def test_what_lies_about_its_sort_is_refused(content: bytes, name: str, said: str) -> None:
    assert trouble(content, name, said) == "otherwise"


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><script>alert(1)</script>", b"\xef\xbb\xbf \n<svg onload=alert(1)>",
        b"#!/bin/sh\nrm -r /", b"MZ\x90\x00\x03", b"\x7fELF\x02\x01", "<html>".encode("utf-16"),
        zipped({"readme.txt": "no office"}), zipped({"mimetype": "application/epub+zip"}),
        compound("EncryptedPackage"), compound("Something"), b"GIF89a\x01\x00\x01\x00", b"GIF89a; no more",
        b"\xef\xbb\xbf\xef\xbb\xbf <!--", b" " * 300_000 + b"<p>", b"All well.\n<SCRIPT>alert(1)</script>",
        b"-" * 262_140 + b"<script>", b"x" * 100 + b"%PDF-1.7\n", b" {\\rtf1 words}",
    ],
)  # fmt: skip
def test_what_is_none_of_them_is_refused_whatever_its_name(content: bytes) -> None:
    assert trouble(content) == "unknown"
    assert trouble(content, "report.txt") == "unknown"


def test_an_empty_file_is_refused() -> None:
    assert trouble(b"", "report.pdf") == "empty"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1256"])
def test_texts_in_other_encodings_are_texts(encoding: str) -> None:
    assert recognised("مكتب,سنة\n".encode(encoding), "offices.csv") == "text/csv"


def test_macros_are_refused() -> None:
    macros = '<Types><Override ContentType="application/vnd.ms-office.vbaProject"/></Types>'
    assert trouble(zipped({"[Content_Types].xml": macros}), "report.docx") == "macros"
    enabled = macros.replace("vnd.ms-office.vbaProject", "vnd.ms-excel.sheet.macroEnabled.main+xml")
    assert trouble(zipped({"[Content_Types].xml": enabled}), "report.xlsx") == "macros"
    basic = {"mimetype": "application/vnd.oasis.opendocument.text", "Basic/Standard/Module1.xml": "Sub Main"}
    assert trouble(zipped(basic), "report.odt") == "macros"


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff" + bytes(100), JPEG_BEGINS + JPEG_SCAN, JPEG_BEGINS + JPEG_FRAME, b"\xff\xd8\xff\xd9",
        JPEG_BEGINS + JPEG_FRAME.replace(b"\x00\x01\x00\x01", bytes(4)) + JPEG_SCAN,
        PNG_BEGINS, png(pixels=b""), png(size=(0, 5)), PNG[:-12],
        PNG_BEGINS + chunk(b"IDAT", b"x") + chunk(b"IEND", b""),
    ],
)  # fmt: skip
def test_what_only_begins_like_a_picture_is_refused(content: bytes) -> None:
    assert trouble(content, "photo.jpg" if content[0] == 255 else "photo.png") == "broken"


def test_a_text_may_speak_of_less_and_more() -> None:
    assert recognised(b"name,share\nwomen,<50%\n<unknown>,\n", "shares.csv") == "text/csv"


def test_what_becomes_far_larger_than_it_is_is_a_bomb() -> None:
    types = f'<Types><Override ContentType="{MAIN.format("spreadsheetml.sheet")}"/></Types>'
    members = {"[Content_Types].xml": types, "xl/sheet.xml": bytes(INFLATED_BYTES_FREE + 1)}
    assert trouble(zipped(members, packed=zipfile.ZIP_DEFLATED)) == "bomb"
    assert recognised(zipped({**members, "xl/sheet.xml": bytes(1_000_000)}, packed=zipfile.ZIP_DEFLATED))


def test_bombs_are_refused_before_they_go_off() -> None:
    huge = zipped({"[Content_Types].xml": b" " * 5_000_000}, packed=zipfile.ZIP_DEFLATED)
    assert trouble(huge) == "bomb"
    many = zipped({f"{n}": b"" for n in range(MEMBERS_MAX + 1)})
    assert trouble(many) == "bomb"


def test_an_archive_with_a_huge_directory_fills_no_memory() -> None:
    content = bytearray(open_xml("spreadsheetml.sheet"))
    start = content.rfind(b"PK\x05\x06")
    content[start + 12 : start + 16] = (200_000_000).to_bytes(4, "little")
    assert trouble(bytes(content)) == "bomb"


@pytest.mark.parametrize("ending", ["docx", "odt", "doc"])
def test_what_is_cut_short_is_refused_and_never_an_error(ending: str) -> None:
    content = TAKEN[ending]
    whole = 1600 if ending == "doc" else len(content)  # before the part that says what it is
    for size in range(8, whole, 37):
        assert trouble(content[:size], f"a.{ending}") in ("broken", "unknown")
