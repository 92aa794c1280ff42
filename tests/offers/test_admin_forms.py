"""Forms and parts of an offer in the administration: what they show, accept and refuse, per user."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.messages.storage.cookie import CookieStorage
from django.forms import HiddenInput, Textarea
from django.http import QueryDict
from django.test import RequestFactory
from django.utils.translation import override

from intake.devtools.demonstration.offers import CRITERIA
from offers.admin.correct_forms import (
    Correction,
    CorrectionReasonForm,
    DocumentForm,
    DocumentFormSet,
    HeaderForm,
    SectionFormSet,
    digest_of_lines,
)
from offers.admin.forms import OfferForm
from offers.admin.inlines import DocumentRequestInline, RulebookInline, SectionInline
from offers.admin.offer import PhaseFilter
from offers.models import DocumentRequestData, Offer, Programme, RulebookVersion, Section, SectionData
from offers.services.correcting import CORRECTABLE
from offers.services.creating import default_programme
from tests.database_roles import as_owner
from tests.factories.offers import NOON, make_draft, make_offer, make_programme, mark_cancelled
from tests.factories.people import make_staff, make_user

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SITE = admin.site
SHOWN: Any = SITE.get_model_admin(Offer)


def plain(text: object) -> str:
    return str(text).replace("\u00a0", " ")


def request_of(user: Any = None) -> Any:
    request = RequestFactory().get("/")
    request.user = user or make_staff()
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]  # -- for messages
    return request


def someone(*codenames: str) -> Any:
    user = make_user(is_staff=True)
    with as_owner():
        user.user_permissions.set(
            Permission.objects.filter(content_type__app_label="offers", codename__in=codenames)
        )
    return user


# -- The page of an offer --------------------------------------------------------------------------------------
def test_staff_may_edit_drafts_and_only_read_published_offers() -> None:
    draft, published = make_draft(), make_offer()
    request, reader = (
        request_of(make_user(is_staff=True, is_superuser=True)),
        request_of(someone("view_offer")),
    )
    assert [
        (SHOWN.has_change_permission(request, one), SHOWN.has_delete_permission(request, one))
        for one in (None, draft, published)
    ] == [(True, False), (True, True), (False, False)]
    assert [
        (SHOWN.has_change_permission(reader, one), SHOWN.has_delete_permission(reader, one))
        for one in (None, draft, published)
    ] == [(False, False)] * 3
    assert [SHOWN.has_publish_permission(one) for one in (request, reader)] == [True, False]
    for inline in (SectionInline, DocumentRequestInline):
        part = inline(Offer, SITE)
        assert [
            [
                may(request, one)
                for may in (part.has_add_permission, part.has_change_permission, part.has_delete_permission)
            ]
            for one in (None, draft, published)
        ] == [[True] * 3, [True] * 3, [False] * 3]
        assert not part.has_add_permission(reader, draft)
        assert not part.has_change_permission(reader, draft)
        assert not part.has_delete_permission(reader, draft)
    rules = RulebookInline(Offer, SITE)
    assert [rules.has_add_permission(request, one) for one in (None, draft)] == [False, False]
    assert [rules.has_change_permission(request, one) for one in (None, draft)] == [False, False]
    sections = SectionInline(Offer, SITE)
    first = ("position", "kind", "title")
    assert [sections.get_fields(request, one) for one in (None, draft, published)] == [
        [first, "text"],
        [first, "text"],
        [first, "public_text"],
    ]


def test_an_offer_is_listed_by_number_name_status_and_deadline() -> None:
    draft = Offer(organisation="Union", closes_on=date(2027, 10, 1))
    named = Offer(number="2027-020", organisation="Union", organisation_short="U", status="CANCELLED")
    named.closes_on = date(2027, 10, 11)
    assert [str(SHOWN.number_or_none(one)) for one in (draft, named)] == ["sans numéro", "2027-020"]
    assert [SHOWN.name(one) for one in (draft, named)] == ["Union", "U"]
    assert [str(SHOWN.state(one)) for one in (draft, named)] == ["Brouillon", "Annulée"]
    assert [SHOWN.deadline(one) for one in (draft, named)] == ["1er octobre 2027", "11 octobre 2027"]
    with override("en"):
        assert SHOWN.deadline(draft) == "1 October 2027"
    with override(None):
        assert SHOWN.deadline(draft).startswith("1er ")
    published = Offer(number="2027-020", status="PUBLISHED")
    hidden = Offer(number="2027-020", status="PUBLISHED", listed=False)
    assert [SHOWN.view_on_site(one) for one in (draft, published, hidden)] == [
        None,
        "/offres/2027-020/",
        None,
    ]
    orders = {
        name: getattr(SHOWN, name).admin_order_field
        for name in ("number_or_none", "name", "state", "deadline")
    }
    assert orders == {
        "number_or_none": "number",
        "name": "organisation",
        "state": "status",
        "deadline": "closes_at",
    }


def test_the_list_is_filtered_by_phase_and_searched_without_accents() -> None:
    today = NOON.date()
    for number, days in (("OPEN", 10), ("SOON", 1), ("CLOSED", -1)):
        make_offer(number=number, closes_on=today + days * DAY, opens_at=NOON - 20 * DAY)
    make_draft(number="DRAFT", place="Genève")
    cancelled = make_offer(number="CANCELLED")
    mark_cancelled(cancelled.pk)

    def kept(choice: str | None) -> list[str | None]:
        asked = {"etat": [choice]} if choice else {}
        rows = PhaseFilter(request_of(), asked, Offer, SHOWN)
        return [one.number for one in rows.queryset(request_of(), Offer.objects.order_by("number"))]

    assert kept("DRAFT") == ["DRAFT"]
    assert kept("CANCELLED") == ["CANCELLED"]
    everything = ["CANCELLED", "CLOSED", "DRAFT", "OPEN", "SOON"]
    assert (kept(None), kept("NEW")) == (everything, everything)
    by_moment = [*(kept("OPEN") + kept("CLOSING_SOON") + kept("UPCOMING") + kept("CLOSED"))]
    assert sorted(by_moment, key=str) == ["CLOSED", "OPEN", "SOON"]
    choices = PhaseFilter(request_of(), {}, Offer, SHOWN).lookups(request_of(), SHOWN)
    assert choices == [
        ("DRAFT", "Brouillon"),
        ("UPCOMING", "À venir"),
        ("OPEN", "Ouverte"),
        ("CLOSING_SOON", "Ferme bientôt"),
        ("CLOSED", "Fermée"),
        ("CANCELLED", "Annulée"),
    ]
    found, doubled = SHOWN.get_search_results(request_of(), Offer.objects.all(), "GENEVE\0")
    assert ([one.number for one in found], doubled) == (["DRAFT"], False)


def test_criteria_are_displayed_with_their_effect_and_clause() -> None:
    shown: Any = RulebookInline(Offer, SITE)
    programme = make_programme()
    version = RulebookVersion(
        offer=Offer(programme=programme, number="2027-020"),
        criteria=[
            CRITERIA[1] | {"clause": {"text": "Avoir <18> ans."}},
            {"kind": "OTHER", "effect": "ADVISE"},
        ],
    )
    assert shown.criteria_in_words(version) == (
        "<ol><li><strong>Âge</strong> — de 18 à 35\u00a0ans au début du séjour (bloquant)<br>Avoir &lt;18&gt; ans.</li>"
        "<li><strong>Autre critère de l’offre</strong> — une personne doit examiner ce critère (à "
        "titre indicatif)<br></li></ol>"
    )
    assert str(shown.state(version)) == "brouillon"
    version.published_at = datetime(2027, 10, 2, 3, 59, tzinfo=UTC)
    assert plain(shown.state(version)) == "1 octobre 2027, 23 h 59"
    section: Any = SectionInline(Offer, SITE)
    assert "<li>nager</li>" in "".join(str(section.public_text(Section(text="• nager"))).split())


# -- The header of a draft -------------------------------------------------------------------------------------
def header_of(offer: Offer | None = None, **changes: Any) -> Any:
    form_class = SHOWN.get_form(request_of(), offer, change=offer is not None)
    data = {
        "organisation": "Union",
        "starts_on": "2028-01-10",
        "ends_on": "2028-07-07",
        "opens_at_0": "2027-08-01",
        "opens_at_1": "09:00",
        "closes_on": "2027-10-01",
        "time_zone": "Europe/Paris",
        "currency": "CAD",
    } | changes
    return form_class(data, instance=offer)


def test_blank_fields_of_a_header_get_their_defaults() -> None:
    Programme.objects.all().delete()
    form = header_of()
    assert form.is_valid(), form.errors
    assert (form.cleaned_data["programme"].code, form.cleaned_data["closes_at"]) == (
        "STAGES-OIG",
        datetime(2027, 10, 1, 22, tzinfo=UTC),
    )
    other = make_programme()
    own = header_of(programme=other.pk, closes_at_0="2027-10-01", closes_at_1="12:00")
    assert own.is_valid(), own.errors
    assert (own.cleaned_data["programme"], own.cleaned_data["closes_at"]) == (
        other,
        datetime(2027, 10, 1, 16, tzinfo=UTC),
    )
    wrong = header_of(programme="9999", closes_at_0="hier", closes_at_1="tard", time_zone="Mars/Phobos")
    assert not wrong.is_valid()
    assert set(wrong.errors) == {"programme", "closes_at", "time_zone"}
    assert "dépassent le calendrier" in str(header_of(closes_on="9999-12-31").errors["closes_on"])
    assert header_of().initial["programme"] == default_programme()
    widget = header_of().fields["programme"].widget
    assert (widget.can_add_related, widget.can_change_related, widget.can_view_related) == (False,) * 3


def test_only_the_form_of_a_saved_draft_has_the_digest_of_the_draft() -> None:
    draft, published = make_draft(), make_offer()
    form = OfferForm(instance=draft)
    assert len(form.initial["seen"]) == 32
    assert isinstance(form.fields["seen"].widget, HiddenInput)
    assert "programme" in form.initial
    assert "seen" not in OfferForm(instance=published).fields
    assert "seen" not in OfferForm().fields
    assert not form.fields["seen"].has_changed("a", "b")
    moved = header_of(draft, seen="autre", place="Dakar", organisation="Union")
    assert not moved.is_valid()
    (said,) = moved.non_field_errors()
    assert "Différences dans l’en-tête : " in plain(said)
    assert moved["seen"].value() == form.initial["seen"]
    assert header_of(draft, seen=form.initial["seen"]).is_valid()


def test_a_changed_contact_address_must_be_confirmed_again() -> None:
    stored = make_draft()
    for changes, confirmed in (
        ({"contact_email": stored.contact_email, "place": "Oslo"}, NOON),
        ({"contact_email": "b@exemple.org"}, None),
    ):
        form = header_of(stored, seen=OfferForm(instance=stored).initial["seen"], **changes)
        assert form.is_valid(), form.errors
        written = form.save(commit=False)
        written.contact_confirmed_at = NOON
        SHOWN.save_model(request_of(), written, form, True)  # noqa: FBT003 -- Django's own signature
        assert Offer.objects.get(pk=stored.pk).contact_confirmed_at == confirmed
        stored = Offer.objects.get(pk=stored.pk)
        assert stored.created_at == NOON


# -- Corrections -----------------------------------------------------------------------------------------------
def test_a_correction_starts_from_the_offer_and_returns_the_sent_values() -> None:
    offer = make_offer(
        sections=[SectionData(kind="TASKS", title=name, text=f"Texte {name}.") for name in ("A", "B")],
        documents=[
            DocumentRequestData(kind="CV", label="CV", max_pages=2, max_bytes=100, hint="Court."),
            DocumentRequestData(kind="OTHER", label="Plan", max_pages=3, max_bytes=200, required=False),
        ],
    )
    shown = Correction(offer, None, seen="abc")
    assert list(shown.header.fields) == list(CORRECTABLE)
    assert [form.initial for form in shown.sections] == [
        {"kind": "TASKS", "title": "A", "text": "Texte A."},
        {"kind": "TASKS", "title": "B", "text": "Texte B."},
        {},
    ]
    assert [form.initial.get("label") for form in shown.documents] == ["CV", "Plan", None]
    assert shown.why.initial == {"seen": "abc"}
    assert [form.fields["kind"].disabled for form in shown.documents] == [True, True, False]
    assert [form.fields["required"].disabled for form in shown.documents] == [False, False, True]
    assert [str(form.fields["required"].help_text) for form in shown.documents] == [
        "",
        "",
        "Un document ajouté après la publication est facultatif.",
    ]
    assert [form.label_suffix for form in (shown.header, shown.sections[0], shown.documents[0])] == [""] * 3
    assert [str(form.fields["ORDER"].label) for form in shown.sections] == ["Rang"] * 3
    assert ["DELETE" in form.fields for form in shown.sections] == [True, True, False]
    assert str(shown.sections[0].fields["DELETE"].label) == "Retirer cette section"
    sent = sent_by(shown) | {
        "sections-0-ORDER": "3",
        "sections-1-text": "Un\r\ndeux\r\n",
        "sections-2-text": "Sans titre.",
        "sections-2-ORDER": "1",
        "documents-1-required": "on",
        "documents-2-label": "Neuf",
    }
    correction = Correction(offer, sent, seen="abc")
    assert correction.is_valid(), list(correction.problems())
    wanted = correction.wanted()
    assert wanted["sections"] == [
        SectionData(kind="OTHER", title="", text="Sans titre."),
        SectionData(kind="TASKS", title="B", text="Un\ndeux"),
        SectionData(kind="TASKS", title="A", text="Texte A."),
    ]
    ten = 10 * 1024 * 1024
    assert wanted["documents"] == [
        DocumentRequestData(kind="CV", label="CV", max_pages=2, max_bytes=100, hint="Court."),
        DocumentRequestData(kind="OTHER", label="Plan", max_pages=3, max_bytes=200, required=True),
        DocumentRequestData(kind="OTHER", label="Neuf", max_pages=2, max_bytes=ten, required=False),
    ]
    assert wanted["header"] == {name: getattr(offer, name) for name in CORRECTABLE}
    # The form writes into a copy.
    assert correction.header.instance is not offer


def sent_by(correction: Correction) -> dict[str, Any]:
    sent: dict[str, Any] = {"reason": "Erreur.", "seen": "abc"}
    forms: list[Any] = [correction.header, *correction.sections, *correction.documents]
    forms += [correction.sections.management_form, correction.documents.management_form]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is True:
                sent[bound.html_name] = "on"
            elif value is not None and value is not False:
                sent[bound.html_name] = value
    return sent


def test_each_problem_of_a_correction_leads_to_its_field_in_the_order_of_the_page() -> None:
    offer = make_offer()
    sent = sent_by(Correction(offer, None, seen="abc")) | {
        "reason": "",
        "header-organisation": "",
        "sections-0-title": "t" * 251,
        "documents-1-label": "",
        "documents-0-max_pages": "0",
    }
    correction = Correction(offer, sent, seen="abc")
    assert not correction.is_valid()
    first = offer.sections.order_by("position")[0].title
    assert [(one.link, plain(one.field)) for one in correction.problems()] == [
        ("#id_reason", "Motif"),
        ("#id_header-organisation", "Organisation"),
        ("#id_sections-0-title", f"{first} — Titre"),
        ("#id_documents-0-max_pages", "Curriculum vitæ — Pages au plus"),
        ("#id_documents-1-label", "Lettre de motivation — Libellé"),
    ]
    assert plain(next(correction.problems()).words) == "Expliquez pourquoi en quelques mots."
    correction.refuse("Non.")
    assert correction.why.non_field_errors() == ["Non."]


def test_a_correction_requires_a_contact_and_valid_limits() -> None:
    offer = make_offer()
    sent = sent_by(Correction(offer, None, seen="abc"))
    none = HeaderForm(
        sent | {"header-contact_email": "", "header-contact_phone": ""}, instance=offer, prefix="header"
    )
    assert [plain(error) for error in none.non_field_errors()] == [
        "Gardez une adresse courriel ou un téléphone pour les personnes candidates."
    ]
    for contact in ({"header-contact_email": ""}, {"header-contact_phone": ""}):
        data = sent | {"header-contact_email": "a@exemple.org", "header-contact_phone": "1"} | contact
        assert HeaderForm(data, instance=offer, prefix="header").is_valid()
    usual = {"kind": "OTHER", "label": "Plan"}
    for pages, size, errors in (
        (1, 1, []),
        (1000, 2**31 - 1, []),
        (0, 0, ["max_bytes", "max_pages"]),
        (1001, 2**31, ["max_bytes", "max_pages"]),
    ):
        form = DocumentForm(usual | {"max_pages": pages, "max_bytes": size})
        assert sorted(form.errors) == errors
    assert sorted(DocumentForm({"label": "l" * 121, "hint": "h" * 251}).errors) == [
        *("hint", "kind", "label", "max_bytes", "max_pages")
    ]
    why = {"reason": "Erreur.", "seen": "s" * 32, "agreed": "a" * 64}
    assert CorrectionReasonForm(why, offer=offer).is_valid()
    assert sorted(CorrectionReasonForm(why | {"seen": "s" * 33, "agreed": "a" * 65}, offer=offer).errors) == [
        "agreed",
        "seen",
    ]
    assert digest_of_lines(["a", "b"]) != digest_of_lines(["a", "c"])
    assert len(digest_of_lines([])) == 64
    empty: Any = (SectionFormSet(prefix="s"), DocumentFormSet(prefix="d"))
    assert [len(formset.forms) for formset in empty] == [1, 1]


# -- Programmes ------------------------------------------------------------------------------------------------
def test_a_programme_keeps_its_code_and_is_not_deleted_with_offers() -> None:
    shown: Any = SITE.get_model_admin(Programme)
    used, free = make_draft(programme=make_programme()).programme, make_programme()
    request = request_of(someone("view_programme", "change_programme", "delete_programme"))
    assert [shown.has_delete_permission(request, one) for one in (None, used, free)] == [False, False, True]
    assert not shown.has_delete_permission(request_of(someone("view_programme")), free)
    assert [shown.get_readonly_fields(request, one) for one in (None, free)] == [(), ("code",)]
    fields = shown.get_form(request, None)(QueryDict()).fields
    rooms = {
        name: (field.widget.attrs.get("rows"), field.widget.attrs.get("cols"))
        for name, field in fields.items()
    }
    assert {name for name, room in rooms.items() if room == (3, 70)} == {"lead", "next_steps"}
    assert [type(fields[name].widget) for name in ("lead", "next_steps")] == [Textarea, Textarea]
