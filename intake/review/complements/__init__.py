"""Ask the candidate to complete a file."""
