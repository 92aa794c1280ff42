"""Eligibility check without an account, and import of its answers into a draft."""
