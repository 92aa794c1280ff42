"""Settings and kinds of delivery of the tests' worker processes."""
