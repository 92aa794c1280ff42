"""What an operation refuses after its page was read is said on the page that answers, and nothing changes."""

from datetime import UTC, datetime
from typing import Any

import pytest

from intake.review.access.errors import AnonymousReviewError, InConflictError, NotOnCommitteeError
from intake.review.assignment.operations import AssignmentNotAllowedError
from intake.review.bulk.views import refusal_message
from intake.review.models import Assignment, Conflict
from intake.submissions.complements.operations import ComplementTooSoonError
from intake.submissions.models import ComplementRequest
from tests.factories.complements import WORDS, complement_content
from tests.factories.people import client_of
from tests.factories.review import make_reviewer
from tests.review.conftest import Received
from tests.review.page_responses import page, refusing, url
from tests.review.reading import number_of, one_line_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "refusal, said",
    [
        (NotOnCommitteeError(), "Cette personne n’a pas accès à cette candidature : rien n’a changé."),
        (InConflictError(), "une autre personne doit prendre ces décisions."),
    ],
)
def test_a_conflict_that_is_refused_meanwhile_is_explained(
    received: Received, monkeypatch: pytest.MonkeyPatch, refusal: Exception, said: str
) -> None:
    monkeypatch.setattr(page("committees.views"), "declare_conflict", refusing(refusal))
    sent = {"reviewer": received.staff.pk, "seen": 0}
    answer = client_of(received.staff).post(url("conflict", received.filed.public_id), sent, follow=True)
    assert said in one_line_of(answer)
    assert not Conflict.objects.exists()


@pytest.mark.parametrize(
    "refusal, said",
    [
        (
            ComplementTooSoonError(earliest=datetime(2030, 1, 1, tzinfo=UTC)),
            "Choisissez un jour plus éloigné. Rien n’a changé.",
        ),
        (AnonymousReviewError(), "le personnel, qui lit les documents, demande les compléments."),
    ],
)
def test_a_complement_that_is_refused_meanwhile_is_explained(
    received: Received, monkeypatch: pytest.MonkeyPatch, refusal: Exception, said: str
) -> None:
    submission, client = received.filed, client_of(received.staff)
    asked = complement_content(submission)
    typed: dict[str, Any] = {
        "words": WORDS,
        "documents": [row.pk for row in asked.documents],
        "sections": [],
        "due_on": asked.due_on.isoformat(),
        "version": submission.version,
        "despite": "",
        "letter": "",
        "acte": "lire",
    }
    address = url("complement", submission.public_id)
    read = client.post(address, typed).context["form"]
    monkeypatch.setattr(page("complements.views"), "request_complement_as_reviewer", refusing(refusal))
    answer = client.post(address, typed | {"letter": read["letter"].value(), "acte": "envoyer"}, follow=True)
    assert said in one_line_of(answer)
    assert not ComplementRequest.objects.exists()


def test_a_list_whose_file_changed_meanwhile_is_to_be_sent_again(
    received: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_reviewer(received.filed.offer, email="ann@exemple.invalid")
    monkeypatch.setattr(
        page("assignment.views.assignments"), "assign_files", refusing(AssignmentNotAllowedError(refused={}))
    )
    text = f"courriel;numero\r\nann@exemple.invalid;{number_of(received.filed)}\r\n"
    sent = {"text": text, "confirm": "1", "due_on": ""}
    answer = client_of(received.staff).post(url("assign_by_file", received.filed.offer.number), sent)
    assert "Un dossier a changé entre-temps : rien n’est attribué." in one_line_of(answer)
    assert not Assignment.objects.exists()


def test_an_unknown_refusal_of_a_bulk_run_shows_its_code() -> None:
    assert refusal_message("NOBODY_KNOWS", state="") == "Refusée pour une raison imprévue (NOBODY_KNOWS)."
