"""What was sealed, computed again; what must hold in the database."""
