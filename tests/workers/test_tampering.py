"""Whatever is done to a bundle is found, and named: by the single file and by `pledges verify` alike."""

from __future__ import annotations

import hashlib
import io
import json
import random
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from domain.actors import OPERATOR
from domain.log.notes import Signer, signed
from domain.pledges.commands import AmendPledge, RecordPledge, ReportProgress
from domain.pledges.content import Changes, Content, Terms
from domain.recording import canonical
from projections.composition import Runtime
from projections.read_models import READ_MODELS
from tests.projections.filled import AUTHORITY, BuildRuntime, bank, record_pledge
from tests.workers.packs import (
    Lines,
    Members,
    changed,
    checked,
    checked_file,
    file_of,
    members,
    outcome,
    packed,
    refusal,
    signed_anew,
)
from workers import verifier, verifying, verifying_events
from workers.bundling import write_bundle
from workers.verifier import Pack, Wrong, counted, read_event, verify
from workers.verifying import check, verify_bundle

OTHER = Signer("pledges.localhost/other", b"o" * 32)
Change = Callable[[Lines], object]


@dataclass(frozen=True)
class Whole:
    """A bundle that holds, and the key that signed it."""

    found: Members
    signer: Signer

    def lines(self, name: str = "events.jsonl") -> Lines:
        return [json.loads(line) for line in self.found[name].splitlines()]

    @property
    def size(self) -> int:
        return len(self.lines())

    def refused(self, name: str, change: Change) -> str:
        return refusal(changed(self.found, name, change))

    def refused_though_signed(self, change: Change) -> str:
        return refusal(signed_anew(changed(self.found, "events.jsonl", change), self.signer))


@pytest.fixture(scope="module")
def kept() -> list[Whole]:
    return []


@pytest.fixture
def whole(kept: list[Whole], request: pytest.FixtureRequest, tmp_path: Path) -> Whole:
    """Made once: it takes a register in which something has happened."""
    if not kept:
        build, _ = request.getfixturevalue("build_runtime"), request.getfixturevalue("founded")
        kept.append(_made(build, tmp_path))
    return kept[0]


def _made(build_runtime: BuildRuntime, folder: Path) -> Whole:
    runtime: Runtime = build_runtime(READ_MODELS)
    runtime.notary.adopt_first_key()
    entity = bank(runtime.register)
    terms = Terms(kind="technical", deadline="2099-01-01", count=1)
    content = Content(title="Schools", entity=entity, type="matching", terms=terms)
    command = RecordPledge(pledge_id=uuid4(), content=content, authority=AUTHORITY)
    pledge = runtime.register.handle(command, by=OPERATOR).stream
    said: dict[str, Any] = {"pledge_id": pledge, "authority": AUTHORITY}
    runtime.register.handle(ReportProgress(**said, effective_on="2024-05", percent=40), by=OPERATOR)
    runtime.projector().catch_up()
    runtime.notary.sign()
    changes = AmendPledge(**said, changes=Changes(title="Écoles pour tous 🎓"), reason="Title")
    runtime.register.handle(changes, by=OPERATOR)
    content = Content(title="The same sum again", entity=entity, type="matching", matches=pledge)
    runtime.register.handle(
        RecordPledge(pledge_id=uuid4(), content=content, authority=AUTHORITY), by=OPERATOR
    )
    record_pledge(runtime.register, bank(runtime.register, "Another"))
    write_bundle(runtime, folder / "pack.zip")
    (signer,) = runtime.notary._keys.all()
    return Whole(members(folder / "pack.zip"), signer)


