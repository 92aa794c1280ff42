"""Triage, marks, decisions, and the shortlist that leaves the house."""
