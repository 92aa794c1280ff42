"""The page of one file."""
