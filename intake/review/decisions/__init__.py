"""Batches of decisions: prepared, tried, approved, sent; the reserve list."""
