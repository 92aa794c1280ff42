"""Fields and forms for personal data, exactly: attributes, messages and bounds; without a database."""

import datetime as dt
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError

from intake.profiles import question_kinds
from intake.profiles.answers import KEYS, decode_answers, encode_answers, profile_values
from intake.profiles.dates import MAX_LENGTH, DateProblem, DateRefused, parse_date
from intake.profiles.fields import (
    TidyParagraphsField,
    TidyTextField,
    TypedDateField,
    format_phone,
    format_typed_day,
    tidy_paragraphs,
    tidy_text,
)
from intake.profiles.forms import (
    ContactForm,
    IdentityForm,
    ProfileForm,
    ResidenceForm,
    StatusForm,
)
from intake.profiles.models import NoticeAcceptance, Profile, is_canadian_postal_code

ON = dt.date(2027, 9, 1)


def refusal(field: forms.Field, text: str) -> tuple[str, str] | None:
    """Return the code and the message with which a field refuses `text`."""
    try:
        field.clean(text)
    except ValidationError as error:
        return error.error_list[0].code or "", " ".join(error.messages).replace("\u00a0", " ")
    return None


# -- Text --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "code",
    [
        0xAD,
        0x200B,
        0x2060,
        0x61C,
        0x200E,
        0x200F,
        0x202A,
        0x202B,
        0x202C,
        0x202D,
        0x202E,
        0x2066,
        0x2069,
        0xFEFF,
    ],
)
def test_each_reordering_or_hidden_character_is_removed(code: int) -> None:
    assert tidy_text(f"a{chr(code)}b") == "ab"


@pytest.mark.parametrize(
    "text, tidied",
    [
        ("a\x00b\x9fc\td", "a b c d"),
        ("1", "1"),
        ("+", "+"),
        ("!", "!"),
        ("\u200c", ""),
        ("\u0301", ""),
        ("ａ", "ａ"),  # NFC keeps a full-width letter
        ("e\u0301", "é"),
    ],
)
def test_control_characters_are_removed_from_text(text: str, tidied: str) -> None:
    assert tidy_text(text) == tidied


@pytest.mark.parametrize(
    "text, tidied",
    [
        ("a\r\n b  c \rd", "a\nb c\nd"),
        ("\n\na\n\n\n \nb\n\n", "a\n\nb"),
        ("\u200b\n", ""),
        ("", ""),
    ],
)
def test_paragraphs_keep_one_empty_line_at_most_between_them(text: str, tidied: str) -> None:
    assert tidy_paragraphs(text) == tidied


@pytest.mark.parametrize(
    "field",
    [TidyTextField(max_length=3), question_kinds.ShortText(max_length=3), TidyParagraphsField(max_length=3)],
)
def test_the_length_of_a_text_is_checked_after_tidying(field: forms.CharField) -> None:
    assert field.clean("  a\u200bbc ") == "abc"
    assert refusal(field, "abcd") == ("max_length", "Ce texte a 4 caractères ; le maximum est de 3.")
    assert refusal(field, "x" * 1_234) == (
        "max_length",
        "Ce texte a 1 234 caractères ; le maximum est de 3.",
    )
    wide = type(field)(max_length=1_000)
    assert refusal(wide, "x" * 1_001) == (
        "max_length",
        "Ce texte a 1 001 caractères ; le maximum est de 1 000.",
    )
    assert "maxlength" not in field.widget.attrs


def test_a_paragraphs_field_has_a_counter_in_the_page() -> None:
    assert TidyParagraphsField(max_length=4_000).widget.attrs == {
        "cols": "40",
        "rows": "5",
        "data-limit": "4000",
    }
    assert TidyParagraphsField().widget.attrs == {"cols": "40", "rows": "10"}
    assert TidyParagraphsField(required=False).clean(None) == ""
    assert TidyTextField(required=False).clean(None) == ""
    with pytest.raises(ValidationError):
        TidyTextField(max_length=9).clean("a\x00b" * 9)


