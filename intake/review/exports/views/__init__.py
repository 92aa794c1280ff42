"""The pages on which staff order and download a shortlist's files."""
