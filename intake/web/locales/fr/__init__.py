"""French, as Québec writes it."""
