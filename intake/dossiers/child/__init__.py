"""Child process that renders pages and appends documents. No Django and no network."""
