"""Invariants of the review, and the journal entries that are hidden from a user."""
