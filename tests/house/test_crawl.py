"""Crawl every page of a world whose texts are all hostile: no text that a person entered is more than text anywhere.

The same crawl checks tokens, names, link targets, cache headers, and the text and structure of each page against
`held/`. After an intended change, run `make held` and commit the files.
"""

import io
import itertools
import os
import re
from collections import defaultdict
from collections.abc import Callable
from urllib.parse import unquote

import pytest
from django.contrib.staticfiles import finders
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone
from lxml import html

from intake.dossiers.models import SignedReceipt
from intake.dossiers.render import render_receipt
from intake.dossiers.services import read_seal
from intake.outbox import kinds
from intake.outbox.models import Message
from intake.review.exports.operations import export_shortlist
from intake.submissions.receipts.queries import statement_of
from tests.database_cleaning import restart_keys
from tests.database_roles import as_owner
from tests.factories import documents, offers, participants, people
from tests.factories.documents import active_parts
from tests.factories.payloads import render_cover
from tests.house import page_rules, snapshots
from tests.house.browser import one_savepoint
from tests.house.crawl import Link, Page, forms_sent, get, links_of, pages, route_of, signing_in
from tests.house.hostile import NO_PERSON_WRITES, PLANTED, hostile, texts_of_models, token_of
from tests.house.hostile_readers import (
    always_cut,
    faults_in,
    faults_of,
    faults_of_headers,
    faults_of_mail,
    mangled,
    texts_of,
    tokens_in,
    tokens_of_mail,
)
from tests.house.hostile_world import HostileWorld, make_hostile_world
from tests.house.policy import policy_faults
from tests.house.style_sheets import (
    classes_in_page,
    classes_in_sources,
    compiled_bootstrap,
    published_bootstrap,
)
from tests.house.world import PEOPLE

pytestmark = pytest.mark.django_db

NEVER_SHOWN = {
    "accounts.ProviderIdentity.issuer": "compared with the provider's answer at each sign-in, on no page",
    "accounts.ProviderIdentity.subject": "the same",
    "offers.OfferExtension.reason": "the change that announces the extension bears the same words, and is shown",
    "privacy.LegalHold.lift_reason": "kept with a lifted hold, which no page lists",
}
"""Planted texts that no page, mail, feed or export shows, with the reason."""

CACHEABLE = {
    *("offers:list", "offers:page", "offers:calendar", "offers:feed", "offers:deadline"),
    *("transparency:log", "transparency:feed", "transparency:roots", "transparency:leaves"),
    *("transparency:root", "transparency:consistency", "transparency:inclusion"),
    *("signing:keys", "web:accessibility", "web:privacy", "privacy:schedule"),
}
"""Routes whose response to an unauthenticated user may be cached."""
SAME_FOR_ALL = {
    *("offers:calendar", "offers:feed", "offers:deadline", "signing:keys"),
    *("transparency:feed", "transparency:roots", "transparency:leaves"),
    *("transparency:root", "transparency:consistency", "transparency:inclusion"),
}
"""Routes whose response to a signed-in user may be cached: it contains nothing of theirs."""


@pytest.fixture(scope="module")
def made(module_db: None) -> HostileWorld:
    """One hostile world for the module, identical whatever earlier tests made."""
    mail.outbox.clear()  # of a test before this module
    restart_keys()
    with pytest.MonkeyPatch.context() as patch:
        for factory in (documents, offers, participants, people):
            patch.setattr(factory, "_serial", itertools.count(1))
        world = make_hostile_world()
    # With the statistics that earlier tests left, a search takes minutes.
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return world


@pytest.fixture(scope="module")
def walked(made: HostileWorld) -> list[Page]:
    """Every page, and the response to each form filled with hostile text.

    The portal's clock stands still: what a page says of a time that has passed does not depend on the duration of the
    crawl.
    """
    now = timezone.now()
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr(timezone, "now", lambda: now)
        seen = pages(made.world, made.more)
        return [*seen, *forms_sent(made.world, seen), *signing_in(made.world)]


@pytest.fixture(scope="module")
def shown(walked: list[Page]) -> list[Page]:
    """The pages that a browser shows."""
    return [page for page in walked if page.is_html]


def _by_fault(seen: list[Page], faults: Callable[[Page], list[str]]) -> dict[str, str]:
    """Return each fault with the first page that has it."""
    found: dict[str, str] = {}
    for page in seen:
        for fault in faults(page):
            found.setdefault(fault, str(page))
    return found


def _rule(rule: Callable[[html.HtmlElement], list[str]]) -> Callable[[Page], list[str]]:
    return lambda page: rule(page_rules.without_patterns(page.tree))


# -- Hostile texts ----------------------------------------------------------------------------------------------------
def test_each_text_column_has_a_hostile_text_or_a_reason_for_none() -> None:
    assert set(texts_of_models()) == set(PLANTED) & set(texts_of_models()) | NO_PERSON_WRITES
    assert not set(PLANTED) & NO_PERSON_WRITES


