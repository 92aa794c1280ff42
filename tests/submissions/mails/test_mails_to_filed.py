"""Mails about an offer to candidates who filed: no action where none is needed, and the action where one is."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from intake.accounts.models import User
from intake.outbox import tasks
from intake.outbox.models import Delivery, Message
from intake.submissions.models import Draft, Receipt, Submission
from intake.submissions.states import State
from offers.services.correcting import correct_offer
from offers.services.lifecycle import extend_deadline
from tests.factories.people import make_staff
from tests.factories.submissions import make_extension
from tests.submissions import situations
from tests.submissions.filed_pages import amend, file_again, submission_of
from tests.submissions.sent_mails import with_plain_spaces

pytestmark = pytest.mark.django_db
NOTHING_TO_DO = "Vous n’avez rien à faire."
STANDS = "reste valide"


SAID = [
    (
        situations.nothing,
        [STANDS, NOTHING_TO_DO, "vous pouvez modifier votre candidature jusqu’au"],
        ["commencé"],
    ),
    (amend, [STANDS, NOTHING_TO_DO, "La modification que vous avez commencée n’est pas déposée"], []),
    (
        situations.ask_complement,
        [STANDS, "Il vous reste à déposer le complément demandé, jusqu’au"],
        [NOTHING_TO_DO, "commencé"],
    ),
    (
        situations.begin_answer,
        ["Il vous reste à déposer le complément demandé", "Ce que vous avez commencé n’est pas déposé"],
        [NOTHING_TO_DO, "reste valide d’ici là"],
    ),
    (
        situations.withdraw_then_begin,
        [
            "Votre désistement tient toujours",
            "Pour participer, faites un nouveau dépôt jusqu’au",
            "Ce que vous avez commencé n’est pas déposé",
        ],
        [NOTHING_TO_DO, STANDS],
    ),
    (
        situations.refuse_while_amending,
        ["La décision sur votre candidature"],
        [NOTHING_TO_DO, STANDS, "commencé", "modifier"],
    ),
    (lambda receipt: situations.put_in(receipt, State.INTERVIEW), [STANDS], [NOTHING_TO_DO, "modifier"]),
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
    "act, kinds",
    [(_extend_offer, CHANGE), pytest.param(_extend_person, GIVEN, marks=pytest.mark.full)],
    ids=["everybody", "one person"],
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
