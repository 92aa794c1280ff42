"""After a filing: amended until closing while the filing counts, or withdrawn."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from intake.dossiers.services import read_seal
from intake.submissions.after_filing.operations import discard_amendment, start_amendment, withdraw_submission
from intake.submissions.lifecycle.errors import (
    DraftClosedError,
    MoveNotAllowedError,
    ReasonMissingError,
)
from intake.submissions.models import Draft, Receipt, Submission
from intake.submissions.states import Action, State
from tests.factories.people import make_user
from tests.factories.submissions import (
    close_offer,
    make_draft,
    make_filing,
)
from tests.submissions.filed_pages import browser_of, page_of, read, submission_of, withdraw
from tests.submissions.pages import file_now, pressed, save_answers, section_of

pytestmark = pytest.mark.django_db


def _amend(receipt: Receipt) -> Draft:
    submission = receipt.filing.submission
    return start_amendment(submission=submission, actor=submission.candidate)


def _rename(draft: Draft, first_name: str) -> Draft:
    given = section_of("identite").of(draft.answers) | {"first_name": first_name}
    return save_answers(draft, "identite", given)


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
    second = file_now(draft)
    assert _is_current_filing(second)
    assert second.number != first.number
    assert (second.filing.sequence, second.filing.replaces_id) == (2, first.filing_id)
    assert read_seal(first.filing.seal).person.first_name == "Anaïs"
    assert read_seal(second.filing.seal).person.first_name == "Anne"


def test_a_submission_may_be_amended_repeatedly() -> None:
    first = make_filing()
    second = file_now(_amend(first))
    third = file_now(_amend(second))
    assert third.filing.sequence == 3
    moves = first.filing.submission.transitions.order_by("pk").values_list("action", flat=True)
    assert list(moves) == [Action.FILE, Action.AMEND, Action.AMEND]


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
    file_now(draft)
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


def test_the_database_refuses_a_second_open_amendment(receipt: Receipt) -> None:
    draft = _amend(receipt)
    with pytest.raises(IntegrityError, match="a_submission_has_one_open_draft"), transaction.atomic():
        Draft.objects.create(submission=draft.submission, answers={}, replaces=receipt.filing)
    assert draft.submission.drafts.get(closed_at=None) == draft


DRAFT_PAGES = ("tasks", "documents", "review", "discard")


def test_a_withdrawal_keeps_its_reason_and_is_displayed_on_every_page(receipt: Receipt) -> None:
    client = browser_of(receipt)
    assert "Ce que cela veut dire" in read(client, page_of("withdraw", receipt))
    posted = {"reason": "STUDIES", "message": "Ma session commence plus tôt."}
    for _click in range(2):
        assert client.post(page_of("withdraw", receipt), posted).headers["Location"] == page_of(
            "receipt", receipt
        )
    submission = submission_of(receipt)
    assert submission.state == State.WITHDRAWN
    (move,) = submission.transitions.filter(action=Action.WITHDRAW)
    assert (
        move.reason == "Mes études ou mon calendrier ne me le permettent plus\nMa session commence plus tôt."
    )
    shown = read(client, page_of("receipt", receipt))
    assert "Désistement enregistré</h1>" in shown
    assert "Faire un nouveau dépôt" in shown
    assert "Ma session commence plus tôt." in read(client, page_of("follow", receipt))
    assert "Désistement" in read(client, reverse("submissions:mine"))
    back = client.get(page_of("withdraw", receipt))
    assert back.headers["Location"] == page_of("receipt", receipt)


@pytest.mark.parametrize(
    "posted,field",
    [({}, "reason"), ({"reason": "OTHER", "message": "  "}, "message"), ({"reason": "RIEN"}, "reason")],
)
def test_a_withdrawal_without_its_reason_is_refused(
    receipt: Receipt, posted: dict[str, str], field: str
) -> None:
    answer = browser_of(receipt).post(page_of("withdraw", receipt), posted)
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    assert submission_of(receipt).state == State.SUBMITTED


def test_a_new_submission_after_withdrawal_mentions_no_valid_filing(
    receipt: Receipt,
) -> None:
    withdraw(receipt)
    client = browser_of(receipt)
    assert client.post(page_of("amend", receipt)).headers["Location"] == page_of("tasks", receipt)
    for name in DRAFT_PAGES:
        shown = read(client, page_of(name, receipt))
        assert "Nouveau dépôt non terminé" in shown, name
        assert "reste valide" not in shown, name
    assert "Nouveau dépôt non terminé" in read(client, reverse("submissions:mine"))
    assert "Déposer de nouveau ma candidature" in read(client, page_of("review", receipt))
    client.post(page_of("file", receipt), pressed(submission_of(receipt).drafts.get(closed_at=None)))
    assert submission_of(receipt).state == State.SUBMITTED


def test_after_closing_a_withdrawn_candidate_is_offered_no_new_submission(receipt: Receipt) -> None:
    close_offer(receipt.filing.submission.offer, seconds_ago=1)
    client = browser_of(receipt)
    assert "votre désistement sera définitif" in read(client, page_of("withdraw", receipt))
    withdraw(receipt)
    assert "Faire un nouveau dépôt" not in read(client, page_of("receipt", receipt))
