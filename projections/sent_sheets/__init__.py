"""Sheets of pledges that were sent in a browser: kept until they are dealt with, outside the log."""
