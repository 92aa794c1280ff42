"""Candidates of a drill: their offer, their drafts, and the sessions with which their clicks file."""

from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.conf import settings
from django.utils import timezone

from intake.accounts.models import User
from intake.devtools.deadline_drill import candidates
from intake.devtools.synthetic import service_steps
from intake.documents.models import Upload
from intake.profiles.models import NoticeAcceptance
from intake.submissions.drafts.collection_notice import COLLECTION
from intake.submissions.filing.form_version import form_version_of
from intake.submissions.models import Draft, DraftDocument
from offers.models import DocumentRequest, Offer
from offers.selectors import document_requests
from tests.factories.documents import make_upload
from tests.factories.files import pdf_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Store every document without inspection. Return the uploads that were requested."""
    found: list[dict[str, Any]] = []

    def prepare_upload(*, owner: User, kind: str, received: Path, **options: Any) -> Upload:
        found.append(options | {"owner": owner, "kind": kind, "content": received.read_bytes()})
        return make_upload(owner, kind=kind, content=pdf_bytes())

    monkeypatch.setattr(service_steps, "prepare_upload", prepare_upload)
    return found


@pytest.mark.parametrize("hour", [18, 4])  # at 4, the day before in Québec
def test_the_offer_of_a_drill_is_on_no_list_and_open_for_a_day(hour: int) -> None:
    at = datetime(2027, 3, 4, hour, 32, tzinfo=UTC)
    closes_on = date(2027, 3, 4 if hour == 18 else 3)
    offer = Offer.objects.get(pk=candidates.write_offer(number="EX-1", at=at).pk)
    assert (offer.number, offer.listed, offer.opens_at, offer.closes_at) == (
        *("EX-1", False),
        at - timedelta(days=1),
        at,
    )
    assert (offer.closes_on, offer.starts_on, offer.ends_on) == (
        closes_on,
        closes_on + timedelta(days=100),
        closes_on + timedelta(days=279),
    )
    assert offer.sections.exists()
    assert document_requests(offer).filter(required=True).count() == 4


def test_each_candidate_of_a_drill_has_a_complete_draft_and_a_session(asked: list[dict[str, Any]]) -> None:
    at = timezone.now()
    offer = candidates.write_offer(number="EX-2", at=at)
    people = candidates.make_candidates(offer, count=3, seed=9, at=at)
    host = User.objects.get(email="exercice.9@synthetique.invalid")
    required = document_requests(offer).filter(required=True)
    assert [(one["owner"], one["kind"], one["at"]) for one in asked] == [
        (host, request.kind, at) for request in required
    ]
    drafts = list(Draft.objects.select_related("submission__candidate").order_by("pk"))
    assert [(one.submission, one.path, one.seen) for one in people] == [
        (
            draft.submission_id,
            f"/candidatures/{draft.submission.public_id}/deposer/",
            str(form_version_of(draft)),
        )
        for draft in drafts
    ]
    engine: Any = import_module(settings.SESSION_ENGINE)
    for one, draft in zip(people, drafts, strict=True):
        candidate = draft.submission.candidate
        cookies = dict(part.split("=") for part in one.cookies.split("; "))
        session = engine.SessionStore(cookies.pop(settings.SESSION_COOKIE_NAME))
        assert cookies == {settings.CSRF_COOKIE_NAME: candidates.TOKEN}
        assert session["_auth_user_hash"] == candidate.get_session_auth_hash()
        held = DraftDocument.objects.filter(draft=draft).order_by("request__position")
        assert list(held.values_list("request__kind", "upload__owner")) == [
            (request.kind, candidate.pk) for request in required.order_by("position")
        ]
    accepted = NoticeAcceptance.objects.order_by("user")
    assert list(accepted.values_list("user", "notice", "version")) == [
        (draft.submission.candidate_id, COLLECTION.key, COLLECTION.version) for draft in drafts
    ]


# -- Documents and staff ----------------------


def test_a_sample_document_is_one_page_marked_as_invented(asked: list[dict[str, Any]]) -> None:
    owner = User.objects.create_user("a@synthetique.invalid")
    request = DocumentRequest(kind="MOTIVATION_LETTER", label="Lettre", max_pages=2, max_bytes=99)
    at = timezone.now()
    service_steps.make_sample_upload(owner=owner, request=request, at=at)
    (options,) = asked
    content = options.pop("content")
    assert options == {
        "owner": owner,
        "kind": "MOTIVATION_LETTER",
        "max_pages": 2,
        "max_bytes": 99,
        "at": at,
        "name": "motivation-letter.pdf",
    }
    with pypdfium2.PdfDocument(content) as document:
        assert len(document) == 1
        assert (
            "Document inventé : personne ne l’a écrit ni délivré."
            in document[0].get_textpage().get_text_range()
        )
