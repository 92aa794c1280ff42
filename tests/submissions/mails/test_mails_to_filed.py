"""Mails about an offer to candidates who filed: no action where none is needed, and the action where one is."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from intake.accounts.models import User
from intake.outbox import tasks
from intake.outbox.models import Delivery, Message
from intake.submissions.lifecycle.operations import announce_move
from intake.submissions.mails.offer_mails import is_obsolete
from intake.submissions.models import Draft, Receipt, Submission
from intake.submissions.states import Action, State
from offers.services.correcting import correct_offer
from offers.services.lifecycle import extend_deadline
from tests.factories.complements import request_complement_for, start_answer
from tests.factories.people import make_staff
from tests.factories.submissions import make_extension
from tests.submissions.filed_pages import amend, file_again, submission_of, withdraw
from tests.submissions.sent_mails import with_plain_spaces

pytestmark = pytest.mark.django_db
NOTHING_TO_DO = "Vous n’avez rien à faire."
STANDS = "reste valide"


def _incomplete(receipt: Receipt) -> None:
    request_complement_for(submission_of(receipt), sections=["identite"])


def _answering(receipt: Receipt) -> None:
    _incomplete(receipt)
    start_answer(submission_of(receipt))


def _withdrawn_then_begun(receipt: Receipt) -> None:
    withdraw(receipt)
    amend(receipt)


def _refused_while_amending(receipt: Receipt) -> None:
    amend(receipt)
    submission = submission_of(receipt)
    announce_move(
        submission=submission,
        action=Action.FIND_INADMISSIBLE,
        actor=make_staff(),
        version=None,
        words="Âge.",
    )


def _invited(receipt: Receipt) -> None:
    Submission.objects.filter(pk=receipt.filing.submission_id).update(state=State.INTERVIEW)


def _nothing(_receipt: Receipt) -> None:
    pass


SAID = [
    (_nothing, [STANDS, NOTHING_TO_DO, "vous pouvez modifier votre candidature jusqu’au"], ["commencé"]),
    (amend, [STANDS, NOTHING_TO_DO, "La modification que vous avez commencée n’est pas déposée"], []),
    (
        _incomplete,
        [STANDS, "Il vous reste à déposer le complément demandé, jusqu’au"],
        [NOTHING_TO_DO, "commencé"],
    ),
    (
        _answering,
        ["Il vous reste à déposer le complément demandé", "Ce que vous avez commencé n’est pas déposé"],
        [NOTHING_TO_DO, "reste valide d’ici là"],
    ),
    (
        _withdrawn_then_begun,
        [
            "Votre désistement tient toujours",
            "Pour participer, faites un nouveau dépôt jusqu’au",
            "Ce que vous avez commencé n’est pas déposé",
        ],
        [NOTHING_TO_DO, STANDS],
    ),
    (
        _refused_while_amending,
        ["La décision sur votre candidature"],
        [NOTHING_TO_DO, STANDS, "commencé", "modifier"],
    ),
    (_invited, [STANDS], [NOTHING_TO_DO, "modifier"]),
]


def _extend_offer(submission: Submission, author: User) -> None:
    offer = submission.offer
    extend_deadline(
        offer=offer,
        author=author,
        reason="Panne.",
        closes_on=offer.closes_on + timedelta(days=7),
        at=timezone.now(),
    )


def _extend_person(submission: Submission, author: User) -> None:
    make_extension(submission.offer, submission.candidate, author=author)


def _deliver(*kinds: str) -> None:
    for kind in kinds:
        Delivery.objects.filter(kind=kind).update(due_at=timezone.now() - timedelta(days=1))
        for pk in Delivery.objects.filter(kind=kind, state="PENDING").values_list("pk", flat=True):
            tasks.deliver(pk)


CHANGE, GIVEN = ("OFFER_CHANGE", "OFFER_CHANGE_MAIL"), ("PERSONAL_EXTENSION_MAIL",)


@pytest.mark.parametrize(
    "act, kinds", [(_extend_offer, CHANGE), (_extend_person, GIVEN)], ids=["everybody", "one person"]
)
@pytest.mark.parametrize("before, said, unsaid", SAID)
def test_mails_to_candidates_who_filed_state_their_next_step(
    before: Callable[[Receipt], object],
    said: list[str],
    unsaid: list[str],
    act: Callable[[Submission, User], None],
    kinds: tuple[str, ...],
    receipt: Receipt,
) -> None:
    before(receipt)
    act(submission_of(receipt), make_staff())
    _deliver(*kinds)
    mail = Message.objects.get(delivery__kind=kinds[-1])
    text = with_plain_spaces(mail.text)
    for words in said:
        assert words in text
    for words in unsaid:
        assert words not in text
    assert receipt.number in mail.text


def test_a_change_notified_after_a_filing_confirms_the_filing(draft: Draft) -> None:
    staff = make_staff()
    correct_offer(
        offer=draft.submission.offer,
        author=staff,
        reason="Erreur de lieu.",
        at=timezone.now(),
        header={"place": "Genève, Suisse"},
    )
    _deliver("OFFER_CHANGE")
    file_again(draft)
    _deliver("OFFER_CHANGE_MAIL")
    assert STANDS in Message.objects.get(delivery__kind="OFFER_CHANGE_MAIL").text


@pytest.mark.parametrize("microseconds, overtaken", [(-1, True), (0, False), (1, False)])
def test_a_mail_written_before_the_filing_is_obsolete(
    receipt: Receipt, microseconds: int, *, overtaken: bool
) -> None:
    filing = receipt.filing
    mail = Delivery.objects.get(kind="RECEIPT_MAIL", key=receipt.number)
    assert not is_obsolete(mail, filing.submission)
    written = filing.received_at + timedelta(microseconds=microseconds)
    Message.objects.create(delivery=mail, message_id="m", to_address="a@exemple.invalid", created_at=written)
    assert is_obsolete(mail, filing.submission) == overtaken
