"""A later deadline for one person."""
