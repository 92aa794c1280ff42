"""What a candidate may learn of their submission after filing, on its page and in their list."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.dossiers.services import read_seal
from intake.journal.models import Entry
from intake.outbox.models import Delivery, Message
from intake.outbox.services import set_aside
from intake.submissions.delivery_kinds import DOSSIER_MAIL, RECEIPT_MAIL
from intake.submissions.filing.operations import file_draft
from intake.submissions.lifecycle.candidate_status import candidate_status_of
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Receipt, Ruling
from intake.submissions.receipts.operations import TooManyResendsError, resend_receipt
from intake.submissions.rulings.queries import refused_positions
from intake.submissions.states import Action
from intake.submissions.timeline.next_steps import Progress, StepKind, next_steps_of
from tests.factories.complements import make_filed_and_closed, request_complement_for
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.review import make_dossier, make_filed_for_review, make_ruling
from tests.factories.submissions import (
    ALL_DECLARATIONS,
    close_offer,
    make_draft,
    make_filing,
    make_open_offer,
)
from tests.submissions.filed_pages import (
    amend,
    assert_same_cost,
    browser_of,
    file_again,
    page_of,
    read,
    submission_of,
    withdraw,
)
from tests.submissions.pages import comparable_page, own_copy, text_of

pytestmark = pytest.mark.django_db


def _under_review() -> Receipt:
    receipt = make_filing()
    move_submission(submission=submission_of(receipt), action=Action.START_REVIEW, actor=make_staff())
    return receipt


@pytest.mark.parametrize("moves", [[Action.SHORTLIST], [Action.SHORTLIST, Action.LEAVE_SHORTLIST]])
def test_a_shortlisted_submission_displays_the_same_pages_as_one_under_review(moves: list[Action]) -> None:
    receipt = _under_review()
    pages = [
        page_of("follow", receipt),
        page_of("receipt", receipt),
        page_of("withdraw", receipt),
        reverse("submissions:mine"),
        reverse("offers:page", args=[receipt.filing.submission.offer.number]),
    ]
    client = browser_of(receipt)
    before = [comparable_page(client, page) for page in pages]
    for action in moves:
        move_submission(
            submission=submission_of(receipt), action=action, actor=make_staff(), reason="Interne"
        )
    assert [comparable_page(client, page) for page in pages] == before


def test_the_timeline_displays_events_and_changes_of_the_offer() -> None:
    receipt = _under_review()
    offer = receipt.filing.submission.offer
    offer.changes.create(
        kind="CORRECTED",
        author=make_staff(),
        at=timezone.now(),
        reason="Lieu mal écrit.",
        details="Lieu : Genève",
    )
    amend(receipt)
    shown = read(browser_of(receipt), page_of("follow", receipt))
    timeline = shown[shown.index('class="timeline"') :].partition("</ol>")[0]
    told = (
        "Lieu mal écrit.",
        "Modification commencée — non déposée",
        "À l’étude",
        receipt.number,
        "Brouillon commencé",
    )
    assert all(words in timeline for words in told)
    assert (
        timeline.rindex("Brouillon commencé") > timeline.rindex(receipt.number) > timeline.index("À l’étude")
    )


def test_the_closing_is_done_at_its_instant() -> None:
    submission = amend(make_filing()).submission
    own = own_copy(submission)
    closes_at = own.window.ordinary_closes_at
    found = []
    for at in (closes_at - timedelta(microseconds=1), closes_at):
        steps = next_steps_of(candidate_status_of(own, at=at), at=at)
        found += [(step.progress, step.is_yours) for step in steps if step.kind is StepKind.CLOSING]
    assert found == [(Progress.NOW, True), (Progress.DONE, False)]


def test_the_closing_is_done_while_a_complement_is_awaited() -> None:
    submission = make_filed_and_closed()
    request_complement_for(submission)
    own = own_copy(submission)
    steps = next_steps_of(candidate_status_of(own, at=own.read_at), at=own.read_at)
    assert [step.progress for step in steps if step.kind is StepKind.CLOSING] == [Progress.DONE]


@pytest.mark.parametrize(
    "decisions, outcome",
    [
        (("OVERTURNED", "OVERTURNED"), "le comité étudiera votre candidature"),
        (("OVERTURNED", "CONFIRMED"), "candidature non admissible"),
        (("CONFIRMED", "OVERTURNED"), "candidature non admissible"),
    ],
)
def test_a_human_review_is_displayed_when_requested_and_when_settled(
    decisions: tuple[str, str], outcome: str
) -> None:
    submission = make_filed_for_review(make_open_offer(), legal_status="TEMPORARY_PERMIT")
    client, page = client_of(submission.candidate), page_of("follow", submission)
    assert "Une personne révise le résultat et vous enverra sa décision." in read(client, page)
    assert submission.standing_filing is not None
    positions = list(refused_positions(read_seal(submission.standing_filing.seal).verdict))
    for position, decision in zip(positions, decisions, strict=True):
        assert "Révision terminée" not in read(client, page)
        make_ruling(submission, position, Ruling.Decision(decision))
    assert f"Révision terminée : {outcome}" in read(client, page)


def test_a_receipt_is_sent_again_three_times_a_day_of_the_offer(receipt: Receipt) -> None:
    submission = submission_of(receipt)
    midnight = datetime(2027, 9, 2, tzinfo=submission.offer.zone).astimezone(UTC)

    def again(at: datetime) -> str:
        Delivery.objects.filter(kind=RECEIPT_MAIL).update(state="DONE", done_at=at)
        return resend_receipt(submission=submission, actor=submission.candidate, at=at).key

    on_its_way = resend_receipt(submission=submission, actor=submission.candidate, at=midnight)
    assert on_its_way.key == receipt.number
    for time in (1, 2, 3):
        assert again(midnight - timedelta(seconds=1)) == f"{receipt.number}/2027-09-01/{time}"
    with pytest.raises(TooManyResendsError):
        again(midnight - timedelta(microseconds=1))
    assert again(midnight) == f"{receipt.number}/2027-09-02/1"
    leased = Delivery.objects.filter(key=f"{receipt.number}/2027-09-02/1")
    leased.update(state="LEASED", leased_until=midnight, lease_token=uuid4())
    assert resend_receipt(submission=submission, actor=submission.candidate, at=midnight) == leased.get()
    assert Entry.objects.filter(action="RECEIPT_RESENT").count() == 4


def test_each_status_is_displayed_in_the_list_of_submissions() -> None:
    candidate = make_user()
    amending = make_filing(candidate=candidate)
    amend(amending)
    withdraw(make_filing(candidate=candidate))
    lost = make_draft(candidate=candidate)
    close_offer(lost.submission.offer, seconds_ago=1)
    make_draft(candidate=candidate)
    file_draft(
        draft=make_draft(candidate=candidate, birth_date="1970-01-01"),
        actor=candidate,
        declarations=ALL_DECLARATIONS,
        review_message="Relisez-moi.",
    )
    shown = read(client_of(candidate), reverse("submissions:mine"))
    for tone, words in (
        ("warning", "Modification non déposée"),
        ("closed", "Désistement"),
        ("draft", "Non déposée"),
        ("draft", "Brouillon — non déposée"),
        ("warning", "Révision demandée"),
    ):
        assert f'state-{tone}">{words}<' in shown, words
    assert f"{amending.number}</span> reste valide" in shown


@pytest.mark.parametrize("page", ["submissions:mine", "submissions:own_data"])
def test_list_and_export_run_as_many_queries_for_three_submissions(page: str) -> None:
    candidate = make_user()

    def one_more() -> None:
        amend(file_again(amend(make_filing(candidate=candidate))))

    assert_same_cost(client_of(candidate), reverse(page), one_more)


def test_the_timeline_runs_as_many_queries_for_three_filings(receipt: Receipt) -> None:
    file_again(amend(receipt))

    def one_more() -> None:
        file_again(amend(receipt))

    assert_same_cost(browser_of(receipt), page_of("follow", receipt), one_more)


def test_a_returned_mail_is_displayed_with_its_cause(
    receipt: Receipt,
) -> None:
    client = browser_of(receipt)
    for kind in (RECEIPT_MAIL, DOSSIER_MAIL):
        delivery, _new = Delivery.objects.get_or_create(
            kind=kind,
            key=receipt.number,
            defaults={"subject_kind": "submissions.receipt", "subject_id": str(receipt.pk)}
            | dict.fromkeys(("due_at", "created_at"), timezone.now()),
        )
        Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.DONE, done_at=timezone.now())
        Message.objects.create(
            delivery=delivery,
            message_id=f"<{delivery.public_id}@portail.invalid>",
            to_address="loin@exemple.invalid",
            created_at=timezone.now(),
            sent_at=timezone.now(),
        ).attachments.create(position=0, filename=f"{receipt.number}.pdf")
    pages = [page_of("receipt", receipt), page_of("follow", receipt)]
    make_dossier(submission_of(receipt))
    assert not any("revenu" in read(client, page).casefold() for page in pages)
    assert "Aussi envoyé à" in read(client, pages[0])
    Message.objects.update(returned_at=timezone.now(), report_code="5.2.2")
    assert client.get(pages[1]).content.decode().count('state-error">Retourné<') == 2
    on_receipt, following = (
        re.sub(r"</?span[^>]*>", "", text_of(client.get(page).content)) for page in pages
    )
    said = "est revenu : la boîte courriel est pleine."
    assert f"Le courriel envoyé à loin@exemple.invalid nous {said} Votre dépôt est valide" in on_receipt
    assert f"Envoyé à loin@exemple.invalid, ce courriel nous {said}" in following
    assert "Aussi envoyé à" not in on_receipt


def test_a_receipt_mail_set_aside_is_displayed_as_failed(receipt: Receipt) -> None:
    client = browser_of(receipt)
    delivery = Delivery.objects.get(kind=RECEIPT_MAIL)
    Message.objects.create(
        delivery=delivery,
        message_id="<1@portail.invalid>",
        to_address="loin@exemple.invalid",
        created_at=timezone.now(),
    )
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.DEAD, last_error="smtp 554")
    set_aside(delivery=delivery, actor=make_staff())
    assert "Le courriel de confirmation n’a pas été envoyé." in read(client, page_of("receipt", receipt))
    assert "L’envoi a échoué" in read(client, page_of("follow", receipt))
