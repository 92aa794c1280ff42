"""Incomplete files in the queue and in batches, before and after the due date."""

from copy import deepcopy

import pytest
from django.urls import reverse

from intake.review.decisions.errors import ComplementPendingError
from intake.submissions.models import Submission
from intake.submissions.states import Action, State
from tests.factories.complements import close_after_filings, expire_request, request_complement_for
from tests.factories.decisions import make_batch, release, send
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_filed
from tests.factories.submissions import make_open_offer
from tests.review.reading import plain_page

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(module_db: None) -> tuple[Submission, Submission]:
    """Two incomplete files of one offer: one before and one after its due date."""
    offer = make_open_offer(number="2031-077")
    running, over = make_filed(offer), make_filed(offer)
    close_after_filings(offer)
    request_complement_for(running)
    expire_request(request_complement_for(over))
    return running, over


@pytest.fixture
def incomplete(made: tuple[Submission, Submission]) -> tuple[Submission, Submission]:
    return deepcopy(made)


@pytest.mark.parametrize("choice, kept", [("en-cours", [True, False]), ("delai-passe", [False, True])])
def test_the_queue_is_filtered_by_remaining_time(
    incomplete: tuple[Submission, Submission], choice: str, kept: list[bool]
) -> None:
    make_filed(make_open_offer())
    address = reverse("admin:submissions_submission_changelist")
    client = client_of(make_staff())
    page = plain_page(client.get(address, {"complement": choice}))
    assert [str(row.public_id) in page for row in incomplete] == kept
    whole = plain_page(client.get(address, {"etat": "COMPLEMENT_REQUESTED"}))
    assert [str(row.public_id) in whole for row in incomplete] == [True, True]
    assert whole.count("Délai passé</span>") == 1


def test_a_batch_waits_for_the_due_date_of_a_complement(incomplete: tuple[Submission, Submission]) -> None:
    running, over = incomplete
    with pytest.raises(ComplementPendingError):
        make_batch(running, action=Action.FIND_INADMISSIBLE, word="Rien reçu.")
    batch = release(make_batch(over, action=Action.FIND_INADMISSIBLE, word="Rien reçu."))
    asked = over.complements.get()
    expire_request(asked, until="transaction_timestamp() + interval '1 day'")
    sent = send(batch)
    item = sent.items.get()
    assert (item.state, item.refusal) == ("REFUSED", "COMPLEMENT_RUNNING")
    over.refresh_from_db()
    assert over.state == State.COMPLEMENT_REQUESTED


def test_a_batch_decides_after_the_due_date_of_a_complement(
    incomplete: tuple[Submission, Submission],
) -> None:
    over = incomplete[1]
    send(release(make_batch(over, action=Action.FIND_INADMISSIBLE, word="Rien reçu.")))
    over.refresh_from_db()
    assert over.state == State.INADMISSIBLE
    assert over.complements.get().ending == "DECIDED"
