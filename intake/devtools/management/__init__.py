"""Commands of development and rehearsals."""
