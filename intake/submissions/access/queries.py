"""What pages read of submissions. A person's own only: what is not theirs does not exist."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypedDict, cast
from uuid import UUID

from django.contrib.postgres.functions import TransactionNow
from django.db.models import DateTimeField, Exists, Func, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

from intake.accounts.models import User
from intake.submissions.drafts.collection_notice import Notice
from intake.submissions.gate.readiness import Readiness, assess
from intake.submissions.models import ComplementRequest, Draft, DraftDocument, PersonalExtension, Submission
from intake.submissions.models.filing_window import FilingWindow
from intake.submissions.questions.offer_questions import AskedLine, OfferAsks
from intake.submissions.questions.sections import SECTIONS, Section, sections_for
from intake.submissions.states import State
from offers.models import DocumentRequest, GridLine, Offer, RulebookVersion
from offers.selectors import current_rulebook, documents_asked

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Closing(TypedDict):
    """What `waiting_complements` annotates."""

    closes_at: datetime


@dataclass(frozen=True, slots=True)
class AskedDocument:
    """One document that the offer asks for, and the draft's file for it if there is one."""

    request: DocumentRequest
    document: DraftDocument | None


@dataclass(frozen=True, slots=True)
class Application:
    """A draft as its pages show it: read once, judged once."""

    submission: Submission
    draft: Draft
    documents: tuple[AskedDocument, ...]
    readiness: Readiness
    is_open: bool
    """This person may file at the instant that was asked."""

    @property
    def offer(self) -> Offer:
        """The offer applied to."""
        return self.submission.offer

    @property
    def window(self) -> FilingWindow:
        """Until when this person may file."""
        return self.submission.window


def with_window[Row: Submission](rows: QuerySet[Row]) -> QuerySet[Row]:
    """Return `rows` read along with all that decides until when each person may file there.

    `extended_until` is the latest closing that they were given; `complement_until`, when their open complement request
    ends.
    """
    mine = PersonalExtension.objects.filter(offer=OuterRef("offer"), candidate=OuterRef("candidate"))
    latest = Subquery(mine.order_by("-closes_at").values("closes_at")[:1])
    asked = ComplementRequest.objects.filter(submission=OuterRef("pk"), ended_at=None)
    until = Subquery(asked.values("due_at")[:1])
    return cast("QuerySet[Row]", rows.annotate(extended_until=latest, complement_until=until))


def window_of(user: User, offer: Offer) -> FilingWindow:
    """Return until when `user`, who may have no submission there yet, may file what they will for `offer`; one query.

    What is asked of a submission that was found incomplete is known by its own `window`.
    """
    mine = user.personal_extensions.filter(offer=offer).order_by("-closes_at")
    return FilingWindow(offer, mine.values_list("closes_at", flat=True).first())


class _Now(Func):
    """The instant at which the database answers, on its own clock."""

    function = "clock_timestamp"
    output_field = DateTimeField()


def read_at(submission: Submission) -> datetime:
    """Return the instant, by the database's clock, at which `own_submissions` gave this row.

    Its pages say and judge by it what is still open, as the database will: the web server's clock may be wrong.
    """
    instant: datetime = vars(submission)["read_at"]
    return instant


def own_submissions(user: User) -> QuerySet[Submission]:
    """Return the person's submissions with their offer and standing filing, newest first."""
    open_drafts = Draft.objects.filter(closed_at=None)
    asked = complements().order_by("pk")
    return (
        with_window(Submission.objects.filter(candidate=user))
        .annotate(read_at=_Now())
        .select_related("offer__programme", "standing_filing__receipt")
        .prefetch_related(Prefetch("drafts", queryset=open_drafts, to_attr="open_drafts"))
        .prefetch_related(Prefetch("complements", queryset=asked, to_attr="complements_asked"))
        .order_by("-created_at", "-pk")
    )


def complements() -> QuerySet[ComplementRequest]:
    """Return the complement requests, unordered, each with the documents that it asks for, in the offer's order."""
    asked = DocumentRequest.objects.order_by("position")
    return ComplementRequest.objects.prefetch_related(Prefetch("documents", queryset=asked))


def waiting_complements() -> "QuerySet[WithAnnotations[ComplementRequest, Closing]]":
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


def is_overdue() -> Q:
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


