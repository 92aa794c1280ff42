"""The frame and the administration in Chromium: axe, narrow screens, no JavaScript, no policy violation."""

import itertools
import time
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from PIL import Image
from playwright.sync_api import Page, Route, expect

from intake.profiles.fields import tidy_paragraphs
from tests.factories.people import make_administrator
from tests.web.conftest import OpenPage

pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls("tests.web.sample"),
    pytest.mark.django_db(transaction=True),
]
_AXE = settings.NODE_MODULES / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_OWN_PAGES = ["/essai/", "/langue/", "/accessibilite/", "/confidentialite/", "/rien/", "/refus/", "/bouton/"]


def _violations(page: Page) -> list[str]:
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    result: dict[str, Any] = page.evaluate("rules => axe.run(document, {runOnly: rules})", _RULES)
    return [f"{found['id']}: {found['nodes'][0]['target']}" for found in result["violations"]]


@pytest.mark.full
@pytest.mark.parametrize("width, scheme", list(itertools.product((320, 1440), ("light", "dark"))))
def test_our_pages_are_accessible_and_fit_the_screen(open_page: OpenPage, width: int, scheme: str) -> None:
    for path in _OWN_PAGES:
        page = open_page(path, width=width, color_scheme=scheme)
        assert _violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize("scheme", [pytest.param("light", marks=pytest.mark.full), "dark"])
def test_a_refused_form_is_accessible_and_takes_the_focus(open_page: OpenPage, scheme: str) -> None:
    page = open_page("/essai/", width=320, color_scheme=scheme)
    page.get_by_role("button", name="Enregistrer et continuer").click()
    expect(page.get_by_role("alert", name="Corrigez ce qui suit")).to_be_focused()
    assert _violations(page) == []
    page.get_by_role("link", name="Votre statut au Canada").click()
    expect(page.get_by_label("Citoyenneté canadienne")).to_be_focused()


def test_without_javascript_the_page_is_complete_and_the_summary_focused(
    open_page: OpenPage,
) -> None:
    page = open_page("/essai/", java_script_enabled=False)
    page.get_by_role("button", name="Enregistrer et continuer").click()
    expect(page.get_by_role("alert", name="Corrigez ce qui suit")).to_be_focused()
    expect(page.get_by_text("Il reste 3\u00a0jours 4\u00a0heures")).to_be_visible()


def test_a_reader_in_another_zone_also_gets_the_local_hour(open_page: OpenPage) -> None:
    page = open_page("/essai/", timezone_id="America/Halifax")
    own = page.locator(".time-left .local-time").first
    expect(own).to_have_text(", soit le 2\u00a0octobre à 0\u00a0h\u00a059 chez vous (Halifax)")


def test_a_reader_in_quebec_gets_one_hour(open_page: OpenPage) -> None:
    page = open_page("/essai/", timezone_id="America/Montreal")
    expect(page.locator(".local-time")).to_have_count(0)


def test_the_character_counter_waits_before_announcing(open_page: OpenPage) -> None:
    page = open_page("/essai/")
    field = page.get_by_label("Pourquoi ce stage")
    expect(page.locator(".counter")).to_have_text("Il reste 300\u00a0caractères")
    field.fill("a" * 299)
    expect(page.locator(".counter")).to_have_text("Il reste 1\u00a0caractère")
    expect(page.get_by_role("status").filter(has_text="Il reste 1\u00a0caractère")).to_be_attached()


