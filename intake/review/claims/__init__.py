"""One person holds one file for a while."""
