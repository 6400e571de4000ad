"""The transparency log: a Merkle tree over all events, and what is signed about it. Bytes in, bytes out.

Must not know events, where hashes are kept, or how anything is served.
"""
