"""A conflict of interest: declared, lifted."""
