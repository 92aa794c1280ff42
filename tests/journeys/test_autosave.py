"""Answers are saved while they are typed: on a bad line, after the session, in two tabs, in a browser that dies."""

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.journeys.conftest import Visit
from tests.journeys.page_actions import click_and_wait, follow
from tests.journeys.portal import Portal
from tests.journeys.unsent import PUT_WAITING, count_waiting

pytestmark = pytest.mark.browser

SAVED = re.compile(r"Enregistré à \d+\sh")

FULL_STORE = """() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (row) {
        const request = put.call(this, row);
        this.transaction.abort();
        return request;
    };
}"""


@dataclass(frozen=True)
class Draft:
    """A draft of a new candidate, with the session of its candidate."""

    path: str
    address: str
    cookie: tuple[str, str]

    def section(self, key: str) -> str:
        """Return the path of a section."""
        return f"{self.path}{key}/"


@pytest.fixture
def draft(portal: Portal) -> Draft:
    found = portal.made_by("from tests.journeys.drafts import *; make_drafts('autosave')")["autosave"]
    return Draft(path=found["path"], address=found["address"], cookie=tuple(found["session"]))


def state(page: Page) -> Any:
    return page.locator("[data-saved-state]").last


def until_waiting(page: Page, count: int) -> None:
    for _look in range(100):
        if count_waiting(page) == count:
            return
        page.wait_for_timeout(100)
    raise AssertionError(count_waiting(page))


@contextmanager
def offline(context: BrowserContext) -> Iterator[None]:
    context.set_offline(True)
    yield
    context.set_offline(False)


def test_what_is_typed_is_saved_without_a_button_and_beside_its_field(
    visit: Visit, draft: Draft, portal: Portal
) -> None:
    page = visit(draft.section("identite"), width=1280, cookies=[draft.cookie])
    expect(page.get_by_text("Vos réponses s’enregistrent pendant que vous écrivez")).to_be_visible()
    page.get_by_label("Prénom").fill("Zoé")
    page.get_by_label("Date de naissance").fill("31 février 1998")
    expect(state(page)).to_contain_text("À corriger, gardé tel quel : Date de naissance")
    expect(page.locator("#div_id_first_name .field-saved")).to_have_text(SAVED)
    until_waiting(page, 0)
    page.reload()
    expect(page.get_by_label("Prénom")).to_have_value("Zoé")
    expect(page.get_by_label("Date de naissance")).to_have_value("31 février 1998")
    expect(page.locator(".error-summary")).to_contain_text("Ce jour n’existe pas au calendrier")
    page.get_by_label("Nom de famille").fill("Ó Briain")
    follow(page, "Mon profil")  # at once: nothing was sent yet
    page.goto(portal.url + draft.section("identite"))
    expect(page.get_by_label("Nom de famille")).to_have_value("Ó Briain")


def test_answers_typed_offline_wait_in_the_browser_and_are_sent_later(
    visit: Visit, draft: Draft, portal: Portal
) -> None:
    page = visit(draft.section("coordonnees"), cookies=[draft.cookie], breaks=True)
    with offline(page.context):
        page.get_by_label("Ville").fill("Gaspé")
        expect(state(page)).to_contain_text("Hors ligne. Vos réponses attendent dans ce navigateur")
        assert count_waiting(page) == 1
    expect(state(page)).to_have_text(SAVED)
    until_waiting(page, 0)
    with offline(page.context):
        page.get_by_label("Ville").fill("Percé")
        expect(state(page)).to_contain_text("Hors ligne.")
        other = page.context.new_page()
        page.close(run_before_unload=False)
    other.goto(portal.url + draft.path)
    until_waiting(other, 0)
    other.goto(portal.url + draft.section("coordonnees"))
    expect(other.get_by_label("Ville")).to_have_value("Percé")


