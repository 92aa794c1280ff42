"""Candidates add documents: by dragging, by a button, by the keyboard, without a script, on a slow line."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.factories.files import HOSTILE, pdf_bytes, picture_bytes
from tests.journeys.conftest import Visit
from tests.journeys.page_actions import click_and_wait, follow, press
from tests.journeys.portal import Portal

pytestmark = pytest.mark.browser

LETTER, TRANSCRIPT, PROOF = "Lettre de motivation", "Relevé de notes", "Preuve d’inscription ou diplôme"
CV = "Curriculum vitæ"
SLOW = 300_000
"""Bytes per second: a heavy file takes half a minute, so that a slow machine can observe its upload. The speed is not
changed during an upload: the browser would then send at once all that it held back."""
BUSY_ONCE = """() => {
    const status = Object.getOwnPropertyDescriptor(XMLHttpRequest.prototype, "status");
    const busy = { get() { Object.defineProperty(XMLHttpRequest.prototype, "status", status); return 503; } };
    Object.defineProperty(XMLHttpRequest.prototype, "status", { ...status, ...busy });
}"""
LONG_ENOUGH = 600  # polls of `until`, 50 ms apart


@dataclass(frozen=True)
class Draft:
    """A draft without documents, and the session of its candidate."""

    path: str
    cookie: tuple[str, str]


@pytest.fixture
def draft(portal: Portal) -> Draft:
    """A draft of a new candidate, made beside the running portal."""
    found = portal.made_by("from tests.journeys.scene import make_empty_draft as make; make()")
    return Draft(path=f"/candidatures/{found['public_id']}/documents/", cookie=tuple(found["session"]))


def card(page: Page, label: str) -> Locator:
    return page.get_by_role("region", name=label)


def heavy(megabytes: int = 9, text: str = "Page") -> bytes:
    """Return a PDF of `megabytes`, filled with unused bytes."""
    return pdf_bytes(text=text) + b"\n%" + b"0" * (megabytes * 1024 * 1024) + b"\n"


def file(name: str, content: bytes) -> Any:
    return {"name": name, "mimeType": "application/pdf", "buffer": content}


def drop(page: Page, target: str, *files: tuple[str, bytes]) -> None:
    """Drop files on the element, with the events of a browser."""
    transfer = page.evaluate_handle(
        """files => {
            const transfer = new DataTransfer();
            for (const [name, text, weight] of files)
                transfer.items.add(new File([text, "0".repeat(weight)], name, {type: "application/pdf"}));
            return transfer;
        }""",
        [[name, content.decode("latin-1"), 0] for name, content in files],
    )
    for event in ("dragover", "drop"):
        page.locator(target).first.dispatch_event(event, {"dataTransfer": transfer})


@contextmanager
def slow_line(page: Page) -> Iterator[None]:
    """Give the page a slow line inside the block."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    _limit(network, SLOW)
    yield
    _limit(network, -1)
    network.detach()


def _limit(network: CDPSession, bytes_per_second: int) -> None:
    network.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second},
    )


def until(page: Page, expression: str) -> None:
    """Wait until an expression is true. Playwright's own wait evaluates code in the page, which the policy forbids."""
    for _look in range(LONG_ENOUGH):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(expression)


def figure_of(shown: Locator) -> int:
    return int(shown.locator("[data-figure]").inner_text().split()[0])


