"""One move of one file, by a user who may make it."""
