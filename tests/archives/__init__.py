"""Installations of earlier releases, kept whole: each later version restores them and verifies what they sealed."""
