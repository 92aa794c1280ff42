"""The tables behind pages, forms and commands of offers, each compared in full."""

from typing import Any

import pytest
from django.contrib import admin
from django.core.management import get_commands, load_command_class
from django.db import models

from offers.admin.inlines import DocumentRequestInline, GridLineInline, RulebookInline, SectionInline
from offers.admin.offer import PhaseFilter
from offers.models import DocumentRequest, GridLine, Offer, OfferChange, Programme, Section
from offers.models.offer import OfferPhase
from offers.services.cloning import COPIED_FIELDS
from offers.services.correcting import CORRECTABLE
from offers.urls import urlpatterns


@pytest.mark.parametrize(
    "choices, labels",
    [
        (Offer.Status, {"DRAFT": "Brouillon", "PUBLISHED": "Publiée", "CANCELLED": "Annulée"}),
        (
            OfferChange.Kind,
            {
                "IMPORTED": "Importée d’un texte publié",
                "POINT_SETTLED": "Point réglé",
                "MAILBOX_CONFIRMED": "Courriel de contact confirmé",
                "PUBLISHED": "Publiée",
                "CORRECTED": "Corrigée",
                "RULES_CHANGED": "Critères remplacés",
                "EXTENDED": "Date limite prolongée",
                "CANCEL_ASKED": "Annulation demandée",
                "CANCEL_REFUSED": "Annulation refusée",
                "CANCEL_WITHDRAWN": "Demande d’annulation retirée",
                "CANCELLED": "Annulée",
            },
        ),
        (
            Section.Kind,
            {
                "MANDATE": "Mandat",
                "TASKS": "Tâches",
                "SKILLS": "Compétences et expérience",
                "ELIGIBILITY": "Admissibilité",
                "HEALTH": "Situation sanitaire",
                "OTHER": "Autre",
            },
        ),
        (
            DocumentRequest.Kind,
            {
                "CV": "Curriculum vitæ",
                "MOTIVATION_LETTER": "Lettre de motivation",
                "TRANSCRIPT": "Relevé de notes",
                "ENROLMENT_PROOF": "Preuve d’inscription ou diplôme",
                "RECOMMENDATION": "Lettre de recommandation",
                "OTHER": "Autre document",
            },
        ),
        (GridLine.Requirement, {"REQUIRED": "Exigé", "ASSET": "Atout"}),
        (
            OfferPhase,
            {
                "UPCOMING": "À venir",
                "OPEN": "Ouverte",
                "CLOSING_SOON": "Ferme bientôt",
                "CLOSED": "Fermée",
                "CANCELLED": "Annulée",
            },
        ),
    ],
)
def test_each_code_has_its_label_in_the_order_of_a_list(
    choices: type[models.TextChoices], labels: dict[str, str]
) -> None:
    assert [(code, str(label)) for code, label in choices.choices] == list(labels.items())


def test_correctable_and_copied_fields_are_listed_in_page_order() -> None:
    header = (
        *("organisation", "organisation_short", "domain", "place", "remote_possible", "starts_on", "ends_on"),
        *("allowance_min", "allowance_max", "currency", "funder"),
        *("contact_unit", "contact_phone", "contact_extension", "contact_email"),
    )
    assert header == CORRECTABLE
    own = {"programme", "time_zone", "contact_confirmed_at", "listed"}
    assert set(COPIED_FIELDS) == (set(header) - {"starts_on", "ends_on"}) | own


def test_the_public_addresses_of_offers_have_their_names() -> None:
    number = r"(?P<number>[0-9A-Za-z]+(?:-[0-9A-Za-z]+)*)"
    assert [(pattern.name, str(pattern.pattern)) for pattern in urlpatterns] == [
        ("list", ""),
        ("feed", "flux.atom"),
        ("calendar", "echeances.ics"),
        ("list_clock", "heure"),
        ("page", rf"^{number}/$"),
        ("clock", rf"^{number}/heure$"),
        ("deadline", rf"^{number}\.ics$"),
    ]


