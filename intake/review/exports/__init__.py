"""Shortlist exports: stable columns, one order of rows, no text that a spreadsheet computes as a formula."""
