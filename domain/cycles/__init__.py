"""The review cycles in which pledges are made, each named after the year of its forum.

Must not know what pledges promise, only whether they are open.
"""
