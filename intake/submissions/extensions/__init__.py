"""Personal extensions: a later deadline for one candidate."""
