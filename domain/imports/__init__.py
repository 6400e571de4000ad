"""Sheets of pledges that come in: what cells mean, what is known of them, what became of each row.

Must not know files, formats or tables: rows come in as texts by column.
"""
