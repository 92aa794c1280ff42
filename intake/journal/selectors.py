"""Reads of the journal."""

from django.db import models

from intake.journal.models import Entry


def entries_about(subject: models.Model) -> models.QuerySet[Entry]:
    """Return the entries about `subject`, latest first, with who acted."""
    return (
        Entry.objects.filter(
            subject_kind=subject._meta.label_lower,
            subject_id=str(getattr(subject, "public_id", subject.pk)),
        )
        .select_related("actor")
        .order_by("-at", "-pk")
    )
