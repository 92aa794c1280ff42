"""Writes of a draft and a filing, in full: the row, the journal and the deliveries, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.transaction import Atomic
from django.utils import timezone

from intake.dossiers.services import read_seal
from intake.outbox.models import Delivery
from intake.profiles.models import NoticeAcceptance
from intake.profiles.selectors import answers_from_profile
from intake.submissions.after_filing.operations import start_amendment
from intake.submissions.attachments.operations import attach_document, remove_document
from intake.submissions.drafts.answer_merge import Shown
from intake.submissions.drafts.collection_notice import COLLECTION
from intake.submissions.drafts.operations import import_answers, save_section, start_draft
from intake.submissions.filing.operations import file_draft
from intake.submissions.lifecycle.errors import MoveNotAllowedError, StaleDraftError
from intake.submissions.models import Draft, Submission
from intake.submissions.questions.sections import section_by_key
from intake.submissions.states import Action
from tests.factories.people import ANSWERS, make_profile, make_user
from tests.factories.submissions import (
    ALL_DECLARATIONS,
    make_draft,
    make_filing,
    make_open_offer,
    make_upload,
)
from tests.house.operations import operations_of
from tests.submissions.rows import RECEIPT, about, record_writes, transaction_instant

pytestmark = pytest.mark.django_db


# -- Transactions ---------------------------------------------------------------------------------------------------
def _is_atomic(service: Any) -> bool:
    cells = getattr(service, "__closure__", None) or ()
    return any(isinstance(cell.cell_contents, Atomic) for cell in cells)


IN_PARTS = {
    "autosave_section": "its save is one statement, which locks and writes only what was read",
    "due_lead_time": "reads and writes nothing",
    "remind_of_complements": "each slice commits by itself",
    "remind_of_drafts": "each slice commits by itself",
    "file_draft": "its own, so that what the commit refuses is said by its name",
    "copy_rulings": "part of the filing's",
    "end_answered_request": "part of the filing's",
    "end_request_by_move": "part of each move's",
    "write_move": "part of each move's",
}


def test_each_operation_runs_in_one_transaction_or_has_a_reason() -> None:
    loose = {name for name, done in operations_of("intake.submissions").items() if not _is_atomic(done)}
    assert loose == IN_PARTS.keys()


# -- A draft ----------------------------------------------------------------------------------------------------------
def test_a_draft_is_started_once_with_known_answers() -> None:
    offer, person = make_open_offer(), make_user()
    make_profile(person, city="Lévis")
    given = {"city": "Gaspé", "studies": [], "bar_school": True}
    with record_writes() as (entries, deliveries):
        draft = start_draft(candidate=person, offer=offer, answers=given, accepts=COLLECTION)
        again = start_draft(candidate=person, offer=offer, answers={"city": "Amos"})
    assert again == draft
    draft.refresh_from_db()
    submission = Submission.objects.get(candidate=person)
    assert draft.answers == ANSWERS | given
    assert (draft.submission, draft.version, draft.replaces, draft.closed_at) == (submission, 0, None, None)
    assert draft.saved_at == draft.changes_noted_at
    assert draft.saved_at is not None
    assert abs(draft.saved_at - timezone.now()) < timedelta(minutes=1)
    assert (entries, deliveries) == ([("DRAFT_STARTED", person, about(submission), "")], [])
    accepted = NoticeAcceptance.objects.get(user=person)
    assert (accepted.notice, accepted.version) == (COLLECTION.key, COLLECTION.version)
    assert answers_from_profile(person)["city"] == "Gaspé", "what was just said is remembered"


def test_a_draft_without_acceptance_of_the_notice_stores_no_profile() -> None:
    person = make_user()
    draft = start_draft(candidate=person, offer=make_open_offer())
    assert (draft.answers, NoticeAcceptance.objects.filter(user=person).count()) == ({}, 0)
    assert answers_from_profile(person) == {}


def test_imported_answers_replace_only_the_draft_that_was_read() -> None:
    draft = make_draft()
    person, before = draft.submission.candidate, draft.version
    Draft.objects.filter(pk=draft.pk).update(saved_at=None)
    with pytest.raises(StaleDraftError) as stale:
        import_answers(draft=draft, answers={"city": "Gaspé"}, actor=person, seen=before - 1)
    assert stale.value.saved_at is None
    with record_writes() as (entries, deliveries):
        taken = import_answers(draft=draft, answers={"city": "Gaspé"}, actor=person, seen=before)
    taken.refresh_from_db()
    assert (taken.version, taken.saved_at) == (before + 1, transaction_instant())
    assert taken.answers == draft.answers | {"city": "Gaspé"}
    assert (entries, deliveries) == ([], [])
    assert answers_from_profile(person)["city"] == "Gaspé"
    assert import_answers(draft=draft, answers={"city": "Amos"}, actor=person).version == before + 2


def test_a_saved_section_keeps_the_others_and_updates_the_profile() -> None:
    draft = make_draft()
    person, section = draft.submission.candidate, section_by_key("coordonnees")
    assert section is not None
    said, shown = section.of(draft.answers), Shown(section.digests(draft.answers))
    for saved, change, version in (
        (said | {"city": "Gaspé"}, {"city": "Gaspé"}, draft.version + 1),
        (said | {"city": "Gaspé"}, {"city": "Gaspé"}, draft.version + 1),
        (said | {"city": "Amos"}, {"city": "Amos"}, draft.version + 2),
    ):
        kept = save_section(draft=draft, section=section, answers=saved, actor=person).draft
        kept.refresh_from_db()
        assert (kept.answers, kept.version, kept.saved_at) == (
            draft.answers | change,
            version,
            transaction_instant(),
        )
        assert answers_from_profile(person)["city"] == change["city"]
    mine = said | {"city": "Laval", "address_line": "1, rue d’Essai"}
    both = save_section(draft=draft, section=section, answers=mine, actor=person, shown=shown)
    assert (set(both.conflicts), both.draft.version) == ({"city"}, draft.version + 3)
    assert both.draft.answers == draft.answers | {
        "city": "Amos",
        "address_line": "1, rue d’Essai",
        "conflicts": {"city": {"answers": {"city": "Laval"}, "page": ""}},
    }
    assert answers_from_profile(person)["city"] == "Amos"
    same = mine | {"city": "Amos"}
    again = save_section(draft=draft, section=section, answers=same, actor=person, shown=shown)
    assert (set(again.conflicts), again.draft.version) == (set(), draft.version + 3)
    unfinished = same | {"city": None, "address_line": "2, rue d’Essai"}
    kept = save_section(draft=draft, section=section, answers=unfinished, actor=person, finished=False).draft
    assert (kept.answers["city"], kept.answers["address_line"]) == (None, "2, rue d’Essai")
    known = answers_from_profile(person)
    assert (known["city"], known["address_line"]) == ("Amos", "2, rue d’Essai")


def test_a_file_replaces_only_the_one_that_was_displayed(
    django_capture_on_commit_callbacks: Any,
) -> None:
    draft = make_draft()
    person, cv = draft.submission.candidate, draft.submission.offer.documents.get(kind="CV")
    held, at = draft.documents.get(request=cv), transaction_instant()
    new = make_upload(person, name="neuf.pdf")
    new.sha256 = "e" * 64
    new.save()
    options: dict[str, Any] = {"draft": draft, "request": cv, "actor": person}
    same = make_upload(person, name="pareil.pdf")
    assert attach_document(**options, upload=same, seen="") == held, "the very bytes change nothing"
    with pytest.raises(StaleDraftError):
        attach_document(**options, upload=new, seen="")
    with pytest.raises(StaleDraftError):
        attach_document(**options, upload=new, seen="0" * 32)
    draft.refresh_from_db()
    before = draft.version
    with record_writes() as (entries, deliveries), django_capture_on_commit_callbacks(execute=True):
        placed = attach_document(**options, upload=new, seen=held.upload.public_id.hex)
    assert (placed.draft, placed.request, placed.upload) == (draft, cv, new)
    assert (entries, deliveries) == ([("DOCUMENT_ATTACHED", person, about(draft.submission), "CV")], [])
    draft.refresh_from_db()
    assert (draft.version, draft.saved_at) == (before + 1, at)
    assert not type(new).objects.filter(pk=held.upload_id).exists(), "what nothing holds is let go"
    with record_writes() as (entries, deliveries), django_capture_on_commit_callbacks(execute=True):
        remove_document(draft=draft, request=cv, actor=person)
        remove_document(draft=draft, request=cv, actor=person)
    assert (entries, deliveries) == ([("DOCUMENT_REMOVED", person, about(draft.submission), "CV")], [])
    draft.refresh_from_db()
    assert draft.version == before + 2
    assert not type(new).objects.filter(pk=new.pk).exists()
    assert attach_document(**options, upload=same, seen="").upload == same


# -- A filing ---------------------------------------------------------------------------------------------------------
def test_a_filing_writes_all_its_rows_and_requests_its_deliveries() -> None:
    draft = make_draft()
    person, submission = draft.submission.candidate, draft.submission
    with record_writes() as (entries, deliveries):
        receipt = file_draft(draft=draft, actor=person, declarations=ALL_DECLARATIONS)
    subject, at = str(receipt.pk), transaction_instant()
    assert entries == [("SUBMISSION_FILE", person, about(submission), "")]
    assert sorted(deliveries) == [
        (kind, receipt.number, RECEIPT, subject) for kind in ("DOSSIER", "RECEIPT_MAIL", "RECEIPT_PDF")
    ]
    assert {row.due_at for row in Delivery.objects.filter(key=receipt.number)} == {at}
    filing = receipt.filing
    filing.refresh_from_db()
    assert (filing.submission, filing.sequence, filing.draft, filing.replaces, filing.received_at) == (
        submission,
        1,
        draft,
        None,
        at,
    )
    assert [*filing.documents.order_by("request__position").values_list("request", "upload", "sha256")] == [
        *draft.documents.order_by("request__position").values_list("request", "upload", "upload__sha256")
    ]
    verdict = filing.verdict
    sealed = read_seal(filing.seal).verdict
    assert (verdict.outcome, verdict.under_reserve, verdict.rulebook.offer) == (
        "ELIGIBLE",
        False,
        submission.offer,
    )
    assert (verdict.rulebook_digest, verdict.facts_digest) == (
        sealed["rulebook_digest"],
        sealed["facts_digest"],
    )
    assert verdict.blocking == [
        place for place, found in enumerate(sealed["findings"]) if found["effect"] == "BLOCK"
    ]
    assert not hasattr(filing, "review_request")
    draft.refresh_from_db()
    submission.refresh_from_db()
    assert draft.closed_at == at
    assert (submission.state, submission.version, submission.reserve, submission.standing_filing) == (
        "SUBMITTED",
        1,
        "NONE",
        filing,
    )
    assert submission.filed_name == f"{ANSWERS['last_name']}, {ANSWERS['first_name']}"
    move = submission.transitions.get()
    assert (move.action, move.from_state, move.to_state, move.actor, move.reason) == (
        "FILE",
        "DRAFT",
        "SUBMITTED",
        person,
        "",
    )


def test_a_filing_in_english_requests_an_english_receipt_too() -> None:
    draft = make_draft()
    receipt = file_draft(
        draft=draft, actor=draft.submission.candidate, declarations=ALL_DECLARATIONS, reads_english=True
    )
    kinds = Delivery.objects.filter(key=receipt.number).values_list("kind", flat=True)
    assert sorted(kinds) == ["DOSSIER", "RECEIPT_MAIL", "RECEIPT_PDF_IN_ENGLISH"]


def test_the_draft_of_another_user_is_not_filed() -> None:
    draft = make_draft()
    with pytest.raises(MoveNotAllowedError) as refused:
        file_draft(draft=draft, actor=make_user(), declarations=ALL_DECLARATIONS)
    assert (refused.value.action, refused.value.state) == (Action.FILE, "DRAFT")
    filed = make_filing().filing.submission
    amendment = start_amendment(submission=filed, actor=filed.candidate)
    with pytest.raises(MoveNotAllowedError) as refused:
        file_draft(draft=amendment, actor=make_user(), declarations=ALL_DECLARATIONS)
    assert (refused.value.action, refused.value.state) == (Action.AMEND, "SUBMITTED")
