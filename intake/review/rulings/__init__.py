"""A finding that the rules refuse, decided by a person."""
