"""What mail says: in words of its recipient's language, as text and as HTML.

Must not know to whom a letter goes, nor how it is sent.
"""
