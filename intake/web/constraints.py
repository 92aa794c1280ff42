"""Name of the constraint that an `IntegrityError` violated."""

from django.db import IntegrityError


def broken_constraint(refused: IntegrityError) -> str | None:
    """Return the name of the constraint that PostgreSQL reports as violated, or None if it names none."""
    diagnostics = getattr(refused.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None)
