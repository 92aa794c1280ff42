"""The page of an offer's criteria: edited, tried, saved as a draft, and replaced after confirmation once published."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from intake.accounts.models import User
from intake.devtools.demonstration.offers import CRITERIA
from offers.criterion_labels import KINDS
from offers.models import Offer
from offers.selectors import current_rulebook
from offers.services.rulebooks import publish_rulebook
from tests.database_roles import as_owner
from tests.factories.offers import NOON, make_draft, make_offer, mark_cancelled
from tests.factories.people import client_of, make_user
from tests.factories.review import make_filed
from tests.factories.submissions import make_draft as make_application
from tests.offers.staff_pages import Answer, address, data_of_rules, last_message, text_of

pytestmark = pytest.mark.django_db
AGE = 2
"""Key of the criterion on age in the page of a default offer: keys are places."""


def rules_page(offer: Offer) -> str:
    return address(offer, "rules")


def fields(answer: Answer) -> dict[str, Any]:
    """Return the data that a browser sends for the page's form, without buttons."""
    return data_of_rules(answer.context["rules"]) | {"edition": answer.context["edition"]}


def hidden(answer: Answer) -> dict[str, Any]:
    """Return the hidden fields of the confirmation page."""
    found: dict[str, Any] = {}
    for name, value in re.findall(
        r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.content.decode()
    ):
        if name != "csrfmiddlewaretoken":
            found.setdefault(unescape(name), []).append(unescape(value))
    return found


@pytest.fixture
def client(desk: Client) -> Client:
    return desk


@pytest.fixture
def send(client: Client) -> Callable[..., Answer]:
    """Press a button of the page: `send(offer, "save", changed fields)`."""

    def press(offer: Offer, action: str, changes: Mapping[str, Any] | None = None, **more: Any) -> Any:
        page = client.get(rules_page(offer))
        assert page.status_code == 200
        return client.post(rules_page(offer), fields(page) | dict(changes or {}) | {"action": action} | more)

    return press


# -- Writing ---------------------------------------------------------------------------------------------------------
def test_the_displayed_criteria_are_saved_unchanged(send: Callable[..., Answer], draft_offer: Offer) -> None:
    before = current_rulebook(draft_offer).as_rulebook().digest
    assert send(draft_offer, "save").status_code == 302
    version = current_rulebook(draft_offer)
    assert (version.number, version.as_rulebook().digest) == (1, before)


def test_a_draft_version_is_overwritten_with_a_message(
    client: Client, send: Callable[..., Answer], draft_offer: Offer
) -> None:
    for maximum in (40, 41):
        assert send(draft_offer, "save", {f"critere-{AGE}-maximum": maximum}).status_code == 302
    assert [version.number for version in draft_offer.rulebooks.all()] == [1]
    assert current_rulebook(draft_offer).criteria[AGE - 1]["maximum"] == 41
    assert "Les critères sont enregistrés" in text_of(client.get(rules_page(draft_offer)))


def test_every_kind_may_be_added_and_saved_with_its_parameters(
    client: Client, send: Callable[..., Answer]
) -> None:
    offer = make_draft(criteria=())
    page = send(offer, "usual")
    for kind in ("OTHER", "OTHER"):
        page = client.post(rules_page(offer), fields(page) | {"action": "add", "kind": kind})
    assert [card.kind for card in page.context["rules"].cards] == [*KINDS, "OTHER"]
    assert not offer.rulebooks.exists()
    written = fields(page)
    last = len(KINDS) + 1
    written |= {f"critere-{last - 1}-text": "Aimer la mer.", f"critere-{last}-text": "Savoir nager."}
    assert client.post(rules_page(offer), written | {"action": "save"}).status_code == 302
    stored = current_rulebook(offer).criteria
    assert [one["kind"] for one in stored] == [*KINDS, "OTHER"]
    assert {key: value for key, value in stored[0].items() if key not in {"effect", "clause"}} == {
        "kind": "STUDIES",
        "degree_window_months": 24,
        "finishing_within_months": 12,
        "bar_school": True,
        "professional_order_stage": True,
    }
    assert [(one["effect"], one["clause"]) for one in stored[-2:]] == [
        ("ADVISE", {"text": "Aimer la mer."}),
        ("ADVISE", {"text": "Savoir nager."}),
    ]


