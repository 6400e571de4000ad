"""Who may act in the register: accounts, the roles granted to them, the tokens issued for them.

Must not know names, addresses or secrets: people's data is kept apart, by account id, so it can be erased.
"""
