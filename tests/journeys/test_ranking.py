"""Trial weights: the ranks change as the user types, and nothing is stored."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.page_actions import follow, press
from tests.journeys.portal import Portal

pytestmark = [pytest.mark.browser, pytest.mark.full]


def _make_scene(portal: Portal, maker: str) -> str:
    return portal.shell.ask(f"from tests.journeys.scene import {maker}; {maker}()").strip()


def _ranking(page: Page) -> list[str]:
    """Return the rank cell and the name of each row."""
    rows = page.locator(".ranking-table tbody tr")
    expect(rows).not_to_have_count(0)
    return [
        " ".join(f"{row.locator('td').first.inner_text()} {row.locator('th').inner_text()}".split()[:-1])
        for row in rows.all()
    ]


@pytest.mark.parametrize("javascript", [True, pytest.param(False, marks=pytest.mark.full)])
def test_trial_weights_move_ranks_and_are_not_stored(
    visit: Visit, portal: Portal, *, javascript: bool
) -> None:
    number = _make_scene(portal, "make_ranked")
    name, value = json.loads(_make_scene(portal, "make_staff_session"))
    address = f"/admin/offres/{number}/classement/"
    page = visit(address, cookies=[(name, value)], javascript=javascript)
    before = _ranking(page)
    assert [row.split(",")[0] for row in before] == ["1 Première", "2 Deuxième"]
    page.locator(".ranking-trial summary").click()
    weights = page.locator("[data-trial] input[type=number]")
    weights.first.fill("0")
    if not javascript:
        press(page, "Essayer ces poids")
    expect(page.locator("[data-trial-status]")).to_have_text(
        "Essai : 2 candidatures changent de rang. Rien n’est enregistré."
    )
    moved = _ranking(page)
    assert "▲1" in moved[0]
    assert "Deuxième" in moved[0]
    assert "▼1" in moved[1]
    expect(page.get_by_text("monte de 1 rang")).to_have_count(1)
    if javascript:
        weights.first.fill("11")
        expect(page.locator("[data-trial-status]")).to_contain_text("nombre entier de 0 à 10")
        page.reload()
    else:
        follow(page, "Revenir aux poids enregistrés")
    assert _ranking(page) == before
    expect(weights.first).not_to_have_value("0")
