"""Answering a complement request: its scope, its time limit, and the effects of the filing."""

import pytest
from django.utils import timezone

from intake.dossiers.services import read_seal
from intake.journal.models import Entry
from intake.review.complements.panel import read_complement_panel
from intake.submissions.after_filing.operations import start_amendment
from intake.submissions.attachments.operations import attach_document, remove_document
from intake.submissions.audit.invariants import INVARIANTS
from intake.submissions.complements.scope import OutOfScopeChangeError
from intake.submissions.drafts.operations import import_answers
from intake.submissions.lifecycle.candidate_status import candidate_status_of
from intake.submissions.lifecycle.errors import OfferNotOpenError
from intake.submissions.models import ComplementRequest, Draft, Submission
from intake.submissions.receipts.queries import statement_of
from intake.submissions.states import State
from tests.factories.complements import (
    WORDS,
    expire_request,
    file_answer,
    request_complement_for,
    resume_without_complement,
    start_answer,
)
from tests.factories.people import make_staff
from tests.factories.review import make_filed
from tests.factories.submissions import (
    close_offer,
    make_extension,
    make_open_offer,
    make_upload,
)
from tests.submissions.lost_files import erase_every_seal
from tests.submissions.pages import file_now, own_copy, save_answers

pytestmark = pytest.mark.django_db
Ending = ComplementRequest.Ending


def _attach(draft: Draft, kind: str) -> None:
    candidate = draft.submission.candidate
    upload = make_upload(candidate, kind=kind, name=f"{kind}-2.pdf")
    upload.sha256 = "f" * 64
    upload.save(update_fields=["sha256"])
    request = draft.submission.offer.documents.get(kind=kind)
    attach_document(draft=draft, request=request, upload=upload, actor=candidate)


def _violations() -> dict[str, list[str]]:
    return {row.name: found for row in INVARIANTS if (found := [str(each) for each in row.violations()])}


# -- Scope ----------------------------------------------------------------------------------------------------------
def test_requested_parts_are_changed_and_the_filing_answers_the_request(incomplete: Submission) -> None:
    before = incomplete.standing_filing_id
    draft = start_answer(incomplete)
    save_answers(draft, "etudes", {"bar_school": True})
    _attach(draft, "CV")
    filing = file_now(Draft.objects.get(pk=draft.pk)).filing
    incomplete.refresh_from_db()
    asked = ComplementRequest.objects.get()
    assert (incomplete.state, incomplete.standing_filing_id) == (State.SUBMITTED, filing.pk)
    assert (asked.ending, asked.answered_by_id, asked.filing_id) == (Ending.ANSWERED, filing.pk, before)
    assert asked.ended_at == filing.received_at > incomplete.offer.closes_at
    assert (
        Entry.objects.filter(action="COMPLEMENT_ANSWERED", subject_id=str(incomplete.public_id)).count() == 1
    )
    assert _violations() == {}
    with pytest.raises(OfferNotOpenError):
        start_amendment(submission=incomplete, actor=incomplete.candidate)


def test_seal_and_receipt_contain_the_answered_request(incomplete: Submission) -> None:
    asked = incomplete.complements.get()
    receipt = file_answer(incomplete)
    sealed = read_seal(receipt.filing.seal)
    assert sealed.complement is not None
    assert sealed.complement.words == WORDS
    assert (sealed.complement_asked_at, sealed.complement_until) == (asked.asked_at, asked.due_at)
    assert statement_of(receipt).closing == asked.due_at
    first = incomplete.filings.get(sequence=1)
    assert read_seal(first.seal).complement is None
    assert statement_of(first.receipt).closing > asked.due_at, "the offer's, before it was closed here"


def test_only_requested_parts_are_saved(incomplete: Submission) -> None:
    draft, offer = start_answer(incomplete), incomplete.offer
    kept = dict(draft.answers)
    with pytest.raises(OutOfScopeChangeError) as refused:
        save_answers(draft, "coordonnees", {"city": "Laval"})
    assert refused.value.sections == ("coordonnees",)
    with pytest.raises(OutOfScopeChangeError):
        import_answers(draft=draft, answers={"city": "Laval"}, actor=incomplete.candidate)
    letter = offer.documents.exclude(kind="CV").filter(required=True).first()
    assert letter is not None
    with pytest.raises(OutOfScopeChangeError) as refused:
        _attach(draft, letter.kind)
    assert refused.value.documents == (letter.pk,)
    with pytest.raises(OutOfScopeChangeError):
        remove_document(draft=draft, request=letter, actor=incomplete.candidate)
    draft.refresh_from_db()
    assert draft.answers == kept
    import_answers(draft=draft, answers={"bar_school": True}, actor=incomplete.candidate)
    remove_document(draft=draft, request=offer.documents.get(kind="CV"), actor=incomplete.candidate)


def test_a_draft_changed_in_another_tab_is_not_filed(incomplete: Submission) -> None:
    draft = start_answer(incomplete)
    filed = dict(draft.answers)
    for section, other in (
        ("coordonnees", {"city": "Laval"}),
        ("attestations", {"attests_writing_en": None}),
        ("langues", {"other_languages": "Grec"}),
    ):
        Draft.objects.filter(pk=draft.pk).update(answers=filed | other)
        with pytest.raises(OutOfScopeChangeError) as refused:
            file_now(Draft.objects.get(pk=draft.pk))
        assert refused.value.sections == (section,)
    Draft.objects.filter(pk=draft.pk).update(answers=filed)
    row = draft.documents.exclude(request__kind="CV").order_by("pk")[0]
    row.delete()
    with pytest.raises(OutOfScopeChangeError) as refused:
        file_now(Draft.objects.get(pk=draft.pk))
    assert refused.value.documents == (row.request_id,)
    assert not ComplementRequest.objects.exclude(ended_at=None).exists()


