"""Completeness of a draft, its verdict, and the display of both."""
