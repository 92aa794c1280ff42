"""The files of a draft: add, replace, remove, show."""
