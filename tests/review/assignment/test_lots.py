"""The page of an even division displays its lots, and the journal keeps what draws them again."""

from collections import Counter

import pytest
from django.urls import reverse

from intake.accounts.models import User
from intake.journal.models import Entry
from intake.review.assignment.even_division import FileToAssign, divide_evenly
from intake.review.assignment.queries import default_common
from tests.factories.people import client_of
from tests.factories.review import make_filed, make_reviewer
from tests.factories.submissions import make_open_offer
from tests.review.form_errors import error_codes
from tests.review.page_responses import view_context
from tests.review.reading import assigned_pairs
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db


def test_the_lots_of_a_division_are_displayed_and_kept(
    staff: User,
) -> None:
    offer = make_open_offer()
    members, files = [make_reviewer(offer) for _ in range(3)], [make_filed(offer) for _ in range(3)]
    client, address = client_of(staff), reverse("review:assign_evenly", args=[offer.number])
    asked = {"readers": 1, "common": 1}
    shown, again = (client.get(address, asked) for _time in range(2))
    seed = shown.context["proposal"].seed
    assert seed == again.context["proposal"].seed, "a reload draws no other lots"
    text = text_of(shown.content)
    assert f"Tirage {seed}" in text
    assert "1 dossier est évalué par tout le comité" in text
    assert "Deux membres ont 1 dossier en commun." in text
    client.post(address, asked | {"seen": shown.context["proposal"].digest})
    per_file = Counter(file for file, _member in assigned_pairs())
    assert sorted(per_file.values()) == [1, 1, 3]
    detail = Entry.objects.get(action="FILES_ASSIGNED").detail
    assert detail.endswith(f"readers=1, common=1, seed={seed}")
    drawn = divide_evenly(
        [FileToAssign(file.pk, 1) for file in files],
        members=[member.pk for member in members],
        loads={},
        seed=seed,
        common=1,
    )
    assert set(drawn.given) == assigned_pairs(), "the journal's seed draws the same division"
    more = client.get(address, asked | {"common": 101})
    assert (more.status_code, error_codes(view_context(more)["form"])) == (422, {"common": ["max_value"]})


def test_a_twentieth_of_the_files_is_proposed_for_all_members_and_ten_at_most() -> None:
    assert [default_common(files) for files in (0, 19, 20, 199, 200, 2100)] == [0, 0, 1, 9, 10, 10]
