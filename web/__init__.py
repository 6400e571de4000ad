"""HTTP in; HTML, JSON, CSV and XLSX out.

Must not know SQL, nor what runs in the background.
"""
