"""Personal data as people type them, and as the portal stores them."""

import datetime as dt

import pytest
from django.forms import Field
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from intake.profiles.fields import format_phone, tidy_text
from intake.profiles.forms import (
    AnswersForm,
    ContactForm,
    IdentityForm,
    ProfileForm,
    ResidenceForm,
    StatusForm,
)
from tests.factories.people import ANSWERS

FORMS = [form for _anchor, _title, form in ProfileForm.GROUPS]
TODAY = dt.date(2027, 9, 1)
IDENTITY = {"first_name": "Alex", "last_name": "Roy", "birth_date": "4 mai 1998"}
CONTACT = {
    "phone": "418 555-0142",
    "address_line": "1035, rue des Parlementaires",
    "city": "Québec",
    "province": "QC",
    "postal_code": "g1a1a4",
}
RESIDENCE = {
    "domicile_province": "QC",
    "quebec_resident_since": "2016-09-01",
    "resident_for_health_insurance": "true",
    "resident_for_tax": "false",
}


def errors_of(form: AnswersForm) -> dict[str, list[str]]:
    return {name: [str(error.code) for error in rows] for name, rows in form.errors.as_data().items()}


@pytest.mark.parametrize("form_class", FORMS)
def test_no_required_message_is_the_default_of_the_framework(form_class: type[AnswersForm]) -> None:
    form = form_class({})
    assert set(errors_of(form)) == {name for name, field in form.fields.items() if field.required}
    theirs = str(Field.default_error_messages["required"])
    assert theirs == "Ce champ est obligatoire."
    assert [name for name, said in form.errors.items() if theirs in said] == []


def test_a_day_is_displayed_as_a_person_types_it() -> None:
    form = IdentityForm(initial=IdentityForm.initial_from(ANSWERS))
    assert form["birth_date"].value() == "4 mai 1998"
    with translation.override("en"):
        assert form["birth_date"].value() == "May 4, 1998"


def test_a_refused_value_is_displayed_again_with_its_error() -> None:
    form = IdentityForm(IDENTITY | {"birth_date": "04/05/1998"}, on=TODAY)
    assert errors_of(form) == {"birth_date": ["AMBIGUOUS"]}
    assert form["birth_date"].value() == "04/05/1998"
    [sentence] = form.errors["birth_date"]
    assert sentence == (
        "«\u00a004/05/1998\u00a0» a deux sens possibles, 4 mai 1998 ou 5 avril 1998. "
        "Inscrivez le mois en lettres, par exemple\u00a0: 4 mai 1998."
    )


@pytest.mark.parametrize(
    "typed, code",
    [
        ("31 décembre 1899", "too_early"),
        ("2 septembre 2027", "too_late"),
        ("1er septembre 2027", None),
        ("1er janvier 1900", None),
    ],
)
def test_a_birth_date_must_be_plausible(typed: str, code: str | None) -> None:
    form = IdentityForm(IDENTITY | {"birth_date": typed}, on=TODAY)
    assert errors_of(form) == ({"birth_date": [code]} if code else {})


