"""Film the second factor on a telephone: `scripts/pictures factor` writes build/film/factor.png.

Four journeys, a row each: a staff member's first day with an application; a lost telephone, with a recovery code; the
same without codes, with two administrators; a candidate's passkey. Chromium holds the passkey.
"""

import io
import os
import re
import tempfile
import unicodedata
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Browser, BrowserContext, Page, expect

from intake.devtools import embedded
from tests.accounts.passkeys import add_authenticator
from tests.chromium import launched
from tests.journeys.page_actions import click_and_wait, follow, press
from tests.journeys.portal import ROOT, Portal, running

SHEET = ROOT / "build" / "film" / "factor.png"
WIDTH, HEIGHT, MARGIN, GAP = 360, 740, 28, 8


class Reel:
    """Pictures of a journey, each with its caption."""

    def __init__(self) -> None:
        self.shots: list[tuple[str, bytes]] = []

    def take(self, page: Page, caption: str) -> None:
        """Take a picture of what the window shows, from the top of the page."""
        page.evaluate("scrollTo(0, 0)")
        self.shots.append((caption, page.screenshot(animations="disabled")))


def film(portal: Portal, browser: Browser) -> list[Reel]:
    """Act the four journeys and take their pictures. Fail if a page is not the one that should follow."""
    made = portal.made_by("from tests.journeys.factor_scene import make_people; make_people()")
    home = portal.url.replace("127.0.0.1", "localhost")  # a passkey belongs to a name, not to an address
    first_day, codes = _first_day(portal, browser, home, made["staff"])
    return [
        first_day,
        _lost_with_a_code(portal, browser, home, made["staff"], codes[0]),
        _lost_without_codes(portal, browser, home, made),
        _passkey(portal, browser, home, made["candidate"]),
    ]


def _first_day(portal: Portal, browser: Browser, home: str, address: str) -> tuple[Reel, list[str]]:
    reel, page = Reel(), _telephone(browser)
    page.goto(f"{home}/admin/")
    reel.take(page, "Entrer dans la gestion")
    _sign_in(portal, page, address)
    _expect_title(page, "Invitation nécessaire")
    reel.take(page, "Sans invitation")
    _open_invitation(portal, page, home, address)
    reel.take(page, "Choisir un moyen")
    follow(page, "Une application d’authentification")
    reel.take(page, "Ajouter l’application")
    secret = str(page.locator(".typed-key").text_content()).replace(" ", "")
    code = portal.made_by(f"from tests.journeys.factor_scene import show_code; show_code({secret!r})")
    page.get_by_label("Code à six chiffres").fill(code)
    press(page, "Ajouter l’application")
    _expect_title(page, "Codes de secours")
    reel.take(page, "Conserver les codes")
    codes = [text.replace("\u00a0", "") for text in page.locator(".recovery-codes code").all_text_contents()]
    press(page, "J’ai conservé mes codes")
    expect(page).to_have_url(re.compile("/admin/$"))
    reel.take(page, "Gestion ouverte")
    page.context.close()
    return reel, codes


def _lost_with_a_code(portal: Portal, browser: Browser, home: str, address: str, code: str) -> Reel:
    reel, page = Reel(), _telephone(browser)
    page.goto(f"{home}/connexion/?next=/admin/")
    _sign_in(portal, page, address)
    _expect_title(page, "Confirmer votre identité")
    reel.take(page, "Sans le téléphone")
    page.get_by_label("Code de l’application").fill(code)
    reel.take(page, "Un code de secours")
    press(page, "Confirmer")
    expect(page).to_have_url(re.compile("/admin/$"))
    reel.take(page, "Gestion ouverte")
    page.goto(f"{home}/securite/")
    reel.take(page, "Remplacer le moyen")
    page.context.close()
    return reel