def header_of(line: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(line["header"])
    return found


def with_header(line: dict[str, Any], **said: Any) -> dict[str, Any]:
    """Another header, with the digest that is its own."""
    kept = {name: told for name, told in line.items() if name != "header_digest"}
    changed = {**kept, "header": canonical({**header_of(line), **said}).decode()}
    return {**changed, "header_digest": withheld(changed)["header_digest"]}


def withheld(line: dict[str, Any]) -> dict[str, Any]:
    """What is shown of an event to somebody who may not read it."""
    event = read_event(json.dumps(line).encode(), line["position"])
    assert event.header is not None
    header = bytes.fromhex(line["header_salt"]) + canonical(event.header)  # its words are null by now
    return {
        "position": line["position"], "header_digest": hashlib.sha256(header).hexdigest(),
        "payload_digest": hashlib.sha256(canonical(event.header["digests"])).hexdigest(),
    }  # fmt: skip


def of_stream(lines: Lines, pledge: str) -> list[int]:
    """The places of the lines of a pledge's events."""
    return [place for place, line in enumerate(lines) if header_of(line)["stream"] == pledge]


# -- events


def test_events_that_are_not_what_was_signed(whole: Whole) -> None:
    size, lines = whole.size, whole.lines()
    titled = next(place for place, line in enumerate(lines) if "Écoles" in line["payload"])
    reported = header_of(lines[5])["digests"][""]

    def swapped(lines: Lines) -> None:
        lines[10], lines[11] = {**lines[11], "position": 11}, {**lines[10], "position": 12}

    def salted(place: int, **salts: str) -> Change:
        return lambda lines: lines[place].update(salts={**lines[place]["salts"], **salts})

    def renamed(lines: Lines) -> None:
        lines[titled]["payload"] = lines[titled]["payload"].replace("tous", "vous")

    word = "payload.changes.title"
    salt = bytes.fromhex(lines[titled]["salts"]["changes.title"])
    digest = header_of(lines[titled])["digests"]["changes.title"]
    found = hashlib.sha256(salt + '"Écoles pour vous 🎓"'.encode()).hexdigest()
    cases: list[tuple[Change, str]] = [
        (swapped, "event 11, header.position: expected 11, found 12"),
        (lambda lines: lines.pop(), f"events.jsonl: ends at event {size - 1}, and the checkpoint has {size}"),
        (lambda lines: lines.pop(20), "event 21, position: expected 21, found 22"),
        (lambda lines: lines.append({**withheld(lines[-1]), "position": size + 1}),
         f"events.jsonl: has more events than the {size} of the checkpoint"),
        (renamed, f"event {titled + 1}, {word}: expected the digest {digest}, found {found}"),
        (lambda lines: lines[5]["salts"].pop(""),
         f"event 6, payload: expected the digest {reported}, found no salt"),
        (salted(5, more="00"), "event 6, payload.more: has a salt and no digest"),
        (salted(5, **{"": "no hex"}), "event 6, payload: its salt is no hex"),
        (lambda lines: lines[titled]["salts"].pop("changes.title"),
         f"event {titled + 1}, {word}: expected nothing, since its salt is gone, found words"),
        (lambda lines: lines[5].update(header_salt="00" * 15),
         "event 6, header_salt: is missing, or no hex of 16 bytes"),
        (lambda lines: lines[5].update(salts=None), "event 6, salts: are no salts"),
        (lambda lines: lines[5].pop("payload"), "event 6, payload: is missing"),
        (lambda lines: lines[5].update(payload="[]"),
         "event 6, payload: is not of the shape that it should have"),
        (lambda lines: lines[7].update(header=lines[7]["header"].replace(",", ", ", 1)),
         "event 8, header: is not written the one way that is hashed"),
        (lambda lines: lines[7].update(payload='{"a":"\\ud800"}'),
         "event 8, payload: is not written the one way that is hashed"),
        (lambda lines: lines[7].update(payload='{"a":1.5}'),
         "event 8, payload: is no JSON: 1.5 is no whole number"),
        (lambda lines: lines.__setitem__(3, {**withheld(lines[3]), "payload_digest": "00" * 31}),
         "event 4, payload_digest: is missing, or no hex of 32 bytes"),
    ]  # fmt: skip
    for change, expected in cases:
        assert whole.refused("events.jsonl", change).startswith(expected)


def test_a_header_that_is_another_is_named_by_its_event(whole: Whole) -> None:
    told = whole.lines()[5]["header_digest"]
    other = with_header(whole.lines()[5], command_id=str(uuid4()))
    cases: list[tuple[dict[str, Any], str]] = [
        ({"header_salt": "00" * 16}, f"{told}, found "),
        ({"header": other["header"]}, f"{told}, found {other['header_digest']}"),
        ({"header_digest": "00" * 32}, f"{'00' * 32}, found {told}"),
        ({"header_digest": None}, f"None, found {told}"),
        ({"header_digest": ""}, f", found {told}"),
    ]
    for change, expected in cases:
        refused = whole.refused("events.jsonl", lambda lines: lines[5].update(change))  # noqa: B023
        assert refused.startswith(f"event 6, header: expected the digest {expected}")
    # As the digest itself is held by the tree alone, changing it as well is found at the next checkpoint.
    first = verifier.read_checkpoint(whole.lines("checkpoints.jsonl")[0]["note"], "first").size
    refused = whole.refused("events.jsonl", lambda lines: lines.__setitem__(5, other))
    assert refused.startswith(f"checkpoint {first}: expected the root")


def test_bundles_of_before_do_not_tell_the_digests_of_headers(whole: Whole) -> None:
    def without_digests(lines: Lines) -> None:
        for line in lines:
            del line["header_digest"]

    assert checked(changed(whole.found, "events.jsonl", without_digests)) == checked(whole.found)


def test_events_that_cannot_follow_one_another_though_they_were_signed(whole: Whole) -> None:
    lines = whole.lines()
    before, now = (verifier.Order(), header_of(lines[6])["recorded_at"])
    before.check(verifier.Event(7, b"", {"recorded_at": now, "stream": "", "stream_version": 1}))
    past = "2020-01-01T00:00:00"

    def earlier(place: int) -> Change:
        return lambda lines: lines.__setitem__(place, with_header(lines[place], recorded_at=f"{past}Z"))

    def later_version(place: int, version: Any = 9) -> Change:
        return lambda lines: lines.__setitem__(place, with_header(lines[place], stream_version=version))

    def both(*changes: Change) -> Change:
        return lambda lines: [change(lines) for change in changes]

    too_early = f"event 8, header.recorded_at: expected after {before._at}, found {past}.000000"
    assert whole.refused_though_signed(earlier(7)) == too_early
    version = "event 4, header.stream_version: expected 1, found 9"
    assert whole.refused_though_signed(later_version(3)) == version
    assert whole.refused_though_signed(later_version(3, "1")).endswith("found '1'")
    # Versions are looked at last, and told first nevertheless.
    assert whole.refused_though_signed(both(earlier(7), later_version(3))) == version
    assert whole.refused_though_signed(both(earlier(7), later_version(9))) == too_early
    assert whole.refused("events.jsonl", both(later_version(3), lambda lines: lines.pop(20))) == version
    made = whole.lines("board.jsonl")[0]["id"]
    (place, *_) = of_stream(lines, made)
    assert whole.refused_though_signed(
        lambda lines: lines.__setitem__(place, with_header(lines[place], name="pledge.unheard-of"))
    ).startswith(f"event {place + 1}: does not follow from those before it: This code does not know")


def test_what_is_found_does_not_rest_on_the_pieces_in_which_events_are_read(
    whole: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Crumbs(Pack):
        def blocks(self, name: str) -> Any:
            for block in super().blocks(name):
                lines = block.split(b"\n")
                yield from (b"\n".join(lines[begin : begin + 7]) for begin in range(0, len(lines), 7))

    monkeypatch.setattr(verifying, "Pack", Crumbs)
    monkeypatch.setattr(verifying_events, "EVENTS_EACH_PARTITION", 30)
    expected = str(verify(packed(whole.found)))
    assert check(file_of(whole.found), processes=2).startswith(expected)
    for place in (6, 7, 8, 13, 14):  # pieces begin with the events 8 and 15

        def earlier(lines: Lines, place: int = place) -> None:
            lines[place] = with_header(lines[place], recorded_at="2020-01-01T00:00:00Z")
            lines.pop(30)

        refused = whole.refused("events.jsonl", earlier)
        assert refused.startswith(f"event {place + 1}, header.recorded_at")


def test_bits_that_are_flipped_anywhere_are_found_or_change_nothing(whole: Whole) -> None:
    expected, chance = checked(whole.found), random.Random(4)
    for name in ("keys", "checkpoint", "checkpoints.jsonl", "board.jsonl", *["events.jsonl"] * 4):
        for _ in range(6):
            content = bytearray(whole.found[name])
            place = chance.randrange(len(content))
            content[place] ^= 1 << chance.randrange(8)
            holds, said = outcome(lambda: checked({**whole.found, name: bytes(content)}))  # noqa: B023
            assert not holds or said == expected, f"{name}, byte {place}"


def test_an_archive_that_was_damaged_is_found(whole: Whole) -> None:
    content, chance = file_of(whole.found).getvalue(), random.Random(7)
    expected = checked(whole.found)
    for _ in range(25):
        damaged = bytearray(content)
        place = chance.randrange(len(damaged))
        damaged[place] ^= 1 << chance.randrange(8)
        holds, said = outcome(lambda: checked_file(lambda: io.BytesIO(damaged)))  # noqa: B023
        assert not holds or said == expected, f"byte {place}"
    for cut in (0, 10, len(content) // 2, len(content) - 1):
        with pytest.raises(Wrong, match="the file is no bundle"):
            Pack(io.BytesIO(content[:cut]))


@pytest.mark.parametrize(
    "line", ["", "[]", "null", '{"position": 1}', '{"position": 1, "header": 5}', "{" * 100_000]
)
def test_lines_that_are_no_events_are_refused(whole: Whole, line: str) -> None:
    said = refusal({**whole.found, "events.jsonl": f"{line}\n".encode()})
    assert said.startswith("event 1")


def test_what_nothing_vouches_for_has_no_place_beside_an_event(whole: Whole) -> None:
    refused = whole.refused("events.jsonl", lambda lines: lines[7].update(remark="approved"))
    assert refused == "event 8, remark: should not be there, as nothing vouches for it"
    withheld = {"position": 8, "header_digest": "0" * 64, "payload_digest": "0" * 64, "header_salt": ""}
    refused = whole.refused("events.jsonl", lambda lines: lines.__setitem__(7, withheld))
    assert refused == "event 8, header_salt: should not be there, as nothing vouches for it"


def test_a_file_begins_with_its_first_member(whole: Whole) -> None:
    with pytest.raises(Wrong, match="the file has bytes before the first member"):
        Pack(io.BytesIO(b"#!/bin/sh\n" + file_of(whole.found).getvalue()))


# -- checkpoints and keys


def test_checkpoints_that_are_not_the_log_s(whole: Whole) -> None:
    found, size = whole.found, whole.size
    text = found["checkpoint"].decode().rpartition("\n\n")[0] + "\n"
    forger = Signer(whole.signer.name, b"f" * 32)
    unsigned = f"checkpoint {size}: is not signed under the log's key"
    assert refusal({**found, "checkpoint": str(signed(text, [forger])).encode()}) == unsigned
    broken = found["checkpoint"].replace(b"\n\n", b"\nmore\n\n")
    assert refusal({**found, "checkpoint": broken}) == (
        f"checkpoint {size}: the signature of {whole.signer.name} does not hold"
    )
    smaller = text.replace(f"\n{size}\n", f"\n{size - 1}\n")
    assert refusal({**found, "checkpoint": str(signed(smaller, [whole.signer])).encode()}) == (
        "manifest.json: origin and size are not those of the checkpoint"
    )
    key = found["keys"].decode()
    assert refusal({**found, "keys": f"{forger.verifier}\n{key}".encode()}) == (
        "keys: are not those that the events say were adopted"
    )
    assert refusal({**found, "keys": b""}) == "keys: there is none"
    # A key that was adopted after the checkpoint is nobody's concern here.
    assert checked({**found, "keys": f"{key}{forger.verifier}\n".encode()}) == checked(found)
    no_note = whole.refused("checkpoints.jsonl", lambda lines: lines[0].pop("note"))
    assert no_note == "checkpoints.jsonl, line 1: is no signed checkpoint"


def test_a_fork_names_the_first_event_that_is_another(whole: Whole) -> None:
    def another(lines: Lines) -> None:
        lines[7] = with_header(lines[7], role="auditor")
        lines.append({**withheld(lines[-1]), "position": len(lines) + 1})

    def another_and_shorter(lines: Lines) -> None:
        another(lines)
        del lines[-3:]

    fork = signed_anew(changed(whole.found, "events.jsonl", another), whole.signer)
    assert "3 pledges" in checked(fork)  # by itself it holds
    was, now = (
        json.loads(line["header"])["role"] for line in (whole.lines()[7], Whole(fork, OTHER).lines()[7])
    )
    shorter = signed_anew(changed(whole.found, "events.jsonl", another_and_shorter), whole.signer)
    for forked in (fork, shorter):
        holds, said = outcome(lambda: check(file_of(forked), older=file_of(whole.found)))  # noqa: B023
        assert (holds, said) == (
            False,
            f"event 8, header.role: the older bundle has {was!r}, and this one {now!r}: the log was forked",
        )
    cut = signed_anew(changed(whole.found, "events.jsonl", lambda lines: lines.pop()), whole.signer)
    holds, said = outcome(lambda: check(file_of(cut), older=file_of(whole.found)))
    sizes = f"the older bundle has {whole.size} events, and this one {whole.size - 1}"
    assert (holds, said) == (False, f"{sizes}, all of them the same: it was cut")
    # What is wrong with it by itself is told first.
    broken = file_of({**cut, "manifest.json": b"{}"})
    assert outcome(lambda: check(broken, older=file_of(whole.found)))[1].startswith("manifest.json: format")
    broken = file_of(changed(whole.found, "events.jsonl", lambda lines: lines.pop()))
    holds, said = outcome(lambda: check(file_of(whole.found), older=broken))
    assert said.startswith("the older bundle: events.jsonl: ends at event")
    assert "begins with the" in check(file_of(whole.found), older=file_of(whole.found))


# -- the board


def test_a_board_that_does_not_follow_from_the_events(whole: Whole) -> None:
    shown = whole.lines("board.jsonl")
    entity = shown[0]["entity"]
    first, second, third = (line["id"] for line in shown)
    stranger = str(uuid4())
    begin = f"board.jsonl, pledge {first}"

    def matching(lines: Lines) -> None:
        next(line for line in lines if line["matches"])["matches"]["title"] = "Another"

    def unmatched(lines: Lines) -> None:
        next(line for line in lines if line["matches"])["matches"] = None

    match = next(line for line in shown if line["matches"])
    matched = f"board.jsonl, pledge {match['id']}, matches: expected {match['matches']!r}, found"
    cases: list[tuple[Change, str]] = [
        (lambda lines: lines[0].update(percent=99), f"{begin}, percent: expected 40, found 99"),
        (lambda lines: lines[0].update(version=True),
         f"{begin}, version: expected {shown[0]['version']}, found True"),
        (lambda lines: lines[0].update(more="words"), f"{begin}, more: expected nothing, found 'words'"),
        (lambda lines: lines[0].pop("amount"), f"{begin}, amount: expected None, found nothing"),
        (lambda lines: lines[0].pop("matches"), f"{begin}, matches: expected None, found 'nothing'"),
        (lambda lines: lines[0]["entity"].update(name="Bank"),
         f"{begin}, entity: expected {entity!r}, found {({**entity, 'name': 'Bank'})!r}"),
        (lambda lines: lines.pop(), f"board.jsonl: the pledge {third} is missing"),
        (lambda lines: lines.append(lines[0]),
         f"board.jsonl, line 4: the pledge {first} does not stand in the order of references"),
        (lambda lines: lines.insert(0, lines.pop(1)),
         f"board.jsonl, line 2: the pledge {first} does not stand in the order of references"),
        (lambda lines: lines.append({**lines[0], "reference": "9999-1"}),
         f"board.jsonl, line 4: shows the pledge {first} once more"),
        (lambda lines: lines[1].update(id=stranger),
         f"board.jsonl, line 2: no event makes a public pledge {stranger}"),
        (lambda lines: lines[1].update(id=second.upper()), "board.jsonl, line 2: has no id"),
        (lambda lines: [lines[0].update(percent=9), lines[1].update(id=stranger)],
         f"{begin}, percent: expected 40, found 9"),
        (matching, f"{matched} {({**match['matches'], 'title': 'Another'})!r}"),
        (unmatched, f"{matched} None"),
    ]  # fmt: skip
    for change, expected in cases:
        assert whole.refused("board.jsonl", change) == expected
    written = whole.found["board.jsonl"]
    twice = written.replace(b'"percent":40', b'"percent":99,"percent":40', 1)
    assert twice != written
    assert refusal({**whole.found, "board.jsonl": twice}) == (
        "board.jsonl, line 1: is no JSON object: it has 'percent' twice"
    )
    assert refusal({**whole.found, "board.jsonl": b"[]\n" + written}).startswith("board.jsonl, line 1: is no")


def test_the_board_is_of_no_time_before_the_last_event(whole: Whole) -> None:
    lines = whole.lines()
    position, last = whole.size, header_of(lines[-1])["recorded_at"]
    signed_at = json.loads(whole.found["manifest.json"])["at"]

    def at(said: Any, found: Members = whole.found) -> Members:
        return {
            **found,
            "manifest.json": json.dumps({**json.loads(found["manifest.json"]), "at": said}).encode(),
        }

    for odd in ("noon", None, 5, last[:10], last[:-1], f"{last[:4]}-13{last[7:]}", f"{last[:-1]}+01:00"):
        assert refusal(at(odd)) == f"manifest.json: at {odd!r} is no time"
    for early in ("2020-01-01T00:00:00Z", f"{last[:19]}Z"):
        assert refusal(at(early)) == (
            f"manifest.json, at: expected {last} of event {position} or later, found {early}"
        )
    assert f"; the board as of {last}, when event {position} was recorded; " in checked(at(last))
    assert (
        f"; the board as of {signed_at}, when the checkpoint was signed, as manifest.json says "
        f"(the last event that can be read, {position}, was recorded at {last}); "
    ) in checked(whole.found)
    # Of an event that is withheld nobody knows when it was recorded.
    found = changed(whole.found, "events.jsonl", lambda lines: lines.append(withheld(lines.pop())))
    before = header_of(lines[-2])["recorded_at"]
    assert refusal(at("2020-01-01T00:00:00Z", found)) == (
        f"manifest.json, at: expected {before} of event {position - 1} or later, found 2020-01-01T00:00:00Z"
    )


def test_it_is_said_what_was_not_looked_at(
    whole: Whole, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, key = tmp_path / "pack.zip", tmp_path / "key"
    path.write_bytes(file_of(whole.found).getvalue())
    assert verifier.main([str(path)]) == 0
    assert capsys.readouterr().out.endswith("; the board and the reference data were not looked at\n")
    assert checked(whole.found).endswith("; reference data are those of this program")
    others = {**whole.found, "reference/states.csv": b"code\n"}
    assert checked(others).endswith("; reference data are not checked, as they are not those of this program")
    key.write_bytes("pledges+\xe9".encode("latin-1"))
    said = "not verified: the key 'pledges+\ufffd' is not written name+id+base64\n"
    assert (verifier.main([str(path), str(key)]), capsys.readouterr().err) == (1, said)
    assert (verify_bundle(path, key, None), capsys.readouterr().err) == (1, said)


def test_pledges_whose_history_is_there_are_compared_though_other_events_are_withheld(whole: Whole) -> None:
    shown = whole.lines("board.jsonl")
    amended = shown[0]["id"]
    places = of_stream(whole.lines(), amended)

    def without(*places: int) -> Change:
        return lambda lines: [lines.__setitem__(place, withheld(lines[place])) for place in places]

    for hidden in ([places[0]], places):
        found = changed(whole.found, "events.jsonl", without(*hidden))
        said = checked(found)
        assert counted(len(hidden), "event is withheld", "events are withheld") in said
        assert "2 pledges folded from them are those of the board" in said
        assert "1 pledge could not be compared, since events of theirs are withheld" in said
        forged = changed(found, "board.jsonl", lambda lines: lines[2].update(title="Forged"))
        assert refusal(forged) == (
            f"board.jsonl, pledge {shown[2]['id']}, title: expected {shown[2]['title']!r}, found 'Forged'"
        )
    # Since its publication only what happened to partners is for few: else the board does not follow.
    for place, field in ((places[1], "status"), (places[-1], "offers")):
        said = refusal(changed(whole.found, "events.jsonl", without(place)))
        assert said.startswith(f"board.jsonl, pledge {amended}, {field}: expected ")
        assert said.endswith("; events of it are withheld")
    # Nobody can pass a pledge off as withheld, where not so many events are.
    found = changed(whole.found, "events.jsonl", without(3))
    forged = changed(found, "board.jsonl", lambda lines: lines[2].update(version=7))
    assert refusal(forged) == (
        "board.jsonl: its versions speak of 6 events that are not there, and 1 are withheld"
    )
    named = header_of(whole.lines()[3])["name"]
    assert named.startswith("entity.")  # so an entity is not known, and no pledge is of it
    bank = next(
        place
        for place, line in enumerate(whole.lines())
        if header_of(line)["stream"] == shown[2]["entity"]["id"]
    )
    said = checked(changed(whole.found, "events.jsonl", without(bank)))
    assert (
        "2 pledges folded from them are those of the board, 1 more but for what withheld events say" in said
    )


# -- archives that are too much


def test_members_that_are_missing_twice_or_endless_are_refused(whole: Whole) -> None:
    found = whole.found
    for name in verifier.MEMBERS:
        without = {other: content for other, content in found.items() if other != name}
        assert refusal(without) == f"the bundle has 0 members {name}, and should have one"
    assert refusal({**found, "more": b""}) == "the bundle has a member 'more', which it should not have"
    most = verifier.LINE_BYTES_MAX
    endless = f"breaks off, or has a line of more than {most} bytes"
    for name in ("events.jsonl", "board.jsonl"):
        assert refusal({**found, name: b"x" * (most + 2) + b"\n"}) == f"{name}: {endless}"
        assert refusal({**found, name: found[name][:-1]}) == f"{name}: {endless}"
    assert (
        refusal({**found, "keys": b"k" * (verifier.BLOCK_BYTES + 1)}) == "keys: has more than 1048576 bytes"
    )
    longer = b"".join(
        b'{"id":"%s","reference":"2022-%d","more":"%s"}\n'
        % (str(uuid4()).encode(), number, b"m" * (most // 2))
        for number in range(1, 4)
    )
    assert refusal({**found, "board.jsonl": longer}).startswith("board.jsonl, line ")


def test_a_list_of_members_without_end_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "members.zip"
    with zipfile.ZipFile(path, "w") as pack:
        for number in range(1_500):
            pack.writestr(f"{number}", b"")
    with pytest.raises(Wrong, match="the file is no bundle: its list of members is too long"):
        Pack(str(path))
    # A file of 5 GB that is nothing but holes, and says that nearly all of it is a list of members.
    size = 5 << 30
    with path.open("wb") as file:
        file.truncate(size)
        file.seek(size - 98)
        file.write(struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 9, 9, size - 98, 0))
        file.write(struct.pack("<4sLQL", b"PK\x06\x07", 0, size - 98, 1))
        file.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0))
    with pytest.raises(Wrong, match="the file is no bundle: its list of members is too long"):
        Pack(str(path))
    assert verifier.main([str(path)]) == 1
