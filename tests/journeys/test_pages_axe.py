"""axe-core on every page of the running portal: no violation of WCAG 2.2 A and AA, nor of best practice.

The access matrix lists the addresses that show a page. An address that is not visited here fails.
"""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.house.access import declared
from tests.journeys.axe import (
    LOOKS,
    WIDTH_NEEDED,
    assert_accessible,
    assert_accessible_at_each_width,
    violations,
)
from tests.journeys.committee_pages import COMMITTEES
from tests.journeys.conftest import Visit
from tests.journeys.first_view import MOST, FirstView, first_view
from tests.journeys.page_actions import click_and_wait, send_the_last_form
from tests.journeys.page_visit import PageVisit
from tests.journeys.portal import Portal
from tests.journeys.public_steps import (
    choose_two_files,
    send_a_program,
    verify_a_slip,
    verify_an_altered_receipt,
    verify_an_unknown_code,
)

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("reported_checks")]

KINDS = (
    "offers_offer",
    "offers_programme",
    "offers_synonymgroup",
    "journal_entry",
    "accounts_user",
    "outbox_delivery",
    "register_participation",
    "review_committeemember",
    "review_shortlistexport",
    "review_conflict",
)
OF_A_CANDIDATE = """
    documents@draft documents@empty document@draft document_remove@draft document_parts@joined
    document_reuse@draft review@draft review@refused review@empty
    receipt follow withdraw tasks@in_analysis documents@in_analysis document@in_analysis review@in_analysis
    documents@being_joined document@being_joined document_parts@being_joined review@being_joined tasks@being_joined
"""
INCOMPLETE = (
    "mine follow@asked follow@also follow@over follow@sent follow@unasked tasks@answering tasks@astray"
    " documents@answering document@answering section@answering review@answering review@astray review@over"
    " discard@answering receipt@answering receipt@over receipt@sent"
)
"""Pages of a candidate with an open or ended complement request."""


def _search_in_vain(page: Page) -> None:
    page.locator("#q").fill("introuvable")
    click_and_wait(page.locator("form[role=search] button"))


def _ask_for_a_code(page: Page) -> None:
    # A new address each time: an address gets a limited number of codes.
    page.locator("input[type=email]").fill(f"{uuid4().hex}@exemple.invalid")
    _go_on(page)
    expect(page).to_have_url(re.compile("/connexion/code/$"))


def _type_a_wrong_code(page: Page) -> None:
    _ask_for_a_code(page)
    page.locator("input[autocomplete=one-time-code]").fill("000000")
    _go_on(page)
    expect(page.locator(REFUSAL)).not_to_have_count(0)


def _type_a_wrong_factor(page: Page) -> None:
    page.locator("input[autocomplete=one-time-code]").fill("000000")
    _go_on(page)


def _keep_the_codes(page: Page) -> None:
    _go_on(page)
    page.goto(page.url.replace("/securite/", "/connexion/deux-etapes/codes/"))


def _receive_a_code(page: Page) -> None:
    page.locator("main form .btn-primary").click()
    expect(page.locator("input[autocomplete=one-time-code]")).to_be_visible()


def _go_on(page: Page) -> None:
    """Press the primary button, whatever the language."""
    click_and_wait(page.locator("main form .btn-primary"))


def _attest_nothing(page: Page) -> None:
    """Choose English without the attestation. An English page has only the way back to French."""
    asks = page.locator("html").get_attribute("lang") == "fr-CA"
    send_the_last_form(page)
    if asks:
        expect(page.locator(REFUSAL)).not_to_have_count(0)


def _leave_a_criterion_empty(page: Page) -> None:
    page.locator("#id_critere-2-maximum").fill("")
    click_and_wait(page.locator("button[value=save]"))


def _ask_who_flips(page: Page) -> None:
    page.locator("#id_critere-2-maximum").fill("20")
    click_and_wait(page.locator("button[value=ask]"))


def _read_a_correction(page: Page) -> None:
    page.locator("#id_reason").fill("Le lieu était mal écrit.")
    page.locator("#id_header-place").fill("Genève, Suisse")
    click_and_wait(page.locator("button[name=read]"))


def _type_a_person(page: Page) -> None:
    page.locator("#id_last_name").fill("Participante")
    page.locator("#id_first_name").fill("Ancienne")
    page.locator("#id_birth_date").fill("4 mai 1990")
    send_the_last_form(page)


