"""The calls: offers as published, their sections and rulebooks. Knows eligibility, nothing of candidates."""
