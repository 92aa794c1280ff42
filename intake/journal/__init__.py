"""Append-only journal of the actions of users and of the portal."""
