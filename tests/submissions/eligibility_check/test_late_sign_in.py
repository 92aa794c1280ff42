"""Answers of a check that wait for a sign-in: for how long, and what the person reads afterwards."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from intake.accounts.login_required import COOKIE_LIFETIME
from tests.factories.people import make_user
from tests.factories.submissions import make_open_offer
from tests.submissions.eligibility_check.test_check import checked, packed_in, start
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db


def test_checked_answers_wait_for_the_displayed_time_and_their_loss_is_reported() -> None:
    offer, client = make_open_offer(), Client()
    shown = checked(offer, client)
    door = client.post(start(offer), {"answers": packed_in(shown)})
    for page in (shown, client.get(door.headers["Location"])):
        assert f"dans les {COOKIE_LIFETIME // 60} minutes" in text_of(page.content)
    del client.cookies[settings.FORM_COOKIE_NAME]  # as the browser does after that time
    client.force_login(make_user())
    arrived = client.get(start(offer), follow=True)
    assert arrived.redirect_chain == [(reverse("submissions:start", args=[offer.number]), 302)]
    assert "ne sont plus gardées" in text_of(arrived.content)
