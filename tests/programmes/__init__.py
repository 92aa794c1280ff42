"""Programmes other than the portal's own, as data."""
