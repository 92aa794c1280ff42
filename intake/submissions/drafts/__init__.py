"""Drafts: start, prefill, save and display, after acceptance of the collection notice."""
