"""Lines, fingerprint and freezing of a shortlist."""
