"""Bundles to be taken apart and put together again otherwise; and what both readers say of them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from domain.log.checkpoints import hash_words
from domain.log.notes import Signer, signed
from workers.verifier import Key, Pack, Tree, Wrong, read_checkpoint, read_event, verify
from workers.verifying import check

Members = dict[str, bytes]
Lines = list[dict[str, Any]]


def members(path: Path) -> Members:
    with zipfile.ZipFile(path) as pack:
        return {name: pack.read(name) for name in pack.namelist()}


def file_of(found: Mapping[str, bytes]) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as pack:
        for name, content in found.items():
            pack.writestr(name, content)
    return file


def packed(found: Mapping[str, bytes]) -> Pack:
    return Pack(file_of(found))


def outcome(establish: Callable[[], object]) -> tuple[bool, str]:
    try:
        return True, str(establish())
    except Wrong as problem:
        return False, str(problem)


def checked(found: Mapping[str, bytes], trusted: list[Key] | None = None) -> str:
    """What holds of a bundle. Both readers always come to the same verdict, in the same words."""
    return checked_file(lambda: file_of(found), trusted)


def checked_file(file: Callable[[], io.BytesIO], trusted: list[Key] | None = None) -> str:
    holds, alone = outcome(lambda: verify(Pack(file()), trusted))
    holds_too, said = outcome(lambda: check(file(), trusted, processes=1))
    if holds and holds_too:
        assert said.startswith(f"{alone}; ")
        return said
    assert holds or said == alone
    raise Wrong(said)


def refusal(found: Mapping[str, bytes]) -> str:
    """Why a bundle is not verified; nothing if it is."""
    holds, said = outcome(lambda: checked(found))
    return "" if holds else said


def changed(found: Members, name: str, change: Callable[[Lines], object]) -> Members:
    lines = [json.loads(line) for line in found[name].splitlines()]
    change(lines)
    written = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    return {**found, name: written.encode()}


def signed_anew(found: Members, signer: Signer) -> Members:
    """A bundle whose events are signed as they now stand, by whoever holds the log's key."""
    tree = Tree()
    for position, line in enumerate(found["events.jsonl"].splitlines(), 1):
        tree.add(read_event(line, position).leaf)
    origin = read_checkpoint(found["checkpoint"].decode(), "checkpoint").origin
    note = signed(f"{origin}\n{tree.size}\n{hash_words(tree.root())}\n", [signer])
    manifest = {**json.loads(found["manifest.json"]), "size": tree.size}
    return {
        **found, "checkpoint": str(note).encode(), "checkpoints.jsonl": b"",
        "manifest.json": json.dumps(manifest).encode(),
    }  # fmt: skip
