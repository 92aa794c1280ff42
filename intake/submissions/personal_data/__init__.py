"""All that a person supplied, as one file."""
