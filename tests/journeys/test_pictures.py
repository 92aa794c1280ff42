"""What the rigs for looking at pages make: the film of a closing, the sheet of a page."""

import pytest
from playwright.sync_api import Browser

from tests.journeys.contact_sheet import GAP, WIDTHS, looks_of, side_by_side
from tests.journeys.film import film
from tests.journeys.page_visit import PageVisit
from tests.journeys.portal import Portal

pytestmark = [pytest.mark.browser, pytest.mark.full]


def test_the_film_shows_the_time_left_and_then_the_closing(portal: Portal, browser: Browser) -> None:
    found = film(portal, browser, (14, -2))
    before, after = found.words
    assert ["dernière minute" in words for words in before] == [True, True, False]
    assert ["date limite passée" in words for words in after] == [True, True, False]
    assert "| Candidature déposée |" in found.table()
    assert found.sheet().width == 2 * (360 + 8)


def test_a_sheet_shows_a_page_in_eight_different_looks(portal: Portal, browser: Browser) -> None:
    made = portal.made_by("from tests.journeys.drafts import make_first_screens; make_first_screens()")
    scene = {"rows": {}, "usual": {}, "variants": {"": {}}, "sessions": {}, "english": made["english"]}
    looks = looks_of(browser, portal.url, scene, PageVisit("web:accessibility"))
    assert [look.width for look in looks] == [width // 2 for width in WIDTHS for _look in range(4)]
    assert len({look.tobytes() for look in looks}) == 8
    assert side_by_side(looks).width == sum(look.width + GAP for look in looks)
