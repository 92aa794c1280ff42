"""A withdrawal: its form, its effects, and filing again afterwards."""

import pytest
from django.urls import reverse

from intake.submissions.after_filing.forms import WithdrawalForm
from intake.submissions.models import Receipt
from intake.submissions.states import Action, State
from tests.factories.submissions import (
    close_offer,
)
from tests.submissions.filed_pages import browser_of, page_of, read, submission_of, withdraw
from tests.submissions.pages import pressed

pytestmark = pytest.mark.django_db

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


def test_another_reason_is_stored_as_typed() -> None:
    form = WithdrawalForm({"reason": "OTHER", "message": " Je déménage. "})
    assert form.is_valid()
    assert form.stored_reason() == "Je déménage."


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
