"""Management commands for development and rehearsals."""
