"""What people prove with who they are: passwords, sessions, mailed links, and how often they may try.

Must not know HTTP, nor what an account may do. Nothing here is an event: all of it can be erased.
"""
