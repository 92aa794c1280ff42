"""The pages on which staff assign files."""
