"""The files that a reader goes through: the one before, the one after, and how many are left."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.expressions import Combinable, OrderBy
from django.http import HttpRequest

from intake.accounts.models import User
from intake.review.access.committee_membership import memberships_of
from intake.review.access.visibility import COUNT_MAX, visible_submissions
from intake.review.marks.queries import awaiting_mark_of, marked_by
from intake.review.models import AnchorFile, Assessment, Assignment, ReadingDraft
from intake.review.pages.queue_navigation import kept_queue
from intake.review.queue.work_filters import unmarked_condition
from intake.submissions.models import Submission
from intake.web.paging import bounded_count


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The files to read before and after one file; None at either end."""

    previous: Submission | None
    following: Submission | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How many files of this reading the reader has marked, of how many. At most `COUNT_MAX` + 1 each."""

    done: int
    whole: int


def files_to_read(request: HttpRequest, reader: User) -> QuerySet[Submission]:
    """Return the files that the reader goes through, in order; those that they put aside come last.

    From a filtered queue: its files in its order, less those that the reader has marked. From elsewhere: the files that
    wait for the reader's mark, anchors first, then by due day, then those with the fewest marks. If none waits: any
    file of their committees without their mark.
    """
    queue = kept_queue(request)
    if queue is not None:
        seated = memberships_of(reader).exists()
        return _in_order(queue.exclude(marked_by(reader)) if seated else queue, reader, "received_at", "pk")
    seen = visible_submissions(reader)
    waiting = seen.filter(awaiting_mark_of(reader))
    files = waiting if waiting.exists() else seen.filter(unmarked_condition(reader))
    due_on = Assignment.objects.filter(reviewer=reader, submission=OuterRef("pk")).values("due_on")[:1]
    submitted = Assessment.objects.filter(submission=OuterRef("pk"), submitted_at__isnull=False).order_by()
    marks = submitted.values("submission").annotate(number=Count("pk")).values("number")
    fewest = Subquery(marks).asc(nulls_first=True)
    anchor = Exists(AnchorFile.objects.filter(submission=OuterRef("pk"))).desc()
    by_day = Subquery(due_on).asc(nulls_last=True)
    return _in_order(files, reader, anchor, by_day, fewest, "received_at", "pk")


def _in_order(
    files: QuerySet[Submission], reader: User, *order: str | Combinable | OrderBy
) -> QuerySet[Submission]:
    """Return `files` in an order; those that the reader put aside come last, in the order in which they did."""
    aside = ReadingDraft.objects.filter(submission=OuterRef("pk"), reader=reader).values("aside_at")[:1]
    return files.order_by(Subquery(aside).asc(nulls_first=True), *order)


def neighbours_of(request: HttpRequest, reader: User, submission: Submission) -> Neighbours:
    """Return the files to read before and after `submission`. After the last come those that were left before it."""
    # Keys alone: a reader goes through hundreds of files, a filtered queue through thousands.
    keys = list(files_to_read(request, reader).values_list("pk", flat=True)[: COUNT_MAX + 1])
    if submission.pk in keys:
        place = keys.index(submission.pk)
        before, after = keys[:place], keys[place + 1 :] + keys[:place]
    else:
        before, after = [], keys
    return Neighbours(previous=_first(before[::-1]), following=_first(after))


def _first(keys: Sequence[int]) -> Submission | None:
    return Submission.objects.get(pk=keys[0]) if keys else None


def progress_of(request: HttpRequest, reader: User) -> Progress:
    """Return how far the reader is in this reading."""
    queue = kept_queue(request)
    whole = visible_submissions(reader) if queue is None else queue
    done = bounded_count(whole.filter(marked_by(reader)), COUNT_MAX)
    return Progress(done=done, whole=done + bounded_count(files_to_read(request, reader), COUNT_MAX))
