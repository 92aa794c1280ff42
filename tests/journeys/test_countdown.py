"""An open page of a draft says how much time is left, and what is true at the closing and afterwards."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation
from playwright.sync_api import Page, Route, expect

from intake.web import formats
from tests.journeys.axe import assert_accessible
from tests.journeys.clock_scenes import set_closing
from tests.journeys.conftest import Visit
from tests.journeys.portal import MadeOnDemand, Portal

pytestmark = pytest.mark.browser

type Drafts = dict[str, dict[str, Any]]

MINUTE = 60
READY = "Tout est prêt\u00a0: déposez maintenant"
CLOSED = "Le dépôt n’est plus possible."
UNSURE = "d’après la dernière heure connue"


@pytest.fixture(scope="module")
def drafts(portal: Portal) -> Drafts:
    """Drafts on an offer each: complete, except « unready »."""
    return MadeOnDemand(portal, "from tests.journeys.clock_scenes import *; make_counted({name!r})")


def _open(visit: Visit, draft: dict[str, Any], page: str = "", **options: Any) -> Page:
    return visit(draft["path"] + page, cookies=[draft["session"]], **options)


def _written(left: float, *, short: bool) -> str:
    at = datetime(2027, 3, 10, tzinfo=UTC)
    return formats.time_left(at, at + timedelta(seconds=left), short=short)


def _expect_left(page: Page, left: float) -> None:
    """Expect the band to say the time left, in one line and in full."""
    expect(page.locator(".band summary .left")).to_have_text(_written(left, short=True))
    expect(page.locator(".band details > p .left")).to_have_text(_written(left, short=False))


def _ask_again(page: Page) -> None:
    with page.expect_response("**/heure"):
        page.evaluate("dispatchEvent(new Event('online'))")


def _asked_after(page: Page, script: str) -> None:
    """Expect that `script` makes the page ask for the time."""
    page.wait_for_timeout(1200)  # a question that was asked just before answers for it
    with page.expect_response("**/heure*"):
        page.evaluate(script)


def _save_button(page: Page) -> Any:
    return page.locator("form button.btn-primary[type=submit]")


def test_an_open_page_announces_the_marks_and_closes_at_the_instant(
    visit: Visit, portal: Portal, drafts: Drafts
) -> None:
    draft = drafts["closing"]
    set_closing(portal, draft["number"], left=10 * MINUTE)
    page = _open(visit, draft, "identite/")
    set_closing(portal, draft["number"], left=5 * MINUTE + 2)
    _ask_again(page)
    band, bar, said = (
        page.locator(".band-draft"),
        page.locator(".deadline-bar"),
        page.locator("[data-countdown]"),
    )
    expect(band).to_have_attribute("data-tone", "hour")
    expect(said).to_have_text("Il reste 5\u00a0minutes")
    _expect_left(page, 4.9 * MINUTE)

    name = page.get_by_label("Prénom")
    name.fill("Opiniâtre")
    closes_at = set_closing(portal, draft["number"], left=3)
    _ask_again(page)
    _expect_left(page, 1)
    expect(_save_button(page)).to_be_enabled()
    assert time.time() < closes_at, "the page must still be open here"
    expect(_save_button(page)).to_be_disabled()
    late = time.time() - closes_at
    assert 0 <= late < 1.5, late
    expect(bar).to_contain_text(CLOSED)
    expect(page.locator("[data-with-script]")).to_be_hidden()
    expect(said).to_contain_text(CLOSED)
    _ask_again(page)
    expect(band).to_contain_text("Les inscriptions ont fermé le")
    expect(band).to_contain_text("Écrivez sans attendre")
    expect(band.locator("summary")).to_contain_text("Brouillon — non déposée · date limite passée")
    expect(band).to_have_attribute("data-tone", "over")
    expect(name).to_have_value("Opiniâtre")
    expect(name).to_be_editable()
    assert_accessible(page)

    set_closing(portal, draft["number"], left=2 * 24 * 60 * MINUTE + 30)
    _ask_again(page)
    _expect_left(page, 2 * 24 * 60 * MINUTE)
    expect(bar).to_be_hidden()
    expect(said).to_contain_text("il reste 2\u00a0jours")
    expect(band).to_have_attribute("data-tone", "near")
    expect(_save_button(page)).to_be_enabled()
    expect(name).to_have_value("Opiniâtre")


def _open_with(script: str, visit: Visit, portal: Portal, draft: dict[str, Any]) -> Page:
    """Open the first section after `script` changed the browser's clocks. Requests may fail."""
    page = visit("about:blank", breaks=True)
    name, value = draft["session"]
    page.context.add_cookies([{"name": name, "value": value, "url": portal.url}])
    page.add_init_script(script)
    page.goto(f"{portal.url}{draft['path']}identite/")
    return page


