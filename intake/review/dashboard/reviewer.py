"""Reviewer's dashboard: files to mark and their due days, progress, and drafts that do not count yet."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from intake.accounts.models import User
from intake.review.access.anonymous_review import displayed_name, with_name_visibility
from intake.review.access.committee_membership import memberships_of
from intake.review.access.visibility import COUNT_MAX, visible_submissions
from intake.review.marks.queries import awaiting_mark_of, marked_by
from intake.review.models import AnchorFile, Assignment
from intake.review.pages.labels import capped_count_text
from intake.review.pages.queue_navigation import queue_url
from intake.review.pages.shortcuts import receipt_number
from intake.review.queue.work_filters import MARKED, TO_MARK, has_draft_assessment_of
from intake.submissions.models import Submission
from intake.web import formats
from intake.web.paging import bounded_count
from offers.models import Offer

from .charts import Meter, meter

LISTED: Final = 8
"""Maximum number of files on the page; the list contains all."""


@dataclass(frozen=True, slots=True)
class NextFile:
    """One file to mark."""

    submission: Submission
    number: str
    name: str
    offer: str
    url: str
    due: str
    """Due day as text; empty without one."""
    is_late: bool
    is_anchor: bool


@dataclass(frozen=True, slots=True)
class DueDay:
    """Number of files that are due on one day."""

    words: str
    number: int
    url: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class ReviewerDashboard:
    """Dashboard of a committee member."""

    left: str
    files: tuple[NextFile, ...]
    more: int
    left_url: str
    progress: Meter
    marked_url: str
    due_days: tuple[DueDay, ...]
    drafts: tuple[NextFile, ...]
    drafts_words: str
    drafts_url: str
    calibrated: QuerySet[Offer]
    """Offers of their committees that have anchor files."""


def reviewer_dashboard(*, user: User, on: date) -> ReviewerDashboard | None:
    """Return the dashboard of `user` on the day `on`; None for a user without a valid membership."""
    if not memberships_of(user).exists():
        return None
    seen = visible_submissions(user)
    waiting = seen.filter(awaiting_mark_of(user))
    left = bounded_count(waiting, COUNT_MAX)
    marked = bounded_count(seen.filter(marked_by(user)), COUNT_MAX)
    drafts = seen.filter(has_draft_assessment_of(user))
    begun = bounded_count(drafts, COUNT_MAX)
    text = ngettext("%(number)s brouillon à remettre", "%(number)s brouillons à remettre", begun)
    files = _files(waiting, user, on)
    return ReviewerDashboard(
        left=capped_count_text(left),
        files=files,
        more=left - len(files),
        left_url=_queue(TO_MARK),
        progress=_progress(marked, left),
        marked_url=_queue(MARKED),
        due_days=_due_days(waiting, user, on),
        drafts=_files(drafts, user, on) if begun else (),
        drafts_words=text % {"number": capped_count_text(begun)} if begun else "",
        drafts_url=_queue("brouillons"),
        calibrated=Offer.objects.filter(
            pk__in=memberships_of(user).values("offer"),
            submissions__in=AnchorFile.objects.values("submission"),
        )
        .distinct()
        .order_by("number"),
    )


def _queue(mine: str, **narrowed: str) -> str:
    return queue_url(urlencode({"a-moi": mine, **narrowed}))


def _progress(marked: int, left: int) -> Meter:
    words = ngettext(
        "%(done)s candidature notée sur %(whole)s", "%(done)s candidatures notées sur %(whole)s", marked
    )
    whole = marked + left
    return meter(
        key="avancement-moi",
        done=marked,
        whole=whole,
        words=words % {"done": capped_count_text(marked), "whole": capped_count_text(whole)},
    )


def _files(submissions: QuerySet[Submission], user: User, on: date) -> tuple[NextFile, ...]:
    """Return the first files: anchors, then by due day; files without one come last, the oldest first.

    Three queries, the last two in the order of an index: ordering by a day that most files lack would read all of them.
    """
    own = Assignment.objects.filter(reviewer=user, due_on__isnull=False)
    shown = with_name_visibility(submissions, user).select_related("offer", "standing_filing__receipt")
    dated = (
        shown.filter(pk__in=own.values("submission"))
        .annotate(due_on=Subquery(own.filter(submission=OuterRef("pk")).values("due_on")[:1]))
        .order_by("due_on", "received_at", "pk")[:LISTED]
    )
    undated = shown.exclude(pk__in=own.values("submission")).order_by("received_at", "pk")[:LISTED]
    anchors = shown.filter(pk__in=AnchorFile.objects.values("submission")).annotate(
        due_on=Subquery(own.filter(submission=OuterRef("pk")).values("due_on")[:1])
    )
    first = list(anchors.order_by("received_at", "pk")[:LISTED])
    keys = {row.pk for row in first}
    others = [*((row, row.due_on) for row in dated), *((row, None) for row in undated)]
    files = [*((row, row.due_on) for row in first), *(each for each in others if each[0].pk not in keys)]
    return tuple(
        NextFile(
            submission=submission,
            number=receipt_number(submission),
            name=displayed_name(submission),
            offer=str(submission.offer),
            url=reverse("review:file", args=[submission.public_id]),
            due=due_text(due, on) if due else "",
            is_late=due is not None and due < on,
            is_anchor=submission.pk in keys,
        )
        for submission, due in files[:LISTED]
    )


def due_text(day: date, on: date) -> str:
    """Return by when something is due, as of the day `on`. The due day is inclusive."""
    days = (day - on).days
    if days < 0:
        words = ngettext("en retard de %(number)s jour", "en retard de %(number)s jours", -days)
        return words % {"number": formats.number(-days)}
    if days == 0:
        return _("échéance aujourd’hui")
    if days == 1:
        return _("échéance demain")
    return _("échéance : %(day)s") % {"day": formats.day(day)}


def _due_days(waiting: QuerySet[Submission], user: User, on: date) -> tuple[DueDay, ...]:
    due = Assignment.objects.filter(reviewer=user, due_on__isnull=False, submission__in=waiting.order_by())
    days = due.order_by("due_on").values_list("due_on").annotate(number=Count("pk"))
    return tuple(
        DueDay(
            words=due_text(day, on),
            number=number,
            url=_queue(TO_MARK, rendre=day.isoformat()),
            is_late=day < on,
        )
        for day, number in days[:LISTED]
        if day is not None
    )
