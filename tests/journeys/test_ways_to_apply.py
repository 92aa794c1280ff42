"""Candidates who apply in other ways: by keyboard, zoomed, interrupted, with a second click."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.factories.files import pdf_bytes
from tests.journeys.application import (
    Candidate,
    Hands,
    add_documents,
    begin,
    declare_and_file,
    fill_sections,
    save,
    save_button,
    sign_in,
)
from tests.journeys.conftest import Visit
from tests.journeys.keyboard import Keyboard
from tests.journeys.page_actions import press
from tests.journeys.portal import RECEIPT_NUMBER, MadeOnDemand, Portal

pytestmark = pytest.mark.browser

type Drafts = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def ask(portal: Portal) -> Callable[[str], Any]:
    """Run one of `drafts.py`'s functions beside the portal: `ask("count_receipts('…')")`."""

    def run(call: str) -> Any:
        return portal.made_by(f"from tests.journeys.drafts import *; {call}")

    return run


@pytest.fixture(scope="module")
def drafts(portal: Portal) -> Drafts:
    """Complete drafts."""
    return MadeOnDemand(portal, "from tests.journeys.drafts import *; make_drafts({name!r})")


def _open(visit: Visit, draft: dict[str, Any], page: str = "", **options: Any) -> Page:
    return visit(draft["path"] + page, cookies=[draft["session"]], **options)


def _filed(page: Page) -> str:
    expect(page.get_by_role("heading", level=1)).to_have_text("Candidature déposée")
    found = RECEIPT_NUMBER.search(page.locator("main").inner_text())
    assert found is not None
    return found[0]


def _apply(
    page: Page, portal: Portal, candidate: Candidate, hands: Hands, documents: Callable[[], None]
) -> str:
    """Apply from the offer's page to the receipt, operating the pages by `hands`."""
    hands.press(page.get_by_role("link", name="Postuler").first)
    sign_in(page, portal, candidate.address, hands)
    begin(page, hands)
    hands.press(page.get_by_role("link", name="Identité"))
    fill_sections(page, candidate, hands)
    documents()
    hands.press(page.get_by_role("link", name="Vérifier et déposer"))
    declare_and_file(page, hands)
    return _filed(page)


def _add_by_key(page: Page, hands: Keyboard) -> None:
    """Open each document's file chooser by key; the chooser belongs to the system and returns the file."""
    page.on(
        "filechooser",
        lambda chooser: chooser.set_files(
            {"name": "papier.pdf", "mimeType": "application/pdf", "buffer": pdf_bytes(text=page.title())}
        ),
    )
    for name in [card.get_attribute("id") for card in page.locator("section.document").all()]:
        card = page.locator(f"#{name}")
        hands.reach(card.get_by_role("button", name="Ajouter ce document"))
        page.keyboard.press("Enter")
        expect(card).to_contain_text("Fichier accepté")
        expect(card.locator(":focus")).to_have_count(1)


