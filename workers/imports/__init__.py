"""Files of pledges: imported in batches, answered row by row.

Must not know what cells mean; that is the domain's.
"""
