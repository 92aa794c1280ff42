"""Template filters of the submissions."""