@pytest.mark.full
def test_an_application_is_filed_with_the_keyboard_only(visit: Visit, portal: Portal) -> None:
    page = visit(f"/offres/{portal.open_offer()}/", width=1280, alters=True)
    page.emulate_media(
        reduced_motion="reduce"
    )  # otherwise the browser scrolls to the focus in several frames
    hands = Keyboard(page)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Passer au contenu")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()

    hands.press(page.get_by_role("link", name="Postuler").first)
    sign_in(page, portal, "clavier@exemple.invalid", hands)
    hands.press(page.get_by_role("button", name="Commencer ma candidature"))
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    begin(page, hands)
    hands.press(page.get_by_role("link", name="Identité"))
    save(page, hands)
    expect(page.get_by_label("Prénom")).to_be_focused()
    hands.reach(summary.get_by_role("link", name="Nom de famille"), key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Nom de famille")).to_be_focused()
    hands.reach(page.get_by_label("Prénom"), key="Shift+Tab")
    fill_sections(page, Candidate(address="clavier@exemple.invalid"), hands)
    _add_by_key(page, hands)
    hands.press(page.get_by_role("link", name="Vérifier et déposer").first)
    declare_and_file(page, hands)
    assert _filed(page)


class _Enlarged(Hands):
    """A pointer on pages at 400 %: each page is checked before it is left."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def write(self, field: Locator, text: str) -> None:
        field.click()  # fails if another element covers the field
        field.fill(text)

    def press(self, button: Locator) -> None:
        expect(button).to_be_visible()
        self.look()
        super().press(button)

    def look(self) -> None:
        """Raise if an element is wider than the page or stays over it."""
        found = self.page.evaluate(_IN_THE_WAY)
        assert not found, f"{found} on {self.page.url}"


_IN_THE_WAY = """() => [...document.querySelectorAll("body *")]
  .filter((element) => {
    const box = element.getBoundingClientRect();
    if (!box.width || !box.height) return false;
    const overflows = document.documentElement.scrollWidth > innerWidth && box.right > innerWidth + 1;
    return overflows || ["fixed", "sticky"].includes(getComputedStyle(element).position);
  })
  .map((element) => element.outerHTML.slice(0, 120))"""


@pytest.mark.full
def test_an_application_is_filed_at_four_times_zoom(visit: Visit, portal: Portal, tmp_path: Path) -> None:
    page = visit("about:blank", width=320)
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto(f"{portal.url}/offres/{portal.open_offer()}/")
    hands = _Enlarged(page)
    candidate = Candidate(address="loupe@exemple.invalid", last_name="Wolfeschlegelsteinhausenbergerdorff")
    number = _apply(page, portal, candidate, hands, lambda: add_documents(page, tmp_path))
    assert number
    hands.press(page.get_by_role("link", name="Suivre ma candidature"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    hands.look()


@pytest.mark.full
def test_without_script_a_session_expired_before_filing_keeps_the_form(
    visit: Visit, portal: Portal, drafts: Drafts, ask: Callable[[str], Any]
) -> None:
    draft = drafts["filing"]
    page = _open(visit, draft, "verifier/", javascript=False)
    page.context.clear_cookies(name=draft["session"][0])
    declare_and_file(page)
    sign_in(page, portal, draft["address"])
    expect(page.get_by_text("Votre session s’était terminée")).to_be_visible()
    boxes = page.locator("form input[type=checkbox]")
    expect(boxes).not_to_have_count(0)
    for box in boxes.all():
        expect(box).to_be_checked()
    press(page, "Déposer ma candidature")
    assert _filed(page)
    assert ask(f"count_receipts({draft['address']!r})") == {draft["address"]: 1}


def test_an_expired_token_a_double_click_or_the_back_button_files_once(
    visit: Visit, drafts: Drafts, ask: Callable[[str], Any]
) -> None:
    page = _open(visit, drafts["token"], "verifier/")
    page.context.clear_cookies(name="csrftoken")
    declare_and_file(page)
    _filed(page)

    for javascript, name in ((True, "twice"), (False, "filing-twice")):
        draft = drafts[name]
        page = _open(visit, draft, "verifier/", javascript=javascript)
        for box in page.locator("form input[type=checkbox]").all():
            box.check()
        page.get_by_role("button", name="Déposer ma candidature").dblclick()
        number = _filed(page)
        page.go_back()
        assert _filed(page) == number
    addresses = [drafts[name]["address"] for name in ("token", "twice", "filing-twice")]
    assert set(ask(f"count_receipts(*{addresses!r})").values()) == {1}


@pytest.mark.full
def test_a_lost_connection_or_token_or_a_too_large_text_keeps_the_answers(
    visit: Visit, drafts: Drafts
) -> None:
    page = _open(visit, drafts["cut"], "competences/", breaks=True)
    field = page.locator("textarea").first
    title = page.get_by_role("heading", level=1)
    gone = page.locator("form > [data-saved-state]")
    field.fill("Écrit pendant la coupure.")
    # The browser still reports a connection, and no request succeeds.
    page.route("**/*", lambda route: route.abort())
    save_button(page).click()
    expect(gone).to_contain_text("rien n’est perdu sur cette page")
    page.unroute_all()
    page.context.set_offline(True)
    save_button(page).click()
    expect(gone).to_contain_text("rien n’est perdu sur cette page")
    page.context.set_offline(False)
    expect(field).to_have_value("Écrit pendant la coupure.")
    press(page, "Enregistrer et revenir à la liste")
    expect(page.get_by_text("Compétences et expérience\u00a0: enregistré à")).to_be_visible()

    page.go_back()
    expect(field).to_have_value("Écrit pendant la coupure.")
    page.context.clear_cookies(name="csrftoken")
    field.fill("Écrit sans jeton.")
    save(page)
    expect(page.get_by_text("Votre texte est encore sur cette page.")).to_be_visible()
    press(page, "Envoyer de nouveau")
    expect(title).to_have_text("Langues")
    press(page, "Précédent")
    expect(field).to_have_value("Écrit sans jeton.")

    large = "à" * 400_000  # six bytes each in a form
    field.evaluate("(box, text) => { box.value = text; }", large)
    save_button(page).click()
    expect(gone).to_contain_text("C’est trop long pour être envoyé")
    expect(field).to_have_value(large)
    with page.expect_navigation():
        page.locator("main form[data-autosave]").evaluate(
            "(form) => form.submit()"
        )  # without the portal's script
    expect(title).to_have_text("L’envoi est trop volumineux")
    page.go_back()
    expect(field).to_have_value(large)

    field.fill("")
    save(page)
    summary = page.locator(".error-summary")
    expect(field).to_be_focused()
    page.reload()
    expect(summary).to_contain_text("Répondez en quelques mots")
    page.goto("about:blank")
    page.go_back()
    expect(summary).to_contain_text("Répondez en quelques mots")