@pytest.mark.full
def test_several_dropped_files_are_uploaded_each_to_its_document(visit: Visit, draft: Draft) -> None:
    page = visit(draft.path, width=1280, cookies=[draft.cookie])
    drop(
        page,
        "main",
        ("CV_Tremblay.pdf", pdf_bytes(2, text="CV")),
        ("Relevé de notes.pdf", pdf_bytes(text="Notes")),
        ("scan-0042.pdf", pdf_bytes(text="Lettre")),
    )
    chooser = page.get_by_role("form", name="À quel document correspond chaque fichier ?")
    expect(chooser.get_by_label("CV_Tremblay.pdf")).to_have_value(
        card(page, CV).get_attribute("data-card") or ""
    )
    expect(chooser.get_by_label("Relevé de notes.pdf").locator("option:checked")).to_have_text(TRANSCRIPT)
    chooser.get_by_role("button", name="Téléverser ces fichiers").click()
    expect(chooser).to_contain_text("Associez chaque fichier à un document")
    wrong = chooser.locator("[aria-invalid=true]")
    expect(wrong).to_have_count(1)
    expect(wrong).to_be_focused()
    expect(chooser.get_by_label("scan-0042.pdf")).to_have_attribute("aria-invalid", "true")
    chooser.get_by_label("scan-0042.pdf").select_option(label=TRANSCRIPT)
    chooser.get_by_role("button", name="Téléverser ces fichiers").click()
    expect(chooser).to_contain_text("Deux fichiers ne peuvent pas aller au même document")
    expect(wrong).to_have_count(1)
    expect(chooser.get_by_label("scan-0042.pdf")).to_be_focused()
    chooser.get_by_label("scan-0042.pdf").select_option(label=LETTER)
    chooser.get_by_role("button", name="Téléverser ces fichiers").click()
    for label, pages in ((CV, "2\u00a0pages"), (TRANSCRIPT, "1\u00a0page"), (LETTER, "1\u00a0page")):
        expect(card(page, label)).to_contain_text(f"Fichier accepté\u00a0: {pages}.")
        picture = card(page, label).get_by_role("img")
        expect(picture).to_have_attribute(
            "alt", "Première page de " + card(page, label).locator(".text-break").inner_text()
        )
        picture.scroll_into_view_if_needed()
        until(page, f"document.querySelector('[data-label=\"{label}\"] img').naturalWidth > 0")
    expect(card(page, PROOF)).to_contain_text("À ajouter")
    with page.expect_popup() as opened:
        card(page, CV).get_by_role("link", name="Voir le fichier").click()
    expect(opened.value).to_have_url(re.compile(r"/fichier\.pdf"))


def test_several_files_dropped_on_a_card_or_chosen_again_wait_for_their_documents(
    visit: Visit, draft: Draft
) -> None:
    page = visit(draft.path, width=1280, cookies=[draft.cookie])
    chooser = page.get_by_role("form", name="À quel document correspond chaque fichier ?")
    names = ["un.pdf", "Relevé, et preuve d’inscription.pdf"]  # one word of a transcript, two of a proof
    drop(page, f"[data-label='{CV}']", *((name, pdf_bytes()) for name in names))
    expect(chooser.get_by_role("combobox")).to_have_count(2)
    expect(chooser.get_by_label(names[1]).locator("option:checked")).to_have_text(PROOF)
    chooser.get_by_role("button", name="Annuler").click()
    several = page.locator("[data-zone] input[type=file]")
    several.set_input_files([file(name, pdf_bytes()) for name in names])
    expect(chooser.get_by_role("combobox")).to_have_count(2)
    expect(several).to_have_value(
        ""
    )  # else the browser reports no change when the same files are chosen again


@pytest.mark.full
def test_a_large_upload_displays_progress_and_can_be_cancelled(visit: Visit, draft: Draft) -> None:
    page = visit(draft.path, cookies=[draft.cookie])
    cv = card(page, CV)
    with slow_line(page):
        cv.locator("input[type=file]").set_input_files(file("lourd.pdf", heavy()))
        until(page, "document.querySelector('progress')?.value > 25")
        expect(cv.get_by_role("progressbar")).to_have_accessible_name("Progression de l’envoi — lourd.pdf")
        assert 20 < figure_of(cv) < 100
        expect(page.locator("[data-announce]")).to_contain_text("%")
        assert page.evaluate("dispatchEvent(new Event('beforeunload', {cancelable: true}))") is False
        cv.get_by_role("button", name="Annuler").focus()
        page.keyboard.press("Enter")
        expect(cv).to_contain_text("Envoi annulé : aucun document n’est ajouté ni remplacé.")
    expect(cv).to_contain_text("À ajouter")
    assert page.evaluate("dispatchEvent(new Event('beforeunload', {cancelable: true}))") is True
    cv.locator("input[type=file]").set_input_files(file("lourd.pdf", heavy()))
    expect(cv).to_contain_text("Fichier accepté")


@pytest.mark.full
def test_a_broken_connection_keeps_the_file_for_another_attempt(visit: Visit, draft: Draft) -> None:
    page = visit(draft.path, cookies=[draft.cookie], breaks=True)
    cv = card(page, CV)
    cut = "**/documents/*/"
    page.route(
        cut,
        lambda route: route.abort("connectionreset") if route.request.method == "POST" else route.continue_(),
    )
    cv.locator("input[type=file]").set_input_files(file("cv.pdf", pdf_bytes(2)))
    expect(cv).to_contain_text("La connexion a coupé pendant l’envoi")
    page.unroute(cut)
    cv.get_by_role("button", name="Réessayer").click()
    expect(cv).to_contain_text("Fichier accepté\u00a0: 2\u00a0pages.")


