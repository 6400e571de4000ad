"""Files as rows of texts: CSV and Excel, read as they stream, whoever sent them.

Must not know what cells mean; that is the domain's.
"""
