"""Ranking of an offer's files, its dot plot, and the meeting notes."""