def open_complement(submission: Submission) -> ComplementRequest | None:
    """Return the complement that is asked for and not sent, or None; read along by `own_submissions`."""
    read: list[ComplementRequest] | None = vars(submission).get("complements_asked")
    if read is not None:
        return next((asked for asked in read if asked.ended_at is None), None)
    if not submission.is_incomplete:
        return None
    return complements().filter(submission=submission, ended_at=None).first()


def last_complement(submission: Submission) -> ComplementRequest | None:
    """Return the complement that was asked for last, sent or not, or None; read along by `own_submissions`."""
    read: list[ComplementRequest] | None = vars(submission).get("complements_asked")
    if read is not None:
        return read[-1] if read else None
    return complements().filter(submission=submission).order_by("pk").last()


def own_submission(user: User, public_id: UUID) -> Submission | None:
    """Return the person's submission with this identifier, or None: another's cannot be told from none."""
    return own_submissions(user).filter(public_id=public_id).first()


def draft_to_file(user: User, public_id: UUID, *, draft: int, notice: Notice) -> tuple[Draft, bool] | None:
    """Return this draft of the person's submission, open or filed, and whether they accepted `notice`; one query.

    `draft` is its primary key. None where it is no more, or not theirs: it cannot be told from none.
    """
    accepted, given = notice.acceptances_by(user).values("pk").query.sql_with_params()
    rows = Draft.objects.raw(_TO_FILE.format(accepted=accepted), [*given, user.pk, public_id, draft])
    return next(((row, bool(vars(row)["notice_accepted"])) for row in rows), None)


_TO_FILE: Final = """
SELECT d.*, EXISTS ({accepted}) AS notice_accepted
FROM submissions_draft d JOIN submissions_submission s ON s.id = d.submission_id
WHERE s.candidate_id = %s AND s.public_id = %s AND d.id = %s
"""
"""In words of the database, as all that thousands ask for in the last minute: see `services.locks`."""


def submission_on(user: User, offer: Offer) -> Submission | None:
    """Return the person's submission on `offer`, or None."""
    return own_submissions(user).filter(offer=offer).first()


def standing_extension(submission: Submission) -> PersonalExtension | None:
    """Return the extension by which this person may file later than everyone, or None; no query for most."""
    if not submission.window.is_extended:
        return None
    mine = PersonalExtension.objects.filter(offer=submission.offer_id, candidate=submission.candidate_id)
    return mine.order_by("-closes_at").first()


def open_draft(submission: Submission) -> Draft | None:
    """Return the draft being prepared, or None once it was filed."""
    return submission.drafts.filter(closed_at=None).first()


def read_asks(offer: Offer, rulebook: RulebookVersion) -> OfferAsks:
    """Return what `offer` asks of its candidates under `rulebook`: its criteria, and the lines of its grid of now."""
    lines = tuple(
        AskedLine(number=line.pk, text=line.text, required=line.requirement == GridLine.Requirement.REQUIRED)
        for line in offer.grid_lines.order_by("position")
    )
    return OfferAsks(rulebook.as_rulebook(), lines)


def asked_sections(offer: Offer) -> tuple[Section, ...]:
    """Return the sections that `offer` shows to a candidate now, each with the questions it asks.

    :raises RulebookVersion.DoesNotExist: the offer has no criteria yet.
    """
    return sections_for(read_asks(offer, current_rulebook(offer)))


def sections_named(offer: Offer, keys: Iterable[str]) -> list[Section]:
    """Return the groups of questions of these keys, as `offer` asks them; one that it dropped since, as any would."""
    asked = {section.key: section for section in (*SECTIONS, *asked_sections(offer))}
    return [section for key, section in asked.items() if key in set(keys)]


def read_application(submission: Submission, draft: Draft, *, at: datetime) -> Application:
    """Return the draft with its documents, and what it lacks at the aware instant `at`."""
    offer = submission.offer
    held = {row.request_id: row for row in draft.documents.select_related("upload", "request")}
    asked = tuple(documents_asked(offer))
    return Application(
        submission=submission,
        draft=draft,
        documents=tuple(AskedDocument(request, held.get(request.pk)) for request in asked),
        readiness=assess(
            answers=draft.answers,
            documents=asked,
            provided=held.keys(),
            asks=read_asks(offer, current_rulebook(offer)),
            on=at.astimezone(offer.zone).date(),
        ),
        is_open=submission.window.is_open(at),
    )