def test_each_kind_except_other_appears_once(
    client: Client, send: Callable[..., Answer], draft_offer: Offer
) -> None:
    page = send(draft_offer, "add", kind="AGE")
    kinds = [card.kind for card in page.context["rules"].cards]
    assert kinds.count("AGE") == 1
    twice = fields(client.get(rules_page(draft_offer)))
    twice["place"] = [*twice["place"], "77:AGE"]
    assert client.post(rules_page(draft_offer), twice | {"action": "save"}).status_code == 302
    assert [one["kind"] for one in current_rulebook(draft_offer).criteria].count("AGE") == 1


def test_criteria_are_moved_and_removed_without_losing_typed_values(
    client: Client, send: Callable[..., Answer], draft_offer: Offer
) -> None:
    page = send(draft_offer, f"up:{AGE}", {f"critere-{AGE}-maximum": "quarante"})
    assert [card.kind for card in page.context["rules"].cards][:2] == ["AGE", "STUDIES"]
    assert 'value="quarante"' in page.content.decode()
    assert not page.context["rules"].faults
    for action in ("up:x", "down:" + "9" * 5_000, "remove:" + "9" * 5_000):
        again = client.post(rules_page(draft_offer), fields(page) | {"action": action})
        assert len(again.context["rules"].cards) == len(page.context["rules"].cards)
    page = client.post(
        rules_page(draft_offer), fields(page) | {"action": "remove:1", f"critere-{AGE}-maximum": 36}
    )
    assert "STUDIES" not in [card.kind for card in page.context["rules"].cards]
    page = client.post(rules_page(draft_offer), fields(page) | {"action": f"down:{AGE}"})
    assert client.post(rules_page(draft_offer), fields(page) | {"action": "save"}).status_code == 302
    kinds = [one["kind"] for one in current_rulebook(draft_offer).criteria]
    assert kinds == ["LEGAL_STATUS", "AGE", "DOMICILE", "RESIDENCE", "WRITING", "SKILLS", "ONCE_ONLY"]


@pytest.mark.parametrize(
    "changes, said",
    [
        ({f"critere-{AGE}-maximum": 17}, "L’âge maximal est plus petit que l’âge minimal."),
        ({f"critere-{AGE}-maximum": ""}, "Ce champ est obligatoire."),
        ({f"critere-{AGE}-on": "un jour"}, "Sélectionnez un choix valide."),
        ({"critere-3-accepted": []}, "Choisissez au moins un statut"),
        ({"critere-3-accepted": ["KING"]}, "Sélectionnez un choix valide."),
        ({"critere-4-provinces": []}, "Choisissez au moins un lieu"),
        ({"critere-6-languages": []}, "Choisissez au moins une langue"),
        ({"critere-1-degree_window_months": -1}, "supérieure ou égale à 0"),
        ({"critere-5-months": 99999}, "inférieure ou égale à 1200"),
        ({"critere-1-effect": ""}, "Ce champ est obligatoire."),
        ({"place": []}, "Ajoutez au moins un critère."),
    ],
)
def test_each_invalid_value_is_reported_at_its_field(
    send: Callable[..., Answer], changes: dict[str, Any], said: str, draft_offer: Offer
) -> None:
    before = current_rulebook(draft_offer).criteria
    answer = send(draft_offer, "save", changes)
    assert answer.status_code == 422
    html = unescape(answer.content.decode())
    assert html.count(said) >= (1 if "place" in changes else 2)  # in the summary, and beside its field
    faults = answer.context["rules"].faults
    assert faults
    assert all(f'id="{fault.anchor}"' in html for fault in faults)
    assert current_rulebook(draft_offer).criteria == before


