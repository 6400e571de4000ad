"""Files of pledges: read as they stream, imported in batches, answered row by row.

Must not know what cells mean; that is the domain's.
"""
