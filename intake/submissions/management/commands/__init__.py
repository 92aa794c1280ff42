"""Management commands that verify filings and post missing receipts."""