_AHEAD = """window.ahead = 0;
for (const clock of [performance, Date]) {
  const right = clock.now.bind(clock);
  clock.now = () => right() + window.ahead;
}"""


@pytest.mark.full
def test_each_minute_of_the_last_hour_is_right_without_the_portal(
    visit: Visit, portal: Portal, drafts: Drafts
) -> None:
    draft = drafts["minutes"]
    closes_at = set_closing(portal, draft["number"], left=61 * MINUTE)
    page = _open_with(_AHEAD, visit, portal, draft)
    page.route("**/heure", lambda route: route.abort())
    said = page.locator("[data-countdown]")
    announced = []
    for minutes in range(60, -1, -1):
        left = minutes * MINUTE - 0.5
        page.evaluate(
            "ahead => { window.ahead = ahead; dispatchEvent(new Event('online')); }",
            1000 * (closes_at - time.time() - left),
        )
        _expect_left(page, left)
        words = said.inner_text()
        if words and words not in announced:
            announced.append(words)
    marks = ("1\u00a0heure", "15\u00a0minutes", "5\u00a0minutes", "1\u00a0minute")
    assert announced[:4] == [f"Il reste {mark}" for mark in marks]
    assert UNSURE in announced[4]
    expect(page.locator(".deadline-bar")).to_contain_text(UNSURE)
    expect(_save_button(page)).to_be_disabled()


_WRONG_HOUR = """window.wrong = 5 * 3600e3;
const right = Date.now.bind(Date);
Date.now = () => right() + window.wrong;"""


@pytest.mark.full
def test_the_devices_clock_and_its_sleep_change_nothing(visit: Visit, portal: Portal, drafts: Drafts) -> None:
    draft = drafts["device"]
    set_closing(portal, draft["number"], left=50 * MINUTE + 30)
    page = _open_with(_WRONG_HOUR, visit, portal, draft)
    _expect_left(page, 50 * MINUTE)
    # Half an hour of sleep: performance.now() stopped, the hour went on.
    set_closing(portal, draft["number"], left=20 * MINUTE + 30)
    with page.expect_response("**/heure"):
        page.evaluate("window.wrong += 30 * 60e3")
    _expect_left(page, 20 * MINUTE)
    # Only the hour of the device was set: the portal says that no time has passed.
    with page.expect_response("**/heure"):
        page.evaluate("window.wrong += 9 * 3600e3")
    _expect_left(page, 20 * MINUTE)
    expect(_save_button(page)).to_be_enabled()
    # It wakes without a connection: the page counts the sleep.
    page.route("**/heure", lambda route: route.abort())
    page.evaluate("window.wrong += 10 * 60e3")
    _expect_left(page, 10 * MINUTE)
    page.evaluate("window.wrong += 30 * 60e3")
    expect(page.locator(".deadline-bar")).to_contain_text(UNSURE)


@pytest.mark.full
def test_an_unreachable_portal_at_the_closing_is_stated_until_it_answers(
    visit: Visit, portal: Portal, drafts: Drafts
) -> None:
    draft = drafts["cut"]
    page = _open(visit, draft, "verifier/", breaks=True)
    bar, button = page.locator(".deadline-bar"), page.get_by_role("button", name="Déposer ma candidature")
    set_closing(portal, draft["number"], left=2)
    _ask_again(page)
    expect(button).to_be_enabled()
    page.route("**/heure", lambda route: route.abort())
    expect(button).to_be_disabled()
    expect(bar).to_contain_text(UNSURE)
    page.unroute_all()
    _ask_again(page)
    expect(bar).to_contain_text(CLOSED)

    # A page that loaded closed says so everywhere: an extension loads it again.
    page.reload()
    expect(button).to_have_count(0)
    set_closing(portal, draft["number"], left=MINUTE * 60)
    _ask_again(page)
    expect(button).to_be_enabled()
    expect(bar).to_be_hidden()