def test_a_hostile_text_is_only_text_on_every_page(walked: list[Page]) -> None:
    assert _by_fault(walked, lambda page: faults_in(page.texts)) == {}
    assert len(walked) > 500


def test_a_hostile_text_adds_no_header_to_a_response(walked: list[Page]) -> None:
    assert _by_fault(walked, lambda page: faults_of_headers(page.headers)) == {}


def test_a_hostile_text_is_only_text_in_every_mail(made: HostileWorld) -> None:
    sent = {mail.subject: mail.message().as_bytes() for mail in made.mails}
    assert {subject: faults for subject, content in sent.items() if (faults := faults_of_mail(content))} == {}
    mailed = {kind.code for kind in kinds.registered() if kind.code.endswith("_MAIL")}
    assert set(Message.objects.values_list("delivery__kind", flat=True)) == mailed
    assert len(made.mails) > len(mailed), "the code to sign in too"


def test_each_hostile_text_appears_on_a_page_or_in_a_mail(walked: list[Page], made: HostileWorld) -> None:
    told = {token for page in walked for text in page.texts for token in tokens_in(text)}
    told |= set().union(*(tokens_of_mail(mail.message().as_bytes()) for mail in made.mails))
    assert {name for name in PLANTED if token_of(name) not in told} == NEVER_SHOWN.keys()


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "pdf", "zip"])
def test_a_hostile_text_is_only_text_in_an_exported_list(made: HostileWorld, file_format: str) -> None:
    media_types = {
        "csv": "text/csv",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pdf": "application/pdf",
        "zip": "application/zip",
    }
    content = io.BytesIO()
    with transaction.atomic():
        export_shortlist(
            offer=made.listed,
            shortlist=None,
            file_format=file_format,
            to=content,
            actor=made.world.people["staff"],
            reason="Envoi",
        )
        transaction.set_rollback(True)
    said = texts_of(content.getvalue(), media_types[file_format])
    assert (
        set().union(*(always_cut(text) if file_format == "pdf" else mangled(text) for text in said)) == set()
    )
    assert token_of("answer.last_name") in {token for text in said for token in tokens_in(text)}


@pytest.mark.parametrize("document", ["dossier", "receipt"])
def test_a_hostile_text_is_only_text_in_a_pdf(made: HostileWorld, document: str) -> None:
    filing = made.listed.submissions.get().standing_filing
    assert filing is not None
    payload, facts = read_seal(filing.seal), statement_of(filing.receipt)
    drawn = (
        render_cover(payload, number=facts.number, received_at=filing.received_at, digest=filing.seal.digest)
        if document == "dossier"
        else render_receipt(payload, facts=facts, address="https://exemple.invalid/", in_english_too=True)
    )
    said = texts_of(drawn, "application/pdf")
    assert set().union(*(always_cut(text) for text in said)) == set()
    assert not re.search(r"&(lt|gt|quot|#|amp;amp)", " ".join(said))
    assert token_of("answer.last_name") in {token for text in said for token in tokens_in(text)}
    signed = ["/AcroForm", "/Annots"] if document == "receipt" else []
    assert sorted(set(active_parts(drawn))) == signed


@pytest.mark.parametrize(
    "media_type, body",
    [
        ("text/html", "<p>{}</p>"),
        ("text/html", '<p title="{}">'),
        ("text/html", '<p title="{&}">{&amp}</p>'),
        ("text/html", "<script>say('{}')</script>"),
        ("application/atom+xml", "<entry><content type='html'>{&}</content></entry>"),
        ("text/calendar", "BEGIN:VEVENT\r\nSUMMARY:{}\r\nEND:VEVENT"),
    ],
)
def test_a_text_that_is_not_escaped_exactly_once_is_found(media_type: str, body: str) -> None:
    given = hostile("answer.first_name", 200)
    escaped = given.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    twice = escaped.replace("&", "&amp;")
    content = body.replace("{}", given).replace("{&}", escaped).replace("{&amp}", twice)
    assert faults_of(content.encode(), media_type)
    assert (
        faults_of(f"<p title='{escaped.replace(chr(39), '&#x27;')}'>{escaped}</p>".encode(), "text/html")
        == []
    )


PAGE_RULES: dict[str, Callable[[Page], list[str]]] = {
    "the strict policy and no inline code": lambda page: policy_faults(page.headers, page.content),
    "a token in each posted form": lambda page: page_rules.forms_without_token(page.tree, page.address),
    "a name for each control": _rule(page_rules.controls_without_name),
    "a control for each label": _rule(page_rules.labels_without_control),
    "one target for each reference": _rule(page_rules.references_to_nothing),
}


@pytest.mark.parametrize("rule", PAGE_RULES)
def test_every_page_has_what_a_rule_asks(shown: list[Page], rule: str) -> None:
    assert _by_fault(shown, PAGE_RULES[rule]) == {}


