"""The filing: lock, evaluate, seal, write."""
