"""The only way to write in the journal."""

from django.db import models

from intake.journal.models import Entry


def record(
    *, actor: models.Model | None, action: str, subject: models.Model | None, detail: str = ""
) -> Entry:
    """Add an entry: `actor` (an account; None for the portal itself) did `action` to `subject`.

    `action` is an UPPERCASE code. The subject is kept as text, by its model's label and its public identifier, or its
    primary key where it has none. The row commits with the caller's transaction and bears that transaction's instant.
    No personal data in `detail`.

    :raises django.db.IntegrityError: if `action` is not a code.
    """
    return Entry.objects.create(
        # Journal is below accounts, so it names the account by its key.
        actor_id=actor.pk if actor is not None else None,
        action=action,
        subject_kind=subject._meta.label_lower if subject is not None else "",
        subject_id=str(getattr(subject, "public_id", subject.pk)) if subject is not None else "",
        detail=detail,
    )
