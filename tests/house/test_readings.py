"""Every page of staff that shows a candidate leaves an entry that the candidate may read."""

import pytest

from intake.privacy.own_data.readings import readings_of
from tests.house.browser import rolled_back
from tests.house.routes import all_routes
from tests.house.world import PLANTED, PLANTED_EMAIL, World

pytestmark = pytest.mark.django_db

NEEDLES = (PLANTED["last_name"].encode(), PLANTED_EMAIL.encode())
NO_PAGE = "jsi18n"


@pytest.mark.parametrize(
    "person",
    [
        "staff",
        pytest.param("administrator", marks=pytest.mark.full),
        pytest.param("reviewer", marks=pytest.mark.full),
    ],
)
def test_no_page_of_staff_shows_a_candidate_without_leaving_an_entry(world: World, person: str) -> None:
    candidate = world.people["candidate"]
    unseen, shown, before = [], 0, readings_of(candidate).count()
    for route in all_routes():
        address = route.address(world.values_for(route))
        if not address.startswith("/admin/") or NO_PAGE in address:
            continue
        with rolled_back():
            answer = world.client(person).get(address)
            content = b"".join(answer) if answer.streaming else answer.content
            if any(needle in content for needle in NEEDLES):
                shown += 1
                if readings_of(candidate).count() == before:
                    unseen.append(address)
    assert not unseen
    assert shown >= 5  # what a committee member reaches
