"""What the world outside defines and the register only quotes: objectives, States, currencies, lists.

Must not know pledges, accounts or anything that changes.
"""
