"""Incomplete submissions, made in the running portal's database by its own operations.

Runs in `manage.py shell` beside the portal. Only past dates are written as the owner of the tables: no operation
does.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
from django.utils import timezone

from intake.accounts.models import User
from intake.devtools.embedded import data_dir, servers
from intake.submissions.after_filing.operations import start_amendment
from intake.submissions.attachments.operations import attach_document
from intake.submissions.complements.operations import ComplementContent, request_complement
from intake.submissions.filing.operations import file_draft
from intake.submissions.models import ComplementRequest, Draft, Submission
from offers.models import Offer
from tests.factories.complements import resume_without_complement
from tests.factories.people import make_staff
from tests.factories.submissions import ALL_DECLARATIONS, make_filing, make_open_offer, make_upload
from tests.journeys.printing import new_address, new_candidate, print_found, session_of

WORDS = (
    "La copie de votre curriculum vitæ ne se lit pas : les pages 2 et 3 sont noires. Envoyez-en une autre.\n\n"
    "Vos études disent « en cours », et votre relevé de notes dit le programme terminé : corrigez, ou écrivez-nous."
)
STATES = ("asked", "also", "answering", "astray", "over", "sent", "unasked")


def make_states(candidate: User, staff: User) -> dict[str, Submission]:
    """Request a complement from `candidate` on one offer per name of `STATES`. Return the submissions by name."""
    made = {name: _file(candidate, f"2037-{place:03}") for place, name in enumerate(STATES, start=100)}
    older = start_amendment(submission=made["astray"], actor=candidate)
    Draft.objects.filter(pk=older.pk).update(answers=older.answers | {"city": "Laval"})
    _send_another(older)
    close(row.offer for name, row in made.items() if name != "also")
    made = {name: Submission.objects.get(pk=row.pk) for name, row in made.items()}
    for row in made.values():
        ask(row, staff)
    for name in ("answering", "over", "unasked"):
        _send_another(start_amendment(submission=made[name], actor=candidate))
    draft = start_amendment(submission=made["sent"], actor=candidate)
    _send_another(draft)
    file_draft(draft=draft, actor=candidate, declarations=ALL_DECLARATIONS)
    resume_without_complement(submission=made["unasked"], actor=staff, reason="Le relevé se lit.")
    expire_request(made["over"].complements.get())
    return made


def make_incomplete() -> None:
    """File for a new candidate on an offer that then closes, request a complement, and print address and session."""
    candidate = new_candidate()
    submission = _file(candidate, f"2037-{Offer.objects.count() + 200:03}")
    number = submission.offer.number
    close([submission.offer])
    ask(Submission.objects.get(pk=submission.pk), make_staff(email=new_address()))
    filing = submission.standing_filing
    assert filing is not None
    found: dict[str, Any] = {
        "public_id": submission.public_id,
        "offer": number,
        "number": filing.receipt.number,
        "address": candidate.email,
        "session": session_of(candidate),
    }
    print_found(found)


def ask(submission: Submission, staff: User) -> ComplementRequest:
    """Request the curriculum vitæ and the studies again, due in ten days."""
    offer = submission.offer
    asked = ComplementContent(
        words=WORDS,
        sections=["etudes"],
        documents=[offer.documents.get(kind="CV")],
        due_on=timezone.now().astimezone(offer.zone).date() + timedelta(days=10),
    )
    return request_complement(submission=submission, actor=staff, asked=asked)


def close(offers: Iterable[Offer]) -> None:
    """Set the closing of these `offers` one minute in the past."""
    _as_owner(
        "offers_offer",
        "UPDATE offers_offer SET closes_at = clock_timestamp() - interval '1 minute' WHERE id = ANY(%s)",
        [[offer.pk for offer in offers]],
    )


def expire_request(asked: ComplementRequest) -> None:
    """Set the due date of a complement request one minute in the past."""
    _as_owner(
        "submissions_complementrequest",
        "UPDATE submissions_complementrequest SET asked_at = clock_timestamp() - interval '9 days',"
        " due_at = clock_timestamp() - interval '1 minute' WHERE id = %s",
        [asked.pk],
    )


def _as_owner(table: str, statement: str, values: list[Any]) -> None:
    with servers(data_dir()) as urls, psycopg.connect(urls.database_owner) as connection:
        connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        connection.execute(statement, values)
        connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _file(candidate: User, number: str) -> Submission:
    return make_filing(offer=make_open_offer(number=number), candidate=candidate).filing.submission


def _send_another(draft: Draft) -> None:
    candidate = draft.submission.candidate
    upload = make_upload(candidate, name="cv-lisible.pdf")
    type(upload).objects.filter(pk=upload.pk).update(sha256=uuid4().hex * 2)
    upload.refresh_from_db()
    request = draft.submission.offer.documents.get(kind="CV")
    attach_document(draft=draft, request=request, upload=upload, actor=candidate)