@pytest.mark.parametrize(
    "typed, kept",
    [
        ("  Marie\u00a0 Ève ", "Marie Ève"),
        ("E\u0301lise", "Élise"),
        ("Nguyễn", "Nguyễn"),
        ("王小明", "王小明"),
        ("محمد", "محمد"),
        ("O’Brien-D'Arcy", "O’Brien-D'Arcy"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("Roy\u202egnp", "Roygnp"),
        ("Roy\tJunior\r\n", "Roy Junior"),
        ("-", "-"),
    ],
)
def test_names_in_any_script_are_normalised(typed: str, kept: str) -> None:
    form = IdentityForm(IDENTITY | {"last_name": typed}, on=TODAY)
    assert form.is_valid()
    assert form.answers()["last_name"] == kept


@given(st.text(max_size=60))
def test_tidying_a_text_twice_gives_the_same_text(text: str) -> None:
    assert tidy_text(tidy_text(text)) == tidy_text(text)


@pytest.mark.parametrize(
    "typed, kept",
    [
        ("418 555-0142", "+14185550142"),
        ("(418) 555-0142", "+14185550142"),
        ("1-418-555-0142", "+14185550142"),
        ("+33 1 45 68 10 00", "+33145681000"),
        ("418-555-0142 poste 12", "+14185550142;ext=12"),
        ("418 555-0142, poste\u00a0: 0456", "+14185550142;ext=0456"),
        ("418 555-0142 Poste 12", "+14185550142;ext=12"),
        ("418 555-0142 ext. 12", "+14185550142;ext=12"),
        ("418 555-0142 x12", "+14185550142;ext=12"),
        ("418 555-0142 #12", "+14185550142;ext=12"),
        ("+33 1 45 68 10 00 poste 7", "+33145681000;ext=7"),
        ("418 555-0142 poste 12345678", "+14185550142;ext=12345678"),
        ("418 555-0142 poste 123456789", None),
        ("418 555-0142 poste", None),
        ("555-0142", None),
        ("bonjour", None),
    ],
)
def test_telephone_numbers_are_normalised_or_refused(typed: str, kept: str | None) -> None:
    form = ContactForm(CONTACT | {"phone": typed})
    assert errors_of(form).keys() == (set() if kept else {"phone"})
    assert (form.answers()["phone"] if form.is_valid() else None) == kept


@pytest.mark.parametrize(
    "kept, shown",
    [
        ("+14185550142", "418 555-0142"),
        ("+33145681000", "+33 1 45 68 10 00"),
        ("+14185550142;ext=12", "418 555-0142, poste 12"),
        ("+33145681000;ext=7", "+33 1 45 68 10 00, poste 7"),
        ("bonjour", "bonjour"),
        ("", ""),
    ],
)
def test_telephone_numbers_are_displayed_as_people_type_them(kept: str, shown: str) -> None:
    assert format_phone(kept) == shown
    assert ContactForm(initial={"phone": kept})["phone"].value() == shown


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_displayed_extension_is_read_back(language: str) -> None:
    with translation.override(language):
        form = ContactForm(CONTACT | {"phone": format_phone("+14185550142;ext=12")})
    assert form.is_valid()
    assert form.answers()["phone"] == "+14185550142;ext=12"


@pytest.mark.parametrize(
    "province, typed, kept",
    [
        ("QC", "G1R 4Y8", "G1R 4Y8"),
        ("QC", "g1r-4y8", "G1R 4Y8"),
        ("QC", "75007", None),
        ("QC", "D1R 4Y8", None),
        ("", "75007", None),
        ("OUTSIDE", "75007", "75007"),
        ("OUTSIDE", "SW1A 1AA", "SW1A 1AA"),
    ],
)
def test_postal_codes_are_canada_s_in_canada(province: str, typed: str, kept: str | None) -> None:
    form = ContactForm(CONTACT | {"province": province, "postal_code": typed}, partial=True)
    assert errors_of(form) == ({} if kept else {"postal_code": ["invalid"]})
    assert (form.answers()["postal_code"] if form.is_valid() else None) == kept


ALWAYS = ["depuis toujours", "Depuis toujours.", "toujours", "depuis ma naissance", "since birth", "ALWAYS"]


@pytest.mark.parametrize("typed", ALWAYS)
def test_a_residence_since_always_is_since_the_birth(typed: str) -> None:
    posted = {"birth_date": "4 mai 1998", "quebec_resident_since": typed}
    form = ProfileForm(posted, on=TODAY, partial=True)
    assert form.is_valid(), form.errors
    assert form.answers()["quebec_resident_since"] == "1998-05-04"
    residence = {"domicile_province": "QC", "quebec_resident_since": typed}
    beside = ResidenceForm(residence, on=TODAY, partial=True, beside={"birth_date": "1998-05-04"})
    assert beside.is_valid(), beside.errors
    assert beside.answers()["quebec_resident_since"] == "1998-05-04"


@pytest.mark.parametrize("birth", [{}, {"birth_date": "hier"}])
def test_a_residence_since_always_needs_the_birth_date(birth: dict[str, str]) -> None:
    form = ProfileForm(birth | {"quebec_resident_since": "depuis toujours"}, on=TODAY, partial=True)
    assert errors_of(form)["quebec_resident_since"] == ["birth_unknown"]
    assert form.answers()["quebec_resident_since"] is None
    assert form.unreadable()["quebec_resident_since"] == "depuis toujours"


@pytest.mark.parametrize("language, shown", [("fr", "depuis toujours"), ("en", "since birth")])
def test_a_residence_since_the_birth_is_displayed_as_it_is_typed(language: str, shown: str) -> None:
    with translation.override(language):
        born = dt.date(1998, 5, 4)
        profile = ProfileForm(initial={"birth_date": born, "quebec_resident_since": born})
        assert profile["quebec_resident_since"].value() == shown
        section = ResidenceForm(initial={"quebec_resident_since": born}, beside={"birth_date": "1998-05-04"})
        assert section["quebec_resident_since"].value() == shown
        bound = ResidenceForm({"quebec_resident_since": born}, beside={"birth_date": "1998-05-04"})
        assert bound["quebec_resident_since"].value() == shown
        typed = ProfileForm({"birth_date": "1998-05-04", "quebec_resident_since": shown}, partial=True)
        assert typed.is_valid(), typed.errors
        assert typed.answers()["quebec_resident_since"] == "1998-05-04"
    later = ResidenceForm(initial={"quebec_resident_since": born}, beside={"birth_date": "1998-05-03"})
    assert later["quebec_resident_since"].value() == "4 mai 1998"


@pytest.mark.parametrize("form_class", FORMS)
def test_hints_and_errors_are_linked_to_their_fields(form_class: type[AnswersForm]) -> None:
    form = form_class({})
    for field in form:
        described = str(field.aria_describedby or "") if field.use_fieldset else str(field)
        assert (f"{field.auto_id}_error" in described) == field.field.required
        if field.help_text:
            assert f"{field.auto_id}_helptext" in described


@pytest.mark.parametrize("nothing", ["   ", "\u200f", "\u200b", "\u200d\u200c", "\u00ad \u2060", "\u0301"])
def test_a_name_without_a_visible_character_is_missing(nothing: str) -> None:
    assert errors_of(IdentityForm(IDENTITY | {"first_name": nothing}, on=TODAY)) == {
        "first_name": ["required"]
    }


@pytest.mark.parametrize("name", ["-", "’t", "李", "नमस्‍ते", "א\u05b8", "😀"])
def test_a_name_of_one_visible_character_is_valid(name: str) -> None:
    assert IdentityForm(IDENTITY | {"first_name": name}, on=TODAY).is_valid()


def test_the_error_of_an_unknown_choice_does_not_repeat_it() -> None:
    form = StatusForm({"legal_status": "x" * 20_000})
    assert not form.is_valid()
    assert form.errors["legal_status"] == ["Choisissez votre statut au Canada."]
