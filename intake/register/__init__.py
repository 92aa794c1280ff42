"""Participation register: keyed digests of past participants, for the once-only criterion, without names."""