def test_answers_that_waited_while_the_key_of_the_portal_was_replaced_are_sent(
    visit: Visit, draft: Draft, portal: Portal
) -> None:
    def replaced(route: Route) -> None:
        answer = route.fetch()
        newer = f"{'0' * 16}:{base64.b64encode(bytes(32)).decode()}"
        route.fulfill(response=answer, body=answer.text().replace('data-keys="', f'data-keys="{newer} ', 1))

    page = visit(draft.section("coordonnees"), cookies=[draft.cookie], breaks=True)
    with offline(page.context):
        page.get_by_label("Ville").fill("Percé")
        expect(state(page)).to_contain_text("Hors ligne.")
        other = page.context.new_page()
        page.close(run_before_unload=False)
    other.route(f"**{draft.path}", replaced)
    with other.expect_response("**/coordonnees/brouillon/"):
        other.goto(portal.url + draft.path)
    other.goto(portal.url + draft.section("coordonnees"))
    expect(other.get_by_label("Ville")).to_have_value("Percé")
    until_waiting(other, 0)


@pytest.mark.full
def test_answers_that_the_browser_cannot_keep_are_announced_as_not_saved(visit: Visit, draft: Draft) -> None:
    page = visit(draft.section("coordonnees"), cookies=[draft.cookie], breaks=True)
    page.evaluate(FULL_STORE)
    with offline(page.context):
        page.get_by_label("Ville").fill("Gaspé")
        expect(state(page)).to_contain_text("Pas encore enregistré. Gardez cette page ouverte")
    expect(state(page)).to_have_text(SAVED)


def test_a_session_that_ended_is_opened_in_place_and_the_answers_are_saved(
    visit: Visit, draft: Draft, portal: Portal
) -> None:
    page = visit(draft.section("identite"), cookies=[draft.cookie], breaks=True)
    page.context.clear_cookies()
    # The portal is out of reach when the page asks for a token, then when the dialog asks for its first step.
    for pattern in ("**/identite/", "**/connexion/**"):
        page.route(pattern, lambda route: route.abort(), times=1)
    page.get_by_label("Prénom").fill("Zoé")
    dialog = page.get_by_role("dialog", name="Votre session est terminée")
    expect(dialog.get_by_label("Adresse courriel")).to_have_value(draft.address)
    earlier = portal.codes_for(draft.address)
    dialog.get_by_role("button", name="Recevoir mon code").click()
    field = dialog.locator("input[autocomplete=one-time-code]")
    field.fill("000000")
    dialog.get_by_role("button", name="Me connecter").click()
    expect(dialog.get_by_text("Ce n’est pas le bon code").first).to_be_visible()
    field.fill(portal.next_code(draft.address, earlier))
    dialog.get_by_role("button", name="Me connecter").click()
    expect(dialog).to_be_hidden()
    expect(state(page)).to_have_text(SAVED)
    expect(page.get_by_label("Prénom")).to_have_value("Zoé")
    click_and_wait(page.get_by_role("button", name="Enregistrer et continuer").last)
    expect(page.get_by_role("heading", level=1)).to_have_text("Coordonnées")


@pytest.mark.full
def test_what_is_typed_during_a_save_is_stored_by_another_save(visit: Visit, draft: Draft) -> None:
    page = visit(draft.section("coordonnees"), cookies=[draft.cookie], alters=True)
    city, held = page.get_by_label("Ville"), list[Route]()
    page.route("**/brouillon/", lambda route: held.append(route), times=1)  # noqa: PLW0108 -- Playwright sets an attribute
    with page.expect_request("**/brouillon/"):
        city.fill("Gaspé")
    city.fill("Gaspé et Percé")
    with page.expect_request("**/brouillon/"):
        held[0].continue_()
    until_waiting(page, 0)
    page.reload()
    expect(city).to_have_value("Gaspé et Percé")


