"""After a filing: amended until closing while the filing counts, or withdrawn; operations, then pages."""

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.dossiers.services import read_seal
from intake.outbox.models import Delivery
from intake.submissions.after_filing.operations import discard_amendment, start_amendment, withdraw_submission
from intake.submissions.attachments.operations import attach_document
from intake.submissions.delivery_kinds import RECEIPT_MAIL
from intake.submissions.lifecycle.errors import MoveNotAllowedError, ReasonMissingError
from intake.submissions.mails.filing_mails import compose_receipt
from intake.submissions.models import Draft, Receipt, Submission
from intake.submissions.states import Action, State
from tests.factories.decisions import decide
from tests.factories.offers import mark_cancelled
from tests.factories.people import client_of, make_user
from tests.factories.review import make_dossier, make_reviewer
from tests.factories.submissions import close_offer, make_draft, make_filing, make_upload
from tests.submissions.filed_pages import (
    amend,
    browser_of,
    file_again,
    page_of,
    read,
    submission_of,
    withdraw,
)
from tests.submissions.pages import between, file_now, pressed, save_answers, section_of, text_of

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


def test_a_discarded_amendment_keeps_the_filing_current(receipt: Receipt) -> None:
    draft = _amend(receipt)
    filed = dict(receipt.filing.documents.values_list("request_id", "upload_id"))
    discard_amendment(draft=draft, actor=draft.submission.candidate)
    assert not Draft.objects.filter(pk=draft.pk).exists()
    assert _is_current_filing(receipt)
    kept = receipt.filing.documents.select_related("upload")
    assert {row.request_id: row.upload_id for row in kept} == filed
    assert [row for row in kept if not row.upload.file.storage.exists(str(row.upload.file.name))] == []


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


def test_a_withdrawal_without_its_reason_is_refused(receipt: Receipt) -> None:
    answer = browser_of(receipt).post(page_of("withdraw", receipt), {"reason": "OTHER", "message": "  "})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"message"}
    assert submission_of(receipt).state == State.SUBMITTED


def test_a_new_submission_after_withdrawal_mentions_no_valid_filing(receipt: Receipt) -> None:
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
    page = read(client, page_of("receipt", receipt))
    assert "Ce désistement est définitif." in page
    assert "Faire un nouveau dépôt" not in page


def test_the_button_starts_one_amendment_for_two_clicks(receipt: Receipt) -> None:
    client = browser_of(receipt)
    assert f'action="{page_of("amend", receipt)}"' in client.get(page_of("receipt", receipt)).content.decode()
    for _click in range(2):
        assert client.post(page_of("amend", receipt)).headers["Location"] == page_of("tasks", receipt)
    assert submission_of(receipt).drafts.filter(closed_at=None).count() == 1


def test_every_page_of_an_amendment_states_that_the_filing_stays_valid(receipt: Receipt) -> None:
    draft = amend(receipt)
    cv = draft.documents.get(request__kind="CV").request_id
    client = browser_of(receipt)
    pages = [
        *(page_of(name, receipt) for name in DRAFT_PAGES),
        *(page_of("section", receipt, key) for key in ("identite", "etudes", "attestations")),
        page_of("document", receipt, cv),
        page_of("document_remove", receipt, cv),
    ]
    for page in pages:
        shown = read(client, page)
        assert "Modification non déposée — le dépôt n°" in shown, page
        assert f"{receipt.number}</span> reste valide" in shown, page
        assert "il reste" in shown, page
        assert "Brouillon — non déposée" not in shown, page
        assert 'class="band band-amend"' in shown, page


def test_the_review_page_lists_only_the_changes() -> None:
    receipt = make_filing(first_name="Anaïs", last_name="Roy")
    draft = amend(receipt, first_name="Anne")
    asked = draft.documents.get(request__kind="CV").request
    candidate = draft.submission.candidate
    new = make_upload(candidate, name="cv-2027.pdf")
    type(new).objects.filter(pk=new.pk).update(sha256="cd" * 32)
    new.refresh_from_db()
    attach_document(draft=draft, request=asked, upload=new, actor=candidate)
    shown = read(browser_of(receipt), page_of("review", receipt))
    changes = shown[shown.index("Ce qui change depuis le dépôt") :].partition("</section>")[0]
    assert "Prénom" in changes
    assert ">Anaïs</span>" in changes
    assert ">Anne</strong>" in changes
    assert "Document remplacé" in changes
    assert "cv.pdf" in changes
    assert "cv-2027.pdf" in changes
    assert changes.count("<dt>") == 2
    assert "Déposer la modification" in shown
    assert "Déposer ma candidature" not in shown


def test_an_unchanged_amendment_is_described_in_both_languages(receipt: Receipt) -> None:
    amend(receipt)
    client = browser_of(receipt)

    def changes() -> str:
        return between(read(client, page_of("review", receipt)), 'id="changes-title"', "</section>")

    assert "Rien pour le moment" in changes()
    assert "<dt>" not in changes()
    client.post(reverse("web:language"), {"langue": "en", "attestation": "oui"})
    assert "Nothing so far" in changes()
    assert "<dt>" not in changes()