def _lost_without_codes(portal: Portal, browser: Browser, home: str, made: dict[str, str]) -> Reel:
    reel = Reel()
    asking, deciding = (_telephone(browser, home, session) for session in made["administrators"])
    asking.goto(f"{home}/admin/accounts/user/{made['staff_id']}/changer/SECOND_FACTOR/")
    asking.get_by_label("Motif").fill("Téléphone perdu, identité vérifiée par vidéo.")
    reel.take(asking, "Une personne demande")
    press(asking, "Demander le changement")
    reel.take(asking, "La demande attend")
    deciding.goto(f"{home}/admin/accounts/user/changements/")
    row = deciding.locator(".desk-given li", has_text="Rose Lavoie")
    click_and_wait(row.get_by_role("link", name="Approuver ou refuser"))
    reel.take(deciding, "Une autre vérifie")
    press(deciding, "Approuver le changement")
    reel.take(deciding, "Moyens retirés")
    page = _telephone(browser)
    page.goto(f"{home}/connexion/?next=/admin/")
    _sign_in(portal, page, made["staff"])
    _open_invitation(portal, page, home, made["staff"])
    reel.take(page, "Choisir un nouveau moyen")
    for each in (asking, deciding, page):
        each.context.close()
    return reel


def _passkey(portal: Portal, browser: Browser, home: str, address: str) -> Reel:
    reel, page = Reel(), _telephone(browser)
    add_authenticator(page)
    page.goto(f"{home}/connexion/?next=/securite/")
    _sign_in(portal, page, address)
    reel.take(page, "Connexion et sécurité")
    follow(page, "Ajouter une clé d’accès")
    page.get_by_label("Nom de cette clé").fill("Mon téléphone")
    reel.take(page, "Nommer la clé")
    press(page, "Ajouter la clé d’accès")
    _expect_title(page, "Connexion et sécurité")
    reel.take(page, "Clé ajoutée")
    page.context.clear_cookies()
    page.goto(f"{home}/connexion/?next=/candidatures/")
    reel.take(page, "Un autre jour")
    press(page, "Me connecter avec ma clé d’accès")
    expect(page).to_have_url(re.compile("/candidatures/$"))
    reel.take(page, "En session, sans courriel")
    page.context.close()
    return reel


def _telephone(browser: Browser, home: str = "", session: str | list[str] = "") -> Page:
    context: BrowserContext = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        locale="fr-CA",
        timezone_id="America/Toronto",
        reduced_motion="reduce",
    )
    if session:
        context.add_cookies([{"name": session[0], "value": session[1], "url": home}])
    return context.new_page()


def _sign_in(portal: Portal, page: Page, address: str) -> None:
    """Sign in from the page that asks for an address, with the code in the terminal."""
    earlier = portal.codes_for(address)
    page.get_by_label("Adresse courriel").fill(address)
    press(page, "Recevoir mon code")
    page.locator("input[autocomplete=one-time-code]").fill(portal.next_code(address, earlier))
    press(page, "Me connecter")


def _open_invitation(portal: Portal, page: Page, home: str, address: str) -> None:
    """Open the link of the mailed invitation in the session of its owner."""
    path = portal.made_by(
        f"from tests.journeys.factor_scene import show_invitation; show_invitation({address!r})"
    )
    page.goto(f"{home}{path}")
    _expect_title(page, "Protéger votre compte")


def _expect_title(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def sheet_of(reels: list[Reel]) -> Image.Image:
    """Return the pictures, a row for each journey."""
    size = (
        max(len(reel.shots) for reel in reels) * (WIDTH + GAP),
        len(reels) * (HEIGHT + MARGIN + GAP),
    )
    sheet = Image.new("RGB", size, "white")
    font = ImageFont.load_default(18)
    for row, reel in enumerate(reels):
        top = row * (HEIGHT + MARGIN + GAP)
        for column, (caption, picture) in enumerate(reel.shots):
            left = column * (WIDTH + GAP)
            words = unicodedata.normalize("NFKD", f"{row + 1}.{column + 1} {caption}")
            drawn = words.encode("ascii", "ignore").decode()  # the font has no accents
            ImageDraw.Draw(sheet).text((left, top + 2), drawn, "black", font)
            sheet.paste(Image.open(io.BytesIO(picture)), (left, top + MARGIN))
    return sheet


def main() -> None:
    """Film with a portal of its own; write the sheet."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", embedded.SETTINGS)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as portal, launched() as browser:
        reels = film(portal, browser)
    SHEET.parent.mkdir(parents=True, exist_ok=True)
    sheet_of(reels).save(SHEET, optimize=True)


if __name__ == "__main__":
    main()
