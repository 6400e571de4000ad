"""The transparency log as other people's tools read it (C2SP tlog-tiles), and its proofs in JSON.

Must not know how hashes are kept.
"""

from __future__ import annotations

from typing import Any

from flask import Response, g
from marshmallow import fields

from domain.actors import Actor
from domain.errors import NotFound
from domain.log.checkpoints import InclusionProof, hash_words
from domain.log.merkle import leaf_hash
from domain.log.notes import Verifier, parse_verifier
from domain.log.tiles import Tile, parse_level, parse_tile
from projections.log.questions import SignedCheckpoint
from projections.moments import Moment
from projections.questions import HISTORY
from web import moments
from web.api.answers import ErasedAnswer, ListedEvent
from web.api.blueprint import ApiBlueprint, as_json
from web.api.commanding import runtime
from web.api.fields import StrictSchema, WholeInQuery
from web.api.queries import AsOf
from web.api.shapes import many, moment, one, open_object, text, whole

api = ApiBlueprint("log", "The transparency log")

TEXT, BYTES = "text/plain; charset=utf-8", "application/octet-stream"
FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_MOMENT = "public, max-age=5"
PLACES_MAX = 10**15
HEX = "^([0-9a-f]{2})+$"


class TransparencyLog(StrictSchema):
    """Whose log it is, under which key it is signed, and how far. Null before the first checkpoint."""

    origin = text(nullable=True)
    size = whole()
    key = text(nullable=True)
    fingerprint = text(nullable=True)
    earlier_keys = many(fields.String())
    checkpoint_at = moment(nullable=True)


class ProofAnswer(StrictSchema):
    """An audit path (RFC 6962, section 2.1.1) in base64, from the leaf's sibling up, and its checkpoint."""

    index = whole()
    size = whole()
    hashes = many(fields.String())
    checkpoint = text()


class ConsistencyQuery(StrictSchema):
    """From the tree of which size to that of which."""

    first = WholeInQuery(required=True, least=0, most=PLACES_MAX, data_key="from")
    second = WholeInQuery(required=True, least=0, most=PLACES_MAX, data_key="to")


class ConsistencyAnswer(StrictSchema):
    """That one tree begins with the other (RFC 6962, section 2.1.2); hashes in base64."""

    first = fields.Integer(required=True, data_key="from")
    second = fields.Integer(required=True, data_key="to")
    hashes = many(fields.String())


class EventEvidence(StrictSchema):
    """An event as it was hashed (docs/events-bytes.md). What the caller may not see is null.

    `keys` are the log's, the oldest first; `proof` is null before a checkpoint holds the event.
    """

    position = whole(least=1)
    entry = text(HEX)
    leaf_hash = text(HEX)
    header_digest = text(HEX)
    payload_digest = text(HEX)
    header = text(nullable=True)
    header_salt = text(HEX, nullable=True)
    header_salts = open_object(nullable=True)
    payload = text(nullable=True)
    salts = open_object(nullable=True)
    event = one(ListedEvent, nullable=True)
    erased = many(ErasedAnswer)
    proof = one(ProofAnswer, nullable=True)
    keys = many(fields.String())


@api.reads("/log", TransparencyLog, query=AsOf)
def show(query: dict[str, Any]) -> Response:
    """The log: its origin, how many events its latest checkpoint holds, and the key it is signed under."""
    moment = moments.asked(query.get("as_of"), of=())
    return as_json(shown(moment), headers={"Cache-Control": FOR_A_MOMENT})


def shown(moment: Moment) -> dict[str, Any]:
    """The log as it is answered: its latest checkpoint by a moment, and the keys known to it."""
    signed, keys = runtime().log.latest(moment), _keys(moment)
    today = keys[-1] if keys else None
    return {
        "origin": today.name if today else None,
        "size": signed.checkpoint.size if signed else 0,
        "key": str(today) if today else None,
        "fingerprint": today.fingerprint if today else None,
        "earlier_keys": [str(key) for key in keys[:-1]],
        "checkpoint_at": signed and f"{signed.signed_at:%Y-%m-%dT%H:%M:%S.%fZ}",
    }


@api.reads("/log/checkpoint", query=AsOf, files=[TEXT])
def checkpoint(query: dict[str, Any]) -> Response:
    """The latest checkpoint that was signed by a moment, a C2SP signed note."""
    return _text(str(signed_by(moments.asked(query.get("as_of"), of=())).note))


