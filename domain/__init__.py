"""The rules of the register as pure functions over frozen values.

Must not know HTTP, SQL, the clock, the environment or any other I/O.
"""
