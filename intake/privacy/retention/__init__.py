"""How long files are kept, what is due, and its erasure."""
