"""Forms and imported lists of past participants: both sides of each bound, and each error message."""

import datetime as dt
import hashlib
import hmac
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from intake.register.csv_import import read_list
from intake.register.forms import MAX_BYTES, BirthField, EnterForm, ListForm, NameField, RemoveForm, YearField
from intake.register.people import Key, Person
from offers.models import Programme
from offers.services.creating import default_programme

ON = dt.date(2031, 3, 10)
PROGRAMME = Programme(code="ESSAI")
HEADER = "last_name,first_name,birth_date,year"
PERSON = {"last_name": "Roy", "first_name": "Alex", "birth_date": "4 mai 1990"}


def refusal_of(field: forms.Field, typed: str) -> tuple[str, str] | None:
    """Return the code and the message with which a field refuses `typed`."""
    try:
        field.clean(typed)
    except ValidationError as error:
        return error.error_list[0].code or "", " ".join(error.messages).replace("\u00a0", " ")
    return None


# -- Fields ------------------------------------------------------------------------------------------------------
FORMULA = ("formula", "C’est une formule de tableur, pas un nom.")
NAMELESS = ("nameless", "Un nom doit avoir au moins une lettre.")


@pytest.mark.parametrize(
    "typed, refused",
    [
        ("", ("required", "Inscrivez ce nom.")),
        ("=Roy", FORMULA),
        ("+Roy", FORMULA),
        ("@Roy", FORMULA),
        ("-Roy", None),
        ("12", NAMELESS),
        ("--", NAMELESS),
        ("1a", None),
        ("x" * 150, None),
        ("x" * 151, ("max_length", "Ce texte a 151 caractères ; le maximum est de 150.")),
    ],
)
def test_a_name_of_the_register_is_validated(typed: str, refused: tuple[str, str] | None) -> None:
    assert refusal_of(NameField(), typed) == refused


@pytest.mark.parametrize(
    "typed, code",
    [
        ("", "required"),
        ("1899-12-31", "too_early"),
        ("1900-01-01", None),
        ("2031-03-10", None),
        ("2031-03-11", "too_late"),
    ],
)
def test_a_birth_date_of_the_register_is_validated(typed: str, code: str | None) -> None:
    found = refusal_of(BirthField(latest=ON), typed)
    assert (found and found[0]) == code
    if not typed:
        assert found == ("required", "Inscrivez la date de naissance.")


OUTSIDE = ("outside", "L’année doit être de 1960 à 2032.")


@pytest.mark.parametrize(
    "typed, refused",
    [
        ("", ("required", "Inscrivez l’année.")),
        ("l’an dernier", ("invalid", "Inscrivez l’année en quatre chiffres.")),
        ("1959", OUTSIDE),
        ("1960", None),
        ("2032", None),
        ("2033", OUTSIDE),
    ],
)
def test_a_year_of_the_register_is_validated(typed: str, refused: tuple[str, str] | None) -> None:
    assert refusal_of(YearField(latest=2032), typed) == refused


# -- Forms -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_impossible_year_is_reported_at_its_field() -> None:
    programme = default_programme().pk

    def errors(**typed: str) -> dict[str, Any]:
        return dict(EnterForm(PERSON | {"programme": programme} | typed, on=ON).errors)

    child = {"year": ["L’année ne correspond pas à la date de naissance : vérifiez les deux."]}
    assert [errors(year=year) for year in ("2004", "2005")] == [child, {}]
    assert list(errors(year="2004", birth_date="hier")) == ["birth_date"]
    assert list(errors(year="jadis")) == ["year"]


@pytest.mark.parametrize("length, good", [(250, True), (251, False)])
def test_a_reason_has_a_maximum_length(length: int, good: bool) -> None:  # noqa: FBT001 -- a parameter of the table
    assert RemoveForm({"reason": "x" * length}).is_valid() is good


NOT_UTF8 = "La ligne 2 n’est pas en UTF-8. Dans le tableur, enregistrez sous « CSV UTF-8 »."
TOO_LONG = "Ce fichier dépasse 1 Mo : importez-le en plusieurs fois."


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content, text, read, refused",
    [
        (None, "", None, "Choisissez le fichier de la liste."),
        (None, " a\n", " a\n", ""),
        (b"\xef\xbb\xbfa\n", "", "a\n", ""),
        (b"a\n", "b\n", "a\n", ""),
        (b"", "", None, "Ce fichier est vide."),
        (b"a\n\xe9", "", None, NOT_UTF8),
        (b"x" * MAX_BYTES, "", "x" * MAX_BYTES, ""),
        (b"x" * (MAX_BYTES + 1), "", None, TOO_LONG),
    ],
)
def test_a_list_is_given_as_a_file_or_as_the_previewed_text(
    content: bytes | None, text: str, read: str | None, refused: str
) -> None:
    files = {"file": SimpleUploadedFile("l.csv", content)} if content is not None else {}
    form = ListForm({"programme": default_programme().pk, "text": text}, files, on=ON)
    said = [str(words).replace("\u00a0", " ") for words in form.errors.get("file", [])]
    assert said == ([refused] if refused else [])
    if read is not None:
        assert form.cleaned_data["text"] == read


