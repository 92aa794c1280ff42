"""The shortlist as a file: stable columns, one order, text that never becomes a formula."""
