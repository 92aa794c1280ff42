"""Commands of the signature."""
