"""Those who pledge: States, United Nations entities, stakeholders; their names through time.

Must not know pledges or accounts. The 195 States are there from the start, and nobody can add another.
"""
