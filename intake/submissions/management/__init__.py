"""Commands of candidatures."""