def _choose_a_list(text: str) -> Callable[[Page], None]:
    def choose(page: Page) -> None:
        page.locator("#id_file").set_input_files(
            {"name": "liste.csv", "mimeType": "text/csv", "buffer": text.encode()}
        )
        send_the_last_form(page)

    return choose


_read_a_list = _choose_a_list("last_name,first_name,birth_date,year\nRoy,Alex,1990-05-04,2015\n")
_read_a_wrong_list = _choose_a_list("last_name,first_name,birth_date,year\nRoy,Alex,04/05/1990,2015\n")


def _check_oneself(page: Page) -> None:
    page.locator("[name=birth_date]").fill("4 mai 1970")
    page.locator("input[name=past_participant][value=false]").check()
    send_the_last_form(page)


def _check_in_a_muddle(page: Page) -> None:
    page.locator("[name=birth_date]").fill("04/05/1998")
    send_the_last_form(page)


def _bring_ones_answers(page: Page) -> None:
    _check_oneself(page)
    click_and_wait(page.locator("form[action*=postuler] button"))


SECTIONS = ("identite", "coordonnees", "statut", "residence", "etudes", "langues", "attestations")
PUBLIC = [
    PageVisit("offers:list"),
    PageVisit("offers:list", act=_search_in_vain, named="without a match"),
    PageVisit("offers:page"),
    PageVisit("offers:page@closed"),
    PageVisit("offers:page@another", "candidate"),
    PageVisit("submissions:check"),
    PageVisit("submissions:check", act=_check_oneself, named="then the result"),
    PageVisit("submissions:check", act=_check_in_a_muddle, named="refused"),
    PageVisit("submissions:check@closed"),
    PageVisit("transparency:log"),
    PageVisit("web:language"),
    PageVisit("web:language", act=_attest_nothing, named="sent"),
    PageVisit("web:accessibility"),
    PageVisit("web:privacy"),
    PageVisit("privacy:schedule"),
    PageVisit("verifier:verify"),
    PageVisit("verifier:verify", act=verify_a_slip, named="refused"),
    PageVisit("verifier:verify", act=verify_an_unknown_code, named="unknown"),
    PageVisit("verifier:verify", act=verify_an_altered_receipt, named="altered"),
    PageVisit("accounts:sign_in"),
    PageVisit("accounts:sign_in", act=_go_on, named="refused"),
    PageVisit("accounts:sign_in", act=_ask_for_a_code, named="then the code"),
    PageVisit("accounts:sign_in", act=_type_a_wrong_code, named="then a wrong code"),
    PageVisit("accounts:closed", status=403),
    PageVisit("accounts:sign_out", status=405),
    PageVisit("admin/(?P<url>.*)$", "staff", status=404),
    PageVisit("admin:index", "candidate", status=403),
]
CANDIDATES = [
    PageVisit("submissions:mine", "candidate"),
    PageVisit("submissions:mine", "newcomer", named="empty"),
    PageVisit("submissions:start", "newcomer"),
    PageVisit("submissions:start", "newcomer", act=send_the_last_form, named="refused"),
    PageVisit("submissions:notice@draft", "candidate"),
    PageVisit("submissions:notice@unread", "unread"),
    PageVisit("submissions:check@draft", "candidate", act=_bring_ones_answers, named="then which to keep"),
    PageVisit("submissions:tasks@draft", "candidate"),
    PageVisit("submissions:tasks@empty", "candidate"),
    PageVisit("submissions:tasks@extended", "given_time"),
    PageVisit("offers:page@extended", "given_time"),
    PageVisit("submissions:mine", "given_time", named="more time"),
    *(PageVisit("submissions:section@draft", "candidate", key) for key in SECTIONS),
    *(
        PageVisit("submissions:section@blank", "beginner", key, _go_on, named="refused")
        for key in ("statut", "etudes", "langues")
    ),
    PageVisit("submissions:section@grid", "candidate", "competences"),
    PageVisit("submissions:section@grid", "candidate", "competences", _go_on, named="refused"),
    PageVisit("submissions:documents@empty", "candidate", act=choose_two_files, named="several"),
    PageVisit("submissions:document@draft", "candidate", act=send_a_program, named="refused"),
    *(PageVisit(f"submissions:{name}", "candidate") for name in OF_A_CANDIDATE.split()),
    PageVisit("submissions:review@draft", "candidate", act=send_the_last_form, named="refused"),
    PageVisit("submissions:withdraw", "candidate", act=send_the_last_form, named="refused"),
    *(
        PageVisit(f"submissions:{name}@amended", "candidate")
        for name in ("tasks", "section", "review", "discard", "receipt", "follow")
    ),
    *(PageVisit(f"submissions:{name}@withdrawn", "candidate") for name in ("receipt", "follow")),
    *(PageVisit(f"submissions:{name}@resumed", "candidate") for name in ("tasks", "receipt")),
    PageVisit("submissions:follow@decided", "selected"),
    *(
        PageVisit(f"submissions:{name}", "asked", "etudes" if "section" in name else "")
        for name in INCOMPLETE.split()
    ),
    *(PageVisit(f"submissions:arrival@{variant}", "arriving") for variant in ("unfiled", "expired")),
    PageVisit("submissions:review@answering", "asked", act=send_the_last_form, named="refused"),
    *(PageVisit(name, "candidate") for name in ("profiles:profile", "accounts:security")),
    *(PageVisit(f"accounts:{name}_address", "candidate") for name in ("change", "confirm")),
    PageVisit("accounts:security", "factor", named="of staff"),
    *(PageVisit(f"accounts:{name}", "factor") for name in ("second_factor", "recovery_codes")),
    PageVisit("accounts:second_factor", "factor", act=_type_a_wrong_factor, named="refused"),
    *(PageVisit(f"accounts:{name}", "staff") for name in ("factor_setup", "add_application")),
    PageVisit("accounts:factor_setup", "reviewer", status=403, named="without an invitation"),
    PageVisit("accounts:add_passkey", "candidate"),
    PageVisit("accounts:prove_mailbox", "candidate"),
    PageVisit("accounts:prove_mailbox", "candidate", act=_receive_a_code, named="then the code"),
    PageVisit("accounts:recovery_codes", "factor", act=_keep_the_codes, named="kept"),
    PageVisit("accounts:remove_factor", "given_time"),
    PageVisit("own_data:own_data", "candidate"),
    PageVisit("own_data:readings", "candidate"),
    PageVisit("own_data:readings", "newcomer", named="empty"),
    PageVisit("privacy:delete_account", "candidate"),
]
ADMINISTRATION = [
    PageVisit("web:components", "staff"),
    PageVisit("admin:app_list", "staff"),
    PageVisit("operations:preferences", "staff"),
    PageVisit("operations:state", "staff"),
    *(
        PageVisit(f"officers:{name}", "administrator")
        for name in ["home", "access", "consents", "processing", "incidents", "incident", "incident_add"]
    ),
    PageVisit("officers:incident_add", "administrator", act=send_the_last_form, named="refused"),
    PageVisit("privacy:retention", "administrator"),
    PageVisit("privacy:retention", "administrator", act=send_the_last_form, named="refused"),
    *(PageVisit(f"admin:{kind}_changelist", "staff") for kind in KINDS),
    PageVisit("admin:offers_offer_change", "staff"),
    PageVisit("admin:offers_offer_history", "staff"),
    PageVisit("admin:offers_offer_rules", "staff"),
    PageVisit("admin:offers_offer_rules", "staff", act=_leave_a_criterion_empty, named="refused"),
    PageVisit("admin:offers_offer_rules@published", "staff", act=_ask_who_flips, named="who flips"),
    PageVisit("admin:offers_offer_delete", "administrator"),
    PageVisit("admin:offers_offer_change@published", "staff"),
    PageVisit("admin:offers_offer_change@imported", "staff"),
    PageVisit("admin:offers_offer_preview", "staff"),
    PageVisit("admin:offers_offer_publish", "staff"),
    PageVisit("admin:offers_offer_publish@imported", "staff"),
    PageVisit("admin:offers_offer_mailbox@imported", "staff"),
    PageVisit("admin:offers_offer_settle@imported", "staff"),
    PageVisit("admin:offers_offer_settle@imported", "staff", act=send_the_last_form, named="refused"),
    PageVisit("admin:offers_offer_correct@published", "staff"),
    PageVisit("admin:offers_offer_correct@published", "staff", act=_read_a_correction, named="read"),
    PageVisit("admin:offers_offer_extend@published", "staff"),
    PageVisit("admin:offers_offer_extend@published", "staff", act=send_the_last_form, named="refused"),
    PageVisit("admin:offers_offer_cancel@published", "staff"),
    PageVisit("admin:offers_offer_cancellation@leaving", "staff", named="to approve"),
    PageVisit("admin:offers_offer_cancellation@leaving", "administrator", named="own"),
    PageVisit("admin:offers_offer_change@leaving", "staff"),
    PageVisit("admin:offers_offer_clone@published", "staff"),
    PageVisit("admin:offers_offer_import", "staff"),
    PageVisit("admin:offers_programme_change", "staff"),
    PageVisit("admin:offers_synonymgroup_change", "staff"),
    PageVisit("admin:register_participation_search", "staff"),
    PageVisit("admin:register_participation_search", "staff", act=_type_a_person, named="found"),
    PageVisit("admin:register_participation_add", "staff", act=send_the_last_form, named="refused"),
    PageVisit("admin:register_participation_import", "staff", act=_read_a_list, named="read"),
    PageVisit("admin:register_participation_import", "staff", act=_read_a_wrong_list, named="refused"),
    PageVisit("admin:register_participation_delete", "staff"),
    PageVisit("admin:accounts_user_change", "administrator"),
    PageVisit("account_sessions", "administrator"),
    PageVisit("admin:accounts_user_change@uninvited", "administrator"),
    PageVisit("admin:accounts_user_changes", "administrator"),
    PageVisit("admin:accounts_user_ask", "administrator", act=send_the_last_form, named="refused"),
    PageVisit("admin:accounts_user_decide", "administrator"),
    PageVisit("admin:outbox_delivery_change", "staff"),
    PageVisit("admin:review_committeemember_add", "staff"),
    PageVisit("admin:review_committeemember_delete", "staff"),
    PageVisit("admin:review_conflict_change", "staff"),
]
MORE_OF_THE_SAME = [
    *(PageVisit(f"admin:{kind}_history", "staff") for kind in KINDS if kind != "offers_offer"),
    *(
        PageVisit(f"admin:{kind}_change", "staff")
        for kind in (
            "accounts_user",
            "journal_entry",
            "register_participation",
            "review_committeemember",
            "review_shortlistexport",
        )
    ),
    *(PageVisit(f"review:{name}@another", "staff") for name in ("assignments", "ranking", "reserve_list")),
    *(PageVisit(f"review:{name}@assigned", "staff") for name in ("assignments", "assign_due")),
    PageVisit("admin:offers_offer_add", "staff"),
    PageVisit("admin:offers_programme_add", "staff"),
    PageVisit("admin:offers_synonymgroup_add", "staff", act=send_the_last_form, named="refused"),
    PageVisit("admin:offers_synonymgroup_delete", "staff"),
    PageVisit("admin:offers_programme_delete@spare", "administrator"),
    PageVisit("admin:accounts_user_add", "administrator"),
    PageVisit("admin:accounts_user_ask@roles", "administrator"),
    PageVisit("admin:accounts_user_ask@closing", "administrator"),
]
"""Pages with the same templates as those above and other fields: only `make test-full` checks them."""
ON_A_PHONE = [*PUBLIC, *CANDIDATES, *COMMITTEES, *ADMINISTRATION]
PAGES = [*ON_A_PHONE, *MORE_OF_THE_SAME]
NOT_PAGES = {
    "operations:healthz": "for machines",
    "operations:readyz": "for machines",
    "signing:keys": "for machines",
    **dict.fromkeys(
        (f"transparency:{name}" for name in ("feed", "roots", "leaves", "root", "consistency", "inclusion")),
        "for machines",
    ),
    "offers:deadline": "a calendar",
    "offers:calendar": "a calendar",
    "offers:feed": "a feed",
    "offers:clock": "for the script of a page",
    "submissions:clock": "for the script of a page",
    "submissions:document_part": "a picture",
    "submissions:document_show": "a file",
    "submissions:dossier": "a file",
    "submissions:filed_dossier": "a file",
    "submissions:signed_receipt": "a file",
    "submissions:receipt_twin": "a file",
    "submissions:own_data": "a file",
    "own_data:archive": "a file",
    **dict.fromkeys((f"officers:export_{name}" for name in ("access", "incidents", "consents")), "a file"),
    "submissions:receipt_status": "a part of the receipt's page",
    "review:dossier": "a file",
    "review:export_file": "a file",
    "review:receipt": "a file",
    "admin:jsi18n": "a script",
}
REFUSAL = ".error-summary, .field-error:not(:empty), .errorlist, .review-error"
NARROWEST = 320  # CSS pixels: 1280 zoomed to 400 %


