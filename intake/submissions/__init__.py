"""One person's application to one offer: drafts, the gate, the filing, the states."""
