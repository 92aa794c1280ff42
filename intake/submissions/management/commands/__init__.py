"""Commands that check candidatures."""
