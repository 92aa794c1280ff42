"""The examples beside an offer's criteria follow the typed values, and are available without a script."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.page_actions import press
from tests.journeys.portal import Portal

pytestmark = pytest.mark.browser

MAKE = """
import json
from django.conf import settings
from tests.factories.offers import make_draft
from tests.factories.people import client_of, make_staff
offer, name = make_draft(), settings.SESSION_COOKIE_NAME
staff = make_staff(email=f"criteres-{offer.pk}@exemple.invalid")
print(json.dumps([offer.pk, name, client_of(staff).cookies[name].value]))
"""


@pytest.fixture
def editor(portal: Portal, visit: Visit) -> Any:
    """Open the criteria of a new draft as staff: `editor(javascript=…)`."""

    def opened(**options: Any) -> Page:
        pk, name, value = portal.made_by(MAKE)
        return visit(f"/admin/offers/offer/{pk}/criteres/", cookies=[(name, value)], width=1280, **options)

    return opened


@pytest.mark.full
def test_the_examples_follow_the_typed_values(editor: Any) -> None:
    page = editor()
    rows = page.locator("#exemples-2 tbody tr")
    before = rows.first.inner_text()
    page.locator("#lirait-2 summary").click()
    page.locator("#id_critere-2-maximum").fill("40")
    expect(page.locator("[data-status]")).to_have_text("Exemples à jour.")
    expect(rows.first).not_to_have_text(before)
    expect(rows.first).to_contain_text("Non respecté")
    expect(page.locator("#lirait-2 dl")).to_be_visible()  # still open
    page.locator("#id_critere-2-maximum").fill("4")
    expect(page.locator("#exemples-2")).to_contain_text("Les exemples reviendront")
    page.locator("#id_critere-1-bar_school").uncheck()
    bar = page.locator("#exemples-1 tr", has_text="École du Barreau")
    expect(bar).to_contain_text("Non respecté")


@pytest.mark.full
def test_without_a_script_a_button_or_enter_updates_the_examples(editor: Any) -> None:
    page = editor(javascript=False)
    first = page.locator("#exemples-2 tbody tr").first
    before = first.inner_text()
    page.locator("#id_critere-2-maximum").fill("40")
    press(page, "Mettre à jour les exemples")
    assert first.inner_text() != before
    page.locator("#id_critere-2-maximum").fill("35")
    with page.expect_navigation():
        page.locator("#id_critere-2-maximum").press("Enter")
    expect(page.locator("#id_critere-2-maximum")).to_have_value("35")
    assert first.inner_text() == before
