"""A bulk run: submissions are selected, listed in a dry run, confirmed, followed, and the queue is shown again."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Visit
from tests.journeys.page_actions import click_and_wait, follow, press
from tests.journeys.portal import Portal

pytestmark = [pytest.mark.browser, pytest.mark.full]


@pytest.mark.parametrize("javascript", [True, pytest.param(False, marks=pytest.mark.full)])
def test_a_bulk_run_is_previewed_confirmed_and_followed(
    visit: Visit,
    portal: Portal,
    javascript: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    found = portal.made_by("from tests.journeys.scene import make_queue; make_queue()")
    queue = f"/admin/submissions/submission/?offre={found['offer']}&etat=SUBMITTED"
    page = visit(queue, width=1280, javascript=javascript, cookies=[found["session"]])
    for number in found["numbers"][:2]:
        page.get_by_role("row").filter(has_text=number).get_by_role("checkbox").check()
    page.locator("select[name=action]").select_option(label="Mettre à l’étude")
    press(page, "Aperçu pour les cochées")
    expect(page.locator("main")).to_contain_text("2 candidatures passeraient")
    expect(page.get_by_role("row")).to_have_count(3)
    confirm = page.get_by_role("button", name="Mettre à l’étude : 2 candidatures")
    click_and_wait(confirm)
    expect(page).to_have_url(re.compile(r"/admin/candidatures/actions/[^/]+/$"))
    for _look in range(60):
        if javascript or page.get_by_role("heading", name="L’action est terminée").count():
            break
        page.wait_for_timeout(500)
        follow(page, "Actualiser")
    expect(page.get_by_role("heading", name="L’action est terminée")).to_be_visible()
    expect(page.locator("main")).to_contain_text("2 candidatures changées d’état")
    follow(page, "Revenir à la file")
    expect(page).to_have_url(portal.url + queue)
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    expect(page.get_by_role("navigation", name="Mes dernières actions")).to_contain_text("Mettre à l’étude")
