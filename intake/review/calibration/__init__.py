"""Anchor files that each member of a committee marks first, and how severe each member is."""
