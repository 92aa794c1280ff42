"""Complement requests: the candidate is asked to complete a file."""