def test_the_receipt_of_an_amendment_names_the_replaced_one() -> None:
    first = make_filing()
    make_dossier(submission_of(first))
    draft = amend(first, first_name="Anne")
    client = browser_of(first)
    response = client.post(page_of("file", first), pressed(draft))
    assert response.headers["Location"] == page_of("receipt", first)
    second = submission_of(first).standing_filing.receipt  # type: ignore[union-attr]  # -- it was filed
    assert second.number != first.number
    shown = read(client, page_of("receipt", first))
    assert f'Remplace le dépôt n° <span class="text-nowrap">{first.number}</span>' in shown
    delivery = Delivery.objects.get(kind=RECEIPT_MAIL, key=second.number)
    letter = compose_receipt(delivery, timezone.now())
    said = letter.text
    assert f"remplace le dépôt {first.number}" in " ".join(said.split())
    assert first.number in letter.subject
    first_letter = compose_receipt(Delivery.objects.get(kind=RECEIPT_MAIL, key=first.number), timezone.now())
    assert "remplace" not in first_letter.text + first_letter.html + first_letter.subject


def test_a_replaced_filing_stays_readable_in_the_timeline_with_its_own_dossier() -> None:
    first = make_filing()
    make_dossier(submission_of(first))
    second = file_again(amend(first))
    make_dossier(submission_of(first))
    client = browser_of(first)
    shown = read(client, page_of("follow", first))
    assert shown.index(second.number) < shown.index("Remplacé depuis par le dépôt")
    for sequence, receipt in ((1, first), (2, second)):
        assert receipt.number in shown
        address = page_of("filed_dossier", first, sequence)
        assert f'href="{address}"' in shown
        answer = client.get(address)
        assert receipt.number in answer.headers["Content-Disposition"]
        b"".join(answer)
    assert client.get(page_of("filed_dossier", first, 3)).status_code == 404


def test_reviewers_cannot_read_an_unfiled_amendment() -> None:
    receipt = make_filing(first_name="Anaïs")
    reviewer = make_reviewer(submission_of(receipt).offer)
    amend(receipt, first_name="Zénobie")
    client = client_of(reviewer)
    for page in (
        reverse("admin:submissions_submission_changelist"),
        reverse("review:file", args=[submission_of(receipt).public_id]),
    ):
        shown = read(client, page)
        assert "Anaïs" in shown, page
        assert "Zénobie" not in shown, page


def test_an_amendment_is_discarded_after_a_confirmation(receipt: Receipt) -> None:
    draft = amend(receipt)
    client = browser_of(receipt)
    assert "reste valide" in read(client, page_of("discard", receipt))
    assert Draft.objects.filter(pk=draft.pk).exists()
    for _click in range(2):
        assert client.post(page_of("discard", receipt)).headers["Location"] == page_of("receipt", receipt)
    assert not Draft.objects.filter(pk=draft.pk).exists()
    assert submission_of(receipt).standing_filing_id == receipt.filing_id


def test_after_closing_an_open_amendment_is_reported_as_not_filed(receipt: Receipt) -> None:
    draft = amend(receipt)
    client = browser_of(receipt)
    assert "il reste" in read(client, page_of("tasks", receipt)).lower(), "while it is open"
    close_offer(receipt.filing.submission.offer, seconds_ago=1)
    for page in (*(page_of(name, receipt) for name in DRAFT_PAGES), page_of("receipt", receipt)):
        shown = read(client, page)
        assert receipt.number in shown, page
        assert "Brouillon" not in shown, page
        assert "il reste" not in shown.lower(), page
    assert "Ces changements ne peuvent plus être déposés" in read(client, page_of("tasks", receipt))
    assert "Votre modification n’a pas été déposée." in read(client, page_of("receipt", receipt))
    assert (
        f'action="{page_of("amend", receipt)}"'
        not in client.get(page_of("receipt", receipt)).content.decode()
    )
    late = client.post(page_of("file", receipt), pressed(draft))
    assert late.status_code == 409
    assert "Cette modification n’est pas déposée." in text_of(late.content)
    assert client.post(page_of("amend", receipt), follow=True).redirect_chain[-1][0] == page_of(
        "receipt", receipt
    )
    assert submission_of(receipt).standing_filing_id == receipt.filing_id


def test_an_amendment_of_a_decided_file_is_refused_with_a_message(receipt: Receipt) -> None:
    draft = amend(receipt)
    decide(submission_of(receipt), action=Action.FIND_INADMISSIBLE, word="Motif")
    answer = browser_of(receipt).post(page_of("file", receipt), pressed(draft))
    assert answer.status_code == 409
    shown = text_of(answer.content)
    assert "Vous ne pouvez plus modifier votre candidature" in shown
    assert receipt.number in shown
    assert submission_of(receipt).filings.count() == 1


def test_a_cancelled_offer_promises_no_time_to_an_amending_candidate(receipt: Receipt) -> None:
    amend(receipt)
    client = browser_of(receipt)
    assert "il reste" in read(client, page_of("tasks", receipt)).lower(), "while it is open"
    mark_cancelled(receipt.filing.submission.offer_id)
    for page in (page_of("tasks", receipt), page_of("receipt", receipt), reverse("submissions:mine")):
        shown = read(client, page)
        assert "L’offre est annulée" in shown, page
        assert "il reste" not in shown.lower().replace("ils restent", ""), page


def test_an_amendment_that_changes_nothing_has_no_button(receipt: Receipt) -> None:
    draft, client = amend(receipt), browser_of(receipt)
    shown = read(client, page_of("review", receipt))
    assert "Vous n’avez rien changé" in shown
    assert "Déposer la modification</button>" not in shown
    amend(receipt, first_name="Zoé")
    assert "Déposer la modification</button>" in read(client, page_of("review", receipt))
    assert client.post(page_of("file", receipt), pressed(draft)).status_code == 302
    assert submission_of(receipt).filings.count() == 2
