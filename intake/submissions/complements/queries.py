"""Queries of open and expired complement requests."""

from datetime import datetime
from typing import TypedDict

from django.contrib.postgres.functions import TransactionNow
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest
from django_stubs_ext import WithAnnotations

from intake.submissions.access.queries import latest_extension
from intake.submissions.models import ComplementRequest, PersonalExtension
from intake.submissions.states import State


class ClosingAnnotation(TypedDict):
    """Annotation of `open_complements`."""

    closes_at: datetime


type OpenComplement = WithAnnotations[ComplementRequest, ClosingAnnotation]


def open_complements() -> QuerySet[OpenComplement]:
    """Return the open complement requests, unordered, annotated with `closes_at` (exclusive).

    `closes_at` is `FilingWindow.closes_at` computed in SQL: later than `due_at` if the offer or a personal extension
    closes later.
    """
    # GREATEST ignores null: the value without a personal extension.
    latest = latest_extension(submission="submission__")
    closes_at = Greatest("due_at", "submission__offer__closes_at", latest)
    return ComplementRequest.objects.filter(ended_at=None).annotate(closes_at=closes_at)


def complement_is_expired() -> Q:
    """Return the condition of submissions whose complement may no longer be filed at the transaction timestamp.

    Same rule as in `open_complements`, but each instant is compared separately: the closing of few offers excludes most
    rows.
    """
    now = TransactionNow()
    asked = ComplementRequest.objects.filter(submission=OuterRef("pk"), ended_at=None, due_at__lte=now)
    longer = PersonalExtension.objects.filter(
        offer=OuterRef("offer"), candidate=OuterRef("candidate"), closes_at__gt=now
    )
    is_asked = Q(state=State.COMPLEMENT_REQUESTED, offer__closes_at__lte=now)
    return is_asked & Q(Exists(asked)) & ~Q(Exists(longer))