def _keys(moment: Moment) -> list[Verifier]:
    if moment.is_now:
        return runtime().log.keys()
    return [parse_verifier(key) for key in runtime().log.keys_up_to(moment.position)]


def signed_by(moment: Moment) -> SignedCheckpoint:
    """The latest checkpoint of a moment. NotFound if there is none."""
    signed = runtime().log.latest(moment)
    if signed is None:
        raise NotFound("No checkpoint had been signed by then.")
    return signed


@api.reads("/log/tile/entries/<path:place>", files=[BYTES])
def entries(place: str) -> Response:
    """The bytes that were hashed, 81 an event, each behind its length (C2SP entry bundle)."""
    return _for_ever(runtime().log.entries(_tile(place)))


@api.reads("/log/tile/<level>/<path:place>", files=[BYTES])
def tile(level: str, place: str) -> Response:
    """The hashes of a tile (C2SP tlog-tiles)."""
    height = parse_level(level)
    if height is None:
        raise NotFound("A level of tiles is a number from 0 to 63.")
    return _for_ever(runtime().log.tile(height, _tile(place)))


def _tile(place: str) -> Tile:
    found = parse_tile(place)
    if found is None or found.index > PLACES_MAX:
        raise NotFound("A tile is named x001/x234/067, and by .p/ and its width if it is partial.")
    return found


@api.reads("/log/proof/<int:position>", ProofAnswer, query=AsOf)
def proof(query: dict[str, Any], position: int) -> Response:
    """That an event is under the latest checkpoint that was signed by a moment."""
    found, signed = runtime().log.proof(position, moments.asked(query.get("as_of"), of=()))
    return as_json(_proof(found, signed))


def _proof(found: InclusionProof, signed: SignedCheckpoint) -> dict[str, Any]:
    return {
        "index": found.index,
        "size": signed.checkpoint.size,
        "hashes": [hash_words(one) for one in found.hashes],
        "checkpoint": str(found.checkpoint),
    }


@api.reads("/log/events/<int:position>", EventEvidence, query=AsOf)
def event(query: dict[str, Any], position: int) -> Response:
    """One event's entry, its proof, and the bytes behind it as far as the caller may see the event.

    As of a moment the proof is under the latest checkpoint of that time; what the event says does not change.
    """
    return as_json(evidence_of(position, g.actor, moments.asked(query.get("as_of"), of=HISTORY)))


def evidence_of(position: int, viewer: Actor | None, moment: Moment) -> dict[str, Any]:
    """All with which one event can be checked by hand. NotFound if there was no such position by then."""
    found = None
    if 0 < position <= PLACES_MAX:
        found = runtime().questions.evidence(position, viewer=viewer, moment=moment)
    if found is None:
        raise NotFound(f"There is no event at position {position}: the latest is {moment.position}.")
    try:
        proven: dict[str, Any] | None = _proof(*runtime().log.proof(position, moment))
    except NotFound:  # recorded since the latest checkpoint
        proven = None
    return {
        "position": position,
        "entry": found.entry.hex(),
        "leaf_hash": leaf_hash(found.entry).hex(),
        "header_digest": found.header_digest.hex(),
        "payload_digest": found.payload_digest.hex(),
        **(found.header or dict.fromkeys(("header", "header_salt", "header_salts"))),
        **(found.payload or dict.fromkeys(("payload", "salts"))),
        "event": found.event,
        "erased": found.erased,
        "proof": proven,
        "keys": list(map(str, _keys(moment))),
    }


@api.reads("/log/proof/<int:position>.tlog-proof", query=AsOf, files=[TEXT])
def proof_file(query: dict[str, Any], position: int) -> Response:
    """The same as a C2SP tlog-proof, to keep."""
    found, _ = runtime().log.proof(position, moments.asked(query.get("as_of"), of=()))
    answer = _text(str(found))
    answer.headers["Content-Disposition"] = f'attachment; filename="event-{position}.tlog-proof"'
    return answer


@api.reads("/log/consistency", ConsistencyAnswer, query=ConsistencyQuery)
def consistency(query: dict[str, Any]) -> Response:
    """That the tree of one size begins with that of an earlier one."""
    first, second = query["first"], query["second"]
    hashes = runtime().log.consistency(first, second)
    return as_json({"from": first, "to": second, "hashes": [hash_words(one) for one in hashes]})


def _text(words: str) -> Response:
    return Response(words, content_type=TEXT, headers={"Cache-Control": FOR_A_MOMENT})


def _for_ever(found: bytes) -> Response:
    return Response(found, content_type=BYTES, headers={"Cache-Control": FOR_EVER})
