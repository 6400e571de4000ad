"""PostgreSQL: where it runs, who connects as whom, its migrations, its pool of connections.

Must not know what the tables mean; that is for the read models and the event store.
"""
