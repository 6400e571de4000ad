"""Words erased by law: doing it, forgetting them wherever else they are kept, telling that it was done.

Must not know what the words mean.
"""
