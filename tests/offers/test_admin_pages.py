"""Pages around an offer in the administration: template context, responses and messages."""

from copy import deepcopy
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpRequest, QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.devtools.demonstration.offers import CRITERIA
from offers import registrations
from offers.admin.rules import _posted_fields, _rearrange
from offers.admin.rules_display import kinds_to_add, show_cards, show_criteria, show_versions
from offers.models import Offer
from offers.rule_forms import RulesForm
from offers.selectors import offer_digest
from offers.services.lifecycle import extend_deadline, settle_point
from offers.services.rulebooks import draft_rulebook, next_version, publish_rulebook
from tests.factories.offers import NOON, accept_any_extension_date, make_draft, make_offer, make_point
from tests.factories.people import client_of, make_staff
from tests.offers.parsed_pages import page_text

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db
type Answer = Any
"""Any: Django's types lack what the test client adds to a response."""
DAY = timedelta(days=1)


def with_plain_spaces(text: object) -> str:
    return str(text).replace("\u00a0", " ")


@pytest.fixture
def staff(kept_staff: User) -> User:
    return deepcopy(kept_staff)


@pytest.fixture
def desk(staff: User) -> Client:
    return client_of(staff)


@pytest.fixture(autouse=True)
def audience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Register one audience of changes, and no listener or conflict check."""
    monkeypatch.setattr(registrations, "_conflict_checks", [])
    monkeypatch.setattr(registrations, "_listeners", [])
    monkeypatch.setattr(registrations, "_audiences", [lambda offer, kind: f"{kind.value} {offer.number}"])


def address(offer: Offer, page: str, **more: Any) -> str:
    return reverse(f"admin:offers_offer_{page}", kwargs={"object_id": offer.pk, **more})


def context_values(answer: Answer, *names: str) -> dict[str, Any]:
    return {name: answer.context[name] for name in names}


def new_messages(answer: Answer) -> list[tuple[str, str]]:
    """Return the message that this response adds to the pending ones."""
    waiting = list(get_messages(answer.wsgi_request))
    return [(message.level_tag, with_plain_spaces(message)) for message in waiting[-1:]]


def redirect_target(answer: Answer) -> str:
    assert answer.status_code == 302
    where: str = answer.url
    return where


def change_page(offer: Offer) -> str:
    return address(offer, "change")


# -- Acts ------------------------------------------------------------------------------------------------------
def test_the_page_of_an_action_gets_its_complete_context(desk: Client) -> None:
    offer = make_draft(number=None, opens_at=timezone.now() - DAY, closes_on=timezone.now().date() + 30 * DAY)
    names = ("title", "audience", "missing", "button", "grave", "is_publishing", "errors", "offer")
    page = desk.get(address(offer, "publish"))
    assert {name: str(value) for name, value in context_values(page, *names).items()} == {
        "title": "Publier cette offre\u00a0?",
        "audience": "['PUBLISHED None']",
        "missing": "['un numéro']",
        "button": "Publier",
        "grave": "False",
        "is_publishing": "True",
        "errors": "False",
        "offer": str(offer),
    }
    assert context_values(page, "preview_url", "back_url", "opts") == {
        "preview_url": address(offer, "preview"),
        "back_url": address(offer, "change"),
        "opts": Offer._meta,
    }
    assert page.context["form"].initial == {"seen": offer_digest(offer)}
    assert "Les inscriptions ouvrent aussitôt" in page.context["entails"][0]
    published = make_offer()
    cancel = desk.get(address(published, "cancel"))
    assert context_values(cancel, "grave", "is_publishing", "missing") == {
        "grave": True,
        "is_publishing": False,
        "missing": [],
    }
    refused = desk.post(address(published, "cancel"), {"reason": " "})
    assert (refused.status_code, refused.context["errors"]) == (422, True)


def test_an_impossible_action_redirects_to_the_offer(desk: Client) -> None:
    published, draft = make_offer(), make_draft()
    for offer, page in ((published, "publish"), (published, "mailbox"), (draft, "extend"), (draft, "cancel")):
        answer = desk.get(address(offer, page))
        assert redirect_target(answer) == change_page(offer)
        assert new_messages(answer) == [
            ("warning", f"{offer} : cette action n’est pas possible en ce moment.")
        ]
    # The operation refuses the data, with its own message.
    sent = desk.post(address(draft, "cancel"), {"reason": "Retrait."})
    assert redirect_target(sent) == change_page(draft)
    assert [level for level, _words in new_messages(sent)] == ["warning"]
    assert "Elle est brouillon" in new_messages(sent)[0][1]


def test_a_user_with_a_conflict_of_interest_may_neither_act_nor_correct(desk: Client, staff: User) -> None:
    offer, draft = make_offer(contact_confirmed_at=NOON), make_draft()
    registrations.register_conflict_check(lambda _offer, account: account == staff)
    for page in ("extend", "cancel", "correct"):
        for answer in (
            desk.get(address(offer, page)),
            desk.post(address(offer, page), {"reason": "Moi."}),
        ):
            assert redirect_target(answer) == change_page(offer)
            ((level, words),) = new_messages(answer)
            assert level == "warning"
            assert "vous y avez une candidature" in words
    assert desk.get(address(draft, "publish")).status_code == 200
    rules = desk.post(address(offer, "rules"), {"action": "save"})
    assert rules.status_code == 403
    assert "vous y avez une candidature" in rules.context["bound_words"]
    assert not desk.get(address(offer, "rules")).context["editable"]
    assert desk.get(address(draft, "rules")).context["bound_words"] == ""
    assert offer.changes.count() == 1


def test_a_concurrent_extension_is_reported_at_the_day_field(desk: Client, staff: User) -> None:
    accept_any_extension_date()
    offer = make_offer(at=timezone.now())
    day = offer.closes_on + DAY
    extend_deadline(offer=offer, author=make_staff(), reason="Panne.", closes_on=day + DAY, at=timezone.now())
    answer = desk.post(address(offer, "extend"), {"closes_on": day, "reason": "Panne."})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["closes_on"]
    assert not offer.extensions.filter(author=staff).exists()


def test_an_open_point_is_settled_once(desk: Client, staff: User, draft_offer: Offer) -> None:
    point = make_point(draft_offer, code="SECTION_EMPTY", excerpt="Mandat")
    where = address(draft_offer, "settle", point_id=point.pk)
    page = desk.get(where)
    assert context_values(page, "title", "button", "errors") == {
        "title": "Régler ce point",
        "button": "Réglé",
        "errors": False,
    }
    assert page.context["point"].point == point
    # An operation may refuse a text that the form accepts: blanks only.
    settle_point(point=point, author=staff, resolution="Vu.", at=NOON)
    back = desk.get(where)
    assert (redirect_target(back), new_messages(back)) == (
        change_page(draft_offer),
        [("warning", "Ce point est déjà réglé.")],
    )
    same = desk.post(where, {"resolution": "Vu."})
    assert new_messages(same) == [("success", "Le point est réglé.")]
    other = desk.post(where, {"resolution": "Autrement."})
    assert new_messages(other) == [
        ("warning", f"{draft_offer} : ce point est déjà réglé (« Vu. »). Rien n’a changé.")
    ]
    assert desk.get(address(draft_offer, "settle", point_id=10**6)).status_code == 404


def test_a_copy_lists_what_it_copies_and_refuses_inconsistent_days(desk: Client) -> None:
    offer = make_offer(number="2027-020")
    page = desk.get(address(offer, "clone"))
    assert context_values(page, "title", "button", "entails", "errors") == {
        "title": "Copier pour la prochaine édition",
        "button": "Copier",
        "entails": [
            "Même en-tête, mêmes sections, mêmes documents, même grille, mêmes critères.",
            "Rien n’est publié\u00a0: la copie est un brouillon.",
        ],
        "errors": False,
    }
    sent = {"number": "X-1", "closes_on": "9999-12-31", "starts_on": "", "ends_on": ""}
    far = desk.post(address(offer, "clone"), sent)
    assert (far.status_code, dict(far.context["form"].errors)) == (
        422,
        {"closes_on": ["Ces dates ne concordent pas, ou dépassent le calendrier."]},
    )
    done = desk.post(address(offer, "clone"), sent | {"closes_on": "2028-10-01"})
    copy = Offer.objects.get(number="X-1")
    assert (redirect_target(done), new_messages(done)) == (
        change_page(copy),
        [("success", "La copie est un brouillon : relisez ses dates et son texte.")],
    )


def test_a_correction_of_a_draft_redirects_to_the_draft(desk: Client, published_offer: Offer) -> None:
    draft = make_draft()
    answer = desk.get(address(draft, "correct"))
    assert redirect_target(answer) == change_page(draft)
    assert "Elle est brouillon" in new_messages(answer)[0][1]
    page = desk.get(address(published_offer, "correct"))
    names = ("title", "lines", "problems", "audience", "errors", "seen")
    assert context_values(page, *names) == {
        "title": "Corriger cette offre",
        "lines": [],
        "problems": [],
        "audience": [f"CORRECTED {published_offer.number}"],
        "errors": False,
        "seen": offer_digest(published_offer),
    }


def test_a_preview_shows_a_draft_at_the_number_that_it_lacks(desk: Client) -> None:
    offer = make_draft(number=None)
    page = desk.get(address(offer, "preview"))
    assert context_values(page, "unnumbered", "posting", "back_url") == {
        "unnumbered": True,
        "posting": None,
        "back_url": address(offer, "change"),
    }
    assert page.context["offer"].number == "0000-000"
    assert desk.get(address(make_draft(number="A-1"), "preview")).context["unnumbered"] is False


# -- Import ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "old, new, said",
    [
        ("6 octobre 2024", "31 décembre 9999", "Ces dates dépassent le calendrier."),
        ("N0 2024-031", "N0 A-1", "A-1 — "),
        ("Union internationale des rivières\n", "\n", "Ce texte est illisible : il manque l’organisation."),
    ],
)
def test_a_pasted_text_that_cannot_become_a_draft_is_refused_with_a_reason(
    desk: Client, old: str, new: str, said: str
) -> None:
    if new == "N0 A-1":
        make_offer(number="2024-031")
        new, said = (
            old,
            "2024-031 — Organisation d’essai 2024-031 est déjà publiée ou annulée : rien n’a changé.",
        )
    before = Offer.objects.count()
    answer = desk.post(
        reverse("admin:offers_offer_import"), {"text": page_text("2024-031-paris").replace(old, new)}
    )
    assert answer.status_code == 422
    assert [with_plain_spaces(error) for error in answer.context["form"].errors["text"]] == [said]
    assert context_values(answer, "title", "errors") == {
        "title": "Importer une offre publiée",
        "errors": True,
    }
    assert Offer.objects.count() == before


def test_the_import_of_a_pasted_text_reports_the_number_of_open_points(desk: Client) -> None:
    where = reverse("admin:offers_offer_import")
    for text, said in (
        (page_text("2024-031-paris"), "L’offre est importée : 0 point à régler."),
        (
            page_text("2024-031-paris").replace("Lieu : Paris, France\n", "").replace("Gestion", "G\ufffd"),
            "L’offre est importée : 2 points à régler.",
        ),
    ):
        answer = desk.post(where, {"text": text})
        assert new_messages(answer) == [("success", said)]
    offer = Offer.objects.get(number="2024-031")
    assert offer.time_zone == "America/Toronto"
    offer.points.filter(position=1).delete()
    page = desk.get(where)
    assert (page.status_code, page.context["errors"], page.context["form"].is_bound) == (200, False, False)
    assert page.context["form"].fields["text"].max_length == 200_000


# -- Criteria --------------------------------------------------------------------------------------------------
def older(maximum: int) -> list[dict[str, Any]]:
    return [one | {"maximum": maximum} if one["kind"] == "AGE" else one for one in CRITERIA]


def test_the_page_of_criteria_gets_its_complete_context(desk: Client, published_offer: Offer) -> None:
    page = desk.get(address(published_offer, "rules"))
    names = (
        "title",
        "editable",
        "bound_words",
        "most",
        "moved",
        "kinds",
        "address",
        "offer_address",
        "standing",
    )
    assert context_values(page, *names) == {
        "title": "Critères d’admissibilité",
        "editable": True,
        "bound_words": "",
        "most": 40,
        "moved": False,
        "kinds": [("OTHER", "Autre critère de l’offre")],
        "address": address(published_offer, "rules"),
        "offer_address": address(published_offer, "change"),
        "standing": published_offer.rulebooks.get(),
    }
    assert [title for title, _blocks in page.context["text"]] == ["Admissibilité"]
    # Days that changed after the criteria were published are shown; a draft's criteria always use the offer's days.
    rows = Offer.objects.filter(pk=published_offer.pk)
    rows.update(starts_on=published_offer.starts_on + DAY)
    assert desk.get(address(published_offer, "rules")).context["moved"] is True
    rows.update(starts_on=published_offer.starts_on, closes_on=published_offer.closes_on + DAY)
    assert desk.get(address(published_offer, "rules")).context["moved"] is True
    for other in (make_draft(), make_draft(criteria=())):
        assert desk.get(address(other, "rules")).context["moved"] is False


def test_the_confirmation_of_new_criteria_gets_its_complete_context(
    desk: Client, published_offer: Offer
) -> None:
    sent = sent_by(RulesForm.of(older(40))) | {
        "edition": "1-0",
        "action": "ask",
        "reason": "x",
        "digest": "y",
    }
    page = desk.post(address(published_offer, "rules"), sent)
    assert context_values(page, "title", "audience", "next_number", "current") == {
        "title": "Publier de nouveaux critères\u00a0?",
        "audience": [f"RULES_CHANGED {published_offer.number}"],
        "next_number": 2,
        "current": published_offer.rulebooks.get(),
    }
    assert page.context["digest"].startswith("sha256:")
    kept = QueryDict(mutable=True)
    for name, value in page.context["kept"]:
        kept.appendlist(name, value)
    assert {"edition", "action", "reason", "digest"}.isdisjoint(kept)
    again, first = RulesForm.sent(kept), RulesForm.sent(_query(sent))
    assert again.is_valid()
    assert first.is_valid()
    assert again.criteria() == first.criteria()


def sent_by(rules: RulesForm) -> dict[str, Any]:
    sent: dict[str, Any] = {"place": [card.placed for card in rules.cards]}
    for card in rules.cards:
        for bound in card.form.judged:
            value = bound.value()
            if value is True:
                sent[bound.html_name] = "on"
            elif value not in (None, False):
                sent[bound.html_name] = value
    return sent


def _query(sent: dict[str, Any]) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, value in sent.items():
        query.setlist(name, value if isinstance(value, list) else [str(value)])
    return query


def test_posted_criteria_are_returned_complete_with_the_page() -> None:
    query = QueryDict(
        "place=1:AGE&place=2:OTHER&critere-1-on=a&critere-1-on=b&csrfmiddlewaretoken=c&kind=AGE&fragment=1"
    )
    assert _posted_fields(SimpleNamespace(POST=query)) == [  # type: ignore[arg-type]  # -- only POST is read
        *(("place", "1:AGE"), ("place", "2:OTHER"), ("critere-1-on", "a"), ("critere-1-on", "b"))
    ]


@pytest.mark.parametrize(
    "word, about, placed",
    [
        ("up", "2", ["2:OTHER", "1:AGE"]),
        ("down", "1", ["2:OTHER", "1:AGE"]),
        ("remove", "1", ["2:OTHER"]),
        ("add", "OTHER", ["1:AGE", "2:OTHER", "3:OTHER"]),
        ("edit", "1", ["1:AGE", "2:OTHER"]),
        ("up", "x", ["1:AGE", "2:OTHER"]),
    ],
)
def test_each_button_rearranges_the_criteria(word: str, about: str, placed: list[str]) -> None:
    rules = RulesForm.of([CRITERIA[1], {"kind": "OTHER", "effect": "ADVISE", "clause": {"text": "Nager."}}])
    _rearrange(rules, word, about)
    assert [card.placed for card in rules.cards] == placed
    usual = RulesForm.of([])
    _rearrange(usual, "usual", about)
    assert len(usual.cards) == 8


def test_criteria_are_displayed_with_or_without_examples(draft_offer: Offer) -> None:
    other = {"kind": "OTHER", "effect": "ADVISE", "clause": {"text": "Nager."}}
    read = show_criteria(draft_offer, [CRITERIA[1], other])
    assert [(one.name, one.rule, one.effect, one.clause, one.key, one.card) for one in read] == [
        ("Âge", "de 18 à 35\u00a0ans au début du stage", "bloquant", CRITERIA[1]["clause"], 0, None),
        (
            "Autre critère de l’offre",
            "une personne doit examiner ce critère",
            "à titre indicatif",
            {"text": "Nager."},
            0,
            None,
        ),
    ]
    assert [len(one.examples or ()) for one in read][1] == 1
    rules = RulesForm.of([CRITERIA[1] | {"maximum": "x"}, other])
    broken, judged = show_cards(draft_offer, rules)
    assert (broken.name, broken.rule, broken.effect, broken.clause, broken.examples) == (
        "Âge",
        "",
        "",
        {},
        None,
    )
    assert [one.key for one in (broken, judged)] == [1, 2]
    assert [kind for kind, _name in kinds_to_add(rules)][:2] == ["STUDIES", "LEGAL_STATUS"]


def test_versions_are_listed_latest_first_with_their_author(staff: User, published_offer: Offer) -> None:
    publish_rulebook(offer=published_offer, criteria=older(40), reason="Erreur.", at=NOON + DAY, author=staff)
    draft_rulebook(offer=published_offer, criteria=older(41), reason="À l’étude.", at=NOON)
    shown = show_versions(published_offer)
    assert [(one.number, one.published_at, one.author, one.reason, bool(one.digest)) for one in shown] == [
        (3, None, None, "À l’étude.", False),
        (2, NOON + DAY, staff, "Erreur.", True),
        (1, published_offer.published_at, None, "", True),
    ]
    assert [
        None if one.changes is None else [(each.before, each.after) for each in one.changes] for one in shown
    ] == [[("40 ans", "41 ans")], [("35 ans", "40 ans")], None]
    proposed = [
        next_version(offer=one, criteria=older(42), at=NOON, reason="")
        for one in (published_offer, make_draft(criteria=()))
    ]
    assert [one.number for one in proposed] == [4, 1]


# -- The public page -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("place", list(registrations.PanelPlace))
def test_a_panel_is_displayed_at_its_place_and_phase(
    monkeypatch: pytest.MonkeyPatch, client: Client, place: registrations.PanelPlace
) -> None:
    monkeypatch.setattr(registrations, "_panels", [])
    panel: Callable[[HttpRequest, Offer], str] = lambda _request, _offer: "ici"  # noqa: E731 -- registered by name
    for _time in range(2):
        registrations.register_panel(panel, place)
    now = timezone.now()
    is_open = make_offer(number="OPEN", at=now)
    closed = make_offer(number="OVER", at=now, closes_on=now.date() - 2 * DAY, opens_at=now - 30 * DAY)
    names = {
        registrations.PanelPlace.SUMMARY: "panels",
        registrations.PanelPlace.CRITERIA: "criteria_panels",
        registrations.PanelPlace.DOCUMENTS: "documents_panels",
        registrations.PanelPlace.AFTERWARDS: "afterwards_panels",
    }
    for offer in (is_open, closed):
        page: Answer = client.get(offer.get_absolute_url())
        shown = {name: page.context[name] for name in names.values()}
        hidden = place is registrations.PanelPlace.AFTERWARDS and offer is is_open
        assert shown == {key: [] for key in names.values()} | {names[place]: [] if hidden else ["ici"]}


def test_the_next_offer_of_the_programme_is_linked_after_the_closing(client: Client) -> None:
    now = timezone.now()
    same: dict[str, Any] = {"organisation": "UNESCO", "domain": "Éthique", "at": now}
    over = make_offer(number="1", closes_on=now.date() - 2 * DAY, opens_at=now - 30 * DAY, **same)
    soon = make_offer(number="2", closes_on=now.date() + 10 * DAY, **same)
    later = make_offer(number="3", closes_on=now.date() + 20 * DAY, **same)
    found = []
    for one in (over, soon, later):
        page: Answer = client.get(one.get_absolute_url())
        found.append(page.context["next_edition"])
    assert found == [later, None, None]
