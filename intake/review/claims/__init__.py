"""Claims: one user's lease on one file."""