@pytest.mark.parametrize(
    "scripts", [True, pytest.param(False, marks=pytest.mark.full)], ids=["with scripts", "without"]
)
def test_a_photograph_is_what_its_bytes_say(visit: Visit, draft: Draft, *, scripts: bool) -> None:
    """Telephones and computers rename photographs without converting them, and convert without renaming."""
    page = visit(draft.path, cookies=[draft.cookie], javascript=scripts)
    for label, name, content, stored in (
        (CV, "IMG_0001.HEIC", picture_bytes(), "IMG_0001.jpg"),
        (LETTER, "IMG_0002.webp", picture_bytes("HEIF"), "IMG_0002.heic"),
        (PROOF, "preuve.docx", pdf_bytes(), "preuve.pdf"),
    ):
        one = card(page, label)
        one.locator("input[type=file]").set_input_files(file(name, content))
        if not scripts:
            click_and_wait(one.get_by_role("button", name="Téléverser ce fichier"))
        expect(one).to_contain_text(stored)


@pytest.mark.full
def test_refusals_state_their_reason_and_keep_the_file_in_place(visit: Visit, draft: Draft) -> None:
    page = visit(draft.path, cookies=[draft.cookie])
    cv = card(page, CV)
    choose = cv.locator("input[type=file]")
    choose.set_input_files(file("Mon CV.pdf", HOSTILE["open-action-javascript"][0]()))
    expect(cv).to_contain_text("nous avons retiré ces éléments")
    expect(cv.locator(".state")).to_have_text("Ajouté, à vérifier")
    for name, content, sentence in (
        ("long.pdf", pdf_bytes(5), "Ce document a 5\u00a0pages. Réduisez le document à 3\u00a0pages au plus"),
        ("secret.pdf", HOSTILE["encrypted"][0](), "demande un mot de passe"),
        ("vide.pdf", b"", "Ce fichier est vide."),
        ("cv.docx", b"PK\x03\x04" + b"\0" * 26 + b"word/document.xml", "Enregistrer sous"),
        ("faux.pdf", b"<html>", "C’est une page web."),
        ("énorme.pdf", heavy(11), "la limite est de 10\u00a0Mo"),
    ):
        choose.set_input_files(file(name, content))
        expect(cv.locator("[data-said]:visible")).to_contain_text(sentence)
        expect(cv.locator("[data-said]:visible")).to_contain_text(name)
        expect(page.locator("[data-announce]")).to_contain_text(sentence)
        expect(cv).to_contain_text("Mon-CV.pdf")
    choose.set_input_files(file("bon.pdf", pdf_bytes(3)))
    expect(cv).to_contain_text("bon.pdf")
    expect(cv).not_to_contain_text("Mon-CV.pdf")
    follow(page, "Retirer")
    press(page, "Retirer ce fichier")
    expect(page.locator("main").get_by_role("status").first).to_contain_text("fichier retiré")
    expect(card(page, CV)).to_contain_text("À ajouter")


@pytest.mark.full
def test_an_accepted_file_takes_the_place_of_an_earlier_error(visit: Visit, draft: Draft) -> None:
    bare = visit(draft.path, cookies=[draft.cookie], javascript=False)
    one = card(bare, CV)
    one.locator("input[type=file]").set_input_files(file("faux.pdf", b"<html>"))
    click_and_wait(one.get_by_role("button", name="Téléverser ce fichier"))
    bare.wait_for_url("**/?suivi=*")
    expect(bare.get_by_text("Corrigez ce qui suit")).to_be_visible()  # the page reads itself again until then
    refused = urlsplit(bare.url)
    page = visit(f"{refused.path}?{refused.query}", cookies=[draft.cookie])
    expect(page.get_by_text("Corrigez ce qui suit")).to_be_visible()
    expect(page).to_have_title(re.compile("^Erreur"))
    page.locator("input[type=file]").set_input_files(file("bon.pdf", pdf_bytes()))
    expect(page.locator("main")).to_contain_text("Fichier accepté")
    expect(page.get_by_text("Corrigez ce qui suit")).to_be_hidden()
    expect(page).to_have_title(re.compile(f"^{CV}"))


