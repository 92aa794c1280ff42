"""Writes of each operation after a filing, in full: the row, the journal and the deliveries."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from intake.dossiers.services import read_seal
from intake.outbox.models import Delivery
from intake.submissions.access.queries import own_submission
from intake.submissions.after_filing.operations import discard_amendment, start_amendment, withdraw_submission
from intake.submissions.attachments.operations import remove_document
from intake.submissions.complements.scope import OutOfScopeChangeError, Scope
from intake.submissions.drafts.complement_progress import (
    ComplementProgress,
    complement_progress_of,
    exclusive_scope,
)
from intake.submissions.drafts.operations import save_section
from intake.submissions.drafts.queries import read_draft_details
from intake.submissions.extensions.operations import extend_personal_deadline
from intake.submissions.lifecycle.errors import MoveNotAllowedError, ReasonMissingError
from intake.submissions.lifecycle.operations import ENDINGS
from intake.submissions.models import Draft, Receipt, Ruling, Submission
from intake.submissions.questions.sections import asked_sections, section_by_key
from intake.submissions.receipts.operations import (
    MAX_RESENDS_PER_DAY,
    TooManyResendsError,
    request_receipt_pdf,
    request_receipt_pdfs,
    resend_receipt,
)
from intake.submissions.rulings.operations import rule_on_finding, uphold_review
from intake.submissions.states import Action
from tests.database_roles import as_owner
from tests.factories.complements import (
    make_filed_and_closed,
    request_complement_for,
    resume_without_complement,
    start_answer,
)
from tests.factories.people import make_staff, make_user
from tests.factories.review import make_filed_for_review
from tests.factories.submissions import (
    make_draft,
    make_filing,
    make_open_offer,
    make_upload,
)
from tests.submissions.rows import RECEIPT, SUBMISSION, about, record_writes, transaction_instant

pytestmark = pytest.mark.django_db


# -- After a filing ---------------------------------------------------------------------------------------------------
def test_an_amendment_copies_the_answers_and_acknowledged_changes() -> None:
    filing = make_filing().filing
    noted = filing.draft.changes_noted_at - timedelta(days=3)
    Draft.objects.filter(pk=filing.draft_id).update(changes_noted_at=noted)
    submission = Submission.objects.get(pk=filing.submission_id)
    with record_writes() as (entries, deliveries):
        draft = start_amendment(submission=submission, actor=submission.candidate)
        assert start_amendment(submission=submission, actor=submission.candidate) == draft
    draft.refresh_from_db()
    assert (draft.answers, draft.replaces, draft.saved_at, draft.changes_noted_at, draft.version) == (
        filing.draft.answers,
        filing,
        transaction_instant(),
        noted,
        0,
    )
    assert (entries, deliveries) == (
        [("AMENDMENT_STARTED", submission.candidate, about(submission), "")],
        [],
    )
    with pytest.raises(MoveNotAllowedError) as refused:
        start_amendment(submission=submission, actor=make_user())
    assert (refused.value.action, refused.value.state) == (Action.AMEND, "SUBMITTED")
    with record_writes() as (entries, deliveries):
        discard_amendment(draft=draft, actor=submission.candidate)
        discard_amendment(draft=draft, actor=submission.candidate)
    assert (entries, deliveries) == (
        [("AMENDMENT_DISCARDED", submission.candidate, about(submission), "")],
        [],
    )
    assert not submission.drafts.filter(closed_at=None).exists()
    with pytest.raises(ValueError, match=r"^only an amendment is discarded$"):
        discard_amendment(draft=make_draft(), actor=submission.candidate)


def test_a_withdrawal_stores_its_reason_and_ends_the_complement() -> None:
    submission = make_filed_and_closed()
    asked, draft = request_complement_for(submission), start_answer(submission)
    assert submission.standing_filing is not None
    receipt = submission.standing_filing.receipt
    for reason in ("", "  "):
        with pytest.raises(ReasonMissingError):
            withdraw_submission(submission=submission, actor=submission.candidate, reason=reason)
    with pytest.raises(MoveNotAllowedError) as refused:
        withdraw_submission(submission=submission, actor=make_user(), reason="Non.")
    assert (refused.value.action, refused.value.state) == (Action.WITHDRAW, "COMPLEMENT_REQUESTED")
    with record_writes() as (entries, deliveries):
        for _twice in range(2):
            moved = withdraw_submission(
                submission=submission, actor=submission.candidate, reason=" Un deuil. "
            )
    assert moved.state == "WITHDRAWN"
    assert (entries, deliveries) == (
        [("SUBMISSION_WITHDRAW", submission.candidate, about(submission), "")],
        [("WITHDRAWAL_MAIL", receipt.number, RECEIPT, str(receipt.pk))],
    )
    last = submission.transitions.order_by("pk").last()
    assert last is not None
    assert (last.from_state, last.to_state, last.reason) == ("COMPLEMENT_REQUESTED", "WITHDRAWN", "Un deuil.")
    asked.refresh_from_db()
    assert (asked.ending, asked.ended_at) == ("WITHDRAWN", transaction_instant())
    assert not Draft.objects.filter(pk=draft.pk).exists()
    with pytest.raises(MoveNotAllowedError):
        withdraw_submission(submission=submission, actor=make_user(), reason="Non.")


def test_a_receipt_is_sent_again_three_times_a_day_at_most() -> None:
    receipt = make_filing().filing.receipt
    submission = receipt.filing.submission
    assert MAX_RESENDS_PER_DAY == 3
    midnight = datetime(2027, 9, 2, tzinfo=submission.offer.zone).astimezone(UTC)

    def again(at: datetime) -> Delivery:
        Delivery.objects.filter(kind="RECEIPT_MAIL").update(state="DONE", done_at=at)
        return resend_receipt(submission=submission, actor=submission.candidate, at=at)

    on_its_way = resend_receipt(submission=submission, actor=submission.candidate, at=midnight)
    assert on_its_way.key == receipt.number
    with record_writes() as (entries, deliveries):
        for _time in range(3):
            sent = again(midnight - timedelta(seconds=1))
        with pytest.raises(TooManyResendsError):
            again(midnight - timedelta(microseconds=1))
        assert again(midnight).key == f"{receipt.number}/2027-09-02/1"
        leased = Delivery.objects.filter(key=f"{receipt.number}/2027-09-02/1")
        leased.update(state="LEASED", leased_until=midnight, lease_token=uuid4())
        assert resend_receipt(submission=submission, actor=submission.candidate, at=midnight) == leased.get()
    assert sent.due_at == midnight - timedelta(seconds=1)
    keys = [f"2027-09-01/{time}" for time in (1, 2, 3)] + ["2027-09-02/1"]
    assert deliveries == [
        ("RECEIPT_MAIL", f"{receipt.number}/{key}", RECEIPT, str(receipt.pk)) for key in keys
    ]
    assert entries == [("RECEIPT_RESENT", submission.candidate, about(submission), "")] * 4


def test_the_pdf_of_a_receipt_is_requested_once_in_the_candidates_language() -> None:
    for english, kind in ((False, "RECEIPT_PDF"), (True, "RECEIPT_PDF_IN_ENGLISH")):
        receipt, at = make_filing(), timezone.now()
        submission = receipt.filing.submission
        Delivery.objects.filter(key=receipt.number, kind="RECEIPT_PDF").delete()
        options: dict[str, Any] = {
            "submission": submission,
            "actor": submission.candidate,
            "reads_english": english,
            "at": at,
        }
        with record_writes() as (entries, deliveries):
            assert [request_receipt_pdf(**options) for _time in range(2)] == [True, False]
        assert entries == [("RECEIPT_PDF_ASKED", submission.candidate, about(submission), "")]
        assert deliveries == [(kind, receipt.number, RECEIPT, str(receipt.pk))]
        assert Delivery.objects.get(kind=kind, key=receipt.number).due_at == at
    draft = make_draft()
    with pytest.raises(MoveNotAllowedError) as refused:
        request_receipt_pdf(**options | {"submission": draft.submission})
    assert (refused.value.action, refused.value.state) == (Action.FILE, "DRAFT")


def test_missing_pdfs_are_requested_with_the_oldest_filings_first() -> None:
    offer, at = make_open_offer(), timezone.now()
    receipts = [make_filing(offer=offer) for _time in range(3)]
    make_filing()  # to another offer
    Delivery.objects.filter(kind="RECEIPT_PDF").delete()
    oldest = [receipts[2], receipts[0], receipts[1]]
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE submissions_filing DISABLE TRIGGER USER")
        for days, receipt in enumerate(reversed(oldest), start=1):
            cursor.execute(
                "UPDATE submissions_filing SET received_at = received_at - make_interval(days => %s) WHERE id = %s",
                [days, receipt.filing_id],
            )
        cursor.execute("ALTER TABLE submissions_filing ENABLE TRIGGER USER")
    number = offer.number or ""
    with record_writes() as (entries, deliveries):
        left = [
            request_receipt_pdfs(offer_number=number, at_most=at_most, at=at) for at_most in (1, 0, 1, 5, 5)
        ]
    assert left == [(1, 2), (0, 2), (1, 1), (1, 0), (0, 0)]
    assert [row[:2] for row in deliveries] == [("RECEIPT_PDF", receipt.number) for receipt in oldest]
    assert entries == []


# -- Extensions and complements ---------------------------------------------------------------------------------------
def test_the_mail_of_an_extension_has_the_submission_as_subject_if_any() -> None:
    offer, author = make_open_offer(), make_staff()
    submission = make_draft(offer=offer).submission
    for person, subject in ((submission.candidate, submission), (make_user(), None)):
        with record_writes() as (entries, deliveries):
            given = extend_personal_deadline(
                offer=offer,
                candidate=person,
                author=author,
                reason="  Panne. ",
                closes_on=offer.closes_on + timedelta(days=2),
                at=timezone.now(),
            )
        told_of = (
            (SUBMISSION, str(submission.pk)) if subject else ("submissions.personalextension", str(given.pk))
        )
        assert deliveries == [("PERSONAL_EXTENSION_MAIL", str(given.pk), *told_of)]
        assert [row[:3] for row in entries] == [("PERSONAL_EXTENSION_GIVEN", author, str(given.pk))]
        assert (given.offer, given.candidate, given.author, given.reason) == (offer, person, author, "Panne.")


def test_a_complement_request_writes_row_and_mail_and_replaces_the_earlier() -> None:
    submission, staff = make_filed_and_closed(), make_staff()
    filing = submission.standing_filing
    assert filing is not None
    with record_writes() as (entries, deliveries):
        first = request_complement_for(
            submission, staff=staff, words=" Illisible. ", sections=["langues", "etudes"]
        )
        second = request_complement_for(submission, staff=staff, sections=[])
    subject = about(submission)
    assert entries == [("SUBMISSION_REQUEST_COMPLEMENT", staff, subject, "")] * 2
    assert deliveries == [
        ("COMPLEMENT_REQUEST_MAIL", str(asked.pk), RECEIPT, str(filing.receipt.pk))
        for asked in (first, second)
    ]
    first.refresh_from_db()
    assert (first.words, first.sections, first.asked_by, first.filing, first.submission) == (
        "Illisible.",
        ["etudes", "langues"],
        staff,
        filing,
        submission,
    )
    assert [document.kind for document in first.documents.all()] == ["CV"]
    assert (first.ending, first.ended_at, second.ending, second.sections) == (
        "REPLACED",
        transaction_instant(),
        "",
        [],
    )
    assert [row.reason for row in submission.transitions.order_by("pk")][1] == "Illisible."
    with record_writes() as (entries, deliveries):
        resume_without_complement(submission=submission, actor=staff, reason=" Assez. ")
    assert entries == [("SUBMISSION_RESUME", staff, subject, "")]
    assert deliveries == [("COMPLEMENT_RESUMED_MAIL", str(second.pk), RECEIPT, str(filing.receipt.pk))]
    second.refresh_from_db()
    assert second.ending == "RESUMED"
    last = submission.transitions.order_by("pk").last()
    assert last is not None
    assert last.reason == "Assez."


def test_each_move_of_an_incomplete_submission_ends_its_complement() -> None:
    assert {action.value: ending.value for action, ending in ENDINGS.items()} == {
        "REQUEST_COMPLEMENT": "REPLACED",
        "RESUME": "RESUMED",
        "WITHDRAW": "WITHDRAWN",
        "FIND_INADMISSIBLE": "DECIDED",
    }


@pytest.mark.parametrize("what", [{"sections": ["nulle-part"]}, {"sections": ["etudes", "nulle-part"]}])
def test_a_complement_contains_only_sections_and_documents_of_the_offer(what: dict[str, Any]) -> None:
    submission = make_filed_and_closed()
    with pytest.raises(ValueError, match=r"^a complement is of what the offer asks$"):
        request_complement_for(submission, **what)
    other = make_open_offer().documents.get(kind="CV")
    with pytest.raises(ValueError, match=r"^a complement is of what the offer asks$"):
        request_complement_for(submission, documents=[other])


def test_an_answer_may_change_only_the_requested_parts() -> None:
    submission = make_filed_and_closed()
    cv, other = submission.offer.documents.filter(required=True).order_by("position")[:2]
    request_complement_for(submission, documents=[cv])
    draft = start_answer(submission)
    filed = draft.answers
    strays = {"answers": filed | {"city": "Gaspé"}}
    new = make_upload(submission.candidate, name="autre.pdf")
    new.sha256 = "e" * 64
    new.save()
    draft.documents.filter(request__in=[cv, other]).update(upload=new)
    Draft.objects.filter(pk=draft.pk).update(**strays)
    before = Draft.objects.get(pk=draft.pk).version
    with record_writes() as (entries, _deliveries):
        for _twice in range(2):
            put_back = start_amendment(submission=submission, actor=submission.candidate)
    put_back.refresh_from_db()
    assert (put_back.pk, put_back.answers, put_back.version, put_back.saved_at) == (
        draft.pk,
        filed,
        before + 1,
        transaction_instant(),
    )
    held = {row.request_id: row.upload_id for row in put_back.documents.all()}
    filing = submission.standing_filing
    assert filing is not None
    assert held[cv.pk] == new.pk
    assert held[other.pk] == filing.documents.get(request=other).upload_id
    assert entries == [("AMENDMENT_PUT_BACK", submission.candidate, about(submission), "")]
    with pytest.raises(OutOfScopeChangeError) as refused:
        section = section_by_key("coordonnees")
        assert section is not None
        save_section(draft=draft, section=section, answers={}, actor=submission.candidate)
    assert (refused.value.sections, refused.value.documents) == (("coordonnees",), ())
    with pytest.raises(OutOfScopeChangeError) as refused:
        remove_document(draft=draft, request=other, actor=submission.candidate)
    assert (refused.value.sections, refused.value.documents) == ((), (other.pk,))


# -- Rulings ----------------------------------------------------------------------------------------------------------
def test_the_last_ruling_settles_the_human_review() -> None:
    submission, staff = make_filed_for_review(make_open_offer(), domicile_province="ON"), make_staff()
    filing = submission.standing_filing
    assert filing is not None
    findings = read_seal(filing.seal).verdict["findings"]
    first, second = (place for place, row in enumerate(findings) if row["outcome"] == "NOT_MET")
    receipt, subject = Receipt.objects.get(filing=filing), about(submission)
    with record_writes() as (entries, deliveries):
        for place in (first, second):
            rule_on_finding(
                filing=filing,
                position=place,
                decision=Ruling.Decision.OVERTURNED,
                reason=" Vu la pièce. ",
                actor=staff,
            )
    assert entries == [
        ("FINDING_OVERTURNED", staff, subject, findings[first]["kind"]),
        ("FINDING_OVERTURNED", staff, subject, findings[second]["kind"]),
        ("RESERVE_LIFTED", staff, subject, ""),
    ]
    assert deliveries == [("RULINGS_MAIL", receipt.number, RECEIPT, str(receipt.pk))]
    assert [
        (row.filing, row.turn, row.position, row.kind, row.decision, row.reason, row.actor)
        for row in Ruling.objects.order_by("pk")
    ] == [
        (filing, 1, place, findings[place]["kind"], "OVERTURNED", "Vu la pièce.", staff)
        for place in (first, second)
    ]
    version = submission.version
    submission.refresh_from_db()
    assert (submission.reserve, submission.state, submission.version) == ("LIFTED", "SUBMITTED", version + 1)


def test_confirmed_findings_give_the_reason_of_the_refusal() -> None:
    submission, staff = make_filed_for_review(make_open_offer(), domicile_province="ON"), make_staff()
    filing = submission.standing_filing
    assert filing is not None
    findings = read_seal(filing.seal).verdict["findings"]
    for place, words in zip(
        (place for place, row in enumerate(findings) if row["outcome"] == "NOT_MET"),
        ("Un.", "Deux."),
        strict=True,
    ):
        with record_writes() as (entries, _deliveries):
            rule_on_finding(
                filing=filing, position=place, decision=Ruling.Decision.CONFIRMED, reason=words, actor=staff
            )
    assert [row[0] for row in entries] == ["FINDING_CONFIRMED"]
    second = make_staff()
    with record_writes() as (entries, _deliveries):
        uphold_review(filing=filing, actor=second, seen=Ruling.objects.latest("pk").pk)
    assert [row[:2] for row in entries] == [
        ("SUBMISSION_FIND_INADMISSIBLE", second),
        ("RESERVE_UPHELD", second),
    ]
    submission.refresh_from_db()
    assert (submission.reserve, submission.state) == ("UPHELD", "INADMISSIBLE")
    last = submission.transitions.order_by("pk").last()
    assert last is not None
    assert (last.actor, last.reason) == (second, "Un.\nDeux.")


# -- A complement ----------------------------------------------------------------------------------------------------
def test_the_progress_of_an_answer_lists_requested_and_stray_changes() -> None:
    submission = make_filed_and_closed()
    cv, other = submission.offer.documents.filter(required=True).order_by("position")[:2]
    asked = request_complement_for(submission, documents=[cv], sections=["etudes"])
    draft = start_answer(submission)
    Draft.objects.filter(pk=draft.pk).update(answers=draft.answers | {"city": "Gaspé", "bar_school": True})
    draft.documents.filter(request=other).delete()

    def read(at: datetime) -> ComplementProgress | None:
        own = own_submission(submission.candidate, submission.public_id)
        assert own is not None
        return complement_progress_of(read_draft_details(own, Draft.objects.get(pk=draft.pk), at=at), at=at)

    found = read(transaction_instant())
    assert found is not None
    assert (found.complement, found.is_alone, found.is_astray) == (asked, True, True)
    assert [(file.row.request, file.done.value) for file in found.documents] == [(cv, "AS_FILED")]
    assert [(part.section.key, part.done.value) for part in found.sections] == [("etudes", "CHANGED")]
    assert cv not in [row.request for row in found.other_documents]
    assert other in [row.request for row in found.other_documents]
    assert "etudes" not in [row.section.key for row in found.other_sections]
    assert len(found.other_sections) == len(asked_sections(submission.offer)) - 1
    assert [section.key for section in found.stray_sections] == ["coordonnees"]
    assert [row.request for row in found.stray_documents] == [other]
    own = own_submission(submission.candidate, submission.public_id)
    assert own is not None
    assert exclusive_scope(own, at=transaction_instant()) == Scope(frozenset({"etudes"}), frozenset({cv.pk}))
    early = read(submission.offer.closes_at - timedelta(microseconds=1))
    assert early is not None
    assert (early.is_alone, early.stray_sections, early.stray_documents) == (False, (), ())
    assert exclusive_scope(own, at=submission.offer.closes_at - timedelta(microseconds=1)) is None
    assert read(asked.due_at) is None