# -- Days --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text, refused",
    [
        ("", ("required", "Ce champ est obligatoire.")),
        ("hier", ("UNREADABLE", "Cette date est illisible. Inscrivez-la ainsi : 4 mai 1998, ou 1998-05-04.")),
        ("30 février 1998", ("NO_SUCH_DAY", "Ce jour n’existe pas au calendrier. Vérifiez le jour et le mois.")),
        ("4 mai 98", ("SHORT_YEAR", "Inscrivez l’année en quatre chiffres, par exemple : 4 mai 1998.")),
        ("mai 1998", ("NO_DAY", "Il manque le jour. Inscrivez la date complète, par exemple : 4 mai 1998.")),
        ("1997-12-31", ("too_early", "Vérifiez l’année : la date doit être le 1er janvier 1998 ou après.")),
        ("1998-01-01", None),
        ("1998-12-31", None),
        ("1999-01-01", ("too_late", "Vérifiez l’année : la date doit être le 31 décembre 1998 ou avant.")),
    ],
)  # fmt: skip
def test_each_refusal_of_a_day_has_its_message(text: str, refused: tuple[str, str] | None) -> None:
    field = TypedDateField(earliest=dt.date(1998, 1, 1), latest=dt.date(1998, 12, 31))
    assert refusal(field, text) == refused


def test_a_date_field_without_limits_accepts_any_day_in_any_form() -> None:
    field = TypedDateField(required=False)
    assert [field.clean(text) for text in ("", " ", "0001-01-01", "9999-12-31")] == [
        None,
        None,
        dt.date.min,
        dt.date.max,
    ]
    assert field.to_python(ON) is ON
    assert [
        field.has_changed(initial, data)
        for initial, data in ((ON, "1er septembre 2027"), (ON, "2 septembre 2027"), (ON, "hier"), (None, ""))
    ] == [False, True, True, False]
    assert (field.prepare_value(ON), field.prepare_value("hier"), format_typed_day(ON)) == (
        "1er septembre 2027",
        "hier",
        "1er septembre 2027",
    )


def code_of(text: str) -> str:
    """Return a day in ISO format, or the code of its error."""
    try:
        return parse_date(text).isoformat()
    except DateRefused as refused:
        return str(refused.code)


@pytest.mark.parametrize(
    "text, found",
    [
        ("4 mai 0999", "0999-05-04"),
        ("004 mai 1998", DateProblem.UNREADABLE),
        ("4 mai 199", DateProblem.UNREADABLE),
        ("4 mai 1", DateProblem.UNREADABLE),
        ("mai 98", DateProblem.UNREADABLE),
        ("mai 19988", DateProblem.UNREADABLE),
        ("mai", DateProblem.UNREADABLE),
        ("1998 mai 1998", DateProblem.UNREADABLE),
        ("1998 4 mai", DateProblem.UNREADABLE),
        ("4 5 mai 1998", DateProblem.UNREADABLE),
        ("mai 4 5 1998", DateProblem.UNREADABLE),
        ("1998-005-04", DateProblem.UNREADABLE),
        ("1998-05-004", DateProblem.UNREADABLE),
        ("031/05/1998", DateProblem.UNREADABLE),
        ("31/005/1998", DateProblem.UNREADABLE),
        ("31/05/199", DateProblem.UNREADABLE),
        ("31/05/19988", DateProblem.UNREADABLE),
        ("31/05/98", DateProblem.SHORT_YEAR),
        ("98-05-04", DateProblem.SHORT_YEAR),
        ("12/12/1998", "1998-12-12"),
        ("13/12/1998", "1998-12-13"),
        ("12/13/1998", "1998-12-13"),
        ("13/13/1998", DateProblem.NO_SUCH_DAY),
        ("00/12/1998", DateProblem.NO_SUCH_DAY),
        ("1998-12-31", "1998-12-31"),
        ("1998-12-32", DateProblem.NO_SUCH_DAY),
        ("1998-01-00", DateProblem.NO_SUCH_DAY),
        ("0001-01-01", "0001-01-01"),
        ("le 1e juin 1998", "1998-06-01"),
        ("3rd of june 1998", "1998-06-03"),
        ("du mercredi 3 juin 1998", "1998-06-03"),
        ("on wednesday 3 june 1998", "1998-06-03"),
        ("1998, 3, 6", "1998-03-06"),
        ("1998_03_06", DateProblem.UNREADABLE),
        ("1998-03-06".rjust(MAX_LENGTH), "1998-03-06"),
        ("4 mai 1998".ljust(MAX_LENGTH, "."), "1998-05-04"),
        ("4 mai 1998".ljust(MAX_LENGTH + 1, "."), DateProblem.UNREADABLE),
    ],
)
def test_each_rule_about_days_is_exact_on_both_sides(text: str, found: str) -> None:
    assert code_of(text) == found


