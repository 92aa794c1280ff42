"""A member's typed marks stay: after the next file, *Back*, a session that ended and a lost connection."""

from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import Visit
from tests.journeys.page_actions import follow
from tests.journeys.portal import Portal

pytestmark = pytest.mark.browser

SAVED = "Brouillon enregistré à"
NAME = settings.SESSION_COOKIE_NAME


@pytest.fixture
def work(portal: Portal) -> dict[str, Any]:
    found: dict[str, Any] = portal.made_by(
        "from tests.journeys.marks_scene import make_two_to_mark; make_two_to_mark()"
    )
    return found


def open_first(visit: Visit, work: dict[str, Any], **options: Any) -> Page:
    page = visit(work["queue"], width=1280, cookies=[work["session"]], **options)
    follow(page, page.locator("#result_list tbody tr a").first.inner_text())
    return page


def note(page: Page, remark: str) -> None:
    page.locator("fieldset.review-line").first.get_by_label("4 —").check()
    page.get_by_label("Remarque").first.fill(remark)


def expect_noted(page: Page, remark: str) -> None:
    expect(page.locator("fieldset.review-line").first.get_by_label("4 —")).to_be_checked()
    expect(page.get_by_label("Remarque").first).to_have_value(remark)


def test_marks_typed_just_before_the_next_file_or_back_are_kept(visit: Visit, work: dict[str, Any]) -> None:
    page = open_first(visit, work)
    note(page, "Avant la suivante.")
    follow(page, "Suivante")
    expect(page.get_by_label("Remarque").first).to_have_value("")
    follow(page, "Précédente")
    expect_noted(page, "Avant la suivante.")
    page.get_by_label("Remarque").first.fill("Avant le retour.")
    page.go_back()
    page.wait_for_timeout(500)
    page.go_forward()
    expect(page.get_by_label("Remarque").first).to_have_value("Avant le retour.")


@pytest.mark.full
def test_marks_are_saved_after_a_pause_and_submitted_at_once(visit: Visit, work: dict[str, Any]) -> None:
    page = open_first(visit, work)
    note(page, "Première.")
    expect(page.locator("[data-saved-state]")).to_contain_text(SAVED)
    expect(page.get_by_text("Rien n’est encore enregistré")).to_have_count(0)
    page.locator("fieldset.review-line").nth(1).get_by_label("3 —").check()
    page.get_by_role("button", name="Remettre mon évaluation").click()
    expect(page.locator(".messagelist")).to_contain_text("Votre évaluation est remise.")
    expect_noted(page, "Première.")
    page.get_by_label("Remarque").first.fill("Changée.")
    expect(page.locator("[data-saved-state]")).to_contain_text("Changements gardés à")
    page.reload()
    expect(page.locator("main, #content").first).to_contain_text("pas encore remis")
    expect_noted(page, "Changée.")


@pytest.mark.full
def test_a_remark_typed_during_a_save_is_stored_by_another_save(visit: Visit, work: dict[str, Any]) -> None:
    page = open_first(visit, work, alters=True)
    saves, held = "**/candidatures/**", list[Route]()
    page.route(saves, lambda route: held.append(route), times=1)  # noqa: PLW0108 -- Playwright sets an attribute
    with page.expect_request(saves):
        note(page, "Avant.")
    note(page, "Pendant.")
    with page.expect_response(saves):
        held[0].continue_()
    expect(page.locator("[data-saved-state]")).to_contain_text(SAVED)
    follow(page, "Suivante")
    follow(page, "Précédente")
    expect_noted(page, "Pendant.")


def come_back(page: Page, session: str) -> None:
    """Sign in, as in another tab: the session and the token of forms are new."""
    found = next(cookie for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
    page.context.clear_cookies(name=found["name"])
    home = page.url.partition("/admin/")[0]
    page.context.add_cookies([{"name": NAME, "value": session, "url": home}])
    page.evaluate("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))")


@pytest.mark.full
def test_an_ended_session_keeps_the_page_and_its_marks_until_the_member_is_back(
    visit: Visit, work: dict[str, Any]
) -> None:
    page = open_first(visit, work, breaks=True, alters=True)
    page.context.clear_cookies(name=NAME)
    note(page, "Après la fin.")
    page.get_by_role("button", name="Enregistrer le brouillon").click()
    expect(page.locator("[data-saved-state]")).to_contain_text("Votre session est terminée")
    expect_noted(page, "Après la fin.")
    come_back(page, work["other"])
    expect(page.locator("[data-saved-state]")).to_contain_text("un autre compte")
    come_back(page, work["again"])
    expect(page.locator("[data-saved-state]")).to_contain_text(SAVED)
    page.reload()
    expect_noted(page, "Après la fin.")


def test_marks_wait_on_the_page_while_the_connection_is_lost(visit: Visit, work: dict[str, Any]) -> None:
    page = open_first(visit, work, breaks=True, alters=True)
    page.context.set_offline(True)
    note(page, "Hors ligne.")
    expect(page.locator("[data-saved-state]")).to_contain_text("Hors ligne")
    page.context.set_offline(False)
    expect(page.locator("[data-saved-state]")).to_contain_text(SAVED)
    page.reload()
    expect_noted(page, "Hors ligne.")
