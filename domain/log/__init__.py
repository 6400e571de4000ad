"""The transparency log: a Merkle tree over all events, what is signed about it, and what happens to it.

Tree, notes, checkpoints and tiles are bytes in, bytes out, and must not know events. Nothing here knows where
hashes are kept, or how anything is served.
"""
