"""What PostgreSQL says of a refused statement."""

from django.db import DatabaseError


def broken_constraint(refused: DatabaseError) -> str | None:
    """Return the name of the constraint that PostgreSQL reports as violated, or None if it names none."""
    diagnostics = getattr(refused.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None)


def detail_of(refused: DatabaseError) -> str | None:
    """Return the detail that a trigger of ours gives with its refusal, or None."""
    diagnostics = getattr(refused.__cause__, "diag", None)
    return getattr(diagnostics, "message_detail", None)
