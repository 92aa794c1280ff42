"""Date formats of Django's own pages: one package per language."""
