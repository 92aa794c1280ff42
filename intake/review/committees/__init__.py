"""Committees: their members, conflicts of interest, and anonymous review."""
