"""A first visit: three people who do not exist, and one application filed through the real services."""
