"""The page of a shortlist, and its box above the queue."""
