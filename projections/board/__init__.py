"""The board: every pledge as it is and as it was, found by filters, words and moments.

Its rows are versions with the range of positions in which they were true. Only `questions.py` is for others.
"""
