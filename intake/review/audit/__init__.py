"""Which journal entries stay hidden from a person."""
