"""Documents of a draft: add, replace, remove, show."""
