"""Corpus of uploads, hostile and honest, made by code; `python -m tests.documents.corpus` inspects it all."""