def test_an_unknown_code_of_an_offer_is_kept(send: Callable[..., Answer]) -> None:
    criteria = [one | {"provinces": ["QC", "XX"]} if one["kind"] == "DOMICILE" else one for one in CRITERIA]
    offer = make_draft(criteria=criteria)
    assert send(offer, "save").status_code == 302
    assert current_rulebook(offer).criteria[3]["provinces"] == ["QC", "XX"]


def test_two_users_do_not_overwrite_one_draft(client: Client, draft_offer: Offer) -> None:
    mine = fields(client.get(rules_page(draft_offer)))
    theirs = mine | {f"critere-{AGE}-maximum": 50, "action": "save"}
    assert client.post(rules_page(draft_offer), theirs).status_code == 302
    answer = client.post(rules_page(draft_offer), mine | {f"critere-{AGE}-maximum": 40, "action": "save"})
    assert answer.status_code == 409
    assert "Une autre personne a enregistré d’autres critères" in text_of(answer)
    assert 'value="40"' in answer.content.decode()
    assert current_rulebook(draft_offer).criteria[AGE - 1]["maximum"] == 50
    assert client.post(rules_page(draft_offer), fields(answer) | {"action": "save"}).status_code == 302
    assert current_rulebook(draft_offer).criteria[AGE - 1]["maximum"] == 40


# -- Examples ------------------------------------------------------------------------------------------------------
def rows_of(answer: Answer, key: int) -> dict[str, str]:
    """Return the outcome of each example person in one criterion's table."""
    (shown,) = (each for each in answer.context["criteria"] if each.key == key)
    return {row.person: str(row.outcome) for row in shown.examples or ()}


def test_the_examples_use_the_dates_of_the_offer_and_the_typed_values(send: Callable[..., Answer]) -> None:
    offer = make_draft(closes_on=NOON.date().replace(month=10, day=1, year=2023), opens_at=NOON.replace(2022))
    Offer.objects.filter(pk=offer.pk).update(starts_on="2024-01-15", ends_on="2024-07-12")
    rows = rows_of(send(offer, "examples"), AGE)
    assert rows == {
        "Naissance le 15 janvier 1988": "Non respecté",
        "Naissance le 16 janvier 1988": "Respecté",
        "Naissance le 15 janvier 2006": "Respecté",
        "Naissance le 16 janvier 2006": "Non respecté",
        "Naissance le 29 février 1988": "Respecté",
    }
    typed = send(offer, "examples", {f"critere-{AGE}-maximum": 40})
    assert rows_of(typed, AGE)["Naissance le 15 janvier 1983"] == "Non respecté"
    assert rows_of(typed, AGE)["Naissance le 16 janvier 1983"] == "Respecté"
    assert current_rulebook(offer).criteria[AGE - 1]["maximum"] == 35


def test_a_request_of_the_script_gets_only_the_examples(
    send: Callable[..., Answer], draft_offer: Offer
) -> None:
    answer = send(draft_offer, "examples", {f"critere-{AGE}-maximum": ""}, fragment="1")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in html
    assert "data-fragment" in html
    assert html.count("data-examples") == len(CRITERIA)
    assert "Les exemples reviendront" in html  # for the criterion that is invalid
    assert [each.examples is None for each in answer.context["criteria"]].count(True) == 1


