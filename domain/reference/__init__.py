"""What the world outside defines and the register only quotes: objectives and principles, States, currencies, closed lists.

Must not know pledges, accounts or anything that changes.
"""
