"""Fields and forms for personal data, exactly: attributes, messages and bounds; without a database."""

import datetime as dt

import pytest
from django import forms
from django.core.exceptions import ValidationError

from intake.profiles import question_kinds
from intake.profiles.answers import decode_answers, encode_answers
from intake.profiles.fields import (
    TidyParagraphsField,
    TidyTextField,
    TypedDateField,
    format_typed_day,
    tidy_paragraphs,
    tidy_text,
)
from intake.profiles.forms import ResidenceForm

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
        *((f"a{chr(code)}b", "ab") for code in (0xAD, 0x200B, 0x61C, 0x202E, 0x2069, 0xFEFF)),
    ],
)
def test_control_characters_are_removed_from_text(text: str, tidied: str) -> None:
    assert tidy_text(text) == tidied


@pytest.mark.parametrize(
    "text, tidied",
    [("a\r\n b  c \rd", "a\nb c\nd"), ("\n\na\n\n\n \nb\n\n", "a\n\nb"), ("\u200b\n", ""), ("", "")],
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
    assert refusal(field, "x" * 1_234) == ("max_length", "Ce texte a 1 234 caractères ; le maximum est de 3.")
    wide = type(field)(max_length=1_000)
    assert refusal(wide, "x" * 1_001) == (
        "max_length",
        "Ce texte a 1 001 caractères ; le maximum est de 1 000.",
    )
    assert "maxlength" not in field.widget.attrs


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


@pytest.mark.parametrize(
    "answer", ["19980504", "1998-W19-1", "1998-13-01", "hier", "", None, 5, ["1998-05-04"]]
)
def test_a_stored_day_has_one_form(answer: object) -> None:
    assert question_kinds.Day().clean_answer("1998-05-04") == "1998-05-04"
    assert question_kinds.Day().clean_answer(answer) is None


# -- Forms -------------------------------------------------------------------------------------------------------


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
        ("true", "false", "jadis", {"quebec_resident_since": ["UNREADABLE"]}),
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
