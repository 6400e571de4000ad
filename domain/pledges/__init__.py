"""Pledges: what may happen to one (commands), what did (events), what follows (state, status and percent)."""
