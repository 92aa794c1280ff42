"""What a candidate sees without scrolling: the first question on a phone, the state of the draft on a wide screen."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.journeys.axe import WIDTH_NEEDED
from tests.journeys.conftest import Visit
from tests.journeys.page_actions import click_and_wait
from tests.journeys.portal import Portal

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 360, "height": 740}
WIDE: ViewportSize = {"width": 1280, "height": 800}
LOWEST = 320
"""Lowest place of the first field, in CSS pixels from the top of the page, on a window of `PHONE`."""
SECTIONS = [
    "identite",
    "coordonnees",
    "statut",
    "residence",
    "etudes",
    "competences",
    "langues",
    "attestations",
]
_FIRST_FIELD = """() => {
  const field = document.querySelector("main form :is(.form-control, .form-select, .form-check-input)");
  return field.getBoundingClientRect().top + scrollY;
}"""
"""Its question and its hint are above it."""
_SAVED = re.compile(r"(enregistré à|saved at) \d+[\s:]", re.IGNORECASE)


def _some(*usual: tuple[str, str]) -> pytest.MarkDecorator:
    """Parametrize by section and language; only the `usual` ones belong to the default run."""
    return pytest.mark.parametrize(
        "key, language",
        [
            pytest.param(key, language, marks=() if (key, language) in usual else pytest.mark.full)
            for key in SECTIONS
            for language in ("fr", "en")
        ],
    )


@pytest.fixture(scope="module")
def drafts(portal: Portal) -> dict[str, Any]:
    """A complete draft and an empty one of one candidate."""
    found: dict[str, Any] = portal.made_by(
        "from tests.journeys.drafts import make_first_screens; make_first_screens()"
    )
    return found


def _open(
    visit: Visit, drafts: dict[str, Any], path: str, language: str, size: ViewportSize, **options: Any
) -> Page:
    cookies = [drafts["session"], *([drafts["english"]] if language == "en" else [])]
    page: Page = visit("/healthz", cookies=cookies, width=size["width"], **options)
    page.set_viewport_size(size)
    page.goto(page.url.removesuffix("/healthz") + path)
    return page


def _fits(page: Page) -> bool:
    width: int = page.evaluate("innerWidth")
    needed: int = page.evaluate(WIDTH_NEEDED, width)
    return needed <= width


@_some(("competences", "fr"))
def test_the_first_field_shows_on_a_phone(
    visit: Visit, drafts: dict[str, Any], key: str, language: str
) -> None:
    page = _open(visit, drafts, f"{drafts['full']}{key}/", language, PHONE)
    assert page.evaluate(_FIRST_FIELD) <= LOWEST
    assert _fits(page)
    page.set_viewport_size({"width": 320, "height": 740})
    assert _fits(page)


@pytest.mark.full
@pytest.mark.parametrize("language", ["fr", "en"])
def test_that_a_section_is_saved_moves_no_field_of_the_next_one(
    visit: Visit, drafts: dict[str, Any], language: str
) -> None:
    page = _open(visit, drafts, f"{drafts['full']}{SECTIONS[0]}/", language, PHONE)
    for key in SECTIONS[1:]:
        click_and_wait(page.locator("main form .btn-primary"))
        assert page.url.endswith(f"{drafts['full']}{key}/")
        said = page.get_by_role("status").filter(has_text=_SAVED)
        expect(said).to_be_in_viewport(ratio=1)
        assert page.evaluate(_FIRST_FIELD) <= LOWEST, key
        assert _fits(page)
    click_and_wait(page.locator("main form .btn-primary"))
    expect(page.locator(".alert").get_by_text(_SAVED)).to_be_visible()


@pytest.mark.parametrize("javascript", [True, pytest.param(False, marks=pytest.mark.full)])
@_some(("competences", "fr"))
def test_the_first_wrong_field_shows_after_an_error(
    visit: Visit, drafts: dict[str, Any], key: str, language: str, *, javascript: bool
) -> None:
    page = _open(visit, drafts, f"{drafts['empty']}{key}/", language, PHONE, javascript=javascript)
    click_and_wait(page.locator("main form .btn-primary"))
    wrong = page.locator(".field-invalid").first
    expect(wrong.locator(".form-label")).to_be_in_viewport()
    expect(wrong.locator(".form-control, .form-select, .form-check").first).to_be_in_viewport()
    focused = page.locator(":focus")
    expect(wrong.locator(focused)).to_have_count(1)


@pytest.mark.full
@pytest.mark.parametrize("javascript", [True, False])
def test_an_added_programme_has_the_focus_in_the_window(
    visit: Visit, drafts: dict[str, Any], *, javascript: bool
) -> None:
    page = _open(visit, drafts, f"{drafts['full']}etudes/", "fr", PHONE, javascript=javascript)
    entries = page.locator(".entry")
    before = entries.count()
    click_and_wait(page.get_by_role("button", name="Ajouter un programme"))
    expect(entries).to_have_count(before + 1)
    first = entries.last.locator("select").first
    expect(first).to_be_focused()
    expect(first).to_be_in_viewport(ratio=1)


def test_the_menu_of_a_phone_opens_without_a_script_and_closes(visit: Visit, drafts: dict[str, Any]) -> None:
    page = _open(visit, drafts, drafts["full"], "fr", PHONE, javascript=False)
    menu = page.locator("#account-menu")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    for link in ("Mes candidatures", "Mon profil", "English"):
        box = menu.get_by_role("link", name=link).bounding_box()
        assert box is not None
        assert box["height"] >= 44
    page.set_viewport_size({"width": 320, "height": 200})  # a window of 1280 by 800, enlarged four times
    last = menu.get_by_role("link", name="English")
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport(ratio=1)
    menu.get_by_role("button", name="Fermer").click()
    expect(menu).to_be_hidden()
    page.set_viewport_size(WIDE)
    expect(menu.get_by_role("link", name="Mon profil")).to_be_visible()


@pytest.mark.full
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_wide_screen_shows_the_state_of_the_draft(
    visit: Visit, drafts: dict[str, Any], language: str
) -> None:
    page = _open(visit, drafts, f"{drafts['empty']}langues/", language, WIDE)
    aside = page.locator(".draft-aside")
    expect(aside.locator(".step a")).to_have_count(len(SECTIONS) + 1)
    expect(aside.locator("[aria-current=page]")).to_have_attribute("href", f"{drafts['empty']}langues/")
    expect(aside.locator(".btn")).to_have_attribute("href", f"{drafts['empty']}verifier/")
    expect(aside.locator(".btn")).to_be_in_viewport(ratio=1)
    page.mouse.wheel(0, 400)
    expect(aside.locator(".btn")).to_be_in_viewport(ratio=1)
    click_and_wait(aside.locator(".step a").first)
    assert page.url.endswith(f"{drafts['empty']}identite/")
    page.set_viewport_size({"width": 960, "height": 800})
    expect(aside).to_be_hidden()
