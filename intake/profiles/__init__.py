"""Profiles: what a candidate states once and reuses between submissions."""
