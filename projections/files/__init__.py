"""Files of evidence: recognised by their content, kept by their digest outside the database.

What the events say of them is not known here.
"""
