"""Queries of the journal."""

from collections.abc import Iterable

from django.db import models

from intake.journal.models import Entry

from .visibility import entries_hidden_from, subjects_hidden_from


def entries_about(subject: models.Model) -> models.QuerySet[Entry]:
    """Return the entries about `subject`, latest first, with their actors."""
    return Entry.objects.filter(_about(subject)).select_related("actor").order_by("-at", "-pk")


def without_hidden(entries: models.QuerySet[Entry], user: object) -> models.QuerySet[Entry]:
    """Exclude the entries about subjects hidden from `user`, and the entries that would reveal one."""
    for subject in subjects_hidden_from(user):
        entries = entries.exclude(_about(subject))
    for condition in entries_hidden_from(user):
        entries = entries.exclude(condition)
    return entries


def subject_in(subjects: Iterable[models.Model]) -> models.Q:
    """Return the condition that an entry is about one of `subjects` (saved models); it matches nothing if empty."""
    condition = models.Q(pk__in=[])
    for subject in subjects:
        condition |= _about(subject)
    return condition


def _about(subject: models.Model) -> models.Q:
    return models.Q(
        subject_kind=subject._meta.label_lower,
        subject_id=str(getattr(subject, "public_id", subject.pk)),
    )