@pytest.mark.full
def test_answers_are_not_sent_after_a_sign_in_to_another_account(
    visit: Visit, draft: Draft, portal: Portal
) -> None:
    page = visit(draft.section("coordonnees"), cookies=[draft.cookie], alters=True)
    found = portal.made_by("from tests.journeys.drafts import *; make_drafts('other')")["other"]
    page.context.clear_cookies()
    name, session = found["session"]
    page.context.add_cookies([{"name": name, "value": session, "url": portal.url}])
    theirs = f"{portal.url}{found['path']}coordonnees/"
    page.context.new_page().goto(theirs)
    page.route(page.url, lambda route: route.continue_(url=theirs))
    sent: list[int] = []
    page.on(
        "response", lambda answer: sent.append(answer.status) if answer.request.method == "POST" else None
    )
    page.get_by_label("Ville").fill("Gaspé")
    expect(state(page)).to_contain_text("Vous utilisez maintenant un autre compte.")
    assert sent == [403]
    assert count_waiting(page) == 1


def test_a_press_after_the_session_ended_files_in_place(visit: Visit, draft: Draft, portal: Portal) -> None:
    page = visit(f"{draft.path}verifier/", cookies=[draft.cookie], breaks=True)
    for box in page.locator("#depot").get_by_role("checkbox").all():
        box.check()
    page.context.clear_cookies()
    earlier = portal.codes_for(draft.address)
    page.get_by_role("button", name="Déposer ma candidature").click()
    expect(page.locator("[data-press-state]")).to_contain_text("rien n’est encore déposé")
    dialog = page.get_by_role("dialog", name="Votre session est terminée")
    dialog.get_by_role("button", name="Recevoir mon code").click()
    dialog.locator("input[autocomplete=one-time-code]").fill(portal.next_code(draft.address, earlier))
    dialog.get_by_role("button", name="Me connecter").click()
    expect(page).to_have_url(re.compile("/accuse/$"))
    page.go_back()
    expect(page).to_have_url(re.compile("/accuse/$"))


@pytest.mark.full
def test_the_text_of_a_review_request_is_saved_and_a_refused_form_comes_back(
    visit: Visit, portal: Portal
) -> None:
    made = "from tests.journeys.drafts import *; make_demonstration_drafts()"
    found = portal.made_by(made)["refused"]
    page = visit(f"{found['path']}verifier/", cookies=[tuple(found["session"])])
    text = page.get_by_label("Pourquoi une personne devrait-elle revoir ce résultat")
    text.fill("Mon acte de naissance dit 1998.")
    expect(page.locator("form > [data-saved-state]")).to_have_text(SAVED)
    page.reload()
    expect(text).to_have_value("Mon acte de naissance dit 1998.")
    page.get_by_role("button", name="Déposer et demander une révision").click()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(text).to_have_value("Mon acte de naissance dit 1998.")
    page.go_back()
    expect(text).to_have_value("Mon acte de naissance dit 1998.")


@pytest.mark.full
def test_two_windows_that_differ_ask_beside_the_field_and_beside_the_filing_button(
    visit: Visit, draft: Draft, portal: Portal
) -> None:
    page = visit(draft.section("competences"), cookies=[draft.cookie])
    other = page.context.new_page()
    other.goto(page.url)
    texts = [("Premier texte. " * 40)[:600], ("Second texte. " * 40)[:600]]
    for window, text in zip((page, other), texts, strict=True):
        window.get_by_role("textbox").nth(2).fill(text)
        expect(state(window)).to_have_text(SAVED if window is page else re.compile("attend votre choix"))
    expect(other.get_by_text(SAVED)).to_have_count(0)
    field, conflict = other.get_by_role("textbox").nth(2), other.locator("[data-conflict]")
    for part in (field, conflict.get_by_role("button").first, other.locator("form > [data-saved-state]")):
        expect(part).to_be_in_viewport(ratio=0.9)
    other.goto(f"{portal.url}{draft.path}verifier/")
    filing = other.locator("#depot")
    expect(filing.get_by_text("Le bouton de dépôt attend votre choix")).to_have_count(1)
    expect(other.get_by_role("button", name="Déposer ma candidature")).to_have_count(0)
    for text in texts:
        expect(filing.get_by_text(text.strip())).to_be_visible()
    click_and_wait(filing.get_by_role("button", name="Prendre l’autre réponse"))
    expect(other.get_by_role("button", name="Déposer ma candidature")).to_be_visible()
    expect(other.locator("#partie-competences")).to_contain_text(texts[1].strip())