@pytest.mark.parametrize(
    "word",
    [
        *("le", "the", "of", "on", "de", "du", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"),
        *("dimanche", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    ],
)
def test_articles_and_weekdays_are_ignored_in_a_day(word: str) -> None:
    assert code_of(f"{word} 4 mai 1998") == "1998-05-04"


@pytest.mark.parametrize(
    "names, month",
    [
        ("janvier janv jan january", 1), ("fevrier fevr fev february febr feb", 2), ("mars mar march", 3),
        ("avril avr april apr", 4), ("mai may", 5), ("juin june jun", 6), ("juillet juil july jul", 7),
        ("aout august aug", 8), ("septembre september sept sep", 9), ("octobre october oct", 10),
        ("novembre november nov", 11), ("decembre december dec", 12),
    ],
)  # fmt: skip
def test_every_name_of_a_month_is_read(names: str, month: int) -> None:
    assert {code_of(f"2 {name} 2001") for name in names.split()} == {f"2001-{month:02}-02"}


def test_only_the_refusal_of_an_ambiguous_day_has_readings() -> None:
    for text, readings in (("04/05/1998", (dt.date(1998, 5, 4), dt.date(1998, 4, 5))), ("hier", ())):
        with pytest.raises(DateRefused) as refused:
            parse_date(text)
        assert refused.value.readings == readings
        assert str(refused.value) == refused.value.code


# -- Answers -----------------------------------------------------------------------------------------------------
def test_answers_are_encoded_with_null_for_empty_values() -> None:
    assert encode_answers({"a": None, "b": "", "c": False, "d": 0, "e": ON, "f": "x"}) == {
        "a": None,
        "b": None,
        "c": False,
        "d": 0,
        "e": "2027-09-01",
        "f": "x",
    }
    kept = {
        "birth_date": "2027-09-01",
        "quebec_resident_since": "",
        "city": "2027-09-01",
        "resident_for_tax": False,
    }
    assert decode_answers(kept) == kept | {"birth_date": ON}
    assert decode_answers({"birth_date": ON}) == {"birth_date": ON}


def test_a_profile_has_a_column_of_its_kind_for_each_question() -> None:
    asked = question_kinds.declared_questions(ProfileForm)
    assert asked.keys() == KEYS
    assert len(KEYS) == 13
    days = {key for key, question in asked.items() if isinstance(question, question_kinds.Day)}
    assert days == {"birth_date", "quebec_resident_since"}
    assert decode_answers(dict.fromkeys(KEYS, "2027-09-01")) == {
        key: ON if key in days else "2027-09-01" for key in KEYS
    }
    flags = {key for key, question in asked.items() if isinstance(question, question_kinds.YesNo)}
    assert flags == {"resident_for_health_insurance", "resident_for_tax"}
    empty = {key: None if key in days | flags else "" for key in KEYS}
    assert profile_values(dict.fromkeys([*KEYS, "grid"])) == empty


@pytest.mark.parametrize(
    "answer", ["19980504", "1998-W19-1", "1998-13-01", "hier", "", None, 5, ["1998-05-04"]]
)
def test_a_stored_day_has_one_form(answer: object) -> None:
    assert question_kinds.Day().clean_answer("1998-05-04") == "1998-05-04"
    assert question_kinds.Day().clean_answer(answer) is None


# -- Forms -------------------------------------------------------------------------------------------------------
FILLED_BY_THE_BROWSER = {
    "first_name": "given-name",
    "last_name": "family-name",
    "birth_date": "bday",
    "phone": "tel",
    "address_line": "street-address",
    "city": "address-level2",
    "province": "address-level1",
    "postal_code": "postal-code",
}
REQUIRED = {
    "first_name": "Inscrivez votre prénom.",
    "last_name": "Inscrivez votre nom de famille.",
    "birth_date": "Inscrivez votre date de naissance.",
    "phone": "Inscrivez un numéro de téléphone.",
    "address_line": "Inscrivez votre adresse.",
    "city": "Inscrivez votre ville.",
    "province": "Choisissez la province ou le territoire de votre adresse.",
    "postal_code": "Inscrivez votre code postal.",
    "legal_status": "Choisissez votre statut au Canada.",
    "domicile_province": "Choisissez la province ou le territoire de votre domicile.",
    "quebec_resident_since": "Inscrivez la date depuis laquelle vous résidez au Québec.",
    "resident_for_health_insurance": "Répondez par oui ou par non.",
    "resident_for_tax": "Répondez par oui ou par non.",
}


def test_each_question_has_its_required_message_and_autocompletion() -> None:
    form = ProfileForm({}, on=ON)
    assert {name: " ".join(map(str, said)) for name, said in form.errors.items()} == REQUIRED
    known = {name: field.widget.attrs.get("autocomplete") for name, field in form.fields.items()}
    assert {name: word for name, word in known.items() if word} == FILLED_BY_THE_BROWSER
    assert vars(form.fields["phone"].widget)["input_type"] == "tel"
    limits = {
        name: field.max_length for name, field in form.fields.items() if isinstance(field, TidyTextField)
    }
    assert limits == {
        "first_name": 200,
        "last_name": 200,
        "address_line": 200,
        "city": 200,
        "postal_code": 16,
    }
    assert {name for name, field in form.fields.items() if "short-field" in form[name].css_classes()} == {
        "birth_date",
        "phone",
        "postal_code",
        "quebec_resident_since",
    }


def test_the_page_of_a_form_writes_its_tag_and_token() -> None:
    form = IdentityForm()
    assert (form.helper.form_tag, form.helper.disable_csrf, form.nothing_required, form.beside) == (
        False,
        True,
        False,
        {},
    )
    partial = IdentityForm(partial=True, on=ON, beside={"birth_date": "2027-09-01"})
    assert (partial.nothing_required, partial.beside) == (True, {"birth_date": ON})
    assert {field.required for field in partial.fields.values()} == {False}
    assert {field.required for field in form.fields.values()} == {True}
    birth: Any = partial.fields["birth_date"]
    assert (birth.earliest, birth.latest) == (dt.date(1900, 1, 1), ON)


def test_the_profile_has_four_groups_of_questions() -> None:
    assert [
        (group.anchor, str(group.title), [field.name for field in group.fields])
        for group in ProfileForm().groups()
    ] == [
        ("identite", "Identité", ["first_name", "last_name", "birth_date"]),
        ("coordonnees", "Coordonnées", ["phone", "address_line", "city", "province", "postal_code"]),
        ("statut", "Statut au Canada", ["legal_status"]),
        (
            "residence",
            "Domicile et résidence",
            [
                "domicile_province",
                "quebec_resident_since",
                "resident_for_health_insurance",
                "resident_for_tax",
            ],
        ),
    ]


def test_stored_answers_are_displayed_and_posted_by_their_own_form() -> None:
    answers = {"resident_for_tax": False, "quebec_resident_since": "2027-09-01", "city": "Québec"}
    assert ResidenceForm.initial_from(answers) == {"resident_for_tax": "false", "quebec_resident_since": ON}
    assert ResidenceForm.as_post_data(answers) == ResidenceForm.initial_from(answers)
    own = {"quebec_resident_since": "2027-09-01", "resident_for_tax": False}
    assert ResidenceForm.own_answers(answers) == ResidenceForm.comparable_answers(answers) == own
    assert ContactForm.own_answers(answers) == {"city": "Québec"}
    assert StatusForm.answer_keys() == {"legal_status"}


def test_a_yes_no_question_has_two_choices() -> None:
    field: Any = question_kinds.YesNo("Oui ou non ?", "Aide")
    assert [(value, str(words)) for value, words in field.choices] == [("true", "Oui"), ("false", "Non")]
    assert (field.clean("true"), field.clean("false"), field.help_text) == (True, False, "Aide")
    assert refusal(field, "") == ("required", "Répondez par oui ou par non.")
    field.required = False
    assert field.clean("") is None


@pytest.mark.parametrize("name", ["legal_status", "province", "domicile_province", "resident_for_tax"])
def test_an_invalid_choice_is_reported_as_missing(name: str) -> None:
    form = ProfileForm({name: "x"}, on=ON)
    assert form.errors[name] == [REQUIRED[name]]


CONTACT = {"phone": "418 555-0142", "address_line": "1, rue A", "city": "Québec", "province": "QC"}


@pytest.mark.parametrize(
    "province, code, found",
    [
        ("QC", "g1r4y8", "G1R 4Y8"),
        ("QC", "75007", None),
        ("", "75007", None),
        ("OUTSIDE", "75007", "75007"),
        ("OUTSIDE", "g1r4y8", "g1r4y8"),
    ],
)
def test_a_postal_code_is_checked_by_its_province(province: str, code: str, found: str | None) -> None:
    form = ContactForm(CONTACT | {"province": province, "postal_code": code}, partial=True)
    assert list(form.errors) == ([] if found else ["postal_code"])
    assert form.cleaned_data.get("postal_code") == found


def test_an_invalid_telephone_number_is_refused_with_the_format() -> None:
    form = ContactForm({"phone": "555-0142"}, partial=True)
    assert form.errors["phone"] == [
        "Ce numéro est incomplet ou n’existe pas. Hors du Canada, commencez par + et l’indicatif du pays."
    ]
    assert ContactForm({}, partial=True).is_valid()
    assert [format_phone(kept) for kept in ("+14185550142", "+1418555014", "+33145681000", "x")] == [
        "418 555-0142",
        "+1418555014",
        "+33 1 45 68 10 00",
        "x",
    ]


@pytest.mark.parametrize(
    "health, tax, since, errors",
    [
        ("true", "true", "", {"quebec_resident_since": ["required"]}),
        ("false", "true", "", {}),
        ("true", "false", "", {}),
        ("", "", "", {
            "quebec_resident_since": ["required"],
            "resident_for_health_insurance": ["required"],
            "resident_for_tax": ["required"],
        }),
        ("false", "false", "3 mai 1998", {"quebec_resident_since": ["before_birth"]}),
        ("false", "false", "4 mai 1998", {}),
        ("false", "false", "2 septembre 2027", {"quebec_resident_since": ["too_late"]}),
    ],
)  # fmt: skip
def test_the_residence_day_is_required_of_residents_and_follows_the_birth(
    health: str, tax: str, since: str, errors: dict[str, list[str]]
) -> None:
    typed_in = {
        "domicile_province": "QC",
        "quebec_resident_since": since,
        "resident_for_health_insurance": health,
        "resident_for_tax": tax,
    }
    form = ResidenceForm(typed_in, on=ON, beside={"birth_date": "1998-05-04"})
    assert {name: [error.code for error in said] for name, said in form.errors.as_data().items()} == errors
    if "before_birth" in str(errors):
        assert [said.replace("\u00a0", " ") for said in map(str, form.errors["quebec_resident_since"])] == [
            "Cette date précède votre date de naissance, le 4 mai 1998. Corrigez l’une des deux."
        ]


# -- Models ------------------------------------------------------------------------------------------------------
def test_canadian_postal_codes_are_recognised_by_their_format() -> None:
    codes = ("G1R 4Y8", "g1r 4y8", "G1R4Y8", "G1R 4Y8 ", "75007", "")
    assert [is_canadian_postal_code(code) for code in codes] == [True, False, False, False, False, False]


def test_each_row_of_a_profile_has_its_text() -> None:
    assert [
        str(Profile(first_name=first, last_name=last)) for first, last in (("A", "B"), ("", "B"), ("", ""))
    ] == [
        "A B",
        "B",
        "Profil à remplir",
    ]
    assert str(NoticeAcceptance(notice="COLLECTION", version="2027-01")) == "COLLECTION 2027-01"
