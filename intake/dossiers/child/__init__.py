"""The child process that draws pages and appends documents: arguments in, one PDF out; no Django, no network."""