@pytest.fixture(scope="module")
def scene(request: pytest.FixtureRequest, portal: Portal) -> dict[str, Any]:
    """The objects of the pages, made once beside the running portal; few where only the quick run's are visited."""
    here = [item for item in request.session.items if item.path == request.path]
    maker = "scene" if any(item.get_closest_marker("full") for item in here) else "small_scene"
    found: dict[str, Any] = portal.made_by(f"from tests.journeys.{maker} import make_{maker}; make_{maker}()")
    return found | {"home": portal.url}


def _open(
    visit: Visit, scene: dict[str, Any], shown: PageVisit, *, english: bool = False, **options: Any
) -> tuple[Page, FirstView]:
    """Open a page as its person. Return it with what its first view consists of."""
    cookies = shown.cookies(scene)
    if english:
        cookies.append(scene["english"])
    page: Page = visit("/healthz", cookies=cookies, **options)
    with first_view(page) as view:
        answer = page.goto(scene["home"] + shown.path(scene))
    assert answer is not None
    assert answer.status == shown.status, answer.url
    return page, view


def act_on(page: Page, shown: PageVisit) -> None:
    """Do the visit's steps; a refused step must show an error."""
    if shown.act:
        shown.act(page)
    if shown.named == "refused":
        expect(page.locator(REFUSAL)).not_to_have_count(0)


