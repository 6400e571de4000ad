"""The audit trail: who changed what in a pledge from what to what, and why. Others ask its `questions`."""
