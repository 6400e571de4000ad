"""Backups: everything that cannot be made again from the events, in one file, and the way back from it.

Must not know what tables hold, nor who asks for a backup.
"""