def test_every_page_of_the_access_matrix_is_tested() -> None:
    pages = {
        line.route
        for line in declared()
        if line.method == "GET"
        and not line.variant.startswith("unpublished")
        and "200" in line.outcomes.values()
    }
    tried = {shown.address.partition("@")[0] for shown in PAGES}
    assert pages - tried == NOT_PAGES.keys(), "Say in PAGES how to get there, or in NOT_PAGES what it is"


ON_A_PHONE_QUICKLY = {"submissions:mine newcomer empty", "submissions:document_parts@joined candidate"}
"""What the quick run checks on a phone: a page without rows and a form with pictures. The exhaustive run visits all."""


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(shown, marks=() if str(shown) in ON_A_PHONE_QUICKLY else pytest.mark.full)
        for shown in ON_A_PHONE
    ],
    ids=str,
)
def test_a_page_on_a_phone_is_accessible_fits_and_is_light(
    visit: Visit, scene: dict[str, Any], shown: PageVisit
) -> None:
    page, view = _open(visit, scene, shown, width=360)
    if shown in {*PUBLIC, *CANDIDATES}:
        assert 0 < view.weight <= MOST, view.by_address
    act_on(page, shown)
    assert_accessible(page)
    if shown in {*PUBLIC, *CANDIDATES}:
        page.set_viewport_size({"width": NARROWEST, "height": 800})
        assert page.evaluate(WIDTH_NEEDED, NARROWEST) <= NARROWEST