# -- Replacing published criteria ------------------------------------------------------------------------------------
def test_new_criteria_are_published_after_their_impact_was_displayed(
    client: Client, send: Callable[..., Answer], open_offer: Offer
) -> None:
    filed = make_filed(open_offer)
    make_application(offer=open_offer)
    answer = send(open_offer, "ask", {f"critere-{AGE}-maximum": 20})
    assert answer.status_code == 200
    said = text_of(answer)
    assert "1 sur 1 brouillon changerait de résultat" in said
    assert "1 sur 1 candidature déposée aurait un autre résultat" in said
    assert "Âge — âge maximal" in said
    assert filed.standing_filing is not None
    assert filed.standing_filing.receipt.number in said
    assert reverse("review:file", args=[filed.public_id]) in answer.content.decode()
    assert open_offer.rulebooks.count() == 1

    missing = client.post(rules_page(open_offer), hidden(answer) | {"action": "publish", "reason": " "})
    assert missing.status_code == 422
    assert "Expliquez pourquoi les critères changent." in text_of(missing)
    assert open_offer.rulebooks.count() == 1

    done = client.post(
        rules_page(open_offer), hidden(missing) | {"action": "publish", "reason": "Erreur de l’offre."}
    )
    assert done.status_code == 302
    version = current_rulebook(open_offer)
    assert (version.number, version.criteria[AGE - 1]["maximum"]) == (2, 20)
    filed.refresh_from_db()
    assert filed.standing_filing.verdict.outcome == "ELIGIBLE"


def test_changed_criteria_are_recorded_and_displayed_with_author_and_reason(
    client: Client, staff: User, send: Callable[..., Answer], open_offer: Offer
) -> None:
    asked = send(open_offer, "ask", {f"critere-{AGE}-maximum": 40})
    client.post(rules_page(open_offer), hidden(asked) | {"action": "publish", "reason": "Erreur de l’offre."})
    change = open_offer.changes.get(kind="RULES_CHANGED")
    assert (change.author, change.reason) == (staff, "Erreur de l’offre.")
    logged = LogEntry.objects.values_list("user", "object_id", "change_message")
    assert list(logged) == [(staff.pk, str(open_offer.pk), "Critères remplacés")]
    page = client.get(rules_page(open_offer))
    said = text_of(page)
    assert f"par {staff}" in said
    assert "Erreur de l’offre." in said
    assert current_rulebook(open_offer).digest in said
    (latest, first) = page.context["versions"]
    assert [(each.subject, each.before, each.after) for each in latest.changes] == [
        ("Âge — âge maximal", "35 ans", "40 ans")
    ]
    assert first.changes is None


def test_a_version_published_meanwhile_refuses_and_refreshes_the_preview(
    client: Client, send: Callable[..., Answer], open_offer: Offer
) -> None:
    make_application(offer=open_offer)
    asked = send(open_offer, "ask", {f"critere-{AGE}-maximum": 20})
    other = [one | {"maximum": 30} if one["kind"] == "AGE" else one for one in CRITERIA]
    publish_rulebook(offer=open_offer, criteria=other, reason="Une autre.", at=NOON)
    answer = client.post(
        rules_page(open_offer), hidden(asked) | {"action": "publish", "reason": "La mienne."}
    )
    assert answer.status_code == 409
    said = text_of(answer)
    assert "la version 2 est en vigueur" in said
    assert "La mienne." in said
    assert [(each.before, each.after) for each in answer.context["changes"]] == [("30 ans", "20 ans")]
    assert open_offer.rulebooks.count() == 2
    again = client.post(
        rules_page(open_offer), hidden(answer) | {"action": "publish", "reason": "La mienne."}
    )
    assert again.status_code == 302
    assert current_rulebook(open_offer).number == 3


def test_a_button_pressed_twice_publishes_once(
    client: Client, send: Callable[..., Answer], open_offer: Offer
) -> None:
    asked = send(open_offer, "ask", {f"critere-{AGE}-maximum": 40})
    press = hidden(asked) | {"action": "publish", "reason": "Erreur de l’offre."}
    assert client.post(rules_page(open_offer), press).status_code == 302
    assert client.post(rules_page(open_offer), press).status_code == 302
    assert "La version 2 contient déjà ces critères" in text_of(client.get(rules_page(open_offer)))
    assert open_offer.rulebooks.count() == 2


def test_unchanged_criteria_are_refused_without_a_confirmation(
    send: Callable[..., Answer], open_offer: Offer
) -> None:
    answer = send(open_offer, "ask")
    assert answer.status_code == 422
    assert "il n’y a rien à publier" in text_of(answer)
    assert 'name="reason"' not in answer.content.decode()
    asked = send(open_offer, "ask", {f"critere-{AGE}-maximum": 40})
    assert 'name="reason"' in asked.content.decode()


