"""Outside documents, such as an old export or a printed report: that they were deposited, and which they are.

Must not hold what stands in them: the files stay with whoever has them, and the digest tells which they are.
"""
