"""Lines of the log, as somebody reads them in a terminal or a program does."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from workers.logs import configure_logs

NASTY = "/x\x1b[2J\u202e\u009b31m\r\nforged line"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = structlog.get_config()
    way = logging.lastResort
    assert way
    formatter, level = way.formatter, way.level
    yield
    structlog.configure(**before)
    way.setFormatter(formatter)
    way.setLevel(level)


def _library_says(text: str) -> None:
    """As it is where no test gathers what is logged."""
    assert logging.lastResort
    record = logging.LogRecord("library", logging.WARNING, __file__, 1, "said %s", (text,), None)
    logging.lastResort.handle(record)


def test_no_sign_of_a_stranger_moves_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("text")
    structlog.get_logger().info("request", path=NASTY, place="Côte d’Ivoire")
    _library_says(NASTY)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    for line in lines:
        assert line.isprintable()
        assert "forged line" in line
    assert "Côte d’Ivoire" in lines[0]


def test_where_an_error_came_from_stays_readable(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("text")
    try:
        int(NASTY)
    except ValueError as error:
        structlog.get_logger().error("unforeseen", exc_info=error)
    said = capsys.readouterr().err
    assert "\n  File " in said
    assert "\x1b" not in said


def test_a_program_reads_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("json")
    structlog.get_logger().info("request", path=NASTY)
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["path"] == NASTY
