"""The transparency log: hashes of all events, and the checkpoints that were signed about them.

Only the questions and the signing are for others to use.
"""