@pytest.mark.parametrize(
    "typed",
    [
        "un\n\n\n\ndeux\n \n",
        "e\u0301te\u0301 🎓👩‍🎓",
        pytest.param("a\xa0\u3000b\u2009c\x01d", marks=pytest.mark.full),
        pytest.param("z" * 305, marks=pytest.mark.full),
        pytest.param("", marks=pytest.mark.full),
        pytest.param("  deux  mots\t", marks=pytest.mark.full),
        pytest.param("\u200f\u202eقلم\u200b", marks=pytest.mark.full),
        pytest.param("\u200d\n\u0301\n.", marks=pytest.mark.full),
        pytest.param("ligne\u2028autre\u0085fin\x0bici", marks=pytest.mark.full),
    ],
)
def test_the_counter_of_a_limit_counts_the_tidied_characters(open_page: OpenPage, typed: str) -> None:
    page = open_page("/essai/")
    field = page.get_by_label("Pourquoi ce stage")
    field.evaluate(
        """(field, typed) => {
            field.removeAttribute("maxlength");
            field.dataset.limit = "300";
            field.value = typed;
            field.dispatchEvent(new Event("input"));
        }""",
        typed,
    )
    left = 300 - len(tidy_paragraphs(typed))
    words = f"Il reste {left}\u00a0caractère" if left >= 0 else f"{-left}\u00a0caractères de trop"
    expect(page.locator(".counter")).to_contain_text(words)


@pytest.fixture
def staff_cookies(client: Client) -> dict[str, str]:
    """The session of an administrator."""
    client.force_login(make_administrator("admin@exemple.invalid"))
    return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}


@pytest.mark.full
@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.full)])
def test_the_admin_respects_the_policy_and_has_our_colours(
    open_page: OpenPage, staff_cookies: dict[str, str], scheme: str
) -> None:
    user = get_user_model()
    user.objects.bulk_create(user(email=f"{number}@exemple.invalid") for number in range(101))  # three pages
    # `open_page` fails on every console message, policy violations included.
    for path in ("/admin/", "/admin/accounts/user/", "/admin/accounts/user/add/"):
        page = open_page(path, cookies=staff_cookies, color_scheme=scheme)
        expect(page.locator("#site-name")).to_contain_text("Gestion des candidatures")
        header = page.locator("#header").evaluate("element => getComputedStyle(element).backgroundColor")
        assert header == "rgb(9, 87, 151)"
        assert _violations(page) == [], path
        page.get_by_role("button", name="thème").first.click()


def test_a_list_is_searched_and_read_on_a_telephone(
    open_page: OpenPage, staff_cookies: dict[str, str]
) -> None:
    page = open_page("/admin/accounts/user/", width=360, cookies=staff_cookies)
    box = page.get_by_label("Rechercher").bounding_box()
    assert box is not None
    assert box["width"] >= 120
    line = page.locator("#result_list tbody tr").first.bounding_box()
    assert line is not None
    assert line["x"] + line["width"] <= 360


def test_a_double_click_sends_a_form_once(open_page: OpenPage) -> None:
    page = open_page("/essai/", alters=True)
    sent: list[str] = []

    def slowly(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(route.request.url)
            time.sleep(0.4)  # longer than the interval of a double click
        route.continue_()

    page.route("**/essai/", slowly)
    button = page.get_by_role("button", name="Enregistrer et continuer")
    button.evaluate("button => { button.click(); setTimeout(() => button.click(), 150); }")
    expect(page.get_by_role("alert", name="Corrigez ce qui suit")).to_be_focused()
    assert len(sent) == 1
    button.click()
    expect(page.get_by_role("alert", name="Corrigez ce qui suit")).to_be_focused()
    assert len(sent) == 2


def test_a_pdf_is_displayed_under_its_own_strict_policy(open_page: OpenPage) -> None:
    page = open_page("/fichier.pdf", width=800, alters=True)
    ends = time.monotonic() + 10
    while (share := _white_share(page)) < 0.2:
        assert time.monotonic() < ends, f"the browser shows no page of the file: {share:.0%} is white"
        page.wait_for_timeout(100)
    assert any(frame.url.startswith("chrome-extension://") for frame in page.frames), (
        "not the browser's viewer"
    )


def _white_share(page: Page) -> float:
    """Return the share of the window that is white; the viewer without a document is dark."""
    window = Image.open(BytesIO(page.screenshot())).convert("L")
    return window.histogram()[255] / (window.width * window.height)
