"""Until when an incomplete file may be completed: the later of the request's due date and the filing window.

Every page and operation of `review` uses the same instant as the database's check of a filing.
"""

from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.review.complements.panel import read_complement_panel
from intake.review.dashboard.figures import figures_of
from intake.review.decisions.errors import ComplementPendingError
from intake.review.decisions.queries import answerable_complements
from intake.review.models import DecisionBatch
from intake.submissions.complements.queries import open_complements
from intake.submissions.extensions.operations import extend_personal_deadline
from intake.submissions.filing.operations import file_draft
from intake.submissions.lifecycle.errors import ComplementOpenError
from intake.submissions.lifecycle.operations import announce_move
from intake.submissions.models import Submission
from intake.submissions.states import Action, State
from intake.web import formats
from intake.web.templatetags.portal import raise_ordinals
from offers.services.lifecycle import extend_deadline
from tests.factories.complements import (
    expire_request,
    make_filed_and_closed,
    request_complement_for,
    start_answer,
)
from tests.factories.decisions import make_batch
from tests.factories.offers import cancel_offer
from tests.factories.people import client_of, make_staff
from tests.factories.submissions import ALL_DECLARATIONS
from tests.review.reading import plain_page

pytestmark = pytest.mark.django_db
LATER = timedelta(days=3)


@pytest.fixture
def staff() -> User:
    """A decider."""
    return make_staff()


@pytest.fixture(scope="module")
def made(module_db: None) -> Submission:
    submission = make_filed_and_closed()
    expire_request(request_complement_for(submission))
    return Submission.objects.get(pk=submission.pk)


@pytest.fixture
def over(made: Submission) -> Submission:
    """An incomplete file whose offer is closed and whose due date has passed."""
    return deepcopy(made)


def _for_everyone(submission: Submission) -> None:
    extend_deadline(
        offer=submission.offer,
        author=make_staff(),
        reason="Panne.",
        at=timezone.now(),
        closes_at=timezone.now() + LATER,
    )


def _for_one(submission: Submission) -> None:
    extend_personal_deadline(
        offer=submission.offer,
        candidate=submission.candidate,
        author=make_staff(),
        closes_on=timezone.now().date() + LATER,
        reason="Panne.",
        at=timezone.now(),
    )


LONGER = pytest.mark.parametrize("longer", [_for_everyone, _for_one])
type Longer = Callable[[Submission], None]


def _announce(submission: Submission) -> Submission:
    return announce_move(
        submission=submission,
        action=Action.FIND_INADMISSIBLE,
        actor=make_staff(),
        version=None,
        words="Rien reçu.",
    )


def _batch(submission: Submission) -> DecisionBatch:
    return make_batch(submission, action=Action.FIND_INADMISSIBLE, word="Rien reçu.")


@LONGER
def test_a_complement_that_may_still_be_answered_blocks_a_decision(over: Submission, longer: Longer) -> None:
    assert not answerable_complements().exists()
    longer(over)
    fresh = Submission.objects.get(pk=over.pk)
    assert [row.closes_at for row in open_complements()] == [fresh.window.closes_at]
    assert answerable_complements().filter(submission=over).exists()
    with pytest.raises(ComplementOpenError) as refused:
        _announce(fresh)
    assert refused.value.due_at == fresh.window.closes_at
    with pytest.raises(ComplementPendingError):
        _batch(fresh)
    assert fresh.window.is_open(timezone.now()), "the person may answer"
    draft = start_answer(fresh)
    file_draft(draft=draft, actor=fresh.candidate, declarations=ALL_DECLARATIONS)
    fresh.refresh_from_db()
    assert fresh.state == State.SUBMITTED


def test_a_complement_to_a_cancelled_offer_is_awaited_no_longer() -> None:
    submission = make_filed_and_closed()
    request_complement_for(submission)
    with pytest.raises(ComplementPendingError):
        _batch(submission)
    cancel_offer(offer=submission.offer, author=make_staff(), reason="Abandon.", at=timezone.now())
    assert _batch(Submission.objects.get(pk=submission.pk)).items.count() == 1


def test_after_the_due_date_a_file_may_be_decided(over: Submission) -> None:
    assert not open_complements().filter(closes_at__gt=timezone.now()).exists()
    assert _batch(over).items.count() == 1
    over.refresh_from_db()
    assert _announce(over).state == State.INADMISSIBLE


@LONGER
def test_queue_and_file_display_the_same_due_date(over: Submission, staff: User, longer: Longer) -> None:
    client = client_of(staff)
    queue, file = (
        reverse("admin:submissions_submission_changelist"),
        reverse("review:file", args=[over.public_id]),
    )

    def shown() -> tuple[bool, bool, bool, bool, bool]:
        page = plain_page(client.get(file))
        return (
            "Délai passé</span>" in plain_page(client.get(queue, {"etat": "COMPLEMENT_REQUESTED"})),
            str(over.public_id) in plain_page(client.get(queue, {"complement": "delai-passe"})),
            str(over.public_id) in plain_page(client.get(queue, {"complement": "en-cours"})),
            "Nous n’avons pas reçu de réponse à temps" in page,
            "Le délai du complément demandé est passé" in page,
        )

    assert shown() == (True, True, False, True, True)
    longer(over)
    assert shown() == (False, False, True, False, False)
    closing = Submission.objects.get(pk=over.pk).window.closing
    assert raise_ordinals(formats.closing(closing)).replace("\u00a0", " ") in " ".join(
        plain_page(client.get(file)).split()
    )


def test_the_time_of_a_complement_is_over_at_the_closing_instant(over: Submission) -> None:
    filing, closing = over.standing_filing, over.window.closes_at
    assert filing is not None
    for at, is_over in ((closing - timedelta(microseconds=1), False), (closing, True)):
        assert read_complement_panel(over, filing, at=at).is_over is is_over


@LONGER
def test_the_dashboard_counts_overdue_complements(over: Submission, staff: User, longer: Longer) -> None:
    def overdue() -> int:
        read = figures_of(user=staff, offers=[over.offer], chosen=None, at=timezone.now())
        return read.tallies[over.offer_id].overdue

    assert overdue() == 1
    longer(over)
    assert overdue() == 0
