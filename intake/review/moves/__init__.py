"""One move of one file, by a person who may make it."""