# -- Lists -------------------------------------------------------------------------------------------------------


def problem_texts(text: str) -> list[str]:
    return [str(one).replace("\u00a0", " ") for one in read_list(text, programme=PROGRAMME, on=ON).problems]


UNREADABLE = "Cette date est illisible. Inscrivez-la ainsi : 4 mai 1998, ou 1998-05-04."
QUOTES = "les guillemets ou les fins de ligne sont illisibles"


@pytest.mark.parametrize(
    "text, problems",
    [
        (HEADER, ["ligne 1 : la liste est vide"]),
        (f"\n\n{HEADER}\n\n", ["ligne 3 : la liste est vide"]),
        ("last_name,first_name,birth_date", ["ligne 1, colonne year : cette colonne manque"]),
        (f"{HEADER},year", ["ligne 1, colonne year : cette colonne est en double"]),
        (
            f"{HEADER},{'x' * 41},",
            [
                f"ligne 1, colonne {'x' * 40} : cette colonne n’est pas attendue ; retirez-la",
                "ligne 1, colonne ? : cette colonne n’est pas attendue ; retirez-la",
            ],
        ),
        ('"a', [f"ligne 1 : {QUOTES}"]),
        (f'{HEADER}\nRoy,Alex,1990-05-04,2014\nRoy,"Al"ex,1990-05-04,2014', [f"ligne 3 : {QUOTES}"]),
        (f"{HEADER}\nRoy,Alex", ["ligne 2 : 2 cellules au lieu de 4"]),
        (f"{HEADER}\nRoy,Alex,1990-05-04,2014,", ["ligne 2 : 5 cellules au lieu de 4"]),
        (
            f"{HEADER}\n,--,hier,2033\n=1,+Alex,1990-05-04,2014\nRoy,Alex,1990-05-04,2004",
            [
                "ligne 2, colonne last_name : Inscrivez ce nom.",
                "ligne 2, colonne first_name : Un nom doit avoir au moins une lettre.",
                f"ligne 2, colonne birth_date : {UNREADABLE}",
                "ligne 2, colonne year : L’année doit être de 1960 à 2032.",
                "ligne 3, colonne last_name : C’est une formule de tableur, pas un nom.",
                "ligne 3, colonne first_name : C’est une formule de tableur, pas un nom.",
                "ligne 4, colonne year : L’année ne correspond pas à la date de naissance : vérifiez les deux.",
            ],
        ),
        (f"{HEADER}\nRoy,Alex,2031-03-11,2031", [
            "ligne 2, colonne birth_date : Vérifiez l’année : la date doit être le 10 mars 2031 ou avant.",
        ]),
        (f'{HEADER}\nRoy,"Al\nex",1990-05-04,2014\nRoy,Alex,hier,2014', [
            f"ligne 4, colonne birth_date : {UNREADABLE}",
        ]),
    ],
)  # fmt: skip
def test_each_problem_of_a_list_has_its_message(text: str, problems: list[str]) -> None:
    assert problem_texts(text) == problems


def test_a_list_gives_its_people_in_order_or_its_errors() -> None:
    text = "Year;LAST_NAME; first_name ;birth_date\n2014;Roy;Alex;4 mai 1990\n\n2015;D’Or;Ève;1991-02-03"
    read = read_list(text, programme=PROGRAMME, on=ON)
    assert [(row.year, row.person, row.programme) for row in read.rows] == [
        (2014, Person(last_name="Roy", first_name="Alex", birth_date=dt.date(1990, 5, 4)), PROGRAMME),
        (2015, Person(last_name="D’Or", first_name="Ève", birth_date=dt.date(1991, 2, 3)), PROGRAMME),
    ]
    assert read.problems == ()
    wrong = read_list(f"{text}\n2016;Roy;;1990-05-04", programme=PROGRAMME, on=ON)
    assert (len(wrong.rows), [problem.line for problem in wrong.problems]) == (2, [5])


# -- People and keys ---------------------------------------------------------------------------------------------


def test_a_digest_covers_purpose_programme_names_and_day() -> None:
    key, person = Key("one", b"1" * 32), Person(last_name="D’Or", first_name="Ève Louise", birth_date=ON)

    def digest(given: str) -> str:
        written = f"participation/1\0ESSAI\0dor\0{given}\0{ON.isoformat()}"
        return hmac.new(b"1" * 32, written.encode(), hashlib.sha256).hexdigest()

    assert key.whole(person, PROGRAMME) == digest("evelouise")
    assert key.shorter(person, PROGRAMME) == [digest("eve")]