def test_an_older_amendment_is_reset_except_for_requested_parts() -> None:
    offer = make_open_offer()
    submission = make_filed(offer)
    draft = start_answer(submission)
    save_answers(draft, "coordonnees", {"city": "Laval"})
    save_answers(draft, "etudes", {"bar_school": True})
    others = [row.kind for row in offer.documents.exclude(kind="CV").filter(required=True).order_by("pk")]
    for kind in ("CV", others[0]):
        _attach(draft, kind)
    remove_document(draft=draft, request=offer.documents.get(kind=others[1]), actor=submission.candidate)
    from django.db import connection  # noqa: PLC0415 -- used in this test only

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    close_offer(offer, seconds_ago=3600)
    submission = Submission.objects.get(pk=submission.pk)
    request_complement_for(submission, sections=["etudes"])
    with pytest.raises(OutOfScopeChangeError):
        file_now(Draft.objects.get(pk=draft.pk))
    back = start_answer(submission)
    filed = submission.filings.get()
    assert back.pk == draft.pk
    assert back.answers == filed.draft.answers | {"bar_school": True}
    held = {row.request.kind: row.upload.sha256 for row in back.documents.select_related("request", "upload")}
    was = {row.request.kind: row.sha256 for row in filed.documents.select_related("request")}
    assert held == was | {"CV": "f" * 64}
    version, told = back.version, Entry.objects.filter(action="AMENDMENT_PUT_BACK")
    assert start_answer(submission).version == version
    assert told.count() == 1
    assert file_now(Draft.objects.get(pk=draft.pk)).filing.sequence == 2
    assert _violations() == {}


# -- Time limit -----------------------------------------------------------------------------------------------------
def test_an_answer_one_microsecond_before_its_instant_is_accepted(incomplete: Submission) -> None:
    draft = start_answer(incomplete)
    expire_request(incomplete.complements.get(), until="transaction_timestamp() + interval '1 microsecond'")
    save_answers(draft, "etudes", {"bar_school": True})
    draft = start_answer(incomplete)
    assert file_now(draft).filing.received_at > incomplete.offer.closes_at


@pytest.mark.parametrize("late_by", ["interval '0 seconds'", "interval '1 second'"])
def test_at_or_after_the_due_instant_no_answer_is_saved_or_filed(
    incomplete: Submission, late_by: str
) -> None:
    draft = start_answer(incomplete)
    expire_request(incomplete.complements.get(), until=f"transaction_timestamp() - {late_by}")
    with pytest.raises(OfferNotOpenError):
        file_now(draft)
    with pytest.raises(OfferNotOpenError):
        save_answers(draft, "etudes", {"bar_school": True})
    with pytest.raises(OfferNotOpenError):
        start_answer(incomplete)


def test_after_a_resumption_no_answer_is_filed(incomplete: Submission) -> None:
    draft = start_answer(incomplete)
    resume_without_complement(submission=incomplete, actor=make_staff(), reason="Lisible.")
    with pytest.raises(OfferNotOpenError):
        file_now(draft)
    assert incomplete.filings.count() == 1


def test_a_filing_that_replaces_the_answer_answers_no_request() -> None:
    submission = make_filed(make_open_offer())
    asked = request_complement_for(submission)

    def answered() -> tuple[ComplementRequest | None, ComplementRequest | None]:
        """Return the request that the current filing answers: as the candidate reads it, and as the reviewers do."""
        own = own_copy(submission)
        assert own.standing_filing is not None
        at = timezone.now()
        return candidate_status_of(own, at=at).answered, read_complement_panel(
            own, own.standing_filing, at=at
        ).answered

    assert answered() == (None, None)
    file_answer(submission)
    assert answered() == (asked, asked)
    file_answer(submission)
    assert answered() == (None, None)


def test_an_anonymised_answer_is_marked_without_a_comparison(incomplete: Submission) -> None:
    file_answer(incomplete)
    erase_every_seal()
    own = own_copy(incomplete)
    assert own.standing_filing is not None
    read = read_complement_panel(own, own.standing_filing, at=timezone.now())
    assert (read.is_erased, read.changes, read.answered is not None) == (True, (), True)


def test_a_personal_extension_allows_changes_outside_the_scope(incomplete: Submission) -> None:
    make_extension(incomplete.offer, incomplete.candidate, days=2)
    fresh = Submission.objects.get(pk=incomplete.pk)
    assert fresh.window.is_complement
    assert not fresh.window.is_for_complement_alone(timezone.now())
    draft = start_answer(fresh)
    save_answers(draft, "coordonnees", {"city": "Laval"})
    sealed = read_seal(file_now(Draft.objects.get(pk=draft.pk)).filing.seal)
    assert sealed.extended_until is not None
    assert sealed.complement_until is not None
    assert incomplete.offer.closes_at < sealed.extended_until < sealed.complement_until
