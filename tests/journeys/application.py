"""Steps of a candidate from *Postuler* to *Déposer*, page by page, shared by the journeys."""

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.factories.files import pdf_bytes
from tests.journeys.page_actions import click_and_wait
from tests.journeys.portal import Portal

SAVE = "Enregistrer et continuer"


@dataclass(frozen=True)
class Candidate:
    """The data that a candidate types."""

    address: str
    first_name: str = "Maëlle"
    last_name: str = "D’Amours-Ouellet"
    birth_date: str = "4 mai 1998"


class Hands:
    """How a person operates a page. This class uses a pointer and goes straight to each control."""

    def write(self, field: Locator, text: str) -> None:
        """Replace the field's content by `text`."""
        field.fill(text)

    def choose(self, field: Locator, value: str) -> None:
        """Choose the option with this value."""
        field.select_option(value)

    def tick(self, box: Locator) -> None:
        """Tick a box, or choose one of several answers."""
        box.check()

    def press(self, button: Locator) -> None:
        """Press a button or follow a link, and wait for the next page."""
        click_and_wait(button)


POINTER = Hands()


def sign_in(page: Page, portal: Portal, address: str, hands: Hands = POINTER) -> None:
    """Complete the two pages of sign-in, from the first one."""
    hands.write(page.get_by_label("Adresse courriel"), address)
    earlier = portal.codes_for(address)
    hands.press(page.get_by_role("button", name="Recevoir mon code"))
    hands.write(page.locator("input[autocomplete=one-time-code]"), portal.next_code(address, earlier))
    hands.press(page.get_by_role("button", name="Me connecter"))


def begin(page: Page, hands: Hands = POINTER) -> None:
    """Accept the notice of collection and open the draft."""
    hands.tick(page.get_by_label("J’ai lu cet avis"))
    hands.press(page.get_by_role("button", name="Commencer ma candidature"))


def save_button(page: Page) -> Locator:
    """Return the only primary button of a section's page."""
    return page.locator("main").get_by_role("button", name=SAVE).last


def save(page: Page, hands: Hands = POINTER) -> None:
    """Save a section and wait for the next page."""
    hands.press(save_button(page))


def fill_sections(page: Page, candidate: Candidate, hands: Hands = POINTER) -> None:
    """Fill the sections in order, from the first section's page to the documents' page."""
    hands.write(page.get_by_label("Prénom"), candidate.first_name)
    hands.write(page.get_by_label("Nom de famille"), candidate.last_name)
    hands.write(page.get_by_label("Date de naissance"), candidate.birth_date)
    save(page, hands)
    hands.write(page.get_by_label("Téléphone"), "418 555-0142")
    hands.write(page.get_by_label("Adresse", exact=True), "12, rue Saint-Jean")
    hands.write(page.get_by_label("Ville"), "Québec")
    hands.choose(page.get_by_label("Province ou territoire"), "QC")
    hands.write(page.get_by_label("Code postal"), "g1r4y8")
    save(page, hands)
    hands.tick(page.get_by_label("Citoyenneté canadienne"))
    save(page, hands)
    hands.choose(page.locator("[name=domicile_province]"), "QC")
    hands.write(page.locator("[name=quebec_resident_since]"), "2008-09-01")
    answer(page, hands, resident_for_health_insurance=True, resident_for_tax=True)
    save(page, hands)
    hands.choose(page.get_by_label("Niveau"), "MASTER")
    hands.write(page.get_by_label("Domaine d’études"), "Éthique des technologies")
    hands.write(page.get_by_label("Établissement"), "Université d’essai")
    hands.tick(page.get_by_label("En cours"))
    hands.write(page.locator("[name=studies-0-day]"), "30 avril 2028")
    answer(page, hands, bar_school=False, professional_order_stage=False)
    save(page, hands)
    expect(page.get_by_role("heading", level=1)).to_have_text("Compétences et expérience")
    for line in page.locator("textarea[required]").all():
        hands.write(line, "Auxiliaire de recherche à l’Université d’essai, deux ans.")
    save(page, hands)
    expect(page.get_by_role("heading", level=1)).to_have_text("Langues")
    for level in page.locator("select").all():
        hands.choose(level, "ADVANCED")
    save(page, hands)
    answer(
        page,
        hands,
        attests_writing_fr=True,
        attests_writing_en=True,
        attests_skills=True,
        past_participant=False,
    )
    save(page, hands)
    expect(page.get_by_role("heading", level=1)).to_have_text("Documents")


def answer(page: Page, hands: Hands = POINTER, **answers: bool) -> None:
    """Choose *oui* or *non* for each question."""
    for name, value in answers.items():
        hands.tick(page.locator(f"input[name={name}][value={str(value).lower()}]"))


def add_documents(page: Page, folder: Path) -> None:
    """Add a one-page PDF for each requested document, with the script or with the plain form."""
    names = [card.get_attribute("id") for card in page.locator("section.document").all()]
    accepted = [page.locator(f"#{name}").get_by_text("ce que le comité verra") for name in names]
    for name, shown in zip(names, accepted, strict=True):
        card = page.locator(f"#{name}")
        file = folder / f"Relevé d’études — été {name}.pdf"
        file.write_bytes(pdf_bytes(text=f"{name}"))
        card.locator("input[type=file]").set_input_files(file)
        send = card.get_by_role("button", name="Téléverser ce fichier")
        if send.is_visible():  # without a script, the form is sent by its button
            click_and_wait(send)
            expect(shown).to_be_visible()
    for shown in accepted:  # with the script, files are inspected beside each other
        expect(shown).to_be_visible()


def declare_and_file(page: Page, hands: Hands = POINTER) -> None:
    """Accept the declarations on the review page and file."""
    button = page.get_by_role("button", name="Déposer ma candidature")
    expect(button).to_be_visible()
    for box in page.locator("form input[type=checkbox]").all():
        hands.tick(box)
    hands.press(button)
