"""What the database refused, by the name of its constraint."""

from django.db import IntegrityError


def broken_constraint(refused: IntegrityError) -> str | None:
    """Return the name of the constraint that PostgreSQL says was broken, `None` if it names none."""
    diagnostics = getattr(refused.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None)
