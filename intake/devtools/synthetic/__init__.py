"""Invented people and their applications, to try the portal at any size; never for real use."""