@pytest.mark.full
def test_a_file_changed_or_deleted_since_its_choice_is_reported(
    visit: Visit, draft: Draft, tmp_path: Path
) -> None:
    page = visit(draft.path, cookies=[draft.cookie], breaks=True)
    cv = card(page, CV)
    path = tmp_path / "cv.pdf"
    path.write_bytes(heavy())
    with slow_line(page):
        cv.locator("input[type=file]").set_input_files(path)
        until(page, "document.querySelector('progress')?.value > 5")
        path.write_bytes(pdf_bytes())
        expect(cv).to_contain_text("Votre navigateur ne peut plus lire ce fichier")


def test_an_ended_session_keeps_the_file_until_the_next_sign_in(visit: Visit, draft: Draft) -> None:
    page = visit(draft.path, cookies=[draft.cookie])
    cv = card(page, CV)
    page.context.clear_cookies(name=draft.cookie[0])
    cv.locator("input[type=file]").set_input_files(file("cv.pdf", pdf_bytes(2)))
    expect(cv).to_contain_text("Ce fichier n’a pas été ajouté")
    way_back = cv.get_by_role("link", name="Se connecter de nouveau (nouvel onglet)")
    expect(way_back).to_have_attribute("target", "_blank")
    _try_again(cv)
    expect(cv).to_contain_text("Ce fichier n’a pas été ajouté")
    home = page.url.split("/candidatures")[0]
    page.context.add_cookies([{"name": draft.cookie[0], "value": draft.cookie[1], "url": home}])
    page.context.clear_cookies(name="csrftoken")  # as a new sign-in does
    _try_again(cv)
    expect(cv).to_contain_text("Fichier accepté\u00a0: 2\u00a0pages.")


def _try_again(shown: Locator) -> None:
    """Press « Réessayer », and return once its button is gone, even if the same text follows."""
    button = shown.get_by_role("button", name="Réessayer").element_handle()
    button.click()
    button.wait_for_element_state("hidden")


@pytest.mark.full
def test_a_stale_tab_confirms_before_replacing_a_file(visit: Visit, draft: Draft) -> None:
    page = visit(draft.path, cookies=[draft.cookie])
    late = page.context.new_page()
    late.goto(page.url)
    card(page, CV).locator("input[type=file]").set_input_files(file("premier.pdf", pdf_bytes(2)))
    expect(card(page, CV)).to_contain_text("Fichier accepté")
    cv = card(late, CV)
    cv.locator("input[type=file]").set_input_files(file("tardif.pdf", pdf_bytes(3)))
    expect(cv).to_contain_text("Ce document a changé dans une autre fenêtre")
    expect(cv).to_contain_text("premier.pdf")
    cv.get_by_role("button", name="Téléverser quand même").click()
    expect(cv).to_contain_text("Fichier accepté\u00a0: 3\u00a0pages.")


@pytest.mark.full
def test_a_file_in_analysis_is_followed_until_its_worker_comes(visit: Visit, portal: Portal) -> None:
    found = portal.made_by("from tests.journeys.upload_scenes import make_waiting as make; make()")
    address, cookie = f"/candidatures/{found['public_id']}/documents/", tuple(found["session"])
    page = visit(address, cookies=[cookie], alters=True)
    page.evaluate(BUSY_ONCE)
    cv = card(page, CV)
    expect(cv).to_contain_text("Votre fichier est en analyse.")
    expect(cv.get_by_role("link", name="Voir le résultat")).to_be_hidden()
    assert page.evaluate("dispatchEvent(new Event('beforeunload', {cancelable: true}))") is True, "it is kept"
    plain = visit(address, cookies=[cookie], javascript=False)
    follow(plain, f"Voir le résultat\u00a0: {CV}")
    expect(plain.get_by_role("heading", level=1)).to_have_text(CV)
    away = visit(address, cookies=[cookie])
    away.context.clear_cookies(name=cookie[0])
    expect(card(away, CV)).to_contain_text("Votre fichier est conservé et son analyse continue.")
    expect(card(away, CV).get_by_role("link", name="Se connecter de nouveau (nouvel onglet)")).to_be_visible()
    take = "from tests.journeys.upload_scenes import let_a_worker_take as take; take({})"
    portal.made_by(take.format(found["pending"]))
    expect(cv).to_contain_text("Fichier accepté\u00a0: 2\u00a0pages.")
    expect(page.locator("[data-announce]")).to_contain_text("Fichier accepté")
    expect(plain.get_by_role("heading", level=1)).to_have_text("Documents")
    expect(plain.locator("main").get_by_role("status").first).to_contain_text("Fichier accepté")
