"""After a filing: amended until closing while the filing counts, or withdrawn."""

import pytest
from django.db import IntegrityError, transaction

from intake.dossiers.services import read_seal
from intake.submissions.after_filing.operations import discard_amendment, start_amendment, withdraw_submission
from intake.submissions.drafts.operations import save_section
from intake.submissions.filing.operations import file_draft
from intake.submissions.lifecycle.errors import (
    DraftClosedError,
    MoveNotAllowedError,
    OfferNotOpenError,
    ReasonMissingError,
)
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Draft, Receipt, Submission
from intake.submissions.questions.sections import section_by_key
from intake.submissions.states import Action, State
from tests.factories.decisions import decide
from tests.factories.people import make_staff, make_user
from tests.factories.submissions import ALL_DECLARATIONS, close_offer, make_draft, make_filing, make_upload

pytestmark = pytest.mark.django_db


def _amend(receipt: Receipt) -> Draft:
    submission = receipt.filing.submission
    return start_amendment(submission=submission, actor=submission.candidate)


def _rename(draft: Draft, first_name: str) -> Draft:
    section = section_by_key("identite")
    assert section is not None
    answers = section.of(draft.answers) | {"first_name": first_name}
    return save_section(
        draft=draft,
        section=section,
        answers=answers,
        actor=draft.submission.candidate,
    ).draft


def _file(draft: Draft) -> Receipt:
    return file_draft(draft=draft, actor=draft.submission.candidate, declarations=ALL_DECLARATIONS)


def _move(receipt: Receipt, *actions: Action) -> None:
    for action in actions:
        move_submission(
            submission=receipt.filing.submission, action=action, actor=make_staff(), reason="Motif"
        )


def _is_current_filing(receipt: Receipt) -> bool:
    return Submission.objects.get(pk=receipt.filing.submission_id).standing_filing_id == receipt.filing_id


def test_an_amendment_starts_from_the_filing_and_not_from_the_profile() -> None:
    receipt = make_filing(first_name="Anaïs")
    filing = receipt.filing
    make_filing(candidate=filing.submission.candidate, first_name="Profil changé depuis")
    draft = _amend(receipt)
    assert draft.replaces_id == filing.pk
    assert draft.answers["first_name"] == "Anaïs"
    filed = dict(filing.documents.values_list("request_id", "upload_id"))
    assert filed
    assert dict(draft.documents.values_list("request_id", "upload_id")) == filed


def test_a_filing_stays_current_until_its_amendment_is_filed() -> None:
    first = make_filing(first_name="Anaïs")
    draft = _rename(_amend(first), "Anne")
    assert _is_current_filing(first)
    assert Submission.objects.get(pk=first.filing.submission_id).state == State.SUBMITTED
    second = _file(draft)
    assert _is_current_filing(second)
    assert second.number != first.number
    assert (second.filing.sequence, second.filing.replaces_id) == (2, first.filing_id)
    assert read_seal(first.filing.seal).person.first_name == "Anaïs"
    assert read_seal(second.filing.seal).person.first_name == "Anne"


def test_a_submission_may_be_amended_repeatedly() -> None:
    first = make_filing()
    second = _file(_amend(first))
    third = _file(_amend(second))
    assert third.filing.sequence == 3
    moves = first.filing.submission.transitions.order_by("pk").values_list("action", flat=True)
    assert list(moves) == [Action.FILE, Action.AMEND, Action.AMEND]


def test_a_second_click_returns_the_amendment_already_started(receipt: Receipt) -> None:
    assert _amend(receipt).pk == _amend(receipt).pk


def test_a_file_replaced_in_an_amendment_leaves_the_filed_one_in_its_dossier() -> None:
    first = make_filing()
    draft = _amend(first)
    row = draft.documents.order_by("pk")[0]
    row.upload = make_upload(draft.submission.candidate, kind=row.request.kind, name="nouveau.pdf")
    row.save()
    second = _file(draft)
    before = first.filing.documents.get(request=row.request)
    after = second.filing.documents.get(request=row.request)
    assert before.upload_id != after.upload_id
    assert before.upload.file.storage.exists(str(before.upload.file.name))


def test_no_amendment_starts_after_the_closing(receipt: Receipt) -> None:
    close_offer(receipt.filing.submission.offer, seconds_ago=1)
    with pytest.raises(OfferNotOpenError):
        _amend(receipt)
    assert not receipt.filing.submission.drafts.filter(closed_at=None).exists()