# -- Commands --------------------------------------------------------------------------------------------------
OPTIONS: dict[str, dict[str, dict[str, Any]]] = {
    "check_eligibility": {"--offer": {"metavar": "NUMÉRO", "required": True}},
    "clone_offer": {
        "model": {"metavar": "NUMÉRO", "required": True},
        "--number": {"required": True},
        "--closes": {"required": True},
        "--starts": {},
        "--ends": {},
        "--publish": {"default": False},
    },
    "import_offer": {
        "path": {"metavar": "CHEMIN", "required": True},
        "--publish": {"default": False},
        "--dry-run": {"default": False},
        "--time-zone": {"default": "America/Toronto"},
    },
    "load_demonstration_offers": {},
}
COMMON = {
    "--version",
    "--verbosity",
    "--settings",
    "--pythonpath",
    "--traceback",
    "--no-color",
    "--force-color",
}


@pytest.mark.parametrize("name", OPTIONS)
def test_each_command_documents_itself_and_its_arguments(name: str) -> None:
    command = load_command_class(get_commands()[name], name)
    parser = command.create_parser("manage.py", name)
    found = {
        (action.option_strings or [action.dest])[-1]: {
            key: value
            for key in ("metavar", "required", "default")
            if (value := getattr(action, key)) not in (None, "") and (key != "required" or value)
        }
        for action in parser._actions
        if not COMMON & set(action.option_strings) and action.dest not in {"help", "skip_checks"}
    }
    assert found == OPTIONS[name]
    assert all(action.help for action in parser._actions)
    assert command.help


# -- Administration --------------------------------------------------------------------------------------------
def test_list_and_page_of_offers_display_the_listed_fields() -> None:
    shown = admin.site.get_model_admin(Offer)
    assert {
        name: getattr(shown, name)
        for name in ("list_display", "list_display_links", "list_filter", "search_fields", "ordering")
    } == {
        "list_display": ("number_or_none", "name", "domain", "state", "deadline"),
        "list_display_links": ("number_or_none", "name"),
        "list_filter": (PhaseFilter, "programme", "listed"),
        "search_fields": ("number",),
        "ordering": ("-closes_at", "number"),
    }
    assert (shown.list_per_page, shown.show_full_result_count, shown.actions) == (50, False, ("publish",))
    assert shown.readonly_fields == ("status", "published_at", "contact_confirmed_at")
    assert shown.inlines == (SectionInline, DocumentRequestInline, GridLineInline, RulebookInline)
    assert [(title and str(title), content) for title, content in shown.fieldsets or ()] == [
        (None, {"fields": [("status", "published_at"), ("number", "listed"), "programme"]}),
        (
            "Offre",
            {"fields": [("organisation", "organisation_short"), "domain", ("place", "remote_possible")]},
        ),
        (
            "Dates",
            {"fields": [("starts_on", "ends_on"), ("closes_on", "closes_at"), ("opens_at", "time_zone")]},
        ),
        ("Allocation", {"fields": [("allowance_min", "allowance_max", "currency"), "funder"]}),
        (
            "Contact",
            {
                "fields": [
                    "contact_unit",
                    ("contact_phone", "contact_extension"),
                    ("contact_email", "contact_confirmed_at"),
                ]
            },
        ),
    ]


def test_the_parts_of_an_offer_display_the_listed_fields_in_order() -> None:
    inlines: list[Any] = [SectionInline, DocumentRequestInline, GridLineInline, RulebookInline]
    assert [(one.ordering, one.extra, one.template) for one in inlines] == [
        *[(("position",), 0, "admin/edit_inline/stacked.html")] * 3,
        (("-number",), 0, "admin/edit_inline/stacked.html"),
    ]
    assert SectionInline.readonly_fields == ("public_text",)
    assert DocumentRequestInline.fields == (
        ("position", "kind", "label"),
        "hint",
        ("required", "max_pages", "max_bytes"),
    )
    assert GridLineInline.fields == (("position", "requirement", "text"),)
    assert GridLineInline.formfield_overrides[models.TextField]["widget"].attrs == {"cols": 60, "rows": 2}
    words = ("number", "state", "criteria_in_words", "reason", "digest")
    assert (RulebookInline.fields, RulebookInline.readonly_fields, RulebookInline.can_delete) == (
        words,
        words,
        False,
    )


def test_the_page_of_a_programme_displays_its_labels() -> None:
    shown = admin.site.get_model_admin(Programme)
    assert (shown.list_display, shown.ordering) == (("name", "code"), ("name", "code"))
    (_first, names), (title, words) = shown.fieldsets or ()
    assert names == {"fields": ["code", "name"]}
    assert str(title) == "Ses textes"
    assert words["fields"] == ["dates_label", "allowance_label", "at_start", "lead", "next_steps"]
    assert str(words["description"]).startswith("Les personnes candidates liront ces textes")
