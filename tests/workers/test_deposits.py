"""`pledges deposit`: a file's digest is made known, once, and the file stays where it is."""

from __future__ import annotations

import hashlib
from pathlib import Path

from domain.actors import OPERATOR
from projections.composition import Runtime
from projections.questions import DOCUMENTS
from tests.workers.conftest import Pledges


def test_a_file_is_deposited_once_by_its_digest(pledges: Pledges, runtime: Runtime, tmp_path: Path) -> None:
    path = tmp_path / "somebody's name.CSV"
    path.write_bytes(b"ref,title,pledger\r\n")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    said = ["--title", "The old export", "--from", "The old site", "--as-of-day", "2026-05"]
    first, second = pledges("deposit", path, *said), pledges("deposit", path, "--title", "Once more")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.stdout.startswith(f"sha256: {digest}\ndeposited as ")
    assert "deposited before" in second.stdout
    questions = runtime.questions
    found = questions.document(digest, moment=questions.moment(of=DOCUMENTS))
    assert found is not None
    assert (found["title"], found["provenance"], found["as_of_day"], found["bytes"], found["media_type"]) == (
        "The old export", "The old site", "2026-05", 19, "text/csv",
    )  # fmt: skip
    event = runtime.register.consult(lambda c: c.world.event(found["position"]), by=OPERATOR)
    assert "somebody" not in str(event)
    assert path.exists()


def test_what_cannot_be_deposited_is_said_in_one_line(pledges: Pledges, tmp_path: Path) -> None:
    empty = tmp_path / "empty.pdf"
    empty.touch()
    for arguments, said in [
        ([tmp_path / "none.csv", "--title", "None"], "cannot be read: No such file"),
        ([tmp_path, "--title", "A folder"], "cannot be read: Is a directory"),
        ([empty, "--title", "Empty"], "bytes: must be the size of the file"),
        ([__file__, "--title", " "], "title: must be given"),
        ([__file__, "--title", "Ours", "--as-of-day", "2199"], "as_of_day: must not lie in the future"),
        ([__file__, "--title", "Ours", "--as", "nobody@example.org"], "nobody@example.org"),
    ]:
        result = pledges("deposit", *arguments)
        assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1), result.stderr
        assert said in result.stderr