def test_an_amendment_cannot_be_filed_late() -> None:
    first = make_filing()
    draft = _amend(first)
    close_offer(draft.submission.offer, seconds_ago=1)
    with pytest.raises(OfferNotOpenError):
        _file(draft)
    assert _is_current_filing(first)


def test_a_draft_that_was_never_filed_is_not_amended() -> None:
    draft = make_draft()
    with pytest.raises(MoveNotAllowedError):
        start_amendment(submission=draft.submission, actor=draft.submission.candidate)


def test_a_decided_submission_is_amended_by_neither_old_nor_new_draft(receipt: Receipt) -> None:
    draft = _amend(receipt)
    decide(receipt.filing.submission, action=Action.FIND_INADMISSIBLE, word="Motif")
    with pytest.raises(MoveNotAllowedError):
        _file(draft)
    with pytest.raises(MoveNotAllowedError):
        _amend(receipt)


def test_a_shortlisted_submission_is_amended_like_one_under_review(receipt: Receipt) -> None:
    _move(receipt, Action.START_REVIEW, Action.SHORTLIST)
    _file(_amend(receipt))
    assert Submission.objects.get(pk=receipt.filing.submission_id).state == State.SUBMITTED


def test_a_discarded_amendment_keeps_the_filing_current(receipt: Receipt) -> None:
    draft = _amend(receipt)
    filed = dict(receipt.filing.documents.values_list("request_id", "upload_id"))
    discard_amendment(draft=draft, actor=draft.submission.candidate)
    assert not Draft.objects.filter(pk=draft.pk).exists()
    assert _is_current_filing(receipt)
    kept = receipt.filing.documents.select_related("upload")
    assert {row.request_id: row.upload_id for row in kept} == filed
    assert [row for row in kept if not row.upload.file.storage.exists(str(row.upload.file.name))] == []


def test_only_an_unfiled_amendment_can_be_discarded() -> None:
    first = make_draft()
    with pytest.raises(ValueError, match="only an amendment"):
        discard_amendment(draft=first, actor=first.submission.candidate)
    draft = _amend(make_filing())
    _file(draft)
    with pytest.raises(DraftClosedError):
        discard_amendment(draft=draft, actor=draft.submission.candidate)


def test_a_withdrawal_keeps_the_filing_and_discards_the_amendment(receipt: Receipt) -> None:
    submission = receipt.filing.submission
    _amend(receipt)
    after = withdraw_submission(
        submission=submission, actor=submission.candidate, reason=" J’ai accepté un emploi. "
    )
    assert after.state == State.WITHDRAWN
    assert _is_current_filing(receipt)
    assert not submission.drafts.filter(closed_at=None).exists()
    assert submission.transitions.latest("pk").reason == "J’ai accepté un emploi."


def test_withdrawing_twice_withdraws_once() -> None:
    submission = make_filing().filing.submission
    for _click in range(2):
        withdraw_submission(submission=submission, actor=submission.candidate, reason="Indisponible")
    assert submission.transitions.filter(action=Action.WITHDRAW).count() == 1


def test_a_withdrawal_requires_a_reason_and_its_candidate() -> None:
    submission = make_filing().filing.submission
    with pytest.raises(ReasonMissingError):
        withdraw_submission(submission=submission, actor=submission.candidate, reason="  ")
    with pytest.raises(MoveNotAllowedError):
        withdraw_submission(submission=submission, actor=make_user(), reason="Pas à moi")
    assert Submission.objects.get(pk=submission.pk).state == State.SUBMITTED
    with pytest.raises(MoveNotAllowedError):
        draft = make_draft()
        withdraw_submission(submission=draft.submission, actor=draft.submission.candidate, reason="Rien")


def test_a_candidate_who_withdrew_may_file_again_before_closing() -> None:
    first = make_filing()
    submission = first.filing.submission
    withdraw_submission(submission=submission, actor=submission.candidate, reason="Hésitation")
    second = _file(_amend(first))
    assert Submission.objects.get(pk=submission.pk).state == State.SUBMITTED
    assert _is_current_filing(second)


def test_staff_may_neither_amend_nor_withdraw() -> None:
    submission = make_filing().filing.submission
    for action in (Action.AMEND, Action.WITHDRAW):
        with pytest.raises(MoveNotAllowedError):
            move_submission(submission=submission, action=action, actor=make_staff())


def test_the_database_refuses_a_second_open_amendment(receipt: Receipt) -> None:
    draft = _amend(receipt)
    with pytest.raises(IntegrityError, match="a_submission_has_one_open_draft"), transaction.atomic():
        Draft.objects.create(submission=draft.submission, answers={}, replaces=receipt.filing)
    assert draft.submission.drafts.get(closed_at=None) == draft
