"""The lines of a shortlist, its fingerprint, and freezing it."""
