"""Parser of the sentences that state who may apply: they become criteria of a rulebook's JSON (`docs/contracts.md`)."""
