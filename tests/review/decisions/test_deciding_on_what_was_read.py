"""A batch decides on the submissions as its preparer read them; a changed submission must be read again."""

from typing import Any, NamedTuple

import pytest
from django.urls import reverse

from intake.review.decisions.errors import StaleChoiceError
from intake.review.decisions.operations import change_batch, prepare_batch
from intake.review.models import DecisionBatch
from intake.submissions.after_filing.operations import start_amendment
from intake.submissions.filing.operations import file_draft
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Submission
from intake.submissions.states import Action
from offers.models import Offer
from tests.factories.decisions import make_batch, release, send
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_filed, make_shortlisted
from tests.factories.submissions import ALL_DECLARATIONS, make_open_offer
from tests.review.parts import copy_of
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db

PREPARE = "/admin/decisions/preparer/"


class CaseData(NamedTuple):
    """An offer with two received and two shortlisted files."""

    offer: Offer
    received: list[Submission]
    rows: list[Submission]


@pytest.fixture(scope="module")
def made(module_db: None) -> CaseData:
    offer = make_open_offer()
    return CaseData(
        offer, [make_filed(offer) for _each in range(2)], [make_shortlisted(offer) for _each in range(2)]
    )


offer = copy_of("offer")


def number_of(submission: Submission) -> str:
    submission.refresh_from_db()
    assert submission.standing_filing is not None
    return submission.standing_filing.receipt.number


def amend(submission: Submission) -> None:
    draft = start_amendment(submission=submission, actor=submission.candidate)
    file_draft(draft=draft, actor=submission.candidate, declarations=ALL_DECLARATIONS)


def sent_by(answer: Any, *ticked: Submission) -> dict[str, Any]:
    """Return the data that the browser sends of the form in `answer`, with these further boxes ticked."""
    sent = {}
    for field in answer.context["form"]:
        value = field.value()
        if field.html_name.startswith("choix-"):
            if value:
                sent[field.html_name] = "on"
        else:
            sent[field.html_name] = "" if value is None else value
    return sent | {f"choix-{row.pk}": "on" for row in ticked}


def test_a_filing_amended_since_it_was_read_is_not_decided_on(offer: Offer, kept: CaseData) -> None:
    read, amended = kept.received
    client = client_of(make_staff())
    asked = {"offre": offer.number or "", "action": "FIND_INADMISSIBLE"}
    form = sent_by(client.get(PREPARE, asked), read, amended) | asked | {"word": "Le diplôme date de 2019."}
    form[f"mot-{amended.pk}"] = "Mot à elle."
    amend(amended)
    refused = client.post(PREPARE, form)
    assert refused.status_code == 422
    shown = text_of(refused.content)
    assert f"depuis votre lecture : {number_of(amended)}." in shown
    assert not DecisionBatch.objects.exists()
    again = sent_by(refused)
    assert f"choix-{amended.pk}" not in again
    assert again[f"choix-{read.pk}"] == "on"
    assert (again["word"], again[f"mot-{amended.pk}"]) == ("Le diplôme date de 2019.", "Mot à elle.")
    assert client.post(PREPARE, sent_by(refused, amended) | asked).status_code == 302
    decided = dict(DecisionBatch.objects.get().items.values_list("submission", "version"))
    amended.refresh_from_db()
    assert decided == {read.pk: read.version, amended.pk: amended.version}


def test_a_page_refused_for_another_reason_keeps_the_read_versions(offer: Offer, kept: CaseData) -> None:
    submission = kept.received[0]
    client = client_of(make_staff())
    asked = {"offre": offer.number or "", "action": "FIND_INADMISSIBLE"}
    form = sent_by(client.get(PREPARE, asked), submission) | asked | {"word": "Hors délai.", "title": ""}
    amend(submission)
    refused = client.post(PREPARE, form)
    assert refused.status_code == 422
    again = client.post(PREPARE, sent_by(refused) | asked | {"title": "Lot"})
    assert f"depuis votre lecture : {number_of(submission)}." in text_of(again.content)


def test_the_operation_refuses_versions_that_were_not_read(offer: Offer, kept: CaseData) -> None:
    one, two = kept.rows
    batch = make_batch(one)
    changed: dict[str, Any] = {"title": "Lot", "word": "", "chosen": {one.pk: "", two.pk: ""}}
    seen = {one.pk: one.version, two.pk: two.version - 1}
    with pytest.raises(StaleChoiceError) as refused:
        change_batch(batch=batch, actor=batch.prepared_by, version=0, versions=seen, **changed)
    assert refused.value.numbers == (number_of(two),)
    with pytest.raises(StaleChoiceError):  # a page that read none
        prepare_batch(offer=offer, action=Action.DECLINE, actor=make_staff(), versions={}, **changed)


def test_a_change_of_the_title_does_not_renew_a_stale_decision(kept: CaseData) -> None:
    moved, stays = kept.rows
    batch = make_batch(moved, stays, messages={moved.pk: "Mot à elle."})
    move_submission(submission=moved, action=Action.RECOMMEND, actor=make_staff())
    client = client_of(batch.prepared_by)
    page = reverse("review:change_decisions", args=[batch.pk])
    shown = client.get(page)
    text = text_of(shown.content)
    assert "1 candidature du lot a changé depuis la préparation de sa décision" in text
    assert "Relisez-la" in text
    assert "elle quitte le lot" in text
    assert text.count("Changée depuis la préparation du lot") == 1
    assert (text.count("Message ajouté"), text.count("Ajouter un message")) == (1, 1)
    form = sent_by(shown)
    assert f"choix-{moved.pk}" not in form
    assert form[f"mot-{moved.pk}"] == "Mot à elle."
    client.post(page, form | {"title": "Sans faute"})
    assert list(batch.items.values_list("submission", flat=True)) == [stays.pk]
    batch.refresh_from_db()
    send(release(batch))
    moved.refresh_from_db()
    assert moved.state == "RECOMMENDED"


def test_a_moved_file_is_decided_on_after_it_is_ticked_again(kept: CaseData) -> None:
    moved = kept.rows[0]
    batch = make_batch(moved)
    move_submission(submission=moved, action=Action.RECOMMEND, actor=make_staff())
    client = client_of(batch.prepared_by)
    page = reverse("review:change_decisions", args=[batch.pk])
    assert client.post(page, sent_by(client.get(page), moved)).status_code == 302
    batch.refresh_from_db()
    send(release(batch))
    moved.refresh_from_db()
    assert moved.state == "DECLINED"
