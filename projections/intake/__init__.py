"""What came in, by which way, and the one outcome of each. Others ask its `questions`."""
