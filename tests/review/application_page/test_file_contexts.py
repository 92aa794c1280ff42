"""What a file's page offers: its neighbours in the queue, and the decisions that may be prepared."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.urls import reverse

from intake.accounts.models import User
from intake.review.decisions.panel import decisions_context
from intake.review.pages.queue_navigation import QueuePosition, queue_position
from intake.submissions.models import Submission
from intake.submissions.states import Action
from offers.models import Offer
from tests.factories.complements import expire_request, make_filed_and_closed, request_complement_for
from tests.factories.decisions import decide, make_batch
from tests.factories.offers import mark_cancelled
from tests.factories.people import make_staff
from tests.factories.review import (
    make_conflict,
    make_filed,
    make_filed_for_review,
    make_reviewer,
    make_shortlisted,
)
from tests.factories.submissions import make_open_offer
from tests.review.page_responses import asked_by, url

pytestmark = pytest.mark.django_db

QUEUE = reverse("admin:submissions_submission_changelist")


def test_files_are_ordered_by_receipt_before_number(offer: Offer, filed: Submission, staff: User) -> None:
    files = [filed, *(make_filed(offer) for _time in range(2))]
    first, _middle, last = (url("file", file.public_id) for file in files)
    filing = files[1].standing_filing
    assert filing is not None
    received = filing.received_at
    for later, place in (
        (timedelta(seconds=1), QueuePosition(QUEUE, last, None)),
        (timedelta(), QueuePosition(QUEUE, first, last)),
        (timedelta(seconds=-1), QueuePosition(QUEUE, None, first)),
    ):
        filing.received_at = received + later
        assert queue_position(asked_by(staff), files[1]) == place


def offered(user: User, file: Submission) -> Any:
    """Return what the page says of decisions, with the actions that it proposes; None if it says nothing."""
    row = Submission.objects.select_related("offer").get(pk=file.pk)
    seen = decisions_context(user, row)["decisions"]
    if seen is None:
        return None
    addresses = [choice["url"] for choice in seen["choices"]]
    return seen | {"actions": [dict(parse_qsl(urlsplit(each).query))["action"] for each in addresses]}


def test_the_page_proposes_each_possible_decision(offer: Offer, filed: Submission, staff: User) -> None:
    listed, reserve, selected = (make_shortlisted(offer) for _each in range(3))
    assert offered(staff, listed)["actions"] == ["INVITE", "SELECT", "PUT_ON_RESERVE", "DECLINE"]
    assert offered(staff, filed)["actions"] == ["FIND_INADMISSIBLE"]
    assert offered(staff, make_filed_for_review(offer))["actions"] == []
    assert offered(make_reviewer(offer), listed) is None
    batch = make_batch(listed)
    assert (offered(staff, listed)["actions"], offered(staff, listed)["item"]) == ([], batch.items.get())
    bound = make_staff()
    make_conflict(make_filed(offer), bound)
    assert (offered(bound, listed)["actions"], offered(bound, listed)["item"]) == ([], None)
    decide(reserve, action=Action.PUT_ON_RESERVE)
    assert offered(staff, reserve)["actions"] == ["SELECT", "DECLINE"]
    assert offered(staff, reserve)["reserve_url"] == url("reserve_list", offer.number)
    decide(selected, action=Action.SELECT)
    assert "action=TAKE_BACK" in offered(staff, selected)["take_back_url"]
    assert offered(staff, make_shortlisted(make_open_offer(), candidate=selected.candidate))["held"] == offer
    mark_cancelled(offer.pk)
    assert offered(staff, reserve)["actions"] == ["DECLINE"]


def test_no_decision_is_offered_while_a_complement_is_awaited(staff: User) -> None:
    incomplete = make_filed_and_closed()
    asked = request_complement_for(incomplete)
    assert offered(staff, incomplete)["actions"] == []
    expire_request(asked)
    assert offered(staff, incomplete)["actions"] == ["FIND_INADMISSIBLE"]