def test_criteria_are_not_published_without_the_digest_of_the_displayed_page(
    client: Client, send: Callable[..., Answer], published_offer: Offer
) -> None:
    unread = send(published_offer, "publish", {f"critere-{AGE}-maximum": 40}, reason="Erreur.")
    assert (unread.status_code, unread.context["changes"][0].after) == (409, "40 ans")
    current = current_rulebook(published_offer)
    same = send(published_offer, "publish", digest=current.digest, reason="Rien.")
    assert (same.status_code, last_message(same)) == (422, f"{published_offer} : refusé.")
    assert published_offer.rulebooks.count() == 1


def test_going_back_from_the_confirmation_keeps_the_typed_values(
    client: Client, send: Callable[..., Answer], open_offer: Offer
) -> None:
    asked = send(open_offer, "ask", {f"critere-{AGE}-maximum": 40})
    back = client.post(rules_page(open_offer), hidden(asked) | {"action": "edit"})
    assert back.status_code == 200
    assert open_offer.rulebooks.count() == 1
    assert back.context["rules"].cards[AGE - 1].form["maximum"].value() == "40"


# -- Permissions -----------------------------------------------------------------------------------------------------
def _someone(*codenames: str) -> Client:
    user = make_user(is_staff=True)
    with as_owner():
        user.user_permissions.set(
            Permission.objects.filter(content_type__app_label="offers", codename__in=codenames)
        )
    return client_of(user)


@pytest.mark.parametrize(
    "make, codenames, answer",
    [
        (make_draft, ("view_offer", "change_offer"), 302),
        (make_draft, ("view_offer", "publish_offer"), 403),
        (make_offer, ("view_offer", "change_offer"), 403),
        (make_offer, ("view_offer", "publish_offer"), 403),
        # Published criteria are not saved at once: their impact is shown first.
        (make_offer, ("view_offer", "change_offer", "publish_offer"), 200),
    ],
)
def test_only_users_who_may_edit_get_the_form(
    make: Callable[..., Offer], codenames: tuple[str, ...], answer: int, client: Client
) -> None:
    offer = make()
    sent = fields(client.get(rules_page(offer))) | {f"critere-{AGE}-maximum": 41}
    someone = _someone(*codenames)
    page = someone.get(rules_page(offer))
    assert page.status_code == 200
    assert ("data-rules" in page.content.decode()) is (answer != 403)
    assert "de 18 à 35 ans" in text_of(page)
    assert someone.post(rules_page(offer), sent | {"action": "save"}).status_code == answer
    assert current_rulebook(offer).criteria[AGE - 1]["maximum"] == (41 if answer == 302 else 35)


def test_the_criteria_of_a_cancelled_offer_are_read_only(client: Client, published_offer: Offer) -> None:
    open_page = client.get(rules_page(published_offer))
    assert "data-rules" in open_page.content.decode()
    sent = fields(open_page) | {f"critere-{AGE}-maximum": 41, "action": "publish", "reason": "Erreur."}
    mark_cancelled(published_offer.pk)
    page = client.get(rules_page(published_offer))
    assert "data-rules" not in page.content.decode()
    assert "de 18 à 35 ans" in text_of(page)
    assert client.post(rules_page(published_offer), sent).status_code == 403
    assert published_offer.rulebooks.count() == 1


def test_dates_that_moved_meanwhile_are_refused_too(
    client: Client, send: Callable[..., Answer], open_offer: Offer
) -> None:
    asked = send(open_offer, "ask", {f"critere-{AGE}-maximum": 20})
    Offer.objects.filter(pk=open_offer.pk).update(starts_on=open_offer.starts_on + timedelta(days=1))
    answer = client.post(
        rules_page(open_offer), hidden(asked) | {"action": "publish", "reason": "La mienne."}
    )
    assert answer.status_code == 409
    assert "La mienne." in text_of(answer)
    assert open_offer.rulebooks.count() == 1
