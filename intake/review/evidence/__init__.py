"""A finding verified in the documents."""
