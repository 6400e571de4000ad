"""Everything that speaks SQL: the database, the event store, the read models and the wiring of them.

Must not know HTTP, templates or the command line.
"""