@pytest.mark.full
def test_in_the_last_quarter_of_an_hour_a_bar_leads_to_the_filing(
    visit: Visit, portal: Portal, drafts: Drafts
) -> None:
    draft = drafts["ready"]
    for name in ("ready", "unready"):
        set_closing(portal, drafts[name]["number"], left=14 * MINUTE)
    page = _open(visit, draft, "coordonnees/")
    page.emulate_media(
        reduced_motion="reduce"
    )  # otherwise the browser scrolls to the focus in several frames
    bar = page.locator(".deadline-bar")
    expect(bar.get_by_role("link", name=READY)).to_be_visible()
    assert_accessible(page)
    for field in page.locator("main form :is(input:not([type=hidden]), select, .btn)").all():
        field.focus()
        covered = page.evaluate(
            """() => document.activeElement.getBoundingClientRect().bottom >
                document.querySelector(".deadline-bar").getBoundingClientRect().top"""
        )
        assert not covered, field
    page.set_viewport_size({"width": 320, "height": 256})
    assert bar.evaluate("bar => getComputedStyle(bar).position") == "static"
    page.set_viewport_size({"width": 360, "height": 740})
    bar.get_by_role("link", name=READY).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vérifier et déposer")
    with page.expect_response("**/heure"):
        pass
    expect(bar).to_be_hidden()
    expect(page.locator(".filing-left")).to_have_count(2)
    for left in page.locator(".filing-left").all():  # in the last hour, wherever the reader is
        left.locator("xpath=..").scroll_into_view_if_needed()
        expect(left).to_contain_text("Il reste 1")
        expect(left).to_be_in_viewport()

    page = _open(visit, drafts["unready"], "coordonnees/")
    _ask_again(page)
    expect(page.locator(".deadline-bar")).to_be_hidden()


def test_only_what_files_or_saves_for_the_offer_stops_at_the_closing(
    visit: Visit, portal: Portal, drafts: Drafts
) -> None:
    draft = drafts["other"]
    set_closing(portal, draft["number"], left=20 * MINUTE)
    page = _open(visit, draft, "documents/", width=1280)
    upload = page.locator("[data-upload] [type=submit]").first
    removal = page.get_by_role("link", name="Retirer").first
    address = removal.get_attribute("href")
    set_closing(portal, draft["number"], left=1)
    _ask_again(page)
    expect(upload).to_be_disabled()
    expect(page.get_by_role("button", name="Se déconnecter")).to_be_enabled()
    set_closing(portal, draft["number"], left=20 * MINUTE)
    page.goto(portal.url + str(address))
    set_closing(portal, draft["number"], left=1)
    _ask_again(page)
    expect(page.locator("[data-when=over]")).to_be_visible()
    expect(page.get_by_role("button", name="Retirer ce fichier")).to_be_enabled()


@pytest.mark.full
def test_the_receipt_offers_no_amendment_after_the_closing(
    visit: Visit, portal: Portal, drafts: Drafts
) -> None:
    draft = drafts["filed"]
    page = _open(visit, draft, "verifier/")
    for box in page.locator(".filing-form [type=checkbox]").all():
        box.check()
    page.get_by_role("button", name="Déposer ma candidature").click()
    amend = page.get_by_role("button", name="Modifier ma candidature")
    expect(amend).to_be_visible()
    set_closing(portal, draft["number"], left=1)
    _ask_again(page)
    expect(amend).to_have_count(0, timeout=20_000)
    expect(page.locator("main")).to_contain_text("Les inscriptions ont fermé le")


@pytest.mark.full
def test_a_page_that_wakes_asks_for_the_time_again(visit: Visit, portal: Portal, drafts: Drafts) -> None:
    draft = drafts["woken"]
    set_closing(portal, draft["number"], left=50 * MINUTE + 30)
    page = _open(visit, draft, "identite/")
    for event in (
        "document.dispatchEvent(new Event('resume'))",
        "document.dispatchEvent(new Event('visibilitychange'))",
        "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))",
    ):
        _asked_after(page, event)
    # The answer to a question from before the sleep arrives after it: its hour is old, and does not count.
    held: list[Route] = []
    page.route("**/heure", lambda route: held.append(route) if not held else route.continue_())
    page.wait_for_timeout(1200)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_timeout(1200)
    old = page.request.get(f"{portal.url}{draft['path']}heure").text()
    set_closing(portal, draft["number"], left=20 * MINUTE + 30)
    with page.expect_response("**/heure"):
        page.evaluate("document.dispatchEvent(new Event('resume'))")
    _expect_left(page, 20 * MINUTE)
    held[0].fulfill(body=old, content_type="application/json")
    page.wait_for_timeout(300)
    _expect_left(page, 20 * MINUTE)


