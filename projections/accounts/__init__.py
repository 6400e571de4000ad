"""Accounts and what each may do. Who has one stands apart. Others ask its `questions`."""
