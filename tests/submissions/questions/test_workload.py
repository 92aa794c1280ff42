"""What an application takes is announced before it is started: on the offer's page, before and in the draft."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from intake.devtools.demonstration.offers import GRID
from intake.submissions.questions.grid_form import LINE_MAX
from intake.submissions.questions.sections import asked_sections
from intake.submissions.questions.workload import workload_of
from tests.factories.people import client_of, make_user
from tests.factories.submissions import close_offer, make_draft, make_open_offer
from tests.submissions.pages import browser_of, text_of, url

pytestmark = pytest.mark.django_db
TITLE = "Ce que vous aurez à remplir"


def _words(client: Client, address: str) -> str:
    return re.sub(r"<[^>]+>", "", text_of(client.get(address).content)).replace("&nbsp;", " ")


def test_the_number_and_length_of_the_texts_are_announced_before_a_draft_is_started() -> None:
    offer = make_open_offer(grid=GRID)
    needed = offer.grid_lines.filter(requirement="REQUIRED").count()
    start = reverse("submissions:start", args=[offer.number])
    for client, address in ((Client(), offer.get_absolute_url()), (client_of(make_user()), start)):
        page = _words(client, address)
        assert TITLE in page
        assert f"{needed} textes obligatoires, de {LINE_MAX} caractères au plus chacun" in page
        assert f"{offer.documents.filter(required=True).count()} documents obligatoires" in page
        assert re.search(r"Prévoyez environ \d+ heures?, en une ou plusieurs fois", page)
        for line in offer.grid_lines.all():
            assert line.text[1:] in page
    draft = make_draft(offer=offer, grid={})
    assert f"{needed} textes obligatoires de quelques phrases chacun" in _words(
        browser_of(draft), url("tasks", draft)
    )


def test_a_closed_offer_asks_for_nothing_to_prepare() -> None:
    offer = make_open_offer(grid=GRID)
    close_offer(offer, seconds_ago=60)
    assert TITLE not in _words(Client(), offer.get_absolute_url())


def test_the_estimated_time_grows_with_the_required_texts_only() -> None:
    with_grid, without = make_open_offer(grid=GRID), make_open_offer(grid=())
    long, short = (workload_of(asked_sections(offer), documents=0) for offer in (with_grid, without))
    assert (long.series, short.texts) == (short.series, ())
    assert long.hours - short.hours == pytest.approx(long.required / 6, abs=1)
    assert long.optional == with_grid.grid_lines.exclude(requirement="REQUIRED").count()
