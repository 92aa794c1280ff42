"""The page before filing on a phone: short, its button at hand, nothing covered, everything printed."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.journeys.conftest import Visit
from tests.journeys.portal import Portal

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 360, "height": 740}
LONGEST = 3500  # CSS pixels, with 8 criteria, 4 documents and the 13 lines of the demonstration's grid
_COVERED = """(element) => {
  const box = element.getBoundingClientRect();
  const there = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return !(there && (element.contains(there) || there.contains(element)));
}"""
_WITHIN = """(element) => {
  const box = element.getBoundingClientRect();
  return box.top >= 0 && box.bottom <= innerHeight;
}"""


@pytest.fixture(scope="module")
def drafts(portal: Portal) -> dict[str, Any]:
    found: dict[str, Any] = portal.made_by(
        "from tests.journeys.drafts import make_demonstration_drafts; make_demonstration_drafts()"
    )
    return found


def _open(visit: Visit, draft: dict[str, Any], **options: Any) -> Page:
    page = visit(f"{draft['path']}verifier/", cookies=[draft["session"]], **options)
    page.set_viewport_size(PHONE)
    return page


def _is_in_sight(element: Locator) -> bool:
    return bool(element.evaluate(_WITHIN)) and not element.evaluate(_COVERED)


def test_the_page_is_short_and_its_button_stays_in_view(visit: Visit, drafts: dict[str, Any]) -> None:
    page = _open(visit, drafts["eligible"], width=360)
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate("document.documentElement.scrollHeight") <= LONGEST
    onward = page.get_by_role("link", name="Déclarations et dépôt")
    button = page.get_by_role("button", name="Déposer ma candidature")
    assert _is_in_sight(onward)
    onward.click()
    assert _is_in_sight(page.get_by_role("heading", name="Déclarations et dépôt"))
    for box in page.locator("form input[type=checkbox]").all():
        assert _is_in_sight(box)
        assert _is_in_sight(button)
    for _step in range(200):
        page.keyboard.press("Shift+Tab")
        focused = page.locator(":focus")
        if page.locator("body").evaluate("(body) => document.activeElement === body"):
            break
        assert not focused.evaluate(_COVERED), focused.evaluate("(element) => element.outerHTML")


@pytest.mark.parametrize("javascript", [True, pytest.param(False, marks=pytest.mark.full)])
def test_a_missing_declaration_is_displayed_at_the_declarations(
    visit: Visit, drafts: dict[str, Any], *, javascript: bool
) -> None:
    page = _open(visit, drafts["eligible"], width=360, javascript=javascript)
    button = page.get_by_role("button", name="Déposer ma candidature")
    with page.expect_navigation():
        button.click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator(".error-summary")).to_be_in_viewport()
    expect(page.locator(".is-invalid").first).to_be_in_viewport()


@pytest.mark.full
def test_a_refused_page_leads_to_the_review_request(visit: Visit, drafts: dict[str, Any]) -> None:
    page = _open(visit, drafts["refused"], width=360, javascript=False)
    expect(page.get_by_role("heading", name="2\u00a0critères ne sont pas respectés")).to_be_visible()
    assert _is_in_sight(page.get_by_role("link", name="Demander une révision"))
    page.get_by_role("link", name="Demander la révision par une personne").click()
    expect(page.get_by_label("Pourquoi une personne devrait-elle revoir ce résultat")).to_be_in_viewport()


@pytest.mark.full
def test_the_folded_answers_are_opened_without_script_and_printed(
    visit: Visit, drafts: dict[str, Any]
) -> None:
    page = _open(visit, drafts["eligible"], width=360, javascript=False)
    answers = page.locator("#partie-competences dl")
    clause = page.locator(".criterion .clause").first

    def is_whole() -> bool:
        return bool(answers.evaluate("(list) => list.scrollHeight <= list.clientHeight"))

    assert not is_whole()
    expect(clause).not_to_be_visible()
    page.emulate_media(media="print")
    assert is_whole()
    expect(clause).to_be_visible()
    expect(page.locator(".filing-bar").first).not_to_be_visible()
    page.emulate_media(media="screen")
    page.get_by_text("Lire les 13\u00a0réponses").click()
    assert is_whole()
    page.get_by_text("Réduire").click()
    assert not is_whole()
