"""Verification of seals, verdicts and dossiers, and invariants of the database."""
