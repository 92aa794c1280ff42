"""Demonstration for a first visit: three invented people, and one application filed through the real services."""
