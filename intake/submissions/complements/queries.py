"""The complement requests that wait, and their ends."""

from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from django.contrib.postgres.functions import TransactionNow
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

from intake.submissions.models import ComplementRequest, PersonalExtension
from intake.submissions.states import State

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class ClosingAnnotation(TypedDict):
    """What `waiting_complements` annotates."""

    closes_at: datetime


def open_complements() -> "QuerySet[WithAnnotations[ComplementRequest, ClosingAnnotation]]":
    """Return the complement requests that nothing ended, unordered, each with its `closes_at`.

    That is until when it may be answered: `FilingWindow.closes_at`, in words of the database. It is later than its own
    time where the offer, or this person's extension of it, closes later.
    """
    theirs = PersonalExtension.objects.filter(
        offer=OuterRef("submission__offer"), candidate=OuterRef("submission__candidate")
    )
    latest = Subquery(theirs.order_by("-closes_at").values("closes_at")[:1])
    # What is null, where nobody was given more time, is left out by the database.
    closes_at = Greatest("due_at", "submission__offer__closes_at", latest)
    return ComplementRequest.objects.filter(ended_at=None).annotate(closes_at=closes_at)


def complement_is_expired() -> Q:
    """Return the condition of submissions whose complement may be sent no more, by the database's clock.

    As `waiting_complements` says it, each instant compared by itself: the closing of a few offers decides of most.
    """
    now = TransactionNow()
    asked = ComplementRequest.objects.filter(submission=OuterRef("pk"), ended_at=None, due_at__lte=now)
    longer = PersonalExtension.objects.filter(
        offer=OuterRef("offer"), candidate=OuterRef("candidate"), closes_at__gt=now
    )
    is_asked = Q(state=State.COMPLEMENT_REQUESTED, offer__closes_at__lte=now)
    return is_asked & Q(Exists(asked)) & ~Q(Exists(longer))