@pytest.mark.full
def test_a_public_offer_counts_down_and_closes_for_an_anonymous_reader(
    visit: Visit, portal: Portal, drafts: Drafts
) -> None:
    number = drafts["public"]["number"]
    set_closing(portal, number, left=5 * MINUTE + 30)
    page, listed = visit(f"/offres/{number}/"), visit(f"/offres/?q={number}")
    card = listed.locator(".offer-card").filter(has_text=number)
    for shown in (page.locator(".offer-summary"), page.locator(".offer-apply"), card):
        expect(shown.locator(".left")).to_have_text("Il reste 5\u00a0minutes")
    apply = page.get_by_role("link", name="Postuler")
    expect(apply).to_have_count(2)
    set_closing(portal, number, left=3)
    for each in (page, listed):
        _asked_after(each, "dispatchEvent(new Event('online'))")
    expect(apply).to_have_count(0)
    expect(page.locator("[data-countdown]")).to_have_text("Fermée")
    expect(page.locator(".offer-summary .state")).to_have_text("Fermée")
    expect(page.locator(".offer-apply")).to_contain_text("On ne peut plus postuler à cette offre.")
    expect(card.locator(".state")).to_have_text("Fermée")
    expect(card.locator(".left")).to_have_count(0)
    assert_accessible(page)
    set_closing(portal, number, left=50 * MINUTE + 30)
    for each in (page, listed):
        _asked_after(each, "dispatchEvent(new Event('online'))")
    expect(apply).to_have_count(2)
    expect(card.locator(".left")).to_have_text("Il reste 50\u00a0minutes")
    # The browser goes back to the page, which it may have kept: it asks at once.
    page.goto(f"{portal.url}/confidentialite/")
    set_closing(portal, number, left=20 * MINUTE + 30)
    with page.expect_response("**/heure"):
        page.go_back()
    expect(page.locator(".offer-summary .left")).to_have_text("Il reste 20\u00a0minutes")


@pytest.mark.full
def test_a_card_of_the_list_counts_down_and_closes(visit: Visit, portal: Portal, drafts: Drafts) -> None:
    draft = drafts["mine"]
    set_closing(portal, draft["number"], left=5 * MINUTE + 30)
    page = visit("/candidatures/", cookies=[draft["session"]])
    left = page.locator(".submission-card .time-left strong")
    expect(left).to_have_text("Il reste 5\u00a0minutes")
    set_closing(portal, draft["number"], left=2)
    _ask_again(page)
    expect(left).to_have_text("L’heure limite est passée")


@pytest.mark.full
@pytest.mark.parametrize("width", [360, 320])
def test_the_band_takes_one_line_of_a_telephone(
    visit: Visit, portal: Portal, drafts: Drafts, width: int
) -> None:
    draft = drafts["mine"]
    set_closing(portal, draft["number"], left=MINUTE)
    page = _open(visit, draft, "identite/", width=width)
    for left in (45 * 24 * 60 * MINUTE + 30, 23 * 60 * MINUTE + 59 * MINUTE + 30, 59 * MINUTE + 30, 30, -1):
        set_closing(portal, draft["number"], left=left)
        _ask_again(page)
        expect(page.locator(".band summary")).to_contain_text(_written(left, short=True))
        line = page.locator(".band summary").bounding_box()
        assert line is not None
        assert line["height"] < (44 if width == 360 else 66), left
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        expect(page.locator(".band summary")).to_contain_text("non déposée")


@pytest.mark.full
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_writes_each_time_left_as_the_portal_does(
    visit: Visit, portal: Portal, drafts: Drafts, language: str
) -> None:
    draft = drafts["minutes"]
    page = _open(visit, draft, "identite/")
    if language == "en":
        page.goto(f"{portal.url}/langue/?suite={draft['path']}identite/")
        page.get_by_role("checkbox").check()
        page.get_by_role("button").last.click()
    hours = [each * 60 for each in (1, 2, 23, 24, 25, 7 * 24 - 1, 7 * 24, 8 * 24, 45 * 24)]
    with translation.override(language):
        for minutes in [*range(61), *(minutes + more for minutes in hours for more in (0, 1))]:
            left = minutes * MINUTE + 30
            set_closing(portal, draft["number"], left=left)
            _ask_again(page)
            _expect_left(page, left)
