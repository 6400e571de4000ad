"""Sheets of pledges that come in: what their cells mean, how they compare with what is known, what became of each row.

Must not know files, formats or tables: rows come in as texts by column.
"""
