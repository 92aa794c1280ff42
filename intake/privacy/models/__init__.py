"""Models of `privacy`."""
