"""What the portal holds about one person, as their own page shows it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import connection
from django.db.models import Prefetch
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from intake.accounts.changes import ADDRESS_KINDS
from intake.accounts.models import AccountChange, User
from intake.documents.models import Upload
from intake.dossiers.sealed_payload import Answer
from intake.dossiers.services import AnonymisedError, read_seal
from intake.outbox.models import Message
from intake.profiles.forms import ProfileForm
from intake.profiles.models import NoticeAcceptance
from intake.profiles.question_kinds import declared_questions
from intake.profiles.selectors import answers_from_profile
from intake.submissions.access.queries import own_submissions
from intake.submissions.lifecycle.candidate_status import CandidateStatus, candidate_status_of
from intake.submissions.models import Filing, PendingUpload

from .mails import mails_of

MAILS_SHOWN: Final = 50
"""Latest mails on the page; the page of each candidature has all of its own."""
_NOTICES: Final[dict[str, Promise]] = {"collection": _("Avis de collecte")}

_ERASED_ON: Final = """
SELECT s.id, kept.erased_on
FROM submissions_submission s CROSS JOIN LATERAL retention_of(s.id) kept
WHERE s.candidate_id = %s AND kept.erased_on IS NOT NULL
    AND NOT EXISTS (SELECT FROM privacy_erasure e WHERE e.submission_id = s.id)
    AND NOT EXISTS (SELECT FROM privacy_legalhold h WHERE h.submission_id = s.id AND h.lifted_at IS NULL)
"""


@dataclass(frozen=True, slots=True)
class Consent:
    """A text that the person accepted: its name or its words, its version and when."""

    text: str | Promise
    version: str
    at: datetime
    is_sealed: bool = False
    """The words are those of a seal, which are in French."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the page shows. Nothing that others wrote about the person, and no decision that is not announced."""

    addresses: list[AccountChange]
    """Changes from each former address of the account, latest first."""
    profile: list[Answer]
    applications: list[tuple[CandidateStatus, date | None]]
    """Each with the day on which the schedule erases it; None while it is suspended."""
    documents: list[Upload]
    received: list[PendingUpload]
    """Files in analysis, and those of the last two days that were not added."""
    mails: list[Message]
    consents: list[Consent]


def holdings_of(person: User) -> Holdings:
    """Return what the portal holds about `person`. The number of queries is constant."""
    filings = Filing.objects.select_related("seal").order_by("sequence")
    submissions = list(own_submissions(person).prefetch_related(Prefetch("filings", filings)))
    answers = answers_from_profile(person)
    erased_on = _erasure_days(person)
    mails = mails_of(person).filter(sent_at__isnull=False)
    moved = person.changes.filter(kind__in=ADDRESS_KINDS, state=AccountChange.State.APPLIED)
    return Holdings(
        addresses=list(moved.order_by("-decided_at", "-pk")),
        profile=[
            Answer(key=key, label=str(question.label), value=question.answer_text(answers[key]))
            for key, question in declared_questions(ProfileForm).items()
            if key in answers
        ],
        applications=[
            (candidate_status_of(row, at=row.read_at), erased_on.get(row.pk)) for row in submissions
        ],
        documents=list(Upload.objects.filter(owner=person).order_by("-created_at", "-pk")),
        received=list(
            PendingUpload.objects.filter(owner=person)
            .exclude(state__in=[PendingUpload.State.ADDED, PendingUpload.State.SAME])
            .select_related("request")
            .order_by("-pk")
        ),
        mails=list(mails.order_by("-sent_at", "-pk")[:MAILS_SHOWN]),
        consents=_consents(person, [filing for row in submissions for filing in row.filings.all()]),
    )


def _erasure_days(person: User) -> dict[int, date]:
    """Return, by submission, the day on which the schedule erases it: not held, not erased. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_ERASED_ON, [person.pk])
        return dict(cursor.fetchall())


def _consents(person: User, filings: list[Filing]) -> list[Consent]:
    """Return the accepted notices and declarations, latest first. Those of an erased filing are erased too."""
    consents = [
        Consent(_NOTICES.get(row.notice, row.notice), row.version, row.at)
        for row in NoticeAcceptance.objects.filter(user=person).order_by("pk")
    ]
    for filing in filings:
        try:
            accepted = read_seal(filing.seal).declarations
        except AnonymisedError:
            continue
        consents += [Consent(row.text, row.version, filing.received_at, is_sealed=True) for row in accepted]
    return sorted(consents, key=lambda consent: consent.at, reverse=True)