def test_a_button_pressed_offline_is_reported_in_view_until_the_portal_answers(
    visit: Visit, draft: Draft
) -> None:
    page = visit(draft.section("competences"), cookies=[draft.cookie], breaks=True)
    first, line = page.get_by_role("textbox").first, state(page)
    page.route("**/brouillon/", lambda route: route.fulfill(status=429), times=1)
    with page.expect_response(lambda answer: answer.status == 429):
        first.fill("Un club de débat.")
    expect(page.locator(".field-saved")).to_have_text(SAVED)  # by the next attempt
    page.route("**/healthz", lambda route: route.abort())  # the portal restarts
    page.get_by_role("button", name="Enregistrer et continuer").last.click()
    expect(line).to_have_text(re.compile("^Le portail ne répond pas"))
    page.evaluate("scrollTo(0, 0)")
    expect(page.locator("form > [data-saved-state]")).to_be_in_viewport(ratio=0.9)
    expect(page.get_by_text("hors ligne")).to_have_count(0)
    page.unroute("**/healthz")
    expect(line).to_have_text(SAVED)
    with offline(page.context):
        page.get_by_role("button", name="Enregistrer et continuer").last.click()
        expect(line).to_have_text(re.compile("^Vous êtes hors ligne"))
        expect(page.get_by_text(SAVED)).to_have_count(0)
    expect(line).to_have_text(SAVED)


@pytest.mark.full
def test_two_tabs_that_differ_show_both_answers_and_keep_the_chosen_one(visit: Visit, draft: Draft) -> None:
    page = visit(draft.section("coordonnees"), cookies=[draft.cookie])
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Ville").fill("Gaspé")
    expect(state(other)).to_have_text(SAVED)
    page.get_by_label("Ville").fill("Amos")
    conflict = page.locator("[data-conflict]")
    expect(conflict).to_contain_text("Enregistrée Gaspé Pas enregistrée Amos", use_inner_text=True)
    conflict.get_by_role("button", name="Prendre l’autre réponse").click()
    expect(conflict).to_have_count(0)
    expect(state(page)).to_have_text(SAVED)
    other.get_by_label("Ville").fill("Percé")
    conflict = other.locator("[data-conflict]")
    expect(conflict).to_contain_text("Amos")
    conflict.get_by_role("button", name="Garder la réponse enregistrée").click()
    expect(other.get_by_label("Ville")).to_have_value("Amos")
    until_waiting(other, 0)


def test_signing_out_erases_what_waits_in_the_browser(visit: Visit, draft: Draft) -> None:
    page = visit(draft.section("coordonnees"), width=1280, cookies=[draft.cookie], breaks=True)
    with offline(page.context):
        page.get_by_label("Ville").fill("Gaspé")
        expect(state(page)).to_contain_text("Hors ligne.")
        assert count_waiting(page) == 1
    page.route("**/brouillon/", lambda route: route.abort())
    click_and_wait(page.get_by_role("button", name="Se déconnecter"))
    until_waiting(page, 0)


@pytest.mark.full
def test_a_filing_erases_what_waits_for_it_in_the_browser(visit: Visit, portal: Portal) -> None:
    found = portal.made_by("from tests.journeys.scene import make_filed as make; make()")
    page = visit("/offres/", cookies=[tuple(found["session"])])
    page.evaluate(PUT_WAITING, f"/candidatures/{found['public_id']}/identite/brouillon/")
    assert count_waiting(page) == 1
    page.goto(f"{portal.url}/candidatures/{found['public_id']}/accuse/")
    until_waiting(page, 0)
