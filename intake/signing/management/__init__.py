"""Commands of the signing keys."""
