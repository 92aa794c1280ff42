"""Queries of a user's own submissions. Another user's submission is treated as missing."""

from functools import cache
from typing import Final, cast
from uuid import UUID

from django.db.models import (
    DateTimeField,
    Exists,
    Func,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    prefetch_related_objects,
)

from intake.accounts.models import User
from intake.submissions.models import (
    Arrival,
    ComplementRequest,
    DocumentPart,
    Draft,
    DraftDocument,
    FiledDocument,
    Filing,
    FilingWindow,
    PersonalExtension,
    Receipt,
    Submission,
)
from intake.web.prepared import columns_of, fetch_one, next_joined, next_model
from offers.models import DocumentRequest, Offer, Programme


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
    return (
        _dated(with_window(Submission.objects.filter(candidate=user)))
        .select_related("offer__programme", "standing_filing__receipt")
        .prefetch_related(Prefetch("drafts", queryset=open_drafts, to_attr="open_drafts"))
        .prefetch_related(_complements_asked())
        .order_by("-created_at", "-pk")
    )


def _complements_asked() -> Prefetch[str]:
    return Prefetch("complements", queryset=complements().order_by("pk"), to_attr="complements_asked")


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
    """Return the user's submission with this identifier, or None: also if it is another user's.

    As `own_submissions` reads it, with one prepared statement; three with complements. Every page of a candidate
    starts here.
    """
    row = fetch_one(_own_sql(), [public_id, user.pk])
    if not row:
        return None
    values = iter(row)
    submission = next_model(Submission, values)
    submission.offer = next_model(Offer, values)
    submission.offer.programme = next_model(Programme, values)
    filing, receipt = next_joined(Filing, values), next_joined(Receipt, values)
    submission.standing_filing = filing
    if filing is not None and receipt is not None:
        filing.receipt = receipt
    draft = next_joined(Draft, values)
    if draft is not None:
        draft.submission = submission
    vars(submission)["open_drafts"] = [draft] if draft is not None else []
    submission.extended_until, submission.complement_until = next(values), next(values)
    submission.arrived_at, submission.read_at = next(values), next(values)
    if next(values):
        prefetch_related_objects([submission], _complements_asked())
    else:
        vars(submission)["complements_asked"] = []
    return submission


EXTENDED_UNTIL: Final = """(SELECT max(e.closes_at) FROM submissions_personalextension e
    WHERE e.offer_id = s.offer_id AND e.candidate_id = s.candidate_id)"""
"""SQL of the latest personal extension (exclusive) of the candidate of a submission `s`; null if there is none."""
_OWN: Final = """
SELECT {columns}, {extended_until},
    (SELECT c.due_at FROM submissions_complementrequest c WHERE c.submission_id = s.id AND c.ended_at IS NULL),
    waits_since(s.id), clock_timestamp(),
    EXISTS (SELECT FROM submissions_complementrequest c WHERE c.submission_id = s.id)
FROM submissions_submission s
JOIN offers_offer ON offers_offer.id = s.offer_id
JOIN offers_programme ON offers_programme.id = offers_offer.programme_id
LEFT JOIN submissions_filing ON submissions_filing.id = s.standing_filing_id
LEFT JOIN submissions_receipt ON submissions_receipt.filing_id = submissions_filing.id
LEFT JOIN submissions_draft ON submissions_draft.submission_id = s.id AND submissions_draft.closed_at IS NULL
WHERE s.public_id = %s AND s.candidate_id = %s
"""


@cache
def _own_sql() -> str:
    columns = columns_of(Submission, Offer, Programme, Filing, Receipt, Draft)
    return _OWN.format(
        columns=columns.replace("submissions_submission.", "s."), extended_until=EXTENDED_UNTIL
    )


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
