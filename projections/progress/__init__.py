"""Numbers: how many pledges, how far, how much money, now and at any position. Others ask its `questions`."""
