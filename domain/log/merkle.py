"""The Merkle tree of RFC 6962: its root at any size, and the proofs that follow from it.

Beside the leaves only whole subtrees of 256, 256 * 256 and so on leaves are kept (C2SP tlog-tiles); all
between is hashed again when asked for. Must not know where hashes are kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

HASH_BYTES = 32
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
EMPTY_ROOT = hashlib.sha256(b"").digest()

Hashes = Callable[[int, int, int], Sequence[bytes]]
"""`hashes(level, begin, end)`: the hashes of a level of tiles, from one place up to before another.

Level 0 holds the leaves; each hash of a level above is the root of 256 hashes of the level below.
"""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(hashes: Hashes, size: int) -> bytes:
    """The root of the tree over the first `size` leaves."""
    return _subtree(hashes, 0, size) if size else EMPTY_ROOT


def inclusion_proof(hashes: Hashes, index: int, size: int) -> list[bytes]:
    """The audit path of a leaf in the tree of a size, from its sibling up (RFC 6962, section 2.1.1)."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    return [_subtree(hashes, *place) for place in reversed(_beside(index, size))]


def consistency_proof(hashes: Hashes, old: int, new: int) -> list[bytes]:
    """That the tree of a size begins with that of an earlier size (RFC 6962, section 2.1.2)."""
    if not 0 <= old <= new:
        raise ValueError(f"no tree of {new} leaves grew from one of {old}")
    if old in (0, new):
        return []
    return [_subtree(hashes, *place) for place in reversed(_between(old, new))]


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that an audit path leads to (RFC 9162, section 2.1.3.2), or None if there is no such path."""
    if not 0 <= index < size:
        return None
    places, found = _beside(index, size), leaf
    if len(places) != len(proof):
        return None
    for (begin, _), beside in zip(reversed(places), proof, strict=True):
        found = node_hash(beside, found) if begin < index else node_hash(found, beside)
    return found


def is_consistent(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that one tree begins with the other (RFC 9162, section 2.1.4.2)."""
    if not 0 <= old <= new or (old in (0, new) and proof):
        return False
    if old == new:
        return old_root == new_root
    if old == 0:
        return old_root == EMPTY_ROOT
    places = _between(old, new)
    # Where the old tree is a whole subtree of the new one, it proves itself and is not repeated.
    whole = [] if places[-1][1] == old else [old_root]
    nodes = [*whole, *proof]
    if len(nodes) != len(places) + len(whole):
        return False
    if not whole:
        places = places[:-1]
    before = after = nodes[0]
    for (begin, _), beside in zip(reversed(places), nodes[1:], strict=True):
        after = node_hash(beside, after) if begin < old else node_hash(after, beside)
        before = node_hash(beside, before) if begin < old else before
    return (before, after) == (old_root, new_root)


def above(hashes: Hashes, before: int, after: int) -> Iterator[tuple[int, int, list[bytes]]]:
    """What to keep above the leaves once a tree grew: by level, from which place on, which hashes.

    Each level is asked for through `hashes` once the one below was kept.
    """
    level, begin, end = 1, before // TILE_WIDTH, after // TILE_WIDTH
    while begin < end:
        places = range(begin * TILE_WIDTH, end * TILE_WIDTH, TILE_WIDTH)
        yield level, begin, [_fold(hashes(level - 1, place, place + TILE_WIDTH)) for place in places]
        level, begin, end = level + 1, begin // TILE_WIDTH, end // TILE_WIDTH


def _split(count: int) -> int:
    """The largest power of two below a count."""
    return 1 << (count - 1).bit_length() - 1


def _beside(index: int, size: int) -> list[tuple[int, int]]:
    """The subtrees beside the way from the root to a leaf, from the root down."""
    begin, end = 0, size
    places = []
    while end - begin > 1:
        middle = begin + _split(end - begin)
        places.append((middle, end) if index < middle else (begin, middle))
        begin, end = (begin, middle) if index < middle else (middle, end)
    return places


def _between(old: int, new: int) -> list[tuple[int, int]]:
    """The subtrees beside the way from the root to where the old tree ends, and the one that ends there."""
    begin, end = 0, new
    places = []
    while old < end:
        middle = begin + _split(end - begin)
        places.append((middle, end) if old <= middle else (begin, middle))
        begin, end = (begin, middle) if old <= middle else (middle, end)
    return [*places, (begin, end)] if begin else places


def _subtree(hashes: Hashes, begin: int, end: int) -> bytes:
    """The root over the leaves of a subtree: whole subtrees of it, joined from the right."""
    whole = []
    while begin < end:
        height = (end - begin).bit_length() - 1
        whole.append(_whole(hashes, begin >> height, height))
        begin += 1 << height
    found = whole.pop()
    while whole:
        found = node_hash(whole.pop(), found)
    return found


def _whole(hashes: Hashes, index: int, height: int) -> bytes:
    """The root of a subtree without gaps: from the nearest level of tiles that is kept."""
    level, above = divmod(height, TILE_HEIGHT)
    return _fold(hashes(level, index << above, (index + 1) << above))


def _fold(row: Sequence[bytes]) -> bytes:
    while len(row) > 1:
        row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
    return row[0]