# -- Targets of links -------------------------------------------------------------------------------------------------
def _dead(made: HostileWorld, seen: list[Page], *, all_of_them: bool) -> dict[str, str]:
    """Return the links whose page or anchor does not exist."""
    asked = {(page.person, page.address): page for page in seen if page.method == "GET"}
    likened: set[tuple[str, ...]] = set()
    dead: dict[str, str] = {}
    for page in (page for page in seen if page.is_html and page.status in {200, 422}):
        for link in sorted(links_of(page), key=str):
            key = (page.person, link.address)
            if link.address.startswith("/static/"):
                if finders.find(unquote(link.address.removeprefix("/static/"))) is None:
                    dead[link.address] = str(page)
                continue
            if key not in asked and (all_of_them or (page.person, *link.likeness) not in likened):
                asked[key] = get(made.world, page.person, link.address)
            likened.add((page.person, *link.likeness))
            if key in asked and (fault := _fault_of(link, asked[key])):
                dead[fault] = str(page)
    return dead


def _fault_of(link: Link, target: Page) -> str:
    if target.status >= 400 and target.status != 422:
        return f"{link.address}: {target.status}"
    if link.anchor and target.is_html and target.status == 200:
        place = target.tree.xpath("//*[@id=$id]", id=unquote(link.anchor))
        return "" if place else f"{link.address}#{link.anchor}"
    return ""


def test_every_link_leads_to_a_page(made: HostileWorld, walked: list[Page]) -> None:
    # The full form follows the links of each user, on every page.
    seen = [page for page in walked if page.person in {"anonymous", "candidate", "staff"}]
    with one_savepoint():
        assert _dead(made, seen, all_of_them=False) == {}


# -- Cache headers ----------------------------------------------------------------------------------------------------
def _is_kept(page: Page) -> bool:
    return "no-store" not in page.headers.get("Cache-Control", "")


def test_no_response_to_a_signed_in_user_may_be_cached(walked: list[Page]) -> None:
    kept = {route_of(page.address) for page in walked if _is_kept(page) and page.person != "anonymous"}
    assert kept == SAME_FOR_ALL


def test_only_public_pages_may_be_cached(walked: list[Page]) -> None:
    kept = {route_of(page.address) for page in walked if _is_kept(page) and page.person == "anonymous"}
    assert kept == CACHEABLE


def test_a_cacheable_page_is_the_same_for_every_user(walked: list[Page]) -> None:
    said: dict[str, set[bytes]] = defaultdict(set)
    for page in walked:
        if route_of(page.address) in SAME_FOR_ALL and page.status == 200:
            said[page.address].add(page.content)
    assert {address for address, contents in said.items() if len(contents) > 1} == set()
    assert len(said) >= len(SAME_FOR_ALL)


def test_a_page_with_the_code_of_a_receipt_is_not_compressed_or_takes_no_query(shown: list[Page]) -> None:
    codes = [code.encode() for code in SignedReceipt.objects.values_list("code", flat=True)]
    secret = [page for page in shown if any(code in page.content for code in codes)]
    assert secret
    compressed = [page for page in secret if "no-transform" not in page.headers.get("Cache-Control", "")]
    assert {route_of(page.led_to or page.address) for page in compressed} == {"submissions:receipt"}


# -- Style sheets -----------------------------------------------------------------------------------------------------
def test_each_class_of_bootstrap_on_a_page_is_in_its_compiled_parts(shown: list[Page]) -> None:
    used = classes_in_sources().union(*(classes_in_page(page.tree) for page in shown))
    published, compiled = published_bootstrap(), compiled_bootstrap()
    assert (used & published) - compiled == set(), "import their parts in intake/web/bootstrap.scss"
    assert compiled <= published
    assert len(compiled) < len(published) / 4


# -- Snapshots --------------------------------------------------------------------------------------------------------
def test_every_page_and_mail_matches_its_stored_snapshot(walked: list[Page], made: HostileWorld) -> None:
    files = snapshots.PageSnapshots().files(walked, [mail.message().as_bytes() for mail in made.mails])
    if os.environ.get("HELD") == "rewrite":
        snapshots.rewrite(files)
    assert (differences := snapshots.differences(files)) == "", f"\n{differences}"


# -- Every person -----------------------------------------------------------------------------------------------------
@pytest.mark.full
@pytest.mark.parametrize("person", PEOPLE)
def test_each_user_gets_hostile_texts_only_as_text_on_every_page(made: HostileWorld, person: str) -> None:
    seen = pages(made.world, made.more, [person], each=True)
    seen += forms_sent(made.world, seen)
    html_pages = [page for page in seen if page.is_html]
    assert _by_fault(seen, lambda page: faults_in(page.texts)) == {}
    for rule in PAGE_RULES.values():
        assert _by_fault(html_pages, rule) == {}
    with one_savepoint():
        assert _dead(made, seen, all_of_them=True) == {}
