"""The outside documents that were deposited, a row each. Others ask its `questions`."""
