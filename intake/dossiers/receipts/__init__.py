"""Signed receipts: statement, PDF and JSON receipt; generation, parsing and verification."""
