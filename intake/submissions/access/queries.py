"""Queries of a user's own submissions. Another user's submission is treated as missing."""

from typing import cast
from uuid import UUID

from django.db.models import DateTimeField, Exists, Func, OuterRef, Prefetch, Q, QuerySet, Subquery

from intake.accounts.models import User
from intake.submissions.models import (
    Arrival,
    ComplementRequest,
    DocumentPart,
    Draft,
    DraftDocument,
    FiledDocument,
    FilingWindow,
    PersonalExtension,
    Submission,
)
from offers.models import DocumentRequest, Offer


def with_window[Row: Submission](rows: QuerySet[Row]) -> QuerySet[Row]:
    """Annotate `rows` with the bounds of each candidate's filing window.

    `extended_until`: latest personal extension. `complement_until`: due date of the open complement request. Both are
    exclusive, and null if there is none.
    """
    asked = ComplementRequest.objects.filter(submission=OuterRef("pk"), ended_at=None)
    until = Subquery(asked.values("due_at")[:1])
    return cast("QuerySet[Row]", rows.annotate(extended_until=latest_extension(), complement_until=until))


def latest_extension(column: str = "closes_at", *, submission: str = "") -> Subquery:
    """Return a `column` of the latest personal extension of the candidate of each row, or null.

    `submission`: path from a row to its submission, such as `submission__`; by default, the row is a submission.
    """
    theirs = PersonalExtension.objects.filter(
        offer=OuterRef(f"{submission}offer"), candidate=OuterRef(f"{submission}candidate")
    )
    return Subquery(theirs.order_by("-closes_at").values(column)[:1])


def window_of(user: User, offer: Offer) -> FilingWindow:
    """Return the filing window of `user` for `offer`, without complement. Needs no submission. One query."""
    mine = user.personal_extensions.filter(offer=offer).order_by("-closes_at")
    return FilingWindow(offer, mine.values_list("closes_at", flat=True).first())


class _ClockTimestamp(Func):
    """Current instant of the database's clock, not of the transaction."""

    function = "clock_timestamp"
    output_field = DateTimeField()


def _dated[Row: Submission](rows: QuerySet[Row]) -> QuerySet[Row]:
    waiting = Arrival.objects.filter(submission=OuterRef("pk"), state=Arrival.State.WAITING)
    arrived_at = Subquery(waiting.values("arrived_at")[:1])
    return cast("QuerySet[Row]", rows.annotate(read_at=_ClockTimestamp(), arrived_at=arrived_at))


def own_submissions(user: User) -> QuerySet[Submission]:
    """Return the user's submissions with offer, current filing, open drafts and complements, newest first.

    Annotated with `arrived_at`, and with `read_at`, by the database's clock. Pages compare it with closings, as the
    database does: the web server's clock may be wrong.
    """
    open_drafts = Draft.objects.filter(closed_at=None)
    asked = complements().order_by("pk")
    return (
        _dated(with_window(Submission.objects.filter(candidate=user)))
        .select_related("offer__programme", "standing_filing__receipt")
        .prefetch_related(Prefetch("drafts", queryset=open_drafts, to_attr="open_drafts"))
        .prefetch_related(Prefetch("complements", queryset=asked, to_attr="complements_asked"))
        .order_by("-created_at", "-pk")
    )


def complements() -> QuerySet[ComplementRequest]:
    """Return the complement requests, unordered, each with its documents in the offer's order."""
    asked = DocumentRequest.objects.order_by("position")
    return ComplementRequest.objects.prefetch_related(Prefetch("documents", queryset=asked))


def open_complement(submission: Submission) -> ComplementRequest | None:
    """Return the open complement request, or None. No query for a row of `own_submissions`."""
    read: list[ComplementRequest] | None = getattr(submission, "complements_asked", None)
    if read is not None:
        return next((asked for asked in read if asked.ended_at is None), None)
    if not submission.is_incomplete:
        return None
    return complements().filter(submission=submission, ended_at=None).first()


def last_complement(submission: Submission) -> ComplementRequest | None:
    """Return the latest complement request, open or ended, or None. No query for a row of `own_submissions`."""
    read: list[ComplementRequest] | None = getattr(submission, "complements_asked", None)
    if read is not None:
        return read[-1] if read else None
    return complements().filter(submission=submission).order_by("pk").last()


def own_submission(user: User, public_id: UUID) -> Submission | None:
    """Return the user's submission with this identifier, or None: also if it is another user's."""
    return own_submissions(user).filter(public_id=public_id).first()


def submission_on(user: User, offer: Offer) -> Submission | None:
    """Return the user's submission to `offer`, or None."""
    return own_submissions(user).filter(offer=offer).first()


def current_extension(submission: Submission) -> PersonalExtension | None:
    """Return the personal extension that ends after the offer's closing, or None. Most calls need no query."""
    if not submission.window.is_extended:
        return None
    mine = PersonalExtension.objects.filter(offer=submission.offer_id, candidate=submission.candidate_id)
    return mine.order_by("-closes_at").first()


def has_arrived(submission: str = "pk") -> Exists:
    """Return the condition that a draft waits to be filed. `submission`: path from a row to its submission."""
    return Exists(Arrival.objects.filter(submission=OuterRef(submission), state=Arrival.State.WAITING))


def open_draft(submission: Submission) -> Draft | None:
    """Return the open draft, or None; None too while it waits to be filed, since it no longer changes."""
    waiting = Arrival.objects.filter(draft=OuterRef("pk"), state=Arrival.State.WAITING)
    return submission.drafts.filter(~Exists(waiting), closed_at=None).first()


def is_upload_filed() -> Q:
    """Return the condition that a filing has an upload, or a document that was joined from it."""
    filed = FiledDocument.objects.filter(upload=OuterRef("pk"))
    joined = DocumentPart.objects.filter(
        Exists(FiledDocument.objects.filter(upload=OuterRef("document__upload"))),
        document__joined=DraftDocument.Join.CURRENT,
        upload=OuterRef("pk"),
    )
    return Q(Exists(filed)) | Q(Exists(joined))