SLICE = {
    ("accounts:sign_in anonymous refused", "forced", "fr"),
    ("submissions:section@draft etudes candidate", "dark", "en"),
}
"""What the quick run checks at every width; the exhaustive one checks every page in every look and language."""


def _every_look() -> list[Any]:
    return [
        pytest.param(
            shown, look, language, marks=() if case in SLICE else pytest.mark.full, id=" ".join(case)
        )
        for shown in PAGES
        for look in LOOKS
        for language in ("fr", "en")
        for case in [(str(shown), look, language)]
    ]


@pytest.mark.parametrize("shown, look, language", _every_look())
def test_a_page_is_accessible_in_each_width_look_and_language(
    visit: Visit, scene: dict[str, Any], shown: PageVisit, look: str, language: str
) -> None:
    page, _view = _open(visit, scene, shown, width=NARROWEST, english=language == "en")
    page.emulate_media(**LOOKS[look])
    assert page.locator("html").get_attribute("lang") in {language, f"{language}-CA"}
    act_on(page, shown)
    assert_accessible_at_each_width(page, fits=shown in {*PUBLIC, *CANDIDATES})


def test_the_quick_run_checks_pages_that_exist() -> None:
    assert {
        (str(shown), look, language) for shown in PAGES for look in LOOKS for language in ("fr", "en")
    } >= SLICE
    assert {str(shown) for shown in ON_A_PHONE} >= ON_A_PHONE_QUICKLY


def test_a_violation_of_accessibility_is_found(visit: Visit) -> None:
    page = visit("about:blank")
    page.set_content(
        "<html lang=fr><title>Essai</title><main><h1>Essai</h1><img src='data:,'><p style='color:#ddd'>Pâle"
    )
    assert {found.split()[0] for found in violations(page)} >= {"image-alt", "color-contrast"}
