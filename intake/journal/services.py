"""Write to the journal. No other module does."""

from django.db import models

from intake.journal.models import Entry


def record(
    *, actor: models.Model | None, action: str, subject: models.Model | None, detail: str = ""
) -> Entry:
    """Add an entry: `actor` (a user; None for the portal itself) did `action` (an UPPERCASE code) to `subject`.

    The subject is stored as text: its model's label and its public identifier, or its primary key if it has none. The
    row has the instant of the caller's transaction. No personal data in `detail`.

    :raises django.db.IntegrityError: if `action` is not a code.
    """
    return Entry.objects.create(
        # The app `accounts` imports this one, so the user is referenced by key.
        actor_id=actor.pk if actor is not None else None,
        action=action,
        subject_kind=subject._meta.label_lower if subject is not None else "",
        subject_id=str(getattr(subject, "public_id", subject.pk)) if subject is not None else "",
        detail=detail,
    )
